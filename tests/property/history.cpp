#include "history.hpp"

#include <sstream>

namespace claimledger::property {

namespace {

std::string text(const std::optional<ValidEnd>& end) { return end ? to_text(end->at) : "-"; }

std::string text(const model::Said& said) {
  const auto& statement = said.statement;
  std::ostringstream out;
  out << statement.predicate << " = " << statement.value.text() << " [" << text(statement.window.from) << ", "
      << text(statement.window.until) << ")";
  out << " by " << text(statement.provenance);
  if (statement.source) out << " \"" << *statement.source << '"';
  if (statement.cardinality != Cardinality::unknown) out << ' ' << text(statement.cardinality);
  if (statement.criticality != Criticality::medium) out << ' ' << text(statement.criticality);
  if (statement.value_confidence != Confidence{}) out << " value " << statement.value_confidence.number();
  if (statement.valid_time_confidence) out << " time " << statement.valid_time_confidence->number();
  if (!said.derived_from.empty()) {
    out << " from";
    for (const auto pick : said.derived_from) out << " #" << pick;
  }
  if (statement.idempotency_key) out << " key " << *statement.idempotency_key;
  if (statement.adjudication_ttl) out << " ttl " << statement.adjudication_ttl->count() << "us";
  return out.str();
}

}  // namespace

std::string text(const Step& step) {
  std::ostringstream out;
  out << "+" << step.later.count() << "us ";
  const auto by = step.by == Provenance::user_asserted ? std::string() : " by " + std::string(text(step.by));
  switch (step.act) {
    case Act::ingest:
      out << "ingest";
      for (const auto& said : step.statements) out << "\n      " << text(said);
      return out.str();
    case Act::end:
      out << "end #" << step.pick << " at " << text(step.at) << by;
      return out.str();
    case Act::retract:
      out << "retract #" << step.pick << by;
      return out.str();
    case Act::retract_source:
      out << "retract source \"" << step.source << '"' << by;
      return out.str();
    case Act::reopen:
      out << "reopen #" << step.pick << " at " << text(step.at) << by;
      return out.str();
    case Act::review:
      out << "review #" << step.pick << ' ' << text(step.review) << by;
      return out.str();
    case Act::adjudicate:
      out << "adjudicate question #" << step.pick << ' ' << text(step.verdict) << by;
      return out.str();
    case Act::adjudicate_claim:
      out << "adjudicate claim #" << step.pick << ' ' << text(step.verdict) << by;
      return out.str();
    case Act::sweep:
      out << "sweep";
      return out.str();
    case Act::reconcile:
      out << "reconcile";
      return out.str();
    case Act::serve:
      out << "serve " << step.line.predicate;
      if (step.at) out << " at " << text(step.at);
      return out.str();
  }
  return out.str();
}

std::string text(const History& history) {
  std::ostringstream out;
  const auto& config = history.config;
  out << "  clock starts at " << to_text(TxTime{start_of_time}) << "; " << text(config.overturn_policy);
  if (config.queue_for_adjudication) out << "; queue";
  if (config.adjudication_ttl) out << "; ttl " << config.adjudication_ttl->count() << "us";
  if (config.quarantine_future_starts) out << "; future starts parked";
  out << '\n';
  for (std::size_t i = 0; i < history.steps.size(); ++i) out << "  " << i << ": " << text(history.steps[i]) << '\n';
  return out.str();
}

namespace {

using namespace std::chrono;

ValidEnd day(int y, unsigned m = 1) { return {{sys_days{year{y} / month{m} / 1}}, Granularity::day}; }

class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) {}

  History write() {
    history_.config.overturn_policy =
        random_.one_in(3) ? OverturnPolicy::newest_first_hand_wins : OverturnPolicy::contested_first;
    history_.config.queue_for_adjudication = random_.one_in(2);
    history_.config.quarantine_future_starts = random_.one_in(6);
    if (random_.one_in(2)) history_.config.adjudication_ttl = hours{24 * 3};
    set_bias_ = random_.below(4);
    still_ = random_.one_in(4);
    const auto length = 5 + random_.below(random_.one_in(3) ? 36 : 12);
    while (history_.steps.size() < length) add();
    return std::move(history_);
  }

 private:
  void add() {
    const auto kind = random_.below(100);
    Step step;
    step.later = later();
    step.pick = random_.below(1000);
    if (random_.one_in(20)) step.by = Provenance::model_derived;
    if (kind < 56) {
      const auto count = random_.one_in(6) ? 2 + random_.below(3) : 1;
      for (std::size_t i = 0; i < count; ++i) step.statements.push_back(statement());
    } else if (kind < 62) {
      step.act = Act::end;
      step.at = instant();
    } else if (kind < 68) {
      step.act = Act::retract;
    } else if (kind < 70) {
      step.act = Act::retract_source;
      step.source = random_.one_in(2) ? "alice" : "bob";
    } else if (kind < 76) {
      step.act = Act::reopen;
      if (random_.one_in(3)) step.at = instant();
    } else if (kind < 79) {
      step.act = Act::review;
      step.review = random_.one_in(2) ? ReviewVerdict::keep : ReviewVerdict::retract;
    } else if (kind < 86) {
      step.act = Act::adjudicate;
      step.verdict = verdict();
    } else if (kind < 90) {
      step.act = Act::adjudicate_claim;
      step.verdict = verdict();
    } else if (kind < 92) {
      step.act = Act::sweep;
    } else if (kind < 95) {
      step.act = Act::reconcile;
    } else if (kind < 98) {
      step.act = Act::serve;
      step.line = line();
      if (random_.one_in(2)) step.at = instant();
    } else {
      burst();
      return;
    }
    clock_ += step.later;
    history_.steps.push_back(std::move(step));
  }

  // The same content comes back a dozen times within a minute.
  void burst() {
    auto said = statement();
    said.statement.provenance = Provenance::recall_reentry;
    said.statement.idempotency_key.reset();
    said.derived_from = {random_.below(1000)};
    for (int i = 0; i < 12; ++i) history_.steps.push_back({.later = seconds{i == 0 ? 0 : 5}, .statements = {said}});
    clock_ += seconds{55};
  }

  microseconds later() {
    if (still_ || random_.one_in(4)) return microseconds{0};
    if (random_.one_in(20)) return -hours{24};
    return random_.any_of<microseconds>(
        {microseconds{1}, seconds{20}, hours{1}, hours{24}, hours{24 * 3}, hours{24 * 20}, hours{24 * 100}});
  }

  Verdict verdict() {
    return random_.any_of<Verdict>({Verdict::affirm, Verdict::affirm, Verdict::deny, Verdict::unknown});
  }

  LineKey line() { return {"s", random_.one_in(6) ? "q" : "p"}; }

  ValidEnd instant() {
    if (random_.one_in(3))
      return {{clock_ + random_.any_of<microseconds>(
                            {-hours{48}, -hours{1}, microseconds{0}, hours{1}, hours{48}, hours{24 * 60}})}};
    return day(random_.any_of<int>({2018, 2020, 2022, 2024, 2026, 2027}), random_.one_in(4) ? 6 : 1);
  }

  model::Said statement() {
    if (!keyed_.empty() && random_.one_in(12)) return random_.any_of(keyed_);
    model::Said said;
    auto& statement = said.statement;
    const auto key = line();
    statement.subject = key.subject;
    statement.predicate = key.predicate;
    statement.value = random_.any_of<const char*>({"A", "A", "B", "B", "C"});
    const bool set = set_bias_ == 0 ? !random_.one_in(8) : random_.one_in(30);
    statement.cardinality =
        set ? Cardinality::set_valued : random_.any_of<Cardinality>({Cardinality::unknown, Cardinality::functional});
    statement.provenance =
        random_.any_of<Provenance>({Provenance::user_asserted, Provenance::user_asserted, Provenance::user_asserted,
                                    Provenance::external_first_hand, Provenance::external_first_hand,
                                    Provenance::model_derived, Provenance::model_derived, Provenance::recall_reentry});
    if (!random_.one_in(3)) statement.source = random_.one_in(2) ? "alice" : "bob";
    const auto shape = random_.below(10);
    if (shape >= 3 && shape != 8) statement.window.from = instant();
    if (shape >= 6) statement.window.until = instant();
    statement.value_confidence = random_.any_of<Confidence>({{10'000}, {9'500}, {8'000}, {5'000}, {1'000}});
    if (random_.one_in(2)) statement.valid_time_confidence = random_.any_of<Confidence>({{9'500}, {7'000}, {6'999}});
    statement.criticality = random_.any_of<Criticality>(
        {Criticality::low, Criticality::medium, Criticality::medium, Criticality::high, Criticality::critical});
    if (random_.one_in(10)) statement.adjudication_ttl = hours{20};
    if (random_.one_in(is_first_hand(statement.provenance) ? 8 : 2))
      for (std::size_t i = 0; i <= random_.below(2); ++i) said.derived_from.push_back(random_.below(1000));
    if (said.derived_from.empty() && random_.one_in(10)) {
      statement.idempotency_key = "key " + std::to_string(keyed_.size());
      keyed_.push_back(said);
    }
    return said;
  }

  Random random_;
  History history_;
  Instant clock_ = start_of_time;
  std::vector<model::Said> keyed_;
  std::size_t set_bias_ = 0;
  bool still_ = false;
};

}  // namespace

History random_history(std::uint64_t seed) { return Author(seed).write(); }

}  // namespace claimledger::property
