#include "claimledger/domain/ids.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/domain/digest.hpp"
#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view id_text = "0190163d-8694-7c3b-b2a1-0123456789ab";

Instant milliseconds(std::int64_t count) { return Instant{std::chrono::milliseconds{count}}; }

std::string prefix(const Uuid& id) { return to_text(id).substr(0, 13); }

TEST(Ids, TextComesBack) {
  EXPECT_EQ(to_text(*parse_uuid(id_text)), id_text);
  EXPECT_EQ(to_text(*parse_uuid("0190163D-8694-7C3B-B2A1-0123456789AB")), id_text);
}

TEST(Ids, OnlyThirtySixCharactersAreAUuid) {
  for (const auto* text : {"", "0190163d86947c3bb2a10123456789ab", "0190163d-8694-7c3b-b2a1-0123456789a",
                           "0190163d-8694-7c3b-b2a1-0123456789abc", "{0190163d-8694-7c3b-b2a1-0123456789ab}",
                           "0190163d_8694-7c3b-b2a1-0123456789ab", "0190163g-8694-7c3b-b2a1-0123456789ab",
                           "0190163-d8694-7c3b-b2a1-0123456789ab", "0190163d-8694-7c3b-b2a1-01234567-9ab"}) {
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
  }
}

TEST(Ids, ARefusedIdNamesItsField) {
  try {
    ClaimId::parse("x", "derived_from[2]");
    ADD_FAILURE();
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "derived_from[2]");
  }
  EXPECT_THROW(AdjudicationId::parse("x"), InvalidInput);
  EXPECT_EQ(to_text(ClaimId::parse(id_text).value), id_text);
}

TEST(Ids, Version7HoldsTheTimeThenTheRandomBytes) {
  const std::string random = "\xFF\xFF\xFF\xFF\xFF\xFF\x1C\x3B\xF2\xA1\x01\x23\x45\x67\x89\xAB";
  EXPECT_EQ(to_text(make_uuid_v7(milliseconds(0x0190163d8694), random)), id_text);
  EXPECT_EQ(prefix(make_uuid_v7(milliseconds(0x0190163d8694) + 999us, random)), "0190163d-8694");
  EXPECT_EQ(prefix(make_uuid_v7(Instant{-1us}, random)), "00000000-0000");
  EXPECT_EQ(make_uuid_v7(latest_instant, random).version(),
            boost::uuids::uuid::version_unknown);  // 7: newer than Boost
}

TEST(Ids, AgentsAreOneTo256BytesOfText) {
  EXPECT_EQ(AgentId::parse("a").value, "a");
  EXPECT_EQ(AgentId::parse(std::string(limits::agent_bytes, 'a')).value.size(), 256U);
  EXPECT_EQ(AgentId::parse("\u00e9 \U0001F600/..").value, "\u00e9 \U0001F600/..");
  EXPECT_THROW(AgentId::parse(""), InvalidInput);
  EXPECT_THROW(AgentId::parse(std::string(limits::agent_bytes + 1, 'a')), InvalidInput);
  EXPECT_THROW(AgentId::parse(std::string_view("a\0b", 3)), InvalidInput);
  EXPECT_THROW(AgentId::parse("\xFF"), InvalidInput);
}

TEST(Digest, IsSha256OfThePartsTogether) {
  EXPECT_EQ(sha256({}).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256({"abc"}).hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({"a", "", "bc"}), sha256({"abc"}));
}

TEST(Digest, NeedsThirtyTwoBytes) {
  const auto digest = sha256({"abc"});
  EXPECT_EQ(Digest::from_bytes(digest.view()), digest);
  for (const std::size_t size : {0U, 31U, 33U}) {
    try {
      Digest::from_bytes(std::string(size, 'x'));
      ADD_FAILURE() << size;
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    }
  }
}

TEST(SeededIds, TheSameSeedGivesTheSameIds) {
  conformance::SeededIds a(7);
  conformance::SeededIds b(7);
  conformance::SeededIds other(8);
  const auto at = milliseconds(1'000'000);
  const auto first = a.uuid(at);
  EXPECT_EQ(first, b.uuid(at));
  EXPECT_EQ(a.salt(), b.salt());
  EXPECT_NE(first, other.uuid(at));
  EXPECT_EQ(to_text(first), "0000000f-4240-7fc1-a2c1-347a546705f3");
}

TEST(ManualClock, MovesOnlyWhenTold) {
  conformance::ManualClock clock(milliseconds(5));
  EXPECT_EQ(clock.now(), clock.now());
  clock.advance(1us);
  EXPECT_EQ(clock.now(), milliseconds(5) + 1us);
  clock.advance(-2us);
  EXPECT_EQ(clock.now(), milliseconds(5) - 1us);
  clock.set(milliseconds(9));
  EXPECT_EQ(clock.now(), milliseconds(9));
}

TEST(RandomIds, OfOneMillisecondIncrease) {
  system::RandomIds ids;
  const auto at = milliseconds(1'700'000'000'000);
  auto last = ids.uuid(at);
  for (int i = 0; i < 100'000; ++i) {
    const auto next = ids.uuid(at + std::chrono::microseconds{i % 1000});
    ASSERT_LT(last, next) << i;
    last = next;
  }
}

TEST(RandomIds, AreVersion7OfTheTimeAskedFor) {
  system::RandomIds ids;
  for (const auto at : {milliseconds(0x0190163d8694), milliseconds(1), milliseconds(0x0190163d8694)}) {
    const auto text = to_text(ids.uuid(at));
    EXPECT_EQ(text.substr(0, 13), prefix(make_uuid_v7(at, std::string(16, '\0'))));
    EXPECT_EQ(text[14], '7');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  }
}

TEST(RandomIds, OfSeveralThreadsAreAllDifferent) {
  system::RandomIds ids;
  constexpr int each = 2'000;
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < each; ++i) mine.push_back(ids.uuid(milliseconds(i / 100)));
    });
  }
  for (auto& thread : threads) thread.join();

  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), made.size() * each);
}

TEST(RandomIds, SaltsDoNotRepeat) {
  system::RandomIds a;
  system::RandomIds b;
  std::set<std::array<std::uint8_t, 16>> salts;
  for (int i = 0; i < 1'000; ++i) {
    salts.insert(a.salt());
    salts.insert(b.salt());
  }
  EXPECT_EQ(salts.size(), 2'000U);
  EXPECT_FALSE(salts.contains({}));
}

TEST(SystemClock, IsWithinTheCalendar) {
  const auto now = system::SystemClock{}.now();
  EXPECT_GT(now, milliseconds(1'700'000'000'000));
  EXPECT_LE(now, latest_instant);
}

}  // namespace
}  // namespace claimledger
