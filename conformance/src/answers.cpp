#include "answers.hpp"

#include <limits>
#include <sstream>
#include <type_traits>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::conformance {

namespace {

// Overloads that find each other whatever their order.
struct Text {
  static std::string number(Instant instant) { return std::to_string(instant.time_since_epoch().count()); }

  static std::string of(const ClaimId& id) { return to_text(id.value); }
  static std::string of(const AdjudicationId& id) { return to_text(id.value); }
  static std::string of(const Position& position) { return std::to_string(position.value); }
  static std::string of(const TxTime& time) { return number(time.value); }
  static std::string of(const std::string& text) { return text; }
  static std::string of(const LineKey& line) { return line.subject + "|" + line.predicate; }
  static std::string of(const Value& value) { return value.text(); }
  static std::string of(const ValidEnd& end) { return to_text(end) + "=" + number(end.at.value); }
  // With the granularity of both ends, which a comparison of spans leaves out.
  static std::string of(const Span& span) {
    return "[" + number(span.from.value) + " " + std::string(text(span.from_as)) + "," + number(span.until.value) +
           " " + std::string(text(span.until_as)) + ")";
  }
  static std::string of(double number) { return std::to_string(number); }
  static std::string of(const Confidence& confidence) { return std::to_string(confidence.basis_points); }
  static std::string of(const Marker& marker) { return std::string(text(marker)); }
  static std::string of(const NotApplied& what) { return std::string(text(what)); }

  template <class Item>
  static std::string of(const std::optional<Item>& item) {
    if constexpr (std::is_enum_v<Item>) {
      return item ? std::string(text(*item)) : "-";
    } else {
      return item ? of(*item) : "-";
    }
  }

  template <class Item>
  static std::string of(const std::vector<Item>& items) {
    std::string out = "{";
    for (const auto& item : items) out += (out.size() > 1 ? "; " : "") + of(item);
    return out + "}";
  }

  static std::string of(const ValidWindow& window) { return of(window.from) + ".." + of(window.until); }

  static std::string of(const Slot& slot) {
    std::ostringstream out;
    out << of(slot.claim) << ' ' << slot.value.text() << ' ' << text(slot.provenance) << " source=" << of(slot.source)
        << " window=" << of(slot.window) << (slot.trusted ? " trusted" : "") << " recorded=" << of(slot.recorded_at)
        << " said=" << of(slot.last_said) << ' ' << of(slot.value_confidence) << '/' << of(slot.valid_time_confidence)
        << ' ' << text(slot.criticality) << ' ' << text(slot.disposition) << " x" << slot.corroboration_count;
    return std::move(out).str();
  }

  static std::string of(const Segment& segment) {
    return of(segment.span) + " " + std::string(text(segment.status)) + " " + of(segment.values);
  }

  static std::string of(const CutHistory& cut) {
    return of(cut.seq) + " " + of(cut.recorded_at) + " " + of(cut.span) + " " + std::string(text(cut.reason)) + " by " +
           of(cut.cause);
  }

  static std::string of(const StatementHistory& statement) {
    return of(statement.seq) + " " + of(statement.recorded_at) + " " + std::string(text(statement.provenance)) + " " +
           of(statement.source) + " " + of(statement.window) + " " + of(statement.value_confidence) + " " +
           std::string(text(statement.criticality)) + " " + std::string(text(statement.cardinality)) + " from " +
           of(statement.derived_from) + " " + of(statement.metadata);
  }

  static std::string of(const AnsweredAt& at) { return "@" + of(at.position) + "/" + of(at.asked_at); }

  static std::string of(const LineBelief& line) { return of(line.line) + " " + of(line.belief); }
  static std::string of(const ContestedLine& line) { return of(line.line) + " " + of(line.segments); }
  static std::string of(const LineageNode& node) {
    return of(node.claim) + " " + std::to_string(node.distance) + " via " + of(node.via);
  }
  static std::string of(const Serving& serving) {
    return of(serving.seq) + " " + of(serving.recorded_at) + " " + of(serving.context) + " " + of(serving.claims);
  }

  static std::string of(const AdjudicationItem::Side& side) {
    return of(side.claim) + " " + side.value.text() + " " + std::string(text(side.provenance)) + " " + of(side.source) +
           " " + of(side.window) + " " + of(side.value_confidence) + " " + of(side.recorded_at);
  }

  static std::string of(const ReconcileReport& report) {
    return of(report.line) + " returned " + of(report.returned) + " opened " + of(report.opened) + " contested " +
           std::to_string(report.contested);
  }

  template <class Item>
  static std::string of(const Page<Item>& page) {
    return of(page.at) + " " + of(page.items) + (page.next ? " and more" : "");
  }

  static std::string of(const Receipt& receipt) {
    std::ostringstream out;
    out << of(receipt.claim) << ' ' << text(receipt.disposition) << ' ' << text(receipt.rationale) << " against "
        << of(receipt.contested_with) << " of " << receipt.rivals << (receipt.corroborated ? " corroborated" : "")
        << (receipt.replayed ? " replayed" : "") << " not_applied=" << of(receipt.not_applied)
        << " also=" << of(receipt.also_said_by) << " of " << receipt.others << " handle=" << of(receipt.handle) << " @"
        << of(receipt.position) << '/' << of(receipt.recorded_at) << ' ' << receipt.reason;
    return std::move(out).str();
  }

  static std::string of(const WriteAnswer& answer) {
    return std::to_string(static_cast<int>(answer.status)) + " @" + of(answer.position) + " " + of(answer.receipts) +
           " review " + of(answer.marked_for_review) + " " + answer.reason;
  }

  static std::string of(const ReconcileAnswer& answer) { return "@" + of(answer.position) + " " + of(answer.lines); }

  static std::string of(const Belief& belief) {
    std::ostringstream out;
    out << '@' << of(belief.position) << '/' << of(belief.asked_at) << '/' << number(belief.valid_at.value) << ' '
        << text(belief.status) << (belief.set ? " set" : "") << " primary=" << of(belief.primary)
        << " alternatives=" << of(belief.alternatives) << " dissent=" << of(belief.dissent)
        << " currency=" << of(belief.currency) << ' ' << of(belief.currency_score)
        << (belief.stale ? " stale: " + belief.staleness_reason : "") << " criticality=" << of(belief.criticality)
        << " markers=" << of(belief.markers);
    return std::move(out).str();
  }

  static std::string of(const ClaimHistory& claim) {
    std::ostringstream out;
    out << of(claim.seq) << ' ' << of(claim.slot) << " on " << of(claim.line) << ' ' << text(claim.cardinality)
        << " from " << of(claim.derived_from) << " depth " << claim.depth << " anchor "
        << of(claim.nearest_external_anchor) << " metadata " << of(claim.metadata) << " holds " << of(claim.validity)
        << " of " << of(claim.base) << " cuts " << of(claim.cuts) << " follows " << of(claim.follows) << " followed by "
        << of(claim.followed_by) << " made of " << of(claim.statements) << " went to " << of(claim.statements_went_to)
        << " corrects " << of(claim.corrects) << " corrected by " << of(claim.corrected_by) << " said "
        << of(claim.said) << " against " << of(claim.contested_with) << " open " << of(claim.open_adjudication)
        << (claim.erased ? " erased" : "");
    return std::move(out).str();
  }

  static std::string of(const History& history) {
    return of(history.line) + " " + of(history.at) + (history.set ? " set " : " ") + of(history.claims);
  }

  static std::string of(const Timeline& timeline) {
    return of(timeline.line) + " " + of(timeline.at) + (timeline.set ? " set " : " ") + of(timeline.segments);
  }

  static std::string of(const AdjudicationItem& item) {
    return of(item.handle) + " " + item.agent.value + " " + of(item.line) + " " + of(item.challenger) + " against " +
           of(item.rivals) + " @" + of(item.opened) + "/" + of(item.opened_at) + " until " + of(item.expires_at);
  }

  static std::string of(const AuditEntry& entry) {
    const auto& content = entry.record.content;
    std::ostringstream out;
    out << of(entry.record.seq) << ' ' << of(entry.record.recorded_at) << ' ' << kind_text(entry.record.entry)
        << " line=" << of(entry.line) << ' ' << entry.hash.hex() << " content=" << of(content.subject) << ','
        << of(content.predicate) << ',' << of(content.value) << ',' << of(content.source) << ',' << of(content.metadata)
        << ',' << of(content.idempotency_key) << ',' << of(content.why) << ',' << of(content.evidence) << ','
        << of(content.context);
    return std::move(out).str();
  }

  static std::string of(const Snippet& snippet) {
    std::string out = (snippet.cut_before ? "~" : "") + snippet.text + (snippet.cut_after ? "~" : "");
    for (const auto& mark : snippet.marks) out += " " + std::to_string(mark.begin) + "-" + std::to_string(mark.end);
    return out;
  }

  static std::string of(const FoundClaim& claim) {
    std::string out = of(claim.slot) + " by " + of(claim.statement) + (claim.believed ? " believed " : " ") +
                      std::to_string(claim.score.millionths) + " " + std::to_string(claim.words.millionths) + " " +
                      of(claim.cosine) + " " + of(claim.snippet);
    if (claim.freshness) out += " fresh " + std::to_string(claim.freshness->millionths);
    for (const auto count : claim.counts) out += " " + std::to_string(count);
    return out;
  }

  static std::string of(const FoundLine& line) {
    return line.agent.value + " " + of(line.line) + " " + std::to_string(line.score.millionths) + " " +
           of(line.belief) + " " + of(line.claims);
  }

  static std::string of(const SearchTerm& term) {
    std::ostringstream out;
    out << term.text << (term.beginning ? "*" : "") << (term.wanted ? " in " : " not wanted, in ") << term.statements
        << std::hexfloat << " tells " << term.bits;
    return std::move(out).str();
  }

  static std::string of(const SearchedLedger& ledger) {
    return ledger.agent.value + " " + of(ledger.at) + " " + of(ledger.terms) + " compared " +
           std::to_string(ledger.compared) + " pending " + std::to_string(ledger.pending) + " " + ledger.no_meaning;
  }

  static std::string of(const SearchAnswer& answer) {
    return std::string(text(answer.by)) + " " + answer.recipe + " " + of(answer.ledgers) +
           (answer.cut ? " cut " : " ") + answer.remark + " " + of(answer.lines) + (answer.more ? " and more" : "");
  }
};

class BorrowedStore : public ForwardingStore {
 public:
  explicit BorrowedStore(Store& store) : ForwardingStore(std::shared_ptr<Store>(&store, [](Store*) {})) {}
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return inner().snapshot(agent, moment, wanted, call);
  }
};

}  // namespace

Bench Bench::over(Store& store, Config config, std::uint64_t seed) {
  return over(std::make_unique<BorrowedStore>(store), std::move(config), seed);
}

Bench Bench::over(std::unique_ptr<Store> store, Config config, std::uint64_t seed, std::shared_ptr<Embedder> embedder) {
  auto clock = std::make_shared<ManualClock>();
  Parts parts{.store = std::move(store),
              .clock = clock,
              .ids = std::make_shared<SeededIds>(seed),
              .embedder = std::move(embedder)};
  return {clock, Engine(std::move(parts), std::move(config))};
}

Receipt given_again(Receipt receipt) {
  receipt.replayed = true;
  return receipt;
}

std::string text_of(const Receipt& receipt) { return Text::of(receipt); }
std::string text_of(const WriteAnswer& answer) { return Text::of(answer); }
std::string text_of(const ReconcileAnswer& answer) { return Text::of(answer); }
std::string text_of(const Belief& belief) { return Text::of(belief); }
std::string text_of(const ClaimHistory& claim) { return Text::of(claim); }
std::string text_of(const History& history) { return Text::of(history); }
std::string text_of(const AdjudicationItem& item) { return Text::of(item); }
std::string text_of(const AuditEntry& entry) { return Text::of(entry); }
std::string text_of(const SearchAnswer& answer) { return Text::of(answer); }

Topics Topics::of(const Engine& engine, const AgentId& agent) {
  Topics topics;
  const PageRequest all{.limit = limits::page};
  topics.lines = engine.predicates({.agent = agent, .page = all}).items;
  topics.subjects = engine.subjects({.agent = agent, .page = all}).items;
  const AuditFilter told{.kinds = {"ClaimRecorded", "Served"}};
  for (const auto& entry : engine.audit({.agent = agent, .filter = told, .page = all}).items) {
    if (const auto claim = claim_of(entry.record.entry)) topics.claims.push_back(*claim);
    if (entry.record.content.context) topics.contexts.insert(*entry.record.content.context);
  }
  return topics;
}

std::vector<std::string> survey(Engine& engine, const AgentId& agent, const Topics& topics, const At& at) {
  const PageRequest all{.limit = limits::page};
  std::vector<std::string> answers;
  const auto answer = [&](const std::string& question, const std::string& text) {
    answers.push_back(question + ": " + text);
  };
  const std::vector<ValidTime> instants = {{Instant{}},
                                           parse_valid_time("2021-07-01", "").at,
                                           parse_valid_time("2026", "").at,
                                           parse_valid_time("2030", "").at};

  for (const auto& line : topics.lines) {
    const auto name = Text::of(line);
    answer("recall " + name, Text::of(engine.recall({.agent = agent, .line = line, .at = at})));
    for (const auto& instant : instants) {
      answer("recall " + name, Text::of(engine.recall({.agent = agent, .line = line, .at = at, .valid_at = instant})));
    }
    answer("history " + name, Text::of(engine.history({.agent = agent, .line = line, .at = at, .page = all})));
    answer("timeline " + name, Text::of(engine.timeline({.agent = agent, .line = line, .at = at, .page = all})));
    answer("audit " + name, Text::of(engine.audit({.agent = agent, .filter = {.line = line}, .at = at, .page = all})));
  }
  for (const auto& subject : topics.subjects) {
    answer("subject " + subject, Text::of(engine.subject({.agent = agent, .subject = subject, .at = at, .page = all})));
    answer("predicates " + subject,
           Text::of(engine.predicates({.agent = agent, .subject = subject, .at = at, .page = all})));
  }
  answer("contested", Text::of(engine.contested({.agent = agent, .at = at, .page = all})));
  answer("contested in 2026",
         Text::of(engine.contested({.agent = agent, .at = at, .valid_at = instants[2], .page = all})));
  answer("pending", Text::of(engine.pending({.agent = agent, .at = at, .page = all})));
  for (const auto& claim : topics.claims) {
    const auto name = Text::of(claim);
    answer("claim " + name, Text::of(engine.claim({.agent = agent, .claim = claim, .at = at})));
    answer("ancestors " + name, Text::of(engine.lineage({.agent = agent, .claim = claim, .at = at, .page = all})));
    answer("descendants " + name,
           Text::of(engine.lineage(
               {.agent = agent, .claim = claim, .direction = Direction::descendants, .at = at, .page = all})));
    answer("served " + name,
           Text::of(engine.served({.agent = agent, .claim_or_context = claim, .at = at, .page = all})));
    answer("audit " + name,
           Text::of(engine.audit(
               {.agent = agent, .filter = {.claim = claim}, .order = Order::descending, .at = at, .page = all})));
  }
  for (const auto& context : topics.contexts)
    answer("served to " + context,
           Text::of(engine.served({.agent = agent, .claim_or_context = context, .at = at, .page = all})));
  answer("audit", Text::of(engine.audit({.agent = agent, .at = at, .page = all})));
  answer("audit backwards",
         Text::of(engine.audit({.agent = agent, .order = Order::descending, .at = at, .page = all})));
  for (const auto disposition : {Disposition::contested, Disposition::invalidated, Disposition::committed_cheap}) {
    answer("audit " + std::string(text(disposition)),
           Text::of(engine.audit({.agent = agent, .filter = {.disposition = disposition}, .at = at, .page = all})));
  }
  answer("subjects", Text::of(engine.subjects({.agent = agent, .at = at, .page = all})));
  answer("predicates", Text::of(engine.predicates({.agent = agent, .at = at, .page = all})));
  const auto by = SearchBy::words;
  answer("search",
         Text::of(engine.search({.agent = agent, .text = "alice berlin", .at = at, .by = by, .explain = true})));
  answer("search in 2021", Text::of(engine.search({.agent = agent,
                                                   .text = "(m* OR berlin) AND alice -paris",
                                                   .at = at,
                                                   .valid_at = instants[1],
                                                   .history = true,
                                                   .by = by})));
  return answers;
}

}  // namespace claimledger::conformance
