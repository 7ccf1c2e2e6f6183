#include "random_writes.hpp"

namespace claimledger::application::test {

namespace {

Act act(const AgentId& agent, std::function<WriteAnswer(Context&)> verb) {
  return {agent, [=](Context& context) { return told([&] { return verb(context); }); }};
}

}  // namespace

Act saying(const AgentId& agent, const Statement& statement, const Call& call) {
  return act(agent, [=](Context& c) { return ingest(c, {.agent = agent, .statements = {statement}, .call = call}); });
}

Act saying(const std::string& value, const Call& call) {
  return saying(alice, {.subject = "ada", .predicate = value, .value = Value(value)}, call);
}

std::vector<StoredBatch> ledger(const Store& store, const AgentId& agent) {
  return store.batches(agent, {}, 100'000, {});
}

std::string predicates(const Store& store, const AgentId& agent) {
  std::string all;
  for (const auto& batch : ledger(store, agent)) {
    for (const auto& entry : batch.entries) all += entry.line->predicate;
  }
  return all;
}

Act Writes::next() {
  const auto agent = this->agent();
  const auto claim = below(3) == 0 ? ClaimOrLine(line()) : ClaimOrLine(this->claim(agent));
  const auto id = this->claim(agent);
  const auto at = below(6) == 0 ? std::optional(at_[agent]) : std::nullopt;
  switch (below(13)) {
    case 0:
      return act(agent,
                 [=](Context& c) { return retract(c, {.agent = agent, .claim = claim, .expected_position = at}); });
    case 1:
      return act(agent, [=](Context& c) { return reopen(c, {.agent = agent, .claim = id, .expected_position = at}); });
    case 2:
    case 3:
      return act(agent, [=, value = value()](Context& c) {
        return correct(c, {.agent = agent, .claim = claim, .value = value, .expected_position = at});
      });
    case 4:
      return act(agent, [=, day = day()](Context& c) {
        return end_validity(c, {.agent = agent, .claim = claim, .at = day, .expected_position = at});
      });
    case 5:
      return act(agent, [=, verdict = static_cast<Verdict>(below(3))](Context& c) {
        return adjudicate(c, {.agent = agent, .question = id, .verdict = verdict, .evidence = "seen"});
      });
    case 6:
      return act(agent, [=, verdict = static_cast<ReviewVerdict>(below(2))](Context& c) {
        return review(c, {.agent = agent, .claim = id, .verdict = verdict, .expected_position = at});
      });
    case 7:
      return act(agent, [=, line = line()](Context& c) {
        recall(c, {.agent = agent, .line = line, .serve_to = "prompt"});
        return WriteAnswer{};
      });
    default:
      return say(agent);
  }
}

Act Writes::next_alone() {
  const auto agent = this->agent();
  switch (below(3)) {
    case 0:
      return act(agent, [=, source = "source " + std::to_string(below(2)), at = at_[agent]](Context& c) {
        return retract_source(c, {.agent = agent, .source = source, .expected_position = at});
      });
    case 1:
      return act(agent, [=](Context& c) { return sweep(c, {.agent = agent}); });
    default:
      return act(agent, [=](Context& c) {
        const auto done = reconcile(c, {.agent = agent});
        WriteAnswer answer;
        answer.position = done.position;
        answer.reason = std::to_string(done.lines.size()) + " lines";
        return answer;
      });
  }
}

void Writes::learn(const Store& store) {
  for (const auto& agent : {alice, bob}) {
    for (const auto& batch : ledger(store, agent)) {
      for (const auto& entry : batch.entries) {
        if (entry.claim && seen_.insert(*entry.claim).second) known_[agent].push_back(*entry.claim);
      }
      at_[agent] = Position{batch.first.value + batch.header.entries - 1};
    }
  }
}

ValidEnd Writes::day() {
  return {ValidTime{
      std::chrono::sys_days{std::chrono::year{2025} / 1 / std::chrono::day{static_cast<unsigned>(1 + below(28))}}}};
}

ClaimId Writes::claim(const AgentId& agent) {
  const auto& known = known_[agent];
  return known.empty() || below(8) == 0 ? ClaimId{} : known[below(known.size())];
}

Act Writes::say(const AgentId& agent) {
  const auto key = line();
  Statement s{.subject = key.subject, .predicate = key.predicate, .value = value()};
  if (below(3) == 0) s.window.from = day();
  if (below(5) == 0) s.window.until = day();
  if (below(4) == 0) s.cardinality = Cardinality::set_valued;
  if (below(4) == 0) s.source = "source " + std::to_string(below(2));
  if (below(5) == 0) s.idempotency_key = "key " + std::to_string(below(8));
  if (below(6) == 0) s.provenance = Provenance::model_derived;
  if (below(6) == 0) s.value_confidence = {1'000};
  if (below(4) == 0) {
    s.provenance = Provenance::model_derived;
    s.derived_from = {claim(agent)};
  }
  return saying(agent, s);
}

Act PlainWrites::next() {
  ++step_;
  if (one_in(9)) {
    return act(alice, [line = line()](Context& c) {
      recall(c, {.agent = alice, .line = line, .serve_to = "prompt"});
      return WriteAnswer{};
    });
  }
  std::vector<Statement> statements;
  for (auto count = 1 + below(3); count > 0; --count) statements.push_back(statement());
  return act(alice, [=](Context& c) { return ingest(c, {.agent = alice, .statements = statements}); });
}

// About the days around the present: of two open ends one follows the other where it is still to come.
Statement PlainWrites::statement() {
  const auto key = line();
  Statement s{.subject = key.subject, .predicate = key.predicate, .value = Value("v" + std::to_string(below(3)))};
  const auto day = [](std::uint64_t n) {
    return ValidEnd{ValidTime{std::chrono::sys_days{std::chrono::year{2025} / 12 / 30} + std::chrono::days{n}}};
  };
  const auto from = below(16);
  if (!one_in(25)) s.window.from = day(from);
  if (one_in(2)) s.window.until = day(from + below(5));
  if (one_in(2)) s.source = "source " + std::to_string(below(2));
  if (one_in(8)) s.cardinality = Cardinality::functional;
  if (one_in(25)) s.cardinality = Cardinality::set_valued;
  if (one_in(20)) s.provenance = Provenance::model_derived;
  if (one_in(20)) s.value_confidence = {1'000};
  if (one_in(15)) s.idempotency_key = "key " + std::to_string(below(8));
  if (one_in(12)) s.criticality = Criticality::high;
  return s;
}

}  // namespace claimledger::application::test
