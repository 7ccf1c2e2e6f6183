#include "script.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "application/view.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "rules/judge_anew.hpp"
#include "rules/rivals.hpp"

namespace claimledger::test {

namespace {

std::vector<std::string> split(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string trim(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(" \t") - from + 1));
}

// "30d", "1h", "10s", "1us", with a sign.
std::chrono::microseconds duration(const std::string& text) {
  std::size_t unit = 0;
  const auto count = std::stoll(text, &unit);
  const auto name = text.substr(unit);
  using namespace std::chrono;
  if (name == "d") return hours{24 * count};
  if (name == "h") return hours{count};
  if (name == "s") return seconds{count};
  if (name == "us") return microseconds{count};
  throw std::invalid_argument("no duration: " + text);
}

Provenance provenance(const std::string& by) {
  if (by == "user") return Provenance::user_asserted;
  if (by == "world") return Provenance::external_first_hand;
  if (by == "model") return Provenance::model_derived;
  if (by == "recall") return Provenance::recall_reentry;
  throw std::invalid_argument("nobody: " + by);
}

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string spelled(WriteStatus status) {
  switch (status) {
    case WriteStatus::done:
      return "done";
    case WriteStatus::conflict:
      return "conflict";
    case WriteStatus::not_found:
      return "not_found";
    case WriteStatus::nothing_to_do:
      return "nothing_to_do";
    case WriteStatus::ambiguous:
      return "ambiguous";
    case WriteStatus::dry_run:
      return "dry_run";
  }
  return {};
}

Parts parts(std::unique_ptr<Store> store, std::shared_ptr<conformance::ManualClock> clock, Oracle* oracle) {
  Parts parts;
  parts.store = std::move(store);
  parts.clock = std::move(clock);
  parts.ids = std::make_shared<conformance::SeededIds>(1);
  parts.oracle = oracle;
  return parts;
}

}  // namespace

std::string short_text(ValidTime time) {
  auto text = to_text(time);
  for (const std::string_view tail : {"T00:00:00Z", "-01", "-01"}) {
    if (!text.ends_with(tail)) break;
    text.resize(text.size() - tail.size());
  }
  return text;
}

std::string short_text(const Span& span) {
  const auto from = span.from == ValidTime::beginning() ? std::string() : short_text(span.from);
  return from + ".." + (span.until == ValidTime::forever() ? std::string() : short_text(span.until));
}

Script::Script(const Config& config, Oracle* oracle) : Script(memory::open(), config, oracle) {}
Script::Script(std::unique_ptr<Store> store, const Config& config, Oracle* oracle)
    : store_(store.get()), engine_(parts(std::move(store), clock_, oracle), config) {}

void Script::play(std::string_view lines) {
  std::istringstream in{std::string(lines)};
  for (std::string line; std::getline(in, line);) {
    // The expectation may be on a line of its own.
    if (std::string below; in >> std::ws && in.peek() == '=' && std::getline(in, below)) line += below;
    if (trim(line).empty()) continue;
    const auto arrow = line.find("=>");
    const auto done = trim(std::string_view(line).substr(0, arrow));
    const auto came_out = act(done);
    check_line(done);
    if (arrow == std::string::npos) continue;
    const auto expected = trim(std::string_view(line).substr(arrow + 2));
    EXPECT_EQ(came_out, expected) << "  of: " << done;
    if (came_out != expected) misfits_.push_back(done);
  }
  const auto verification = engine_.verify({.agent = agent_});
  EXPECT_TRUE(verification.ok) << verification.problem;
}

std::string Script::act(std::string_view line) try {
  const auto words = split(line);
  const auto& what = words.at(0);
  if (std::isdigit(static_cast<unsigned char>(what[0]))) {
    clock_->set(parse_valid_time(what, "clock").at.value);
    return {};
  }
  if (what[0] == '+' || what[0] == '-') {
    clock_->advance(duration(what));
    return {};
  }
  if (what == "line") {
    predicate_ = words.at(1);
    return {};
  }
  if (!has({"believe", "markers", "dated", "slot", "timeline", "holds", "state", "cuts", "said", "pending", "wrote",
            "closed", "follows", "made"},
           what))
    before_ = engine_.head({.agent = agent_}).position;
  if (what == "say") return say(words);
  if (what == "end" || what == "retract" || what == "reopen" || what == "review") return verb(words);
  if (what == "correct") return correct(words);
  if (what == "affirm" || what == "deny" || what == "unknown") return judge(words);
  if (what == "drop" || what == "drop!") return drop(words);
  if (what == "reconcile") return reconcile(words);
  return read(words);
} catch (const InvalidInput& bad) {
  return "InvalidInput " + bad.field();
}

ClaimId Script::claim(const std::string& name) const {
  const auto found = claims_.find(name);
  if (found == claims_.end()) throw std::invalid_argument("no claim is called " + name);
  return found->second;
}

std::string Script::name(const ClaimId& id) const {
  const auto found = names_.find(id);
  if (found != names_.end()) return found->second;
  // A claim that judging anew began: called by its value, and a star.
  const auto claim = engine_.claim({.agent = agent_, .claim = id});
  return claim ? *claim->slot.value.as_string() + '*' : "?";
}

std::string Script::names(const std::vector<ClaimId>& ids) const {
  std::string text;
  for (const auto& id : ids) text += ' ' + name(id);
  return text;
}

Statement Script::statement(const Words& words, std::string& name) {
  Statement s{.subject = "alice", .predicate = predicate_, .value = Value(words.at(0))};
  name = words[0];
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i];
    const auto next = [&]() -> const std::string& { return words.at(++i); };
    if (word == "since") {
      s.window.from = parse_valid_time(next(), "since");
    } else if (word == "until") {
      s.window.until = parse_valid_time(next(), "until");
    } else if (word == "source") {
      s.source = next();
    } else if (word == "by") {
      s.provenance = provenance(next());
    } else if (word == "from") {
      std::istringstream parents{next()};
      for (std::string parent; std::getline(parents, parent, ',');) s.derived_from.push_back(claim(parent));
    } else if (word == "sure") {
      s.value_confidence = Confidence::from(std::stod(next()), "sure");
    } else if (word == "timing") {
      s.valid_time_confidence = Confidence::from(std::stod(next()), "timing");
    } else if (word == "set") {
      s.cardinality = Cardinality::set_valued;
    } else if (word == "functional") {
      s.cardinality = Cardinality::functional;
    } else if (word == "low") {
      s.criticality = Criticality::low;
    } else if (word == "high") {
      s.criticality = Criticality::high;
    } else if (word == "critical") {
      s.criticality = Criticality::critical;
    } else if (word == "key") {
      s.idempotency_key = next();
    } else if (word == "ttl") {
      s.adjudication_ttl = duration(next());
    } else if (word == "on") {
      s.predicate = next();
    } else if (word == "as") {
      name = next();
    } else {
      throw std::invalid_argument("no word: " + word);
    }
  }
  return s;
}

std::string Script::say(const Words& words) {
  IngestRequest request{.agent = agent_, .statements = {}};
  std::vector<std::string> wanted;
  Words part;
  const auto take = [&] {
    std::string name;
    request.statements.push_back(statement(part, name));
    wanted.push_back(std::move(name));
    part.clear();
  };
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == ";") {
      take();
    } else {
      part.push_back(words[i]);
    }
  }
  take();

  const auto answer = engine_.ingest(request);
  for (std::size_t i = 0; i < answer.receipts.size(); ++i) {
    const auto& receipt = answer.receipts[i];
    if (!receipt.claim || names_.contains(*receipt.claim)) continue;
    auto called = wanted[i];
    while (claims_.contains(called)) called += '\'';
    claims_[called] = *receipt.claim;
    names_[*receipt.claim] = called;
  }
  return text(answer);
}

std::string Script::text(const Receipt& receipt) {
  EXPECT_FALSE(receipt.reason.empty());
  const bool repeats = receipt.rationale == Rationale::restates || receipt.rationale == Rationale::confirms;
  EXPECT_EQ(receipt.corroborated, repeats);
  if (receipt.handle) handles_[*receipt.claim] = *receipt.handle;

  std::string text(claimledger::text(receipt.disposition));
  text += ' ' + std::string(claimledger::text(receipt.rationale));
  const bool elsewhere = receipt.corroborated || receipt.rationale == Rationale::echo ||
                         receipt.rationale == Rationale::recall_reentry || receipt.rationale == Rationale::recall_burst;
  if (elsewhere) text += " = " + name(*receipt.claim);
  if (!receipt.contested_with.empty()) text += " vs" + names(receipt.contested_with);
  for (const auto what : receipt.not_applied) text += ' ' + std::string(claimledger::text(what)) + "_not_applied";
  if (receipt.replayed) text += " replayed";
  if (receipt.handle) text += " asks";
  return text;
}

std::string Script::text(const WriteAnswer& answer) {
  std::string all;
  if (answer.status != WriteStatus::done) {
    EXPECT_TRUE(answer.status == WriteStatus::dry_run || !answer.reason.empty());
    all = spelled(answer.status);
  }
  for (const auto& receipt : answer.receipts) {
    all += (all.empty() ? "" : " ; ") + text(receipt);
    if (answer.status == WriteStatus::done) {
      EXPECT_LE(receipt.position, answer.position);
    }
  }
  if (!answer.marked_for_review.empty()) all += " marks" + names(answer.marked_for_review);
  return all;
}

std::string Script::verb(const Words& words) {
  const auto target = words.at(1) == "line" ? ClaimOrLine(line()) : ClaimOrLine(claim(words.at(1)));
  auto provenance = Provenance::user_asserted;
  Caller caller;
  std::vector<std::string> rest;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "by") {
      provenance = test::provenance(words.at(++i));
    } else if (words[i] == "mute") {
      caller.may_judge = false;
    } else {
      rest.push_back(words[i]);
    }
  }
  // Fills in the fields that all these requests have.
  const auto about = [&](auto request) {
    request.provenance = provenance;
    request.why = "the script says so";
    request.caller = caller;
    return request;
  };
  if (words[0] == "retract") return text(engine_.retract(about(RetractRequest{.agent = agent_, .claim = target})));
  if (words[0] == "end") {
    const auto at = parse_valid_time(rest.at(0), "at");
    return text(engine_.end_validity(about(EndRequest{.agent = agent_, .claim = target, .at = at})));
  }
  const auto& id = std::get<ClaimId>(target);
  if (words[0] == "review") {
    const auto verdict = rest.at(0) == "keep" ? ReviewVerdict::keep : ReviewVerdict::retract;
    return text(engine_.review(about(ReviewRequest{.agent = agent_, .claim = id, .verdict = verdict})));
  }
  std::optional<ValidEnd> at;
  if (!rest.empty()) at = parse_valid_time(rest[0], "at");
  return text(engine_.reopen(about(ReopenRequest{.agent = agent_, .claim = id, .at = at})));
}

std::string Script::correct(const Words& words) {
  Words said(words.begin() + 2, words.end());
  std::string called;
  const auto s = statement(said, called);
  CorrectRequest request{.agent = agent_, .claim = ClaimId{}, .value = s.value};
  if (words.at(1) == "line") {
    request.claim = line();
  } else {
    request.claim = claim(words.at(1));
  }
  if (s.window.from || s.window.until) request.window = s.window;
  if (s.value_confidence != Confidence{10'000}) request.value_confidence = s.value_confidence;
  if (has(words, "set") || has(words, "functional")) request.cardinality = s.cardinality;
  if (has(words, "low") || has(words, "high") || has(words, "critical")) request.criticality = s.criticality;
  request.source = s.source;
  request.provenance = s.provenance;
  request.idempotency_key = s.idempotency_key;
  const auto answer = engine_.correct(request);
  if (answer.status == WriteStatus::done && !names_.contains(answer.receipts.at(0).claim.value())) {
    while (claims_.contains(called)) called += '\'';
    claims_.emplace(called, *answer.receipts[0].claim);
    names_.emplace(*answer.receipts[0].claim, called);
  }
  return text(answer);
}

// Checks that the decisions made one by one equal those of judging the whole line, and that no claim holds outside its
// window.
void Script::check_line(const std::string& done) {
  for (const auto& key : engine_.predicates({.agent = agent_}).items) {
    const auto head = engine_.head({.agent = agent_}).position;
    const auto line = application::FoldedLine::of(store_->line(agent_, key, head, {})).state;
    const auto anew = rules::judge_anew(line, [] { return ClaimId{}; });
    for (const auto& claim : line.claims()) {
      const auto* again = anew.find(claim.id);
      EXPECT_EQ(again != nullptr, claim.has_statement()) << "  " << name(claim.id) << " after: " << done;
      if (!again) continue;
      EXPECT_TRUE(again->decided == claim.decided)
          << "  judged anew " << name(claim.id) << " comes out otherwise after: " << done << "\n"
          << shown(claim.decided) << "\n"
          << shown(again->decided);
      EXPECT_EQ(claim.decided.waits, rules::has_older_rival(line, line.index_of(claim)))
          << "  " << name(claim.id) << " after: " << done;
      EXPECT_TRUE(rules::without(claim.validity, claim.base).empty());
      EXPECT_TRUE(rules::without(claim.base, rules::Validity(claim.window)).empty());
    }
    EXPECT_EQ(anew.claims().size(), static_cast<std::size_t>(std::count_if(
                                        line.claims().begin(), line.claims().end(),
                                        [](const rules::ClaimState& claim) { return claim.has_statement(); })));
  }
}

std::string Script::shown(const rules::Decided& decided) const {
  std::string all = std::string(claimledger::text(decided.otherwise)) + (decided.waits ? " waits" : "");
  all += " counts from " + std::to_string(decided.counts_from.value_or(Position{}).value) + " follows" +
         names(decided.follows) + " cuts";
  for (const auto& cut : decided.cuts) {
    all += ' ' + short_text(cut.span) + ' ' + std::string(claimledger::text(cut.reason)) + '@' +
           std::to_string(cut.seq.value) + (cut.cause ? '/' + name(*cut.cause) : "");
  }
  all += " statements";
  for (const auto seq : decided.statements) all += ' ' + std::to_string(seq.value);
  return all + ' ' + std::string(claimledger::text(decided.cardinality));
}

std::string Script::judge(const Words& words) {
  AdjudicateRequest request{.agent = agent_, .question = AdjudicationId{}, .evidence = "a witness"};
  auto about = words.at(1);
  if (about.back() == '!') {
    about.pop_back();
    request.question = claim(about);
  } else {
    request.question = handles_.at(claim(about));
  }
  if (words[0] == "affirm") request.verdict = Verdict::affirm;
  if (words[0] == "deny") request.verdict = Verdict::deny;
  if (has(words, "by")) request.provenance = provenance(words.back());
  if (has(words, "mute")) request.caller.may_judge = false;
  return text(engine_.adjudicate(request));
}

std::string Script::drop(const Words& words) {
  RetractSourceRequest request{.agent = agent_, .source = words.at(1)};
  request.dry_run = words[0] == "drop";
  if (!request.dry_run) request.expected_position = dry_run_;
  if (has(words, "by")) request.provenance = provenance(words.back());
  const auto answer = engine_.retract_source(request);
  auto foretold = answer.receipts;
  for (auto& receipt : foretold) {
    if (request.dry_run) {
      EXPECT_EQ(receipt.position, Position{}) << "nothing was written";
      EXPECT_EQ(receipt.recorded_at, TxTime{});
    }
    receipt.position = {};
    receipt.recorded_at = {};
    receipt.handle.reset();  // of a question that the run opens
  }
  if (request.dry_run) {
    dry_run_ = answer.position;
    foretold_ = foretold;
  } else if (answer.status == WriteStatus::done && is_first_hand(request.provenance)) {
    EXPECT_EQ(foretold, foretold_) << "the dry run said otherwise";
  }
  auto all = text(answer);
  for (const auto& receipt : answer.receipts) {
    if (receipt.claim) all += (&receipt == answer.receipts.data() ? " : " : " ") + name(*receipt.claim);
  }
  return all;
}

std::string Script::reconcile(const Words& words) {
  ReconcileRequest request{.agent = agent_};
  if (!has(words, "all")) request.lines = {line()};
  const auto answer = engine_.reconcile(request);
  std::string all;
  for (const auto& report : answer.lines) {
    all += (all.empty() ? "" : " ; ") + report.line.predicate + " returned" + names(report.returned) + " opened " +
           std::to_string(report.opened.size()) + " contested " + std::to_string(report.contested);
  }
  for (const auto& item : engine_.pending({.agent = agent_}).items) handles_[item.challenger.claim] = item.handle;
  return all.empty() ? "none" : all;
}

std::string Script::read(const Words& words) {
  const auto& what = words[0];
  if (what == "sweep") return text(engine_.sweep({.agent = agent_}));
  if (what == "serve") {
    RecallRequest request{.agent = agent_, .line = line(), .serve_to = words.at(1)};
    if (words.size() > 2) request.valid_at = parse_valid_time(words[2], "at").at;
    const auto belief = engine_.recall(request);
    return std::string(claimledger::text(belief.status));
  }
  if (what == "believe" || what == "markers" || what == "dated" || what == "slot") return believe(words);
  if (what == "pending") return pending();
  if (what == "timeline") return timeline();
  if (what == "wrote") return wrote();
  if (what == "closed") return closed();
  return look(words);
}

Belief Script::belief(const Words& words, std::size_t date) {
  RecallRequest request{.agent = agent_, .line = line()};
  if (words.size() > date) request.valid_at = parse_valid_time(words[date], "at").at;
  return engine_.recall(request);
}

std::string Script::believe(const Words& words) {
  const auto believed = belief(words, words[0] == "slot" ? 2 : 1);
  std::string all;
  if (words[0] == "markers") {
    for (const auto marker : believed.markers) all += std::string(claimledger::text(marker)) + ' ';
    if (believed.criticality) all += claimledger::text(*believed.criticality);
    return trim(all);
  }
  if (words[0] == "dated") {
    if (believed.currency) all = claimledger::text(*believed.currency);
    if (believed.currency_score) all += ' ' + std::to_string(believed.currency_score->basis_points);
    EXPECT_EQ(believed.stale, !believed.staleness_reason.empty());
    return trim(all + (believed.stale ? " stale" : ""));
  }
  auto slots = believed.alternatives;
  if (believed.primary) slots.push_back(*believed.primary);
  if (words[0] == "slot") {
    for (const auto& slot : slots) {
      if (slot.value != Value(words.at(1))) continue;
      return name(slot.claim) + " said " + short_text(as_valid(slot.last_said)) + " by " +
             std::to_string(slot.corroboration_count) + " others, " + std::string(claimledger::text(slot.disposition));
    }
    return "none";
  }
  all = believed.set ? "set" : std::string(claimledger::text(believed.status));
  if (believed.set) {
    EXPECT_EQ(believed.status, slots.empty() ? BeliefStatus::no_belief : BeliefStatus::resolved);
    EXPECT_FALSE(believed.primary);
  }
  for (const auto& slot : slots) all += ' ' + *slot.value.as_string();
  if (!believed.dissent.empty()) all += " dissent";
  for (const auto& slot : believed.dissent) all += ' ' + name(slot.claim);
  return all;
}

std::string Script::look(const Words& words) {
  const auto found = engine_.claim({.agent = agent_, .claim = claim(words.at(1))});
  if (!found) return "unknown";
  std::string all;
  if (words[0] == "holds") {
    for (const auto& span : found->validity) all += short_text(span) + ' ';
    return all.empty() ? "never" : trim(all);
  }
  if (words[0] == "state") {
    all = claimledger::text(found->slot.disposition);
    if (!found->contested_with.empty()) all += " vs" + names(found->contested_with);
    return all + (found->open_adjudication ? " asks" : "");
  }
  if (words[0] == "cuts") {
    for (const auto& cut : found->cuts) {
      all += (all.empty() ? "" : ", ") + short_text(cut.span) + ' ' + std::string(claimledger::text(cut.reason));
      if (cut.cause) all += " for " + name(*cut.cause);
    }
    return all.empty() ? "none" : all;
  }
  if (words[0] == "follows") return found->follows.empty() ? "nobody" : trim(names(found->follows));
  if (words[0] == "made") {
    for (const auto& statement : found->statements) all += statement.source.value_or("-") + ' ';
    if (found->statements_went_to.empty()) return all.empty() ? "of nothing" : trim(all);
    return "went to" + names(found->statements_went_to);
  }
  if (words[0] == "said") {
    for (const auto& time : found->said) all += short_text(as_valid(time)) + ' ';
    return trim(all) + " by " + std::to_string(found->slot.corroboration_count) + " others";
  }
  throw std::invalid_argument("no such line: " + words[0]);
}

std::string Script::pending() {
  std::string all;
  for (const auto& item : engine_.pending({.agent = agent_}).items) {
    all += (all.empty() ? "" : " ; ") + name(item.challenger.claim) + " vs";
    for (const auto& rival : item.rivals) all += ' ' + name(rival.claim);
  }
  return all.empty() ? "none" : all;
}

std::string Script::timeline() {
  std::string all;
  for (const auto& segment : engine_.timeline({.agent = agent_, .line = line()}).segments) {
    if (segment.values.empty()) continue;
    all += (all.empty() ? "" : ", ") + short_text(segment.span);
    for (const auto& slot : segment.values) all += ' ' + *slot.value.as_string();
  }
  return all.empty() ? "nothing" : all;
}

std::string Script::wrote() {
  std::string all;
  for (const auto& entry : engine_.audit({.agent = agent_, .page = {.limit = 10'000}}).items) {
    if (entry.record.seq > before_) all += std::string(kind_text(entry.record.entry)) + ' ';
  }
  return all.empty() ? "nothing" : trim(all);
}

std::string Script::closed() {
  std::string all;
  for (const auto& entry : engine_.audit({.agent = agent_, .filter = {.kinds = {"AdjudicationClosed"}}}).items) {
    const auto& closing = std::get<AdjudicationClosed>(entry.record.entry);
    all += (all.empty() ? "" : ", ") + name(closing.claim) + ' ' + std::string(claimledger::text(closing.closing));
  }
  return all.empty() ? "none" : all;
}

void play(std::initializer_list<Case> cases, const Config& config) {
  for (const auto& one : cases) {
    SCOPED_TRACE(one.why);
    Script(config).play(one.script);
  }
}

}  // namespace claimledger::test
