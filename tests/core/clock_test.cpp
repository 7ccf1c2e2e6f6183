#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// A ledger must not run ahead of the world: what a replay, an import and a copy may bring, and what a write says that
// has to be stamped ahead.
namespace claimledger {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

const AgentId ada{"ada"};
constexpr microseconds one{1};
constexpr Instant now = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};
constexpr Instant last_day = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};

struct Host {
  explicit Host(ClockSource source, Instant start = now, const Config& config = {})
      : stamps(std::make_shared<conformance::ManualClock>(start)),
        world(std::make_shared<conformance::ManualClock>(now)),
        engine({.store = memory::open(),
                .clock = stamps,
                .world = world,
                .ids = std::make_shared<conformance::SeededIds>(1),
                .clock_source = source,
                .warn = [log = log](std::string_view notice) { log->emplace_back(notice); }},
               config) {}

  WriteAnswer say(const std::string& value, FutureTimes future = FutureTimes::refused) {
    IngestRequest request{.agent = ada, .statements = {{.subject = "s", .predicate = value, .value = Value(value)}}};
    request.caller.future_times = future;
    return engine.ingest(request);
  }
  std::string line() { return engine.export_batches({.agent = ada, .limit = 1}).lines.front(); }
  Position head() { return engine.head({.agent = ada}).position; }

  std::shared_ptr<conformance::ManualClock> stamps, world;
  std::shared_ptr<std::vector<std::string>> log = std::make_shared<std::vector<std::string>>();
  Engine engine;
};

// A ledger of one batch, recorded then.
Host recorded_at(Instant then) {
  Host host(ClockSource::engine, then);
  host.say("Berlin");
  return host;
}

// Why the time was refused; empty where it was not.
template <class Work>
std::string refusal(Work&& work) {
  try {
    work();
    return {};
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "recorded_at");
    return refused.why();
  }
}

TEST(ClockTolerance, IsFiveMinutesUnlessConfigured) {
  EXPECT_EQ(Config{}.clock_tolerance, minutes{5});
  Config config;
  for (const microseconds good : {microseconds{0}, microseconds{std::chrono::years{1000}}}) {
    config.clock_tolerance = good;
    EXPECT_NO_THROW(validate(config));
  }
  for (const microseconds bad : {microseconds{-1}, std::chrono::years{1000} + one}) {
    config.clock_tolerance = bad;
    EXPECT_THROW(validate(config), InvalidInput);
  }

  config.clock_tolerance = minutes{1};
  Host host(ClockSource::replay, now + minutes{1}, config);
  EXPECT_EQ(refusal([&] { host.say("Berlin"); }), "");
  host.stamps->advance(one);
  EXPECT_NE(refusal([&] { host.say("Bonn"); }), "");
}

TEST(ClockTolerance, AReplayMayBeSoFarAheadAndNoFurther) {
  Host host(ClockSource::replay, now + minutes{5});
  EXPECT_EQ(host.say("Berlin").clock_behind_by, std::nullopt);

  host.stamps->advance(one);
  EXPECT_EQ(refusal([&] { host.say("Munich"); }),
            "2026-06-01T00:05:00.000001Z lies further ahead of the clock, 2026-06-01T00:00:00Z, than clock_tolerance "
            "allows");
  EXPECT_THROW(host.engine.retract_source({.agent = ada, .source = "x", .expected_position = Position{1}}),
               InvalidInput);
  EXPECT_EQ(host.head(), Position{1});

  const auto answer = host.say("Munich", FutureTimes::allowed);
  EXPECT_EQ(answer.status, WriteStatus::done);
  EXPECT_EQ(answer.clock_behind_by, minutes{5} + one);
  EXPECT_EQ(
      answer.reason,
      "recorded at 2026-06-01T00:05:00.000001Z, since the ledger has come that far: the clock is 300 s behind it");
}

TEST(ClockTolerance, WithoutAWorldOfItsOwnAReplayIsTakenAtItsWord) {
  const auto clock = std::make_shared<conformance::ManualClock>(now + std::chrono::years{30});
  Engine engine({.store = memory::open(),
                 .clock = clock,
                 .ids = std::make_shared<conformance::SeededIds>(1),
                 .clock_source = ClockSource::replay});
  EXPECT_NO_THROW(engine.remember("s", "p", "v"));
}

TEST(ClockTolerance, TheLastDayOfTheCalendarIsNeverReplayedImportedOrCopied) {
  Host host(ClockSource::replay, last_day - one);
  EXPECT_EQ(refusal([&] { host.say("Berlin", FutureTimes::allowed); }), "");
  host.stamps->set(last_day);
  const std::string why =
      "9999-12-31T00:00:00Z lies on the last day of the year 9999, which is kept free so that a ledger can go on";
  EXPECT_EQ(refusal([&] { host.say("Munich", FutureTimes::allowed); }), why);

  auto early = recorded_at(last_day - one);
  auto late = recorded_at(last_day);
  Host importing(ClockSource::engine), copying(ClockSource::engine);
  EXPECT_EQ(
      refusal([&] { importing.engine.import_batch({.line = late.line(), .future_times = FutureTimes::allowed}); }),
      why);
  EXPECT_EQ(refusal([&] {
              copying.engine.copy_from({.source = late.engine, .agent = ada, .future_times = FutureTimes::allowed});
            }),
            why);
  EXPECT_TRUE(importing.engine.import_batch({.line = early.line(), .future_times = FutureTimes::allowed}));
  EXPECT_EQ(
      copying.engine.copy_from({.source = early.engine, .agent = ada, .future_times = FutureTimes::allowed}).batches,
      1U);
  // The room that was kept free is for this.
  EXPECT_EQ(importing.say("Munich").status, WriteStatus::done);
  EXPECT_EQ(importing.engine.head({.agent = ada}).recorded_at.value, last_day);
}

TEST(ClockTolerance, ImportedAndCopiedBatchesMayBeSoFarAheadAndNoFurther) {
  auto near = recorded_at(now + minutes{5});
  auto far = recorded_at(now + minutes{5} + one);
  const std::string why =
      "2026-06-01T00:05:00.000001Z lies further ahead of the clock, 2026-06-01T00:00:00Z, than clock_tolerance allows";
  for (const bool copied : {false, true}) {
    SCOPED_TRACE(copied ? "copied" : "imported");
    const auto carry = [&](Host& from, Host& to, FutureTimes future) {
      if (copied)
        to.engine.copy_from({.source = from.engine, .agent = ada, .future_times = future});
      else
        to.engine.import_batch({.line = from.line(), .future_times = future});
    };
    Host first(ClockSource::engine), second(ClockSource::engine);
    EXPECT_EQ(refusal([&] { carry(near, first, FutureTimes::refused); }), "");
    EXPECT_EQ(first.head(), Position{1});
    EXPECT_EQ(refusal([&] { carry(far, second, FutureTimes::refused); }), why);
    EXPECT_EQ(second.head(), Position{0});
    EXPECT_EQ(refusal([&] { carry(far, second, FutureTimes::allowed); }), "");
    EXPECT_EQ(second.head(), Position{1});
    // A batch that is there already is not checked again.
    EXPECT_EQ(refusal([&] { carry(far, second, FutureTimes::refused); }), "");
  }
}

TEST(ClockTolerance, AWriteThatIsStampedAheadSaysSo) {
  auto host = recorded_at(now + minutes{5} - one);
  host.stamps->set(now);
  EXPECT_EQ(host.engine.status({.agent = ada}).clock_behind_by, std::nullopt);
  EXPECT_EQ(host.say("Munich").clock_behind_by, std::nullopt);  // exactly as far as is tolerated
  EXPECT_EQ(host.engine.status({.agent = ada}).clock_behind_by, std::nullopt);
  EXPECT_EQ(host.engine.verify({.agent = ada}).clock_behind_by, std::nullopt);

  EXPECT_EQ(*host.log, std::vector<std::string>{});
  const auto answer = host.say("Ulm");

  EXPECT_EQ(answer.status, WriteStatus::done);
  EXPECT_EQ(*host.log, std::vector{"ada: " + answer.reason});
  EXPECT_EQ(answer.clock_behind_by, minutes{5} + one);
  EXPECT_EQ(host.engine.status({.agent = ada}).clock_behind_by, minutes{5} + one);
  const auto verification = host.engine.verify({.agent = ada});
  EXPECT_TRUE(verification.ok);
  EXPECT_EQ(verification.clock_behind_by, minutes{5} + one);
  // Once the world has caught up there is nothing to say.
  host.stamps->advance(one + one);
  host.world->advance(one + one);
  EXPECT_EQ(host.say("Bonn").clock_behind_by, std::nullopt);
  EXPECT_EQ(host.log->size(), 1U);
}

TEST(ClockTolerance, NothingWrittenSaysNothing) {
  auto host = recorded_at(now + std::chrono::hours{1});
  host.stamps->set(now);
  EXPECT_EQ(host.engine.sweep({.agent = ada}).clock_behind_by, std::nullopt);
  EXPECT_EQ(host.engine.reconcile({.agent = ada}).clock_behind_by, std::nullopt);
  EXPECT_EQ(host.engine.status({.agent = AgentId{"nobody"}}).clock_behind_by, std::nullopt);
}

TEST(ClockTolerance, WhoReplaysCanAskBefore) {
  Host host(ClockSource::replay);
  const TxTime far{now + minutes{5} + one};
  EXPECT_NO_THROW(host.engine.require_not_ahead(TxTime{now + minutes{5}}, FutureTimes::refused));
  EXPECT_THROW(host.engine.require_not_ahead(far, FutureTimes::refused), InvalidInput);
  EXPECT_NO_THROW(host.engine.require_not_ahead(far, FutureTimes::allowed));
  EXPECT_THROW(host.engine.require_not_ahead(TxTime{last_day}, FutureTimes::allowed), InvalidInput);
}

}  // namespace
}  // namespace claimledger
