#include "cli/text.hpp"

#include <algorithm>
#include <charconv>

#include "claimledger/failure.hpp"
#include "cli/terminal.hpp"
#include "cli/timeline.hpp"

namespace claimledger::cli {
namespace {

constexpr std::size_t table_width = 60;

// "  status      Resolved"
std::string field(std::string_view name, std::string_view text) {
  return "  " + toned(Tone::faint, padded(std::string(name), 12)) + std::string(text) + "\n";
}

std::string number(double value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return {digits, end};
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

std::string id(const ClaimId& claim) { return to_text(claim.value); }

std::vector<std::string> ids(const std::vector<ClaimId>& claims) {
  std::vector<std::string> out;
  out.reserve(claims.size());
  for (const auto& claim : claims) out.push_back(id(claim));
  return out;
}

std::string speaker(Provenance provenance, const std::optional<std::string>& source) {
  std::string out(text(provenance));
  if (source) out += ", " + printable(*source, table_width);
  return out;
}

std::string said(const Slot& slot) {
  auto out = speaker(slot.provenance, slot.source) + ", " + to_text(slot.recorded_at);
  if (slot.corroboration_count > 0)
    out += ", corroborated " +
           (slot.corroboration_count == 1 ? "once" : std::to_string(slot.corroboration_count) + " times");
  return out;
}

std::string side(const Slot& slot) {
  return show_short(slot.value) +
         toned(Tone::faint, "  " + show(slot.window) + "  " + speaker(slot.provenance, slot.source) + "  " +
                                std::string(text(slot.disposition)) + "  " + id(slot.claim));
}

// Whether a string could be read as a value that is none: the text 1 beside the number 1.
bool reads_as_json(const std::string& text) {
  constexpr std::string_view begins = "{[\"-0123456789tfn \t\r\n";
  if (text.empty()) return true;  // nothing to be seen
  if (begins.find(text.front()) == std::string_view::npos) return false;
  try {
    Value::parse(text, "value");
    return true;
  } catch (const InvalidInput&) {
    return false;
  }
}

std::string plain(const Value& value) {
  const auto text = value.as_string();
  return text && !reads_as_json(*text) ? *text : value.text();
}

std::string point(const AnsweredAt& at) {
  return "at position " + std::to_string(at.position.value) + ", asked at " + to_text(at.asked_at);
}

std::string_view status_words(BeliefStatus status) {
  switch (status) {
    case BeliefStatus::no_belief:
      return "no belief";
    case BeliefStatus::resolved:
      return "resolved";
    case BeliefStatus::timing_uncertain:
      return "timing uncertain";
    case BeliefStatus::contested:
      return "contested";
  }
  return {};
}

std::string spans(const std::vector<Span>& stretches) {
  if (stretches.empty()) return "at no time";
  std::vector<std::string> out;
  for (const auto& span : stretches) {
    const bool always = span.from == ValidTime::beginning() && span.until == ValidTime::forever();
    out.push_back(always ? "any time" : show_start(span) + " → " + show_end(span));
  }
  return join(out, ", ");
}

std::string title(const LineKey& line, const Belief& belief) {
  const auto name = toned(Tone::strong, line_name(line));
  if (belief.primary) return name + " = " + toned(Tone::good, show(belief.primary->value));
  if (belief.status == BeliefStatus::contested) return name + " is " + toned(Tone::bad, "contested");
  if (belief.set && !belief.alternatives.empty())
    return name + " has " + counted(belief.alternatives.size(), "value", "values");
  return name + ": no belief";
}

std::string held_by(const AdjudicationItem::Side& side) {
  return show_short(side.value) + toned(Tone::faint, "  " + show(side.window) + "  " +
                                                         speaker(side.provenance, side.source) + "  " + id(side.claim));
}

// The statement that began a claim is on its own lines; of several, each is shown.
std::string statements_of(const ClaimHistory& claim) {
  std::string out;
  const auto& statements = claim.statements;
  const bool own = statements.size() == 1 && statements.front().seq == claim.seq;
  for (std::size_t i = 0; i < statements.size() && !own; ++i) {
    const auto& it = statements[i];
    auto words = speaker(it.provenance, it.source) + ", " + to_text(it.recorded_at) + ", entry " +
                 std::to_string(it.seq.value) + ": " + show(it.window) + ", confidence " +
                 number(it.value_confidence.number()) + ", " + std::string(text(it.criticality));
    if (it.cardinality != Cardinality::unknown) words += ", " + std::string(text(it.cardinality));
    if (!it.derived_from.empty()) words += ", derived from " + join(ids(it.derived_from), " and ");
    if (it.metadata) words += ", metadata " + show_short(*it.metadata);
    out += field(i == 0 ? "statements" : "", words);
  }
  if (statements.empty()) out += field("statements", "none stand");
  if (!claim.statements_went_to.empty()) out += field("now with", join(ids(claim.statements_went_to), ", "));
  return out;
}

std::string described(const ClaimHistory& claim) {
  const auto& slot = claim.slot;
  auto out = toned(Tone::strong, claim.erased ? "(erased)" : line_name(claim.line) + " = " + show_short(slot.value)) +
             "  " + std::string(text(slot.disposition)) + "\n";
  out += field("claim", id(slot.claim) + ", entry " + std::to_string(claim.seq.value));
  out += field("stated for", show(slot.window) + (slot.trusted ? "" : ", timing unknown"));
  out += field("holds", spans(claim.validity));
  // Stretches that others hide would come back with them gone.
  if (claim.base != claim.validity) out += field("base", spans(claim.base));
  out += field("said by", said(slot));
  out += field("confidence",
               number(slot.value_confidence.number()) + ", of its time " + number(slot.valid_time_confidence.number()));
  if (claim.cardinality != Cardinality::unknown) out += field("cardinality", text(claim.cardinality));
  out += statements_of(claim);
  for (const auto& cut : claim.cuts) {
    auto line = spans({cut.span}) + ", " + std::string(text(cut.reason)) + ", entry " + std::to_string(cut.seq.value);
    if (cut.cause) line += ", by " + id(*cut.cause);
    out += field("cut", line);
  }
  if (!claim.follows.empty()) out += field("follows", join(ids(claim.follows), ", "));
  if (!claim.followed_by.empty()) out += field("followed by", join(ids(claim.followed_by), ", "));
  if (claim.corrects) out += field("corrects", id(*claim.corrects));
  if (claim.corrected_by) out += field("correction", id(*claim.corrected_by));
  if (!claim.contested_with.empty()) out += field("rivals", join(ids(claim.contested_with), ", "));
  if (claim.open_adjudication) out += field("question", to_text(claim.open_adjudication->value));
  if (!claim.derived_from.empty())
    out += field("parents", join(ids(claim.derived_from), ", ") + ", depth " + std::to_string(claim.depth));
  if (claim.metadata) out += field("metadata", show_short(*claim.metadata));
  return out;
}

}  // namespace

std::string line_name(const LineKey& line) {
  return printable(line.subject, table_width) + " · " + printable(line.predicate, table_width);
}

std::string show(const Value& value) { return printable(plain(value)); }

std::string show_short(const Value& value) { return printable(plain(value), table_width); }

std::string show_start(const Span& span) { return span.from == ValidTime::beginning() ? "…" : to_text(start_of(span)); }

std::string show_end(const Span& span) { return span.until == ValidTime::forever() ? "…" : to_text(end_of(span)); }

std::string show(const ValidWindow& window) {
  if (!window.from && !window.until) return "any time";
  return (window.from ? to_text(*window.from) : "…") + " → " + (window.until ? to_text(*window.until) : "…");
}

std::string answered(const std::optional<ValidTime>& valid_at, const AnsweredAt& at) {
  return field("answered", (valid_at ? "for " + to_text(*valid_at) + " " : "") + point(at));
}

std::string describe(const LineKey& line, const Belief& belief) {
  auto out = title(line, belief) + "\n";
  if (belief.status != BeliefStatus::no_belief) out += field("status", text(belief.status));
  if (belief.primary) {
    const auto& slot = *belief.primary;
    out += field("stated for", show(slot.window));
    out += field("said by", said(slot));
    out += field("confidence", number(slot.value_confidence.number()) + ", of its time " +
                                   number(slot.valid_time_confidence.number()));
    out += field("claim", id(slot.claim) + "  " + std::string(text(slot.disposition)));
  }
  for (std::size_t i = 0; i < belief.alternatives.size(); ++i)
    out += field(belief.set ? "member" : i == 0 ? "either" : "or", side(belief.alternatives[i]));
  for (const auto& slot : belief.dissent) out += field("dissent", side(slot));
  if (belief.currency) {
    auto currency = std::string(text(*belief.currency));
    if (belief.currency_score) currency += " (" + number(belief.currency_score->number()) + ")";
    out += field("currency", currency);
  }
  if (belief.stale && belief.status != BeliefStatus::no_belief) out += field("stale", belief.staleness_reason);
  if (belief.criticality) out += field("criticality", text(*belief.criticality));
  if (!belief.markers.empty()) {
    std::vector<std::string> words;
    for (const auto marker : belief.markers) words.emplace_back(text(marker));
    out += field("markers", join(words, ", "));
  }
  out += answered(belief.valid_at, {belief.position, belief.asked_at});
  return out;
}

std::string one_line(const LineKey& line, const Belief& belief) {
  std::vector<std::string> values;
  if (belief.primary) values.push_back(show_short(belief.primary->value));
  for (const auto& slot : belief.alternatives) values.push_back(show_short(slot.value));
  auto out = line_name(line) + ": ";
  if (values.empty()) return out + "no belief\n";
  out += join(values, belief.set ? ", " : " or ");
  if (belief.status != BeliefStatus::resolved) out += " (" + std::string(status_words(belief.status)) + ")";
  return out + "\n";
}

std::string describe(const ClaimHistory& claim) {
  return described(claim) + answered(std::nullopt, {claim.position, claim.asked_at});
}

std::string describe(const LineKey& line, const AnsweredAt& at) {
  return toned(Tone::strong, line_name(line)) + "  " + toned(Tone::faint, point(at)) + "\n\n";
}

std::string describe(const Timeline& timeline) {
  return describe(timeline.line, timeline.at) + draw_timeline(timeline.segments);
}

std::string describe(const History& history) {
  std::string out;
  for (const auto& claim : history.claims) out += described(claim);
  return out;
}

std::string describe(const ContestedLine& line) {
  return toned(Tone::strong, line_name(line.line)) + "\n" + draw_timeline(line.segments);
}

std::string describe(const AdjudicationItem& item) {
  auto out = toned(Tone::strong, line_name(item.line)) + ": which holds?\n";
  out += field("newcomer", held_by(item.challenger));
  for (const auto& rival : item.rivals) out += field("incumbent", held_by(rival));
  out += field("handle", to_text(item.handle.value));
  out += field("opened", to_text(item.opened_at) + (item.expires_at ? ", expires " + to_text(*item.expires_at) : ""));
  return out;
}

std::string describe(const AuditEntry& entry) {
  const auto& record = entry.record;
  auto out = padded(std::to_string(record.seq.value), 6) + "  " + to_text(record.recorded_at) + "  " +
             padded(std::string(kind_text(record.entry)), 21);
  if (const auto disposition = disposition_of(record.entry)) out += "  " + std::string(text(*disposition));
  if (entry.line) out += "  " + line_name(*entry.line);
  if (record.content.value) out += " = " + show_short(*record.content.value);
  if (const auto claim = claim_of(record.entry)) out += toned(Tone::faint, "  " + id(*claim));
  return out + "\n";
}

std::string describe(const Receipt& receipt) {
  auto out = toned(Tone::strong, text(receipt.disposition)) + "  " + printable(receipt.reason) + "\n";
  if (receipt.claim) out += field("claim", id(*receipt.claim));
  if (!receipt.contested_with.empty()) {
    auto rivals = join(ids(receipt.contested_with), ", ");
    if (receipt.rivals > receipt.contested_with.size())
      rivals += " and " + std::to_string(receipt.rivals - receipt.contested_with.size()) + " more";
    out += field("rivals", rivals);
  }
  if (receipt.handle) out += field("question", to_text(receipt.handle->value));
  return out;
}

std::string describe(const WriteAnswer& answer, const ClaimName& name) {
  const bool fine = answer.status == WriteStatus::done || answer.status == WriteStatus::dry_run;
  std::string out;
  if (!fine) out += toned(Tone::bad, text(answer.status)) + "  " + printable(answer.reason) + "\n";
  for (const auto& receipt : answer.receipts) {
    if (!fine) {
      // Candidates: nothing became of them.
      if (receipt.claim) out += field("claim", id(*receipt.claim) + "  " + name(*receipt.claim));
      continue;
    }
    if (receipt.claim) out += name(*receipt.claim) + "\n";
    out += "  " + describe(receipt);
    if (receipt.replayed) out += field("replayed", "this key was used for the same before; nothing was written");
  }
  for (const auto& claim : answer.marked_for_review) out += field("to review", id(claim) + "  " + name(claim));
  out += field("position", std::to_string(answer.position.value));
  if (answer.clock_behind_by) out += field("clock", answer.reason);
  if (answer.status == WriteStatus::dry_run) out += "Nothing was written.\n";
  return out;
}

}  // namespace claimledger::cli
