#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "application/read_entry.hpp"
#include "application/view.hpp"
#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "erasing.hpp"
#include "rules/rules.hpp"

// Long lines that an engine keeps: what is read less of them, and that no answer is another.
namespace claimledger {
namespace {

constexpr auto no_cache = std::size_t{0};
constexpr int long_line = 256;

// The store that stands in a place, which may be put in the place of another. Counts the entries of lines that it
// reads.
class CountingStore : public conformance::ForwardingStore {
 public:
  explicit CountingStore(const std::shared_ptr<Store>& place) : ForwardingStore(place), place_(place) {}

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto read = place_->snapshot(agent, moment, wanted, call);
    for (const auto& line : read.lines) entries_ += line.size();
    most_lines = std::max(most_lines.load(), read.lines.size());
    ++snapshots;
    return read;
  }
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    looks += query.kinds == std::vector<std::uint8_t>{kind_number<Tombstone>} ? 1 : 0;
    return place_->entries(agent, query, at, call);
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    return place_->append(commits, call);
  }

  // What an operation reads.
  template <class Operation>
  std::size_t reads(const Operation& operation) {
    entries_ = 0;
    operation();
    return entries_;
  }

  mutable std::atomic<int> looks = 0;               // for erasures
  mutable std::atomic<std::size_t> most_lines = 0;  // that were read at once
  mutable std::atomic<int> snapshots = 0;

 private:
  const std::shared_ptr<Store>& place_;
  mutable std::atomic<std::size_t> entries_ = 0;
};

ValidEnd day(int n) {
  return {ValidTime{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1} + std::chrono::days{n}},
          Granularity::instant};
}

// One ledger, and engines on it that keep lines or do not.
class KeptLines : public testing::Test {
 protected:
  Engine engine(std::size_t line_cache_bytes) {
    Config config;
    config.line_cache_bytes = line_cache_bytes;
    config.overturn_policy = OverturnPolicy::contested_first;
    auto counting = std::make_unique<CountingStore>(store_);
    counting_ = counting.get();
    return Engine({.store = std::move(counting), .clock = clock_, .ids = ids_}, config);
  }
  Engine keeping() { return engine(Config().line_cache_bytes); }

  static Statement statement(int number) {
    Statement said{.subject = key_.subject, .predicate = key_.predicate, .value = "value " + std::to_string(number)};
    said.window = {day(number), day(number + 1)};
    return said;
  }
  void say(Engine& engine, int from, int until) {
    std::vector<Statement> statements;
    for (int number = from; number < until; ++number) statements.push_back(statement(number));
    engine.ingest({.agent = agent_, .statements = std::move(statements)});
  }
  // So that the end of the line is not enough, see line_ends.hpp.
  void contradict(Engine& engine, int number) {
    auto said = statement(number);
    said.value = "another value";
    engine.ingest({.agent = agent_, .statements = {said}});
  }
  std::string value(Engine& engine, int number) {
    const auto belief = engine.recall({.agent = agent_, .line = key_, .valid_at = day(number).at});
    return belief.primary ? belief.primary->value.text() : "";
  }
  // Takes the content of an entry, beside all engines.
  void erase(Position entry) { clock_->set(test::erase_content(*store_, agent_, entry, *ids_).value); }

  const Call call_{};
  inline static const LineKey key_{"ada", "city"};
  const AgentId agent_{"ada"};
  std::shared_ptr<Store> store_ = memory::open();
  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  std::shared_ptr<conformance::SeededIds> ids_ = std::make_shared<conformance::SeededIds>(1);
  CountingStore* counting_ = nullptr;  // of the engine that was made last
};

}  // namespace

TEST_F(KeptLines, AreReadFromTheirLastEntryOn) {
  auto ours = keeping();
  say(ours, 0, long_line);
  EXPECT_EQ(counting_->reads([&] { value(ours, 7); }), std::size_t{long_line}) << "the first time";
  EXPECT_EQ(counting_->reads([&] { EXPECT_EQ(value(ours, 7), "\"value 7\""); }), 1U);
  EXPECT_EQ(counting_->reads([&] { ours.history({.agent = agent_, .line = key_}); }), 1U);
  EXPECT_EQ(counting_->reads([&] { ours.subject({.agent = agent_, .subject = key_.subject}); }), 1U);
  EXPECT_EQ(counting_->reads([&] { contradict(ours, 7); }), 1U) << "a write has its own";
  EXPECT_EQ(counting_->reads([&] { EXPECT_EQ(value(ours, 8), "\"value 8\""); }), 2U);
  EXPECT_EQ(counting_->reads([&] { contradict(ours, 9); }), 1U);
}

// Each look may be a round trip.
TEST_F(KeptLines, LookForErasuresWhereSomethingWasWritten) {
  auto ours = keeping();
  say(ours, 0, long_line);
  value(ours, 7);
  const auto looks = [&](auto operation) {
    counting_->looks = 0;
    operation();
    return counting_->looks.load();
  };
  EXPECT_EQ(looks([&] { value(ours, 7), value(ours, 8); }), 0);
  EXPECT_EQ(looks([&] { say(ours, 300, 301), say(ours, 301, 302); }), 0) << "a turn knows what it wrote";
  EXPECT_EQ(looks([&] { value(ours, 7), value(ours, 8); }), 1);
  auto& counting = *counting_;
  auto theirs = engine(no_cache);
  counting_ = &counting;
  say(theirs, 400, 401);
  EXPECT_EQ(looks([&] { say(ours, 302, 303), say(ours, 303, 304); }), 1);
}

TEST_F(KeptLines, SeeWhatOthersWrite) {
  auto ours = keeping();
  say(ours, 0, long_line);
  value(ours, 7);
  auto theirs = keeping();
  say(theirs, 300, 310);
  EXPECT_EQ(value(ours, 305), "\"value 305\"");
  say(ours, 310, 320);
  EXPECT_EQ(value(theirs, 315), "\"value 315\"");
  EXPECT_EQ(value(theirs, 7), "\"value 7\"");
}

TEST_F(KeptLines, OfShortLinesThereAreNone) {
  auto ours = keeping();
  say(ours, 0, 10);
  value(ours, 7);
  const auto read = counting_->reads([&] { value(ours, 7); });
  EXPECT_TRUE(read == 10 || read == 1) << read << ": 1 in a build for tests that keeps each line";
}

TEST_F(KeptLines, AreNoneWithoutRoom) {
  auto ours = engine(no_cache);
  say(ours, 0, long_line);
  value(ours, 7);
  EXPECT_EQ(counting_->reads([&] { EXPECT_EQ(value(ours, 7), "\"value 7\""); }), std::size_t{long_line});
}

TEST_F(KeptLines, MakeRoomForEachOther) {
  auto ours = engine(std::size_t{3} << 20);  // for one such line each way
  const auto of = [&](const std::string& subject) {
    for (int i = 0; i < long_line; ++i) {
      auto said = statement(i);
      said.subject = subject;
      ours.ingest({.agent = agent_, .statements = {said}});
    }
  };
  for (const auto* subject : {"a", "b", "c", "d", "e", "f"}) of(subject);
  const auto read = [&](const std::string& subject) {
    return counting_->reads([&] { ours.recall({.agent = agent_, .line = {subject, key_.predicate}}); });
  };
  for (const auto* subject : {"a", "b", "c", "d", "e", "f"}) read(subject);
  EXPECT_EQ(read("f"), 1U) << "used last";
  EXPECT_EQ(read("a"), std::size_t{long_line}) << "used first";
}

TEST_F(KeptLines, LoseWhatIsErased) {
  auto ours = keeping();
  auto theirs = engine(no_cache);
  say(ours, 0, long_line);
  EXPECT_EQ(value(ours, 7), "\"value 7\"");
  EXPECT_EQ(value(ours, 7), "\"value 7\"");
  erase({8});
  // Also what was believed before is read as it is now, and a writer reads so.
  const auto before = [&](Engine& engine) {
    const At at{.position = Position{long_line}, .asked_at = TxTime{clock_->now()}};
    return engine.recall({.agent = agent_, .line = key_, .at = at, .valid_at = day(7).at});
  };
  EXPECT_EQ(before(ours), before(theirs));
  EXPECT_EQ(value(ours, 7), value(theirs, 7));
  EXPECT_NE(value(ours, 7), "\"value 7\"");
  auto again = statement(7);
  EXPECT_EQ(ours.refusals({.agent = agent_, .statements = {again}}).size(), 0U);
  const auto receipt = ours.ingest({.agent = agent_, .statements = {again}}).receipts.front();
  EXPECT_FALSE(receipt.corroborated) << "there is nothing left to repeat";
}

TEST_F(KeptLines, OfAnotherHistoryAreReadAnew) {
  auto ours = keeping();
  say(ours, 0, long_line);
  value(ours, 7);
  value(ours, 7);
  // The same place, filled otherwise, as after a restore behind a handle.
  store_ = memory::open();
  auto other = engine(no_cache);
  say(other, 1'000, 1'000 + long_line);
  EXPECT_EQ(value(ours, 1'007), "\"value 1007\"");
  EXPECT_EQ(value(ours, 7), "");
  say(ours, 7, 8);
  EXPECT_EQ(value(other, 7), "\"value 7\"");
  EXPECT_EQ(other.verify({.agent = agent_}).problem, "");
}

TEST_F(KeptLines, ServeManyThreadsBesideAWriter) {
  auto ours = keeping();
  say(ours, 0, long_line);
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      while (!done)
        if (value(ours, 7) != "\"value 7\"") ++wrong;
    });
  }
  for (int i = 0; i < 60; ++i) {
    say(ours, 300 + i, 301 + i);
    if (value(ours, 300 + i) != "\"value " + std::to_string(300 + i) + "\"") ++wrong;
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

// What a turn drafted and did not write is nobody's.
TEST_F(KeptLines, AreNotThoseOfABatchThatWasNotWritten) {
  auto plain = engine(no_cache);
  say(plain, 0, long_line);
  application::KeptLines kept(Config().line_cache_bytes);
  const auto give_back = [&](bool drafted) {
    application::LineEnds ends(0);
    application::TakenLines taken(kept, ends, *store_, agent_);
    application::View view(*store_, agent_, {}, store_->snapshot(agent_, AtHead{}, {}, {}), call_, &taken);
    auto& line = view.line(key_);
    if (drafted) line.state.set_last({line.state.last().value + 1});
    view.give_back(view.at());
    return kept.find(agent_, key_) != nullptr;
  };
  EXPECT_FALSE(give_back(true));
  EXPECT_TRUE(give_back(false));
}

// On a conflict a turn decides again on what was read meanwhile: of a line that it took only the end.
TEST_F(KeptLines, ThatATurnHasChangedAreReadWholeForItsNextAttempt) {
  auto plain = engine(no_cache);
  say(plain, 0, long_line);
  application::KeptLines kept(Config().line_cache_bytes);
  kept.keep(agent_, key_, application::FoldedLine::of(store_->line(agent_, key_, Position{long_line}, call_)));
  application::LineEnds ends(0);
  application::TakenLines taken(kept, ends, *store_, agent_);
  Wanted wanted{.lines = {key_}};
  taken.take(wanted);
  const auto snapshot = store_->snapshot(agent_, AtHead{}, wanted, call_);
  ASSERT_EQ(snapshot.lines.front().size(), 1U);
  for (const auto* attempt : {"first", "second"}) {
    application::View view(*store_, agent_, wanted, snapshot, call_, &taken);
    EXPECT_EQ(view.line(key_).state.claims().size(), std::size_t{long_line}) << attempt;
  }
}

// More lines than there should be memory for are read some at a time, and left again.
TEST_F(KeptLines, OfALargeBatchAreReadSomeAtATime) {
  constexpr int lines = 300, claims = 60;
  const auto of_line = [](int line, int number) {
    auto said = statement(number);
    said.subject = "person " + std::to_string(line);
    return said;
  };
  auto ours = engine(no_cache);
  auto& counting = *counting_;
  for (int line = 0; line < lines; ++line) {
    std::vector<Statement> statements;
    for (int number = 0; number < claims; ++number) statements.push_back(of_line(line, number));
    ours.ingest({.agent = agent_, .statements = std::move(statements)});
  }
  // By turns: on each line a value that is there, one that contradicts, and one for a day of its own.
  std::vector<Statement> statements;
  for (const int round : {0, 1, 2}) {
    for (int line = 0; line < lines; ++line) {
      auto said = of_line(line, round == 2 ? claims : round);
      if (round == 1) said.value = "another value";
      statements.push_back(said);
    }
  }
  counting.most_lines = 0;
  counting.snapshots = 0;
  const auto answer = ours.ingest({.agent = agent_, .statements = std::move(statements)});
  EXPECT_EQ(counting.most_lines, 64U);
  EXPECT_EQ(counting.snapshots, 5) << "300 lines, 64 at a time";
  ASSERT_EQ(answer.receipts.size(), 3U * lines);
  for (std::size_t i = 0; i < answer.receipts.size(); ++i) {
    const auto& receipt = answer.receipts[i];
    EXPECT_EQ(receipt.corroborated, i < lines) << i;
    EXPECT_EQ(receipt.disposition == Disposition::contested, i / lines == 1) << i;
  }
  EXPECT_EQ(ours.verify({.agent = agent_}).problem, "");
  const auto day_of = [&](int number) {
    return ours.recall({.agent = agent_, .line = {"person 7", key_.predicate}, .valid_at = day(number).at}).status;
  };
  EXPECT_EQ(day_of(0), BeliefStatus::resolved);
  EXPECT_EQ(day_of(1), BeliefStatus::contested);
  EXPECT_EQ(day_of(claims), BeliefStatus::resolved);
}

// Whatever is said and done, at whatever moment is asked: what the engine answers that keeps lines is what the one
// answers that reads them anew.
TEST_F(KeptLines, AnswerAsThoseReadAnew) {
  const auto* long_run = std::getenv("CLAIMLEDGER_LONG");
  constexpr int probes = 2'500;
  const int instants = long_run != nullptr ? 400 : 4;  // that each asks about: a million in all
  constexpr std::uint64_t seed = 11;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<std::uint64_t>(bound)); };
  auto ours = keeping();
  auto others = keeping();
  auto plain = engine(no_cache);
  std::vector<ClaimId> claims;

  const auto step = [&] {
    clock_->advance(std::chrono::minutes{1 + below(600)});
    auto& engine = below(4) == 0 ? others : ours;
    try {
      const int what = claims.size() < 5 ? 0 : below(13);
      if (what < 8) {
        std::vector<Statement> statements;
        for (int i = 1 + below(4); i > 0; --i) {
          auto said = statement(0);
          said.value = "value " + std::to_string(below(9));
          const int from = below(400);
          said.window = {};
          if (below(6) != 0) said.window.from = day(from);
          if (below(3) == 0) said.window.until = day(from + 1 + below(30));
          said.source = "source " + std::to_string(below(4));
          if (below(7) == 0) said.cardinality = Cardinality::set_valued;
          if (below(9) == 0 && !claims.empty()) {
            said.provenance = Provenance::model_derived;
            said.derived_from = {claims[static_cast<std::size_t>(below(static_cast<int>(claims.size())))]};
          }
          statements.push_back(said);
        }
        for (const auto& receipt : engine.ingest({.agent = agent_, .statements = std::move(statements)}).receipts)
          if (receipt.claim) claims.push_back(*receipt.claim);
        return;
      }
      const auto claim = claims[static_cast<std::size_t>(below(static_cast<int>(claims.size())))];
      if (what == 8) engine.retract({.agent = agent_, .claim = claim});
      if (what == 9) engine.end_validity({.agent = agent_, .claim = claim, .at = day(below(400))});
      if (what == 10) {
        const auto answer = engine.correct({.agent = agent_, .claim = claim, .value = Value("value 3")});
        for (const auto& receipt : answer.receipts)
          if (receipt.claim) claims.push_back(*receipt.claim);
      }
      if (what == 11) engine.reopen({.agent = agent_, .claim = claim});
      if (what == 12 && below(4) == 0)
        engine.retract_source({.agent = agent_, .source = "source " + std::to_string(below(4))});
    } catch (const InvalidInput&) {
      // Not everything can be done to every claim.
    }
    if (below(60) != 0) return;
    const Position entry{1 + random() % store_->head(agent_, {}).position.value};
    const auto found = store_->entries(agent_, {.from = entry}, entry, {});
    if (!found.empty() && found.front().content_state == ContentState::present) erase(entry);
  };
  for (int probe = 0; probe < probes; ++probe) {
    if (probe % 8 == 0 && claims.size() < 900) step();
    RecallRequest request{.agent = agent_, .line = key_};
    request.at.asked_at = TxTime{clock_->now()};
    if (below(2) == 0) request.valid_at = day(below(460)).at;
    const auto head = store_->head(agent_, {}).position.value;
    if (below(3) == 0) request.at.position = Position{1 + random() % head};
    const auto expected = plain.recall(request);
    ASSERT_EQ(ours.recall(request), expected) << "probe " << probe;
    ASSERT_EQ((probe % 5 == 0 ? others : ours).recall(request), expected) << "probe " << probe;
    const auto line = application::FoldedLine::of(store_->line(agent_, key_, Position{head}, call_)).state;
    const rules::Reading reading{{head}, *request.at.asked_at, Config().aging_after, Config().decayed_after};
    for (int i = 0; i < instants; ++i) {
      const auto valid_at = day(below(460)).at;
      const At now{.asked_at = reading.asked_at};
      ASSERT_EQ(ours.recall({.agent = agent_, .line = key_, .at = now, .valid_at = valid_at}),
                rules::belief(line, valid_at, reading))
          << "probe " << probe;
    }
    if (probe % 97 != 0) continue;
    const HistoryRequest all{.agent = agent_, .line = key_, .at = request.at, .page = {.limit = limits::page}};
    ASSERT_EQ(ours.history(all).claims, plain.history(all).claims) << "probe " << probe;
    const TimelineRequest over_time{.agent = agent_, .line = key_, .at = request.at, .page = {.limit = limits::page}};
    ASSERT_EQ(ours.timeline(over_time).segments, plain.timeline(over_time).segments) << "probe " << probe;
  }
  EXPECT_EQ(plain.verify({.agent = agent_}).problem, "");
  EXPECT_GT(claims.size(), 300U);
}

}  // namespace claimledger
