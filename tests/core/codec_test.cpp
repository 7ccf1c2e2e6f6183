#include "codec/codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "claimledger/failure.hpp"
#include "codec/crc32c.hpp"
#include "random_records.hpp"

namespace claimledger::codec {
namespace {

using namespace std::string_view_literals;

// CRC-32C bit by bit, from its polynomial.
Bytes checksum(std::string_view record) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (const char c : record) {
    sum ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ (sum % 2 != 0 ? 0x82F63B78U : 0U);
  }
  sum = ~sum;
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(sum >> static_cast<unsigned>(shift));
  return bytes;
}
// Gives bytes the checksum that makes them look whole, so that what lies behind the checksum is tested too.
Bytes sealed(std::string_view record) { return Bytes(record) + checksum(record); }

Bytes unsealed(const Bytes& body) { return body.substr(0, body.size() - 4); }

// Why `body` cannot be decoded; empty where it can.
template <class Decode>
std::string refusal(const Decode& decode_it) {
  try {
    decode_it();
    return {};
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    return failure.detail();
  }
}

std::string entry_refusal(const Bytes& body) {
  return refusal([&] { decode(body); });
}

std::string content_refusal(const Bytes& body) {
  return refusal([&] { decode_content(body); });
}

// The smallest entry there is, by hand: seq 1, recorded at 0, first on its line, no content, an erased position.
Bytes tombstone(std::string_view erased) {
  return Bytes("\x01\x1F\x01\x01\x01\x02\x00\x03\x00\x10"sv) + static_cast<char>(erased.size()) + Bytes(erased);
}

TEST(Checksum, IsTheOneThatEverybodyKnows) {
  EXPECT_EQ(checksum("123456789"), "\xE3\x06\x92\x83");
  const auto body = encode(Content{});
  EXPECT_EQ(body, sealed(unsealed(body)));
}

// What the processor does is what the table does, at every length and from every address.
TEST(Checksum, IsTheSameOnAnyProcessor) {
  Bytes bytes;
  for (unsigned i = 0; i < 100; ++i) bytes += static_cast<char>(i * i * 37 + i);
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; from + size <= bytes.size(); ++size) {
      const auto part = std::string_view(bytes).substr(from, size);
      EXPECT_EQ(crc32c(part), portable_crc32c(part)) << from << " " << size;
    }
  }
}

TEST(Codec, EveryKindOfEntryComesBack) {
  constexpr std::uint64_t seed = 1;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  for (int round = 0; round < 200; ++round) {
    for (const auto& entry : random_entries(random)) {
      const auto frame = random_record<Frame>(random);

      const auto body = encode(entry, frame);
      const auto decoded = decode(body);

      ASSERT_EQ(decoded.frame, frame);
      ASSERT_EQ(decoded.entry, entry) << kind_text(entry);
      ASSERT_EQ(encode(decoded.entry, decoded.frame), body) << kind_text(entry) << ", granularities included";
    }
  }
}

TEST(Codec, ContentComesBack) {
  constexpr std::uint64_t seed = 2;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  for (int round = 0; round < 500; ++round) {
    const auto content = random_record<Content>(random);
    ASSERT_EQ(decode_content(encode(content)), content);
  }
  EXPECT_EQ(decode_content(encode(Content{})), Content{});
}

TEST(Codec, AMebibyteOfValueComesBack) {
  Content content;
  content.value = Value(std::string(1024 * 1024 - 2, 'v'));
  EXPECT_EQ(decode_content(encode(content)), content);
}

TEST(Codec, TextAroundTheLongLengthComesBack) {
  for (const std::size_t size : {0U, 1U, 253U, 254U, 255U, 256U, 65'536U}) {
    Content content;
    content.why = std::string(size, 'w');
    EXPECT_EQ(decode_content(encode(content)), content) << size;
  }
}

TEST(Codec, EveryFlippedBitIsCorrupt) {
  constexpr std::uint64_t seed = 3;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  for (const auto& entry : random_entries(random)) {
    const auto body = encode(entry, random_record<Frame>(random));
    for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
      auto flipped = body;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      ASSERT_NE(entry_refusal(flipped), "") << kind_text(entry) << ", bit " << bit;
    }
  }
}

TEST(Codec, EveryTruncationAndEveryAddedByteIsCorrupt) {
  constexpr std::uint64_t seed = 4;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  for (const auto& entry : random_entries(random)) {
    const auto body = encode(entry, random_record<Frame>(random));
    const auto record = unsealed(body);
    for (std::size_t size = 0; size < body.size(); ++size) {
      ASSERT_NE(entry_refusal(body.substr(0, size)), "") << kind_text(entry) << ", " << size << " bytes";
    }
    ASSERT_NE(entry_refusal(body + '\0'), "");
    ASSERT_NE(entry_refusal(sealed(record + '\0')), "");
  }
  const auto content = encode(random_record<Content>(random));
  for (std::size_t size = 0; size < content.size(); ++size) ASSERT_NE(content_refusal(content.substr(0, size)), "");
}

// Behind the checksum: whatever decodes is exactly what encoding makes of it.
TEST(Codec, NothingHasTwoEncodings) {
  constexpr std::uint64_t seed = 5;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  int decoded_anyway = 0;
  for (int round = 0; round < 4; ++round) {
    for (const auto& entry : random_entries(random)) {
      const auto record = unsealed(encode(entry, random_record<Frame>(random)));
      for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
        auto flipped = record;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const auto body = sealed(flipped);
        try {
          const auto decoded = decode(body);
          ASSERT_EQ(encode(decoded.entry, decoded.frame), body) << kind_text(entry) << ", bit " << bit;
          ++decoded_anyway;
        } catch (const StoreFailure& failure) {
          ASSERT_EQ(failure.kind(), FailureKind::corrupt);
        }
      }
    }
  }
  EXPECT_GT(decoded_anyway, 0);
}

TEST(Codec, NumbersHaveOneForm) {
  EXPECT_EQ(entry_refusal(sealed(tombstone("\x07"sv))), "");
  EXPECT_EQ(entry_refusal(sealed(tombstone(""sv))), "");
  EXPECT_EQ(entry_refusal(sealed(tombstone("\x00\x80"sv))), "");
  for (const auto number : {"\x00"sv, "\x00\x07"sv, "\xFF\xFF"sv}) {
    EXPECT_EQ(entry_refusal(sealed(tombstone(number))), "field 16 is a number not in its shortest form");
  }
  EXPECT_EQ(entry_refusal(sealed(tombstone("\xFF"sv))), "field 16 is out of range");
  EXPECT_EQ(entry_refusal(sealed(tombstone("\x01\x02\x03\x04\x05\x06\x07\x08\x09"sv))), "field 16 is not a number");
}

TEST(Codec, LengthsHaveOneForm) {
  const auto content = [](std::string_view head) { return sealed(Bytes("\x01\x02\x07"sv) + Bytes(head) + "why"); };
  EXPECT_EQ(content_refusal(content("\x03"sv)), "");
  EXPECT_EQ(content_refusal(content("\xFF\x00\x00\x00\x03"sv)), "field 7 has a length not in its shortest form");
  EXPECT_EQ(content_refusal(content("\x04"sv)), "field 7 is cut off");
  EXPECT_EQ(content_refusal(content("\xFF\xFF\xFF\xFF\xFF"sv)), "field 7 is cut off");
  EXPECT_EQ(content_refusal(content("\x02"sv)), "bytes left over");
}

TEST(Codec, FieldsStandInOrderAndOnce) {
  EXPECT_EQ(content_refusal(sealed("\x01\x02\x01\x01s\x07\x01w"sv)), "");
  EXPECT_EQ(content_refusal(sealed("\x01\x02\x07\x01w\x01\x01s"sv)), "bytes left over");
  EXPECT_EQ(content_refusal(sealed("\x01\x02\x01\x01s\x01\x01s"sv)), "bytes left over");
  EXPECT_EQ(content_refusal(sealed("\x01\x02\x0B\x01s"sv)), "bytes left over");
  EXPECT_EQ(entry_refusal(sealed("\x01\x1F\x01\x01\x01\x02\x00\x10\x00"sv)), "field 3 is missing");
}

TEST(Codec, UnknownFormatsAndKindsAreRefused) {
  EXPECT_EQ(entry_refusal(sealed("\x02\x1F\x01\x00"sv)), "not in format 1");
  EXPECT_EQ(entry_refusal(sealed("\x01\x20\x01\x00"sv)), "unknown kind 32");
  EXPECT_EQ(entry_refusal(sealed("\x01\x02\x01\x00"sv)), "unknown kind 2");
  EXPECT_EQ(content_refusal(sealed("\x01\x10"sv)), "unknown kind 16");
}

TEST(Codec, AnUnknownEnumeratorIsOutOfRange) {
  ReviewSettled entry;
  const auto record = unsealed(encode(entry, Frame{}));
  const auto with_verdict = [&](std::string_view verdict) {
    return sealed(record.substr(0, record.size() - 2) + Bytes("\x11\x01"sv) + Bytes(verdict));
  };
  EXPECT_EQ(entry_refusal(with_verdict("\x01"sv)), "");
  EXPECT_EQ(entry_refusal(with_verdict("\x02"sv)), "field 17 is out of range");
}

TEST(Codec, ATimeOutsideTheCalendarIsNeitherWrittenNorRead) {
  AdjudicationOpened entry;
  entry.expires_at = TxTime{latest_instant + std::chrono::microseconds{1}};
  EXPECT_THROW(encode(entry, Frame{}), InvalidInput);
  entry.expires_at = TxTime{latest_instant};
  const auto record = unsealed(encode(entry, Frame{}));
  EXPECT_EQ(entry_refusal(sealed(record)), "");
  const auto next_microsecond = record.substr(0, record.size() - 8) + Bytes("\x03\x84\x44\x0C\xCC\x73\x60\x00"sv);
  EXPECT_EQ(entry_refusal(sealed(next_microsecond)), "field 18 is outside the calendar");
}

TEST(Codec, TheEndsOfTimeAreLeftOut) {
  AdjudicationClosed never{.won = {Win{}}};
  auto spelled_out = never;
  spelled_out.won.front().span = {.from = {earliest_instant}, .until = {latest_instant}};
  EXPECT_GT(encode(spelled_out, Frame{}).size(), encode(never, Frame{}).size());
  const auto read = std::get<AdjudicationClosed>(decode(encode(never, Frame{})).entry).won.front().span;
  EXPECT_EQ(read.from, ValidTime::beginning());
  EXPECT_EQ(read.until, ValidTime::forever());
  EXPECT_EQ(std::get<AdjudicationClosed>(decode(encode(spelled_out, Frame{})).entry), spelled_out);
}

const Frame first_frame{.seq = {1}, .recorded_at = {}, .previous_on_line = {}, .commitment = {}};

// A TakenBack of no claim with this payload of field 17, its statements; without one where it is not given.
Bytes taken_back(std::optional<std::string_view> statements) {
  auto record = Bytes("\x01\x16\x01\x01\x01\x02\x00\x03\x00"sv);
  if (statements) record += Bytes("\x11"sv) + static_cast<char>(statements->size()) + Bytes(*statements);
  return sealed(record + Bytes("\x12\x00"sv));
}

TEST(Codec, AListIsARunOfFieldsOfTagOne) {
  EXPECT_EQ(entry_refusal(taken_back("\x01\x01\x02\x01\x02\x01\x2C"sv)), "");
  const auto read = std::get<TakenBack>(decode(taken_back("\x01\x01\x02\x01\x02\x01\x2C"sv)).entry);
  EXPECT_EQ(read.statements, (std::vector<Position>{{2}, {300}}));
  EXPECT_EQ(encode(read, first_frame), taken_back("\x01\x01\x02\x01\x02\x01\x2C"sv));
}

TEST(Codec, AnEmptyListHasOneForm) {
  EXPECT_EQ(entry_refusal(taken_back(std::nullopt)), "");
  EXPECT_EQ(encode(TakenBack{}, first_frame), taken_back(std::nullopt));
  EXPECT_EQ(entry_refusal(taken_back(""sv)), "field 17 is an empty list");
}

TEST(Codec, AListThatIsNoneIsCorrupt) {
  EXPECT_EQ(entry_refusal(taken_back("\x02\x01\x02"sv)), "field 1 is missing");
  EXPECT_EQ(entry_refusal(taken_back("\x01\x01\x02\x02\x01\x02"sv)), "field 1 is missing");
  EXPECT_EQ(entry_refusal(taken_back("\x01\x02\x02"sv)), "field 1 is cut off");
  EXPECT_EQ(entry_refusal(taken_back("\x01"sv)), "field 1 is cut off");
  EXPECT_EQ(entry_refusal(taken_back("\x01\x02\x00\x02"sv)), "field 1 is a number not in its shortest form");
}

TEST(Codec, AnItemHoldsItsFieldsInOrderAndNoMore) {
  const AdjudicationClosed entry{.won = {Win{}}};
  const auto record = unsealed(encode(entry, Frame{}));
  // Everything before the item: a list of 20 bytes under tag 20, in it one item of 18 bytes, in it the loser.
  const auto head = record.substr(0, record.size() - 22);
  const auto loser = record.substr(record.size() - 18);
  const auto with_item = [&](const Bytes& item) {
    return sealed(head + Bytes("\x14"sv) + static_cast<char>(item.size() + 2) + Bytes("\x01"sv) +
                  static_cast<char>(item.size()) + item);
  };
  EXPECT_EQ(entry_refusal(with_item(loser)), "");
  EXPECT_EQ(entry_refusal(with_item({})), "field 1 is missing");
  EXPECT_EQ(entry_refusal(with_item(loser + loser)), "bytes left over");
  EXPECT_EQ(entry_refusal(with_item(loser + Bytes("\x04\x00"sv))), "bytes left over");
  EXPECT_EQ(entry_refusal(with_item(loser + Bytes("\x03\x01\x03\x02\x01\x03"sv))), "bytes left over");
  EXPECT_EQ(entry_refusal(with_item(loser + Bytes("\x02\x01\x03\x03\x01\x03"sv))), "");
  EXPECT_EQ(entry_refusal(with_item(loser + Bytes("\x02\x01\x04"sv))), "field 2 has an unknown granularity");
}

TEST(Codec, HashesDependOnEveryPart) {
  const auto start = genesis_hash(AgentId{"a"});
  EXPECT_NE(start, genesis_hash(AgentId{"b"}));
  EXPECT_NE(chain(start, "header", "body"), chain(start, "", "body"));
  EXPECT_NE(chain(start, "", "body"), chain(genesis_hash(AgentId{"b"}), "", "body"));
  EXPECT_NE(commitment({1}, "body"), commitment({2}, "body"));
  EXPECT_NE(idempotency_digest(AgentId{"a"}, "bc"), idempotency_digest(AgentId{"ab"}, "c"));
  EXPECT_NE(idempotency_digest(AgentId{"a"}, "k"), idempotency_digest(AgentId{"b"}, "k"));
}

TEST(Codec, EveryFieldOfAHeaderIsHashed) {
  constexpr std::uint64_t seed = 6;
  SCOPED_TRACE(seed);
  RandomFields random(seed);
  const auto header = random_record<BatchHeader>(random);
  const auto bytes = encode(header);
  EXPECT_EQ(encode(header), bytes);
  const auto differs = [&](auto change) {
    auto other = header;
    change(other);
    return encode(other) != bytes;
  };
  EXPECT_TRUE(differs([](auto& it) { ++it.format; }));
  EXPECT_TRUE(differs([](auto& it) { it.agent.value += 'x'; }));
  EXPECT_TRUE(differs([](auto& it) { ++it.id.value.data[0]; }));
  EXPECT_TRUE(differs([](auto& it) { it.recorded_at.value = Instant{std::chrono::microseconds{5}}; }));
  EXPECT_TRUE(differs(
      [](auto& it) { it.clock = it.clock == ClockSource::engine ? ClockSource::replay : ClockSource::engine; }));
  EXPECT_TRUE(differs([](auto& it) { it.actor += 'x'; }));
  EXPECT_TRUE(differs([](auto& it) { ++it.entries; }));
}

}  // namespace
}  // namespace claimledger::codec
