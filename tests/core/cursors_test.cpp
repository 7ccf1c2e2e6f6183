#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "application/use_cases.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"

// A cursor belongs to its question, agent, filters and moment, and is refused anywhere else.
namespace claimledger {
namespace {

const AgentId ada{"ada"}, bob{"bob"};

TxTime tx(std::string_view text) { return parse_tx_time(text, "time"); }

// The field that is refused, or "" for an answer.
std::string refused(const std::function<void()>& read) {
  try {
    read();
    return {};
  } catch (const InvalidInput& input) {
    return input.field();
  }
}

struct Host {
  explicit Host(std::uint64_t seed) : ids(std::make_shared<conformance::SeededIds>(seed)) {
    config.queue_for_adjudication = true;
    engine = std::make_unique<Engine>(Parts{.store = memory::open(), .clock = clock, .ids = ids}, config);
  }
  Receipt say(const AgentId& agent, Statement statement) const {
    return engine->ingest({.agent = agent, .statements = {std::move(statement)}}).receipts.front();
  }
  ClaimId derive(const AgentId& agent, const std::string& predicate, const ClaimId& from) const {
    Statement statement{"derived", predicate, Value("x")};
    statement.provenance = Provenance::model_derived;
    statement.derived_from = {from};
    return *say(agent, statement).claim;
  }
  std::uint64_t end(const AgentId& agent) const { return engine->head({.agent = agent}).position.value; }

  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();
  std::shared_ptr<conformance::SeededIds> ids;
  Config config;
  std::unique_ptr<Engine> engine;
};

// One question with one set of filters: it answers the cursor of the next page.
struct Question {
  std::string name;
  std::function<std::optional<std::string>(const AgentId&, const At&, const PageRequest&)> ask;
  bool about_a_ledger = true;
};

class Cursors : public testing::Test {
 protected:
  Cursors() {
    for (const auto& agent : {ada, bob}) fill(agent);
  }

  // Two of everything that a question lists, whatever its filter. The ledgers of two agents are alike.
  void fill(const AgentId& agent) {
    auto& first = claims[agent.value];
    for (const auto* subject : {"alice", "bert"}) {
      for (const auto* predicate : {"p", "q"}) {
        first.push_back(*host.say(agent, {subject, predicate, Value("x")}).claim);
        host.say(agent, {subject, predicate, Value("y")});
      }
    }
    const auto middle = host.derive(agent, "m", first[0]);
    const auto other = host.derive(agent, "n", first[0]);
    Statement top{"derived", "o", Value("x")};
    top.provenance = Provenance::model_derived;
    top.derived_from = {middle, other};
    first.push_back(*host.say(agent, top).claim);
    for (const auto* context : {"chat", "mail", "chat", "mail"}) {
      for (const auto* predicate : {"p", "q"})
        host.engine->recall({.agent = agent, .line = {"alice", predicate}, .serve_to = context});
    }
    host.clock->advance(std::chrono::hours{1});
  }

  // The lineage of what both agents have under different ids is asked for by the ids of ada.
  std::vector<Question> questions() {
    auto& engine = *host.engine;
    std::vector<Question> all;
    const auto add = [&](const std::string& name, auto ask, bool about_a_ledger = true) {
      all.push_back(
          {name,
           [ask](const AgentId& agent, const At& at, const PageRequest& page) { return ask(agent, at, page).next; },
           about_a_ledger});
    };
    const auto& of_ada = claims["ada"];
    const auto instant = parse_valid_time("2026-01-01T00:30:00Z", "time").at;
    for (const auto* subject : {"alice", "bert"}) {
      for (const auto& valid_at : {std::optional<ValidTime>{}, std::optional(instant)}) {
        add(std::string("subject ") + subject + (valid_at ? " then" : ""),
            [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
              return engine.subject({agent, subject, at, valid_at, page, {}});
            });
      }
    }
    for (const auto& valid_at : {std::optional<ValidTime>{}, std::optional(instant)}) {
      add(std::string("contested") + (valid_at ? " then" : ""),
          [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
            return engine.contested({agent, at, valid_at, page, {}});
          });
    }
    add("pending", [&](const AgentId& agent, const At& at, const PageRequest& page) {
      return engine.pending({agent, at, page, {}});
    });
    add("ancestors", [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
      return engine.lineage({agent, of_ada.back(), Direction::ancestors, at, page, {}});
    });
    add("descendants", [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
      return engine.lineage({agent, of_ada.front(), Direction::descendants, at, page, {}});
    });
    add("descendants of the last", [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
      return engine.lineage({agent, of_ada.back(), Direction::descendants, at, page, {}});
    });
    const std::vector<std::variant<ClaimId, std::string>> served = {"chat", "mail", of_ada[0], of_ada[1]};
    for (std::size_t i = 0; i < served.size(); ++i) {
      add("served " + std::to_string(i), [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
        return engine.served({agent, served[i], at, page, {}});
      });
    }
    const auto midnight = tx("2026-01-01"), noon = tx("2026-01-01T12:00:00Z");
    const std::vector<std::pair<std::string, AuditFilter>> filters = {
        {"all", {}},
        {"kind", {.kinds = {"Served"}}},
        {"kinds", {.kinds = {"Served", "ClaimRecorded"}}},
        {"disposition", {.disposition = Disposition::queued_for_adjudication}},
        {"other disposition", {.disposition = Disposition::committed_cheap}},
        {"claim", {.claim = of_ada[0]}},
        {"other claim", {.claim = of_ada[1]}},
        {"line", {.line = LineKey{"alice", "p"}}},
        {"other line", {.line = LineKey{"alice", "q"}}},
        {"from", {.recorded_from = midnight}},
        {"until", {.recorded_until = noon}},
        {"from until", {.recorded_from = midnight, .recorded_until = noon}},
    };
    for (const auto order : {Order::ascending, Order::descending}) {
      for (const auto& [name, filter] : filters) {
        add("audit " + name + (order == Order::ascending ? "" : " backwards"),
            [=, filter = filter, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
              return engine.audit({agent, filter, order, at, page, {}});
            });
      }
    }
    add(
        "agents", [&](const AgentId&, const At&, const PageRequest& page) { return engine.agents({.page = page}); },
        false);
    add("subjects", [&](const AgentId& agent, const At& at, const PageRequest& page) {
      return engine.subjects({agent, at, page, {}});
    });
    for (const auto& subject : {std::optional<std::string>{}, std::optional<std::string>("alice")}) {
      add("predicates" + subject.value_or(""),
          [=, &engine](const AgentId& agent, const At& at, const PageRequest& page) {
            return engine.predicates({agent, subject, at, page, {}});
          });
    }
    return all;
  }

  Host host{1};
  std::map<std::string, std::vector<ClaimId>> claims;
};

TEST_F(Cursors, AreTakenByTheirOwnQuestionOnly) {
  const auto all = questions();
  std::size_t given = 0;
  for (const auto& own : all) {
    SCOPED_TRACE(own.name);
    const auto cursor = own.ask(ada, {}, {.limit = 1});
    if (!cursor) continue;
    ++given;
    EXPECT_EQ(refused([&] { own.ask(ada, {}, {.cursor = *cursor}); }), "") << "with another limit";
    for (const auto& other : all) {
      if (&other == &own) continue;
      EXPECT_EQ(refused([&] { other.ask(ada, {}, {.cursor = *cursor}); }), "cursor") << other.name;
    }
    if (own.about_a_ledger) {
      EXPECT_EQ(refused([&] { own.ask(bob, {}, {.cursor = *cursor}); }), "cursor") << "another agent";
      EXPECT_EQ(refused([&] { own.ask(AgentId{"nobody"}, {}, {.cursor = *cursor}); }), "cursor");
    }
  }
  // Only nothing rests on the last claim, and a claim has one entry of its own or two.
  EXPECT_GE(given, all.size() - 5);
}

TEST_F(Cursors, BelongToTheMomentOfTheFirstPage) {
  const Position before{host.end(ada)};
  for (const auto& agent : {ada, bob}) host.say(agent, {"zoe", "p", Value("x")});
  const auto now = TxTime{host.clock->now()};
  const std::vector<At> moments = {
      {},
      {.position = before},
      {.position = Position{before.value + 1}},
      {.as_of = now},
      {.as_of = tx("2099")},
      {.asked_at = now},
      {.position = before, .asked_at = now},
      {.position = before, .asked_at = tx("2099")},
  };
  for (const auto& own : questions()) {
    if (!own.about_a_ledger) continue;
    SCOPED_TRACE(own.name);
    for (std::size_t first = 0; first < moments.size(); ++first) {
      const auto cursor = own.ask(ada, moments[first], {.limit = 1});
      if (!cursor) continue;
      for (std::size_t then = 0; then < moments.size(); ++then) {
        const bool fine = then == first || then == 0;
        EXPECT_EQ(refused([&] { own.ask(ada, moments[then], {.cursor = *cursor}); }), fine ? "" : "cursor")
            << first << " then " << then;
      }
    }
  }
}

TEST_F(Cursors, HoldTheMomentWhetherItIsRepeatedOrLeftOut) {
  const At late{.as_of = tx("2099")};
  const auto first = host.engine->subjects({.agent = ada, .at = late, .page = {.limit = 1}});
  host.say(ada, {"zoe", "p", Value("x")});

  const auto repeated = host.engine->subjects({.agent = ada, .at = late, .page = {.cursor = *first.next}});
  const auto left_out = host.engine->subjects({.agent = ada, .page = {.cursor = *first.next}});

  EXPECT_EQ(repeated.at, first.at);
  EXPECT_EQ(repeated.items, (std::vector<std::string>{"bert", "derived"}));
  EXPECT_EQ(left_out.at, first.at);
  EXPECT_EQ(left_out.items, repeated.items);
}

TEST_F(Cursors, ArePlainTextWhateverTheLedgerSays) {
  host.say(ada, {"aa\x1b[31mred", "p\x1b[31mred", Value("x")});
  host.say(AgentId{"aa\x1b[31mred"}, {"s", "p", Value("x")});
  for (const auto& question : questions()) {
    const auto cursor = question.ask(ada, {}, {.limit = 1});
    if (!cursor) continue;
    EXPECT_EQ(cursor->find_first_not_of("0123456789abcdef"), std::string::npos) << question.name << ": " << *cursor;
    EXPECT_EQ(refused([&] { question.ask(ada, {}, {.cursor = *cursor}); }), "") << question.name;
  }
}

TEST_F(Cursors, OfTheLongestNamesAreTaken) {
  const AgentId longest{std::string(limits::agent_bytes, 'a')};
  const LineKey line{std::string(limits::text_bytes, 'a'), std::string(limits::text_bytes, 'p')};
  host.say(longest, {line.subject, line.predicate, Value("x")});
  host.say(longest, {line.subject, "q", Value("x")});

  const auto lines = host.engine->predicates({.agent = longest, .page = {.limit = 1}});
  EXPECT_EQ(host.engine->predicates({.agent = longest, .page = {.cursor = *lines.next}}).items.size(), 1U);
  const auto agents = host.engine->agents({.page = {.limit = 1}});
  EXPECT_EQ(agents.items.front().agent, longest);
  EXPECT_EQ(host.engine->agents({.page = {.cursor = *agents.next}}).items.size(), 2U);
}

TEST_F(Cursors, ThatNoPageGaveAreRefused) {
  const auto good = *host.engine->subjects({.agent = ada, .page = {.limit = 1}}).next;
  std::vector<std::string> bad = {"nonsense",  "9999.0.x",     "0",       "00", good + "0",
                                  good + "00", good.substr(2), " " + good};
  for (std::size_t i = 0; i < good.size(); i += 7) {
    bad.push_back(good);
    bad.back()[i] = good[i] == '0' ? '1' : '0';
  }
  bad.push_back(good);
  std::transform(good.begin(), good.end(), bad.back().begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const auto& question : questions()) {
    for (const auto& cursor : bad) {
      EXPECT_EQ(refused([&] { question.ask(ada, {}, {.cursor = cursor}); }), "cursor")
          << question.name << " " << cursor;
    }
  }
}

TEST_F(Cursors, ThatAreForgedAreRefused) {
  using namespace application;
  const auto& engine = *host.engine;
  const auto head = engine.head({.agent = ada});
  const auto forged = [&](const char* question, Position position, Instant asked_at, std::string_view after) {
    RequestDigest asked(question);
    asked.say(engine.head({.agent = ada, .moment = position}).hash.view());
    PagePoint point;
    point.position = position;
    point.asked_at = TxTime{asked_at};
    point.moment = std::string(8, 'm');
    point.asked = asked.digest();
    return cursor(point, after);
  };
  const auto subjects = [&](const std::string& cursor) {
    return refused([&] { engine.subjects({.agent = ada, .page = {.cursor = cursor}}); });
  };
  const auto pending = [&](const std::string& cursor) {
    return refused([&] { engine.pending({.agent = ada, .page = {.cursor = cursor}}); });
  };
  const auto lines = [&](const std::string& after) {
    RequestDigest asked("predicates");
    asked.say_if(std::nullopt);
    asked.say(head.hash.view());
    PagePoint point;
    point.position = head.position;
    point.moment = std::string(8, 'm');
    point.asked = asked.digest();
    const auto text = cursor(point, after);
    return refused([&] { engine.predicates({.agent = ada, .page = {.cursor = text}}); });
  };
  const Instant now{};
  EXPECT_EQ(subjects(forged("subjects", head.position, now, "alice")), "") << "the forgery itself works";
  EXPECT_EQ(pending(forged("pending", head.position, now, "1")), "");
  EXPECT_EQ(lines("5:alicep"), "");

  for (const auto beyond : {head.position.value + 1, std::uint64_t{9999}, std::numeric_limits<std::uint64_t>::max()})
    EXPECT_EQ(subjects(forged("subjects", Position{beyond}, now, "alice")), "cursor") << beyond;
  EXPECT_EQ(subjects(forged("subjects", Position{2}, now, "alice")), "cursor") << "inside a batch";
  for (const auto time : {Instant::min(), earliest_instant - std::chrono::microseconds{1},
                          latest_instant + std::chrono::microseconds{1}, Instant::max()})
    EXPECT_EQ(subjects(forged("subjects", head.position, time, "alice")), "cursor");
  for (const auto* after : {"", "\xff", "-1", "1x", "9223372036854775807", "18446744073709551616"})
    EXPECT_EQ(pending(forged("pending", head.position, now, after)), "cursor") << after;
  EXPECT_EQ(subjects(forged("subjects", head.position, now, std::string_view("a\0b", 3))), "cursor");
  for (const auto* after : {"alicep", ":p", "9:p", "999999:p", "-1:p", "5"}) EXPECT_EQ(lines(after), "cursor") << after;
}

TEST_F(Cursors, AreTakenWhereTheSameLedgerHasComeAndNowhereBefore) {
  const auto page = host.engine->subjects({.agent = ada, .page = {.limit = 1}});
  const auto batches = host.engine->export_batches({.agent = ada, .limit = 1'000}).lines;
  const Host copy(2);
  const auto rest = [&] { return copy.engine->subjects({.agent = ada, .page = {.cursor = *page.next}}); };
  EXPECT_EQ(refused(rest), "cursor") << "nothing is there yet";
  for (const auto& batch : batches) {
    if (&batch == &batches.back()) {
      EXPECT_EQ(refused(rest), "cursor") << "one batch is missing";
    }
    copy.engine->import_batch({.line = batch});
  }
  EXPECT_EQ(rest().items, (std::vector<std::string>{"bert", "derived"}));

  Host other(3);
  for (std::uint64_t i = 0; i < page.at.position.value; ++i) other.say(ada, {"s" + std::to_string(i), "p", Value("x")});
  EXPECT_EQ(refused([&] { other.engine->subjects({.agent = ada, .page = {.cursor = *page.next}}); }), "cursor")
      << "as long, but another ledger";
}

TEST_F(Cursors, ALimitOfZeroIsRefusedByName) {
  for (const auto& question : questions()) {
    EXPECT_EQ(refused([&] { question.ask(ada, {}, {.limit = 0}); }), "limit") << question.name;
    const auto cursor = question.ask(ada, {}, {.limit = 1});
    EXPECT_EQ(refused([&] { question.ask(ada, {}, {.limit = 0, .cursor = cursor.value_or("")}); }), "limit");
  }
}

}  // namespace
}  // namespace claimledger
