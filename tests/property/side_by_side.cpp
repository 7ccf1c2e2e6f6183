#include "side_by_side.hpp"

#include <algorithm>
#include <type_traits>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"

namespace claimledger::property {

namespace {

// Thrown where the two sides part; step() and the comparisons turn it into words.
struct Difference {
  std::string what;
};

std::string show(Disposition value) { return std::string(text(value)); }
std::string show(Rationale value) { return std::string(text(value)); }
std::string show(BeliefStatus value) { return std::string(text(value)); }
std::string show(bool value) { return value ? "yes" : "no"; }
std::string show(std::size_t value) { return std::to_string(value); }
std::string show(TxTime value) { return to_text(value); }
std::string show(Confidence value) { return std::to_string(value.basis_points); }
std::string show(Currency value) { return std::string(text(value)); }
std::string show(Criticality value) { return std::string(text(value)); }
std::string show(Marker value) { return std::string(text(value)); }
std::string show(WriteStatus value) {
  switch (value) {
    case WriteStatus::done:
      return "done";
    case WriteStatus::conflict:
      return "conflict";
    case WriteStatus::not_found:
      return "not_found";
    case WriteStatus::nothing_to_do:
      return "nothing_to_do";
    case WriteStatus::dry_run:
      return "dry_run";
  }
  return "?";
}
std::string show(ValidTime at) {
  if (at == ValidTime::beginning()) return "beginning";
  if (at == ValidTime::forever()) return "forever";
  return to_text(at);
}
std::string show(const Span& span) { return "[" + show(span.from) + ", " + show(span.until) + ")"; }
std::string show(const model::Slot& slot) {
  return "{#" + show(slot.claim) + " " + show(slot.disposition) + " said " + show(slot.last_said) + " corroborated " +
         show(std::size_t{slot.corroboration_count}) + "}";
}
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "none";
}
template <class T>
std::string show(const std::vector<T>& values) {
  std::string all = "(";
  for (const auto& value : values) all += (all.size() > 1 ? " " : "") + show(value);
  return all + ")";
}

template <class Side>
void same(const std::string& what, const Side& engine, const std::type_identity_t<Side>& model) {
  if (!(engine == model)) throw Difference{what + ": engine " + show(engine) + ", model " + show(model)};
}

}  // namespace

SideBySide::SideBySide(const Config& config, Census* census)
    : clock_(std::make_shared<conformance::ManualClock>(start_of_time)), model_(config), census_(census) {
  engine_ = std::make_unique<Engine>(
      Parts{.store = memory::open(), .clock = clock_, .ids = std::make_shared<conformance::SeededIds>(7)}, config);
}

model::Number SideBySide::number_of(const ClaimId& id) const {
  const auto found = std::ranges::find(claims_, id);
  if (found == claims_.end()) throw Difference{"the engine names a claim that the model has not: " + to_text(id.value)};
  return static_cast<model::Number>(found - claims_.begin());
}

std::vector<model::Number> SideBySide::numbers_of(const std::vector<ClaimId>& ids) const {
  std::vector<model::Number> numbers;
  for (const auto& id : ids) numbers.push_back(number_of(id));
  return numbers;
}

// A review mostly looks at a claim that asks for it.
std::size_t SideBySide::picked_claim(const Step& step) const {
  const auto& claims = model_.state().claims;
  std::vector<std::size_t> marked;
  for (const auto& claim : claims)
    if (claim.marked) marked.push_back(claim.number);
  if (step.act == Act::review && !marked.empty() && step.pick % 8 != 0) return marked[step.pick % marked.size()];
  return step.pick % claims.size();
}

std::optional<std::size_t> SideBySide::picked_question(const Step& step) const {
  const auto& questions = model_.state().questions;
  if (questions.empty()) return {};
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < questions.size(); ++i)
    if (!questions[i].closed) open.push_back(i);
  if (open.empty() || step.pick % 8 == 0) return step.pick % questions.size();
  return open[step.pick % open.size()];
}

std::optional<model::Answer> SideBySide::do_model(const Step& step) {
  const auto now = clock_->now();
  const bool any = !model_.state().claims.empty();
  const auto at = step.at ? std::optional(step.at->at) : std::nullopt;
  switch (step.act) {
    case Act::ingest: {
      auto batch = step.statements;
      for (auto& said : batch) {
        std::vector<model::Number> parents;
        for (const auto pick : said.derived_from)
          if (any && std::ranges::count(parents, pick % claims_.size()) == 0) parents.push_back(pick % claims_.size());
        said.derived_from = parents;
      }
      return model_.ingest(batch, now);
    }
    case Act::end:
      return any ? std::optional(model_.end(picked_claim(step), *at, step.by, now)) : std::nullopt;
    case Act::retract:
      return any ? std::optional(model_.retract(picked_claim(step), step.by, now)) : std::nullopt;
    case Act::retract_source:
      return model_.retract_source(step.source, step.by, now);
    case Act::reopen:
      return any ? std::optional(model_.reopen(picked_claim(step), at, step.by, now)) : std::nullopt;
    case Act::review:
      return any ? std::optional(model_.review(picked_claim(step), step.review, step.by, now)) : std::nullopt;
    case Act::adjudicate: {
      const auto question = picked_question(step);
      return question ? std::optional(model_.adjudicate(*question, step.verdict, step.by, now)) : std::nullopt;
    }
    case Act::adjudicate_claim:
      return any ? std::optional(model_.adjudicate_claim(picked_claim(step), step.verdict, step.by, now))
                 : std::nullopt;
    case Act::sweep:
      return model_.sweep(now);
    case Act::reconcile:
      return model_.reconcile(now);
    case Act::serve:
      return model_.serve(step.line, at, now);
  }
  return {};
}

std::vector<ClaimId> SideBySide::parents(const model::Said& said) const {
  std::vector<ClaimId> found;
  for (const auto pick : said.derived_from)
    if (!claims_.empty() && std::ranges::count(found, claims_[pick % claims_.size()]) == 0)
      found.push_back(claims_[pick % claims_.size()]);
  return found;
}

namespace {

WriteAnswer done_at(Position position) {
  WriteAnswer answer;
  answer.position = position;
  return answer;
}

}  // namespace

// Runs before do_model(), so picks mean the same.
WriteAnswer SideBySide::do_engine(const Step& step) {
  const auto claim = [&] {
    return ClaimRequest{.agent = agent_, .claim = claims_[picked_claim(step)], .provenance = step.by};
  };
  const auto question = [&](std::variant<AdjudicationId, ClaimId> about) {
    return AdjudicateRequest{
        .agent = agent_, .question = about, .verdict = step.verdict, .evidence = "seen", .provenance = step.by};
  };
  switch (step.act) {
    case Act::ingest: {
      IngestRequest request{.agent = agent_, .statements = {}};
      for (const auto& said : step.statements) {
        request.statements.push_back(said.statement);
        request.statements.back().derived_from = parents(said);
      }
      return engine_->ingest(request);
    }
    case Act::end:
      return engine_->end_validity(claim(), *step.at);
    case Act::retract:
      return engine_->retract(claim());
    case Act::retract_source: {
      RetractSourceRequest request{.agent = agent_, .source = step.source, .dry_run = true, .provenance = step.by};
      if (!is_first_hand(step.by)) {
        request.dry_run = false;
        request.expected_position = head_;
        return engine_->retract_source(request);
      }
      const auto dry = engine_->retract_source(request);
      request.dry_run = false;
      request.expected_position = dry.position;
      const auto answer = engine_->retract_source(request);
      std::vector<std::optional<ClaimId>> listed;
      std::vector<std::optional<ClaimId>> touched;
      for (const auto& receipt : dry.receipts) listed.push_back(receipt.claim);
      for (const auto& receipt : answer.receipts) touched.push_back(receipt.claim);
      if (listed != touched) throw Difference{"the dry run lists other claims than the run"};
      return answer;
    }
    case Act::reopen:
      return engine_->reopen(claim(), step.at);
    case Act::review:
      return engine_->review(claim(), step.review);
    case Act::adjudicate:
      return engine_->adjudicate(question(questions_[*picked_question(step)]));
    case Act::adjudicate_claim:
      return engine_->adjudicate(question(claims_[picked_claim(step)]));
    case Act::sweep:
      return engine_->sweep(agent_);
    case Act::reconcile: {
      const auto answer = engine_->reconcile({.agent = agent_});
      return done_at(answer.position);
    }
    case Act::serve: {
      RecallRequest request{.agent = agent_, .line = step.line, .serve_to = "context"};
      if (step.at) request.valid_at = step.at->at;
      engine_->recall(request);
      return done_at(engine_->status(agent_).head.position);
    }
  }
  return {};
}

std::optional<std::string> SideBySide::step(const Step& step) {
  clock_->advance(step.later);
  const bool needs_claim = step.act == Act::end || step.act == Act::retract || step.act == Act::reopen ||
                           step.act == Act::review || step.act == Act::adjudicate_claim;
  if (needs_claim && claims_.empty()) return {};
  if (step.act == Act::adjudicate && !picked_question(step)) return {};
  try {
    const auto answer = do_engine(step);
    compare_answer(answer, *do_model(step));
    return {};
  } catch (const Difference& difference) {
    return difference.what;
  } catch (const std::exception& thrown) {
    return std::string("the engine threw: ") + thrown.what();
  }
}

void SideBySide::same_claim(std::optional<ClaimId> engine, std::optional<model::Number> model,
                            const std::string& what) {
  if (engine && model && *model == claims_.size()) claims_.push_back(*engine);
  std::optional<model::Number> number;
  if (engine) number = number_of(*engine);
  same(what, number, model);
}

void SideBySide::compare_answer(const WriteAnswer& engine, const model::Answer& model) {
  same("status", engine.status, model.status);
  same("something was written", engine.position > head_, model.wrote);
  head_ = engine.position;
  for (std::size_t i = 0; i < std::min(engine.receipts.size(), model.receipts.size()); ++i) {
    const auto& left = engine.receipts[i];
    const auto& right = model.receipts[i];
    const auto which = "receipt " + show(i) + " ";
    same_claim(left.claim, right.claim, which + "claim");
    same(which + "disposition", left.disposition, right.disposition);
    same(which + "rationale", left.rationale, right.rationale);
    same(which + "contested_with", numbers_of(left.contested_with), right.contested_with);
    same(which + "corroborated", left.corroborated, right.corroborated);
    same(which + "end_not_applied", left.end_not_applied, right.end_not_applied);
    same(which + "opened a question", left.handle.has_value(), right.question.has_value());
    if (census_) {
      ++census_->dispositions[left.disposition];
      ++census_->rationales[left.rationale];
    }
  }
  same("receipts", engine.receipts.size(), model.receipts.size());
  auto marked = numbers_of(engine.marked_for_review);
  std::ranges::sort(marked);
  auto expected = model.marked;
  std::ranges::sort(expected);
  same("marked for review", marked, expected);
  if (model.wrote) {
    compare_batch();
    snapshots_.push_back({head_, model_.state(), TxTime{clock_->now()}});
  }
}

// The entries of the batch just written: its time, the questions it opened and closed.
void SideBySide::compare_batch() {
  const auto& state = model_.state();
  const auto page =
      engine_->audit(agent_, {.recorded_from = state.recorded_at}, Order::ascending, {}, {.limit = 10'000});
  if (page.items.empty()) throw Difference{"no batch was recorded at " + show(state.recorded_at)};
  std::vector<AdjudicationOpened> opened;
  std::vector<AdjudicationClosed> closed;
  for (const auto& item : page.items) {
    same("recorded_at", item.record.recorded_at, state.recorded_at);
    if (const auto* entry = std::get_if<AdjudicationOpened>(&item.record.entry)) opened.push_back(*entry);
    if (const auto* entry = std::get_if<AdjudicationClosed>(&item.record.entry)) closed.push_back(*entry);
    if (census_) count(item.record);
  }
  for (auto number = questions_.size(); number < state.questions.size(); ++number) {
    const auto& question = state.questions[number];
    const auto found = std::ranges::find(opened, claims_[question.claim], &AdjudicationOpened::claim);
    if (found == opened.end()) throw Difference{"the engine opened no question about #" + show(question.claim)};
    same("rivals named by question #" + show(number), numbers_of(found->rivals), question.rivals);
    same("expiry of question #" + show(number), found->expires_at, question.expires_at);
    questions_.push_back(found->handle);
    opened.erase(found);
  }
  if (!opened.empty()) throw Difference{"only the engine asks about #" + show(number_of(opened.front().claim))};
  for (const auto& entry : closed) {
    const auto found = std::ranges::find(questions_, entry.handle);
    if (found == questions_.end()) throw Difference{"a question was closed that never was opened"};
    const auto number = static_cast<model::Number>(found - questions_.begin());
    const auto closing = state.questions[number].closed;
    if (closing != entry.closing)
      throw Difference{"question #" + show(number) + " closed: engine " + std::string(text(entry.closing)) +
                       ", model " + (closing ? std::string(text(*closing)) : "open")};
  }
}

void SideBySide::count(const Record& record) {
  if (const auto disposition = disposition_of(record.entry)) ++census_->dispositions[*disposition];
  if (const auto* recorded = std::get_if<ClaimRecorded>(&record.entry)) ++census_->rationales[recorded->rationale];
  if (const auto* settled = std::get_if<Settled>(&record.entry)) ++census_->rationales[settled->rationale];
  if (const auto* closed = std::get_if<AdjudicationClosed>(&record.entry)) ++census_->closings[closed->closing];
}

model::Slot SideBySide::slot_of(const Slot& slot) const {
  return {number_of(slot.claim), slot.disposition, slot.last_said, slot.corroboration_count};
}

void SideBySide::compare_belief(const Snapshot& snapshot, const LineKey& line, ValidTime valid_at) {
  const auto left = engine_->recall({.agent = agent_,
                                     .line = line,
                                     .at = {.position = snapshot.position, .asked_at = snapshot.asked_at},
                                     .valid_at = valid_at});
  const auto right = snapshot.state.belief(line, valid_at, snapshot.asked_at, model_.config());
  const auto slots_of = [&](const std::vector<Slot>& slots) {
    std::vector<model::Slot> found;
    for (const auto& slot : slots) found.push_back(slot_of(slot));
    return found;
  };
  std::optional<model::Slot> primary;
  if (left.primary) primary = slot_of(*left.primary);
  const auto where = "belief of " + line.predicate + " at position " + show(std::size_t{snapshot.position.value}) +
                     ", valid at " + show(valid_at) + ": ";
  same(where + "status", left.status, right.status);
  same(where + "set", left.set, right.set);
  same(where + "primary", primary, right.primary);
  same(where + "alternatives", slots_of(left.alternatives), right.alternatives);
  same(where + "dissent", slots_of(left.dissent), right.dissent);
  same(where + "currency", left.currency, right.currency);
  same(where + "currency score", left.currency_score, right.currency_score);
  same(where + "stale", left.stale, right.stale);
  same(where + "stale has a reason", !left.staleness_reason.empty(), right.stale);
  same(where + "criticality", left.criticality, right.criticality);
  same(where + "markers", left.markers, right.markers);
  if (census_) ++census_->statuses[left.status];
}

void SideBySide::compare_history(const Snapshot& snapshot, const LineKey& line) {
  const auto& state = snapshot.state;
  const auto history = engine_->history(agent_, line, {.position = snapshot.position, .asked_at = snapshot.asked_at});
  const auto numbers = state.on_line(line);
  same("claims in history", history.claims.size(), numbers.size());
  same("history is of a set", history.set, state.is_set(line));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto& left = history.claims[i];
    const auto& right = state.claims[numbers[i]];
    const auto which =
        "history of #" + show(numbers[i]) + " at position " + show(std::size_t{snapshot.position.value}) + ": ";
    same(which + "claim", number_of(left.slot.claim), numbers[i]);
    same(which + "disposition", left.slot.disposition, state.reported(right, snapshot.asked_at));
    same(which + "trusted", left.slot.trusted, right.trusted);
    same(which + "depth", std::size_t{left.depth}, std::size_t{right.depth});
    same(which + "validity", left.validity, state.validity(right));
    same(which + "said", left.said, right.said);
    if (right.first_hand()) same(which + "rivals", numbers_of(left.contested_with), state.rivals_of(right));
    const auto* question = state.open_question(right.number);
    const bool open = question && !question->expired(snapshot.asked_at);
    same(which + "has an open question", left.open_adjudication.has_value(), open);
  }
}

std::vector<LineKey> SideBySide::lines(const model::State& state) const {
  std::vector<LineKey> found;
  for (const auto& claim : state.claims)
    if (std::ranges::count(found, claim.line()) == 0) found.push_back(claim.line());
  return found;
}

std::optional<std::string> SideBySide::compare_head() {
  if (snapshots_.empty()) return {};
  try {
    for (const auto& line : lines(snapshots_.back().state)) {
      compare_history(snapshots_.back(), line);
      for (const auto instant : snapshots_.back().state.instants(line))
        compare_belief(snapshots_.back(), line,
                       instant == ValidTime::beginning() ? ValidTime{earliest_instant} : instant);
    }
    return {};
  } catch (const Difference& difference) {
    return difference.what;
  }
}

std::optional<std::string> SideBySide::compare_plane() {
  try {
    for (const auto& snapshot : snapshots_) {
      for (const auto& line : lines(snapshot.state)) {
        compare_history(snapshot, line);
        model::Instants around{ValidTime{earliest_instant}};
        for (const auto instant : snapshots_.back().state.instants(line)) {
          if (instant == ValidTime::beginning()) continue;
          const std::chrono::microseconds one{1};
          around.insert({ValidTime{instant.value - one}, instant, ValidTime{instant.value + one}});
        }
        for (const auto instant : around) compare_belief(snapshot, line, instant);
      }
    }
    return {};
  } catch (const Difference& difference) {
    return difference.what;
  }
}

std::optional<std::string> SideBySide::verify() const {
  const auto verification = engine_->verify(agent_);
  if (verification.ok) return {};
  return "verify: " + verification.problem;
}

std::optional<std::string> first_difference(const History& history, Census* census) {
  SideBySide both(history.config, census);
  for (std::size_t i = 0; i < history.steps.size(); ++i) {
    auto difference = both.step(history.steps[i]);
    if (!difference) difference = both.compare_head();
    if (difference) return "step " + std::to_string(i) + ": " + *difference;
  }
  if (auto difference = both.compare_plane()) return difference;
  return both.verify();
}

History shrunk(History history) {
  const auto fails = [](const History& shorter) { return first_difference(shorter).has_value(); };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = history.steps.size(); i-- > 0;) {
      auto shorter = history;
      shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(i));
      // The clock keeps its course.
      if (i < shorter.steps.size()) shorter.steps[i].later += history.steps[i].later;
      if (fails(shorter)) {
        history = shorter;
        changed = true;
        continue;
      }
      for (std::size_t j = history.steps[i].statements.size(); history.steps[i].statements.size() > 1 && j-- > 0;) {
        shorter = history;
        auto& statements = shorter.steps[i].statements;
        statements.erase(statements.begin() + static_cast<std::ptrdiff_t>(j));
        if (!fails(shorter)) continue;
        history = shorter;
        changed = true;
      }
    }
  }
  return history;
}

}  // namespace claimledger::property
