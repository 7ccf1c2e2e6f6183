#include "story.hpp"

namespace claimledger::conformance {

namespace {

using std::chrono::hours;
constexpr auto day = hours{24};

// The life in four chapters; each leaves lines for the next.
class Story {
 public:
  Story(Bench& bench, AgentId agent) : bench_(bench), engine_(bench.engine), agent_(std::move(agent)) {}

  void people_say_things() {
    berlin_ = tell(with_idempotency(from_source(stated("alice", "lives_in", "Berlin", "2020"), "diary"), "key 1"));
    munich_ = tell(stated("alice", "lives_in", "Munich", "2021-06-01"));
    tell(from_source(stated("alice", "lives_in", "Berlin", "2020"), "neighbour"));
    bench_.clock->advance(day);
    auto tea = stated("alice", "likes", "tea");
    tea.cardinality = Cardinality::set_valued;
    auto coffee = tea;
    coffee.value = Value("coffee");
    note(text_of(say(engine_, agent_, {tea, coffee})));
    tell(stated("bob", "age", 41));
    tell(stated("bob", "age", 42));
    bench_.clock->advance(day);
    tell(stated("carol", "works_at", "Acme", "2019-03"));
    bench_.clock->advance(day);
    tell(stated("carol", "works_at", "Apex", "2026-01-02T12:00:00Z"));
    auto unsure = stated("dave", "owns", "a boat");
    unsure.value_confidence = Confidence{1'000};
    tell(unsure);
    tell(stated("dave", "born", "1990", "2020", "2019"));
  }

  void models_think_about_it() {
    mood_ = tell(derived(stated("alice", "mood", "homesick"), {berlin_}));
    tell(derived(stated("alice", "advice", "visit Berlin"), {mood_, berlin_}));
    tell(derived(stated("alice", "lives_in", "Paris", "2020"), {mood_}));
    tell(derived(stated("alice", "mood", "homesick"), {berlin_}));
    recall({"alice", "lives_in"}, "chat 1");
    recall({"alice", "mood"}, "chat 1");
    auto echo = stated("alice", "mood", "homesick");
    echo.provenance = Provenance::recall_reentry;
    tell(echo);
  }

  void people_take_things_back() {
    bench_.clock->advance(-2 * day);
    note(text_of(engine_.end_validity(
        {.agent = agent_, .claim = berlin_, .at = parse_valid_time("2024", "at"), .why = "she moved"})));
    note(text_of(engine_.reopen(
        {.agent = agent_, .claim = berlin_, .at = parse_valid_time("2023", "at"), .why = "she came back"})));
    note(text_of(
        engine_.review({.agent = agent_, .claim = mood_, .verdict = ReviewVerdict::keep, .why = "still true"})));
    note(text_of(engine_.retract(
        {.agent = agent_, .claim = berlin_, .provenance = Provenance::model_derived, .why = "a guess"})));
    const auto rumour = tell(from_source(stated("erin", "moved", true), "rumour"));
    tell(derived(stated("erin", "needs", "boxes"), {rumour}));
    RetractSourceRequest poisoned{.agent = agent_, .source = "rumour", .dry_run = true};
    const auto planned = engine_.retract_source(poisoned);
    note(text_of(planned));
    poisoned.dry_run = false;
    poisoned.expected_position = planned.position;
    note(text_of(engine_.retract_source(poisoned)));
    note(text_of(engine_.reopen({.agent = agent_, .claim = rumour})));
    const LineKey works{"carol", "works_at"};
    note(text_of(engine_.correct({.agent = agent_, .claim = works, .value = Value("Apex Ltd"), .source = "a letter"})));
  }

  void people_judge() {
    bench_.clock->advance(10 * day);
    note(text_of(
        engine_.adjudicate({.agent = agent_, .question = munich_, .verdict = Verdict::affirm, .evidence = "seen"})));
    const auto wrong = tell(stated("bob", "age", 43));
    note(text_of(
        engine_.adjudicate({.agent = agent_, .question = wrong, .verdict = Verdict::deny, .evidence = "asked"})));
    note(text_of(engine_.retract({.agent = agent_, .claim = munich_, .why = "the letter was forged"})));
    auto urgent = stated("bob", "age", 44);
    urgent.adjudication_ttl = hours{1};
    tell(urgent);
    bench_.clock->advance(hours{1});
    note(text_of(engine_.sweep({.agent = agent_})));
    note(text_of(engine_.reconcile({.agent = agent_})));
    tell(with_idempotency(from_source(stated("alice", "lives_in", "Berlin", "2020"), "diary"), "key 1"));
  }

  std::vector<std::string> told() && { return std::move(told_); }

 private:
  ClaimId tell(Statement statement) {
    const auto answer = say(engine_, agent_, {std::move(statement)});
    note(text_of(answer));
    return answer.receipts.at(0).claim.value_or(ClaimId{});
  }
  void recall(const LineKey& line, const std::string& context) {
    note(text_of(engine_.recall({.agent = agent_, .line = line, .serve_to = context})));
  }
  void note(std::string text) { told_.push_back(std::move(text)); }

  Bench& bench_;
  Engine& engine_;
  AgentId agent_;
  ClaimId berlin_;
  ClaimId munich_;
  ClaimId mood_;
  std::vector<std::string> told_;
};

}  // namespace

Statement stated(std::string_view subject, std::string_view predicate, const Value& value, std::string_view since,
                 std::string_view until) {
  Statement statement{.subject = std::string(subject), .predicate = std::string(predicate), .value = value};
  if (!since.empty()) statement.window.from = parse_valid_time(since, "since");
  if (!until.empty()) statement.window.until = parse_valid_time(until, "until");
  return statement;
}

Statement derived(Statement statement, std::vector<ClaimId> from) {
  statement.provenance = Provenance::model_derived;
  statement.derived_from = std::move(from);
  return statement;
}

Statement from_source(Statement statement, std::string_view source) {
  statement.source = source;
  return statement;
}

Statement with_idempotency(Statement statement, std::string_view key) {
  statement.idempotency_key = key;
  return statement;
}

WriteAnswer say(Engine& engine, const AgentId& agent, std::vector<Statement> statements) {
  return engine.ingest({.agent = agent, .statements = std::move(statements)});
}

ClaimId said(Engine& engine, const AgentId& agent, Statement statement) {
  return say(engine, agent, {std::move(statement)}).receipts.at(0).claim.value();
}

std::vector<std::string> tell_story(Bench& bench, const AgentId& agent) {
  Story story(bench, agent);
  story.people_say_things();
  story.models_think_about_it();
  story.people_take_things_back();
  story.people_judge();
  return std::move(story).told();
}

}  // namespace claimledger::conformance
