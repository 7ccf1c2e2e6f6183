#include <nlohmann/json.hpp>

#include <variant>

#include "wiring/json.hpp"

namespace claimledger::wiring {
namespace {

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }
Json end_or_null(const std::optional<ValidEnd>& end) { return end ? Json(to_text(*end)) : Json(nullptr); }
Json start_of(const Span& span) {
  return span.from == ValidTime::beginning() ? Json(nullptr) : Json(to_text(span.from));
}
Json end_of(const Span& span) { return span.until == ValidTime::forever() ? Json(nullptr) : Json(to_text(span.until)); }
template <class Enum>
Json word(Enum e) {
  return Json(std::string(claimledger::text(e)));
}
template <class Enum>
Json word_or_null(const std::optional<Enum>& e) {
  return e ? word(*e) : Json(nullptr);
}
template <class Thing>
Json or_null(const std::optional<Thing>& thing) {
  return thing ? to_json(*thing) : Json(nullptr);
}
template <class Thing>
Json list(const std::vector<Thing>& things) {
  auto out = Json::array();
  for (const auto& thing : things) out.push_back(to_json(thing));
  return out;
}

// What an entry says beyond its claim and its disposition, which every entry shows in the same place.
struct Details {
  Json operator()(const ClaimRecorded& entry) const {
    return {{"cardinality", word(entry.claim.cardinality)},
            {"provenance", to_json(entry.claim.provenance)},
            {"valid_from", end_or_null(entry.claim.window.from)},
            {"valid_until", end_or_null(entry.claim.window.until)},
            {"valid_time_confidence", entry.claim.valid_time_confidence.number()},
            {"value_confidence", entry.claim.value_confidence.number()},
            {"trusted", entry.claim.trusted},
            {"criticality", word(entry.claim.criticality)},
            {"derived_from", list(entry.claim.derived_from)},
            {"depth", entry.claim.depth},
            {"nearest_external_anchor", or_null(entry.claim.nearest_external_anchor)},
            {"rationale", word(entry.rationale)},
            {"contested_with", list(entry.contested_with)},
            {"end_not_applied", entry.end_not_applied}};
  }
  Json operator()(const Corroborated& entry) const {
    return {{"provenance", to_json(entry.provenance)},
            {"valid_from", end_or_null(entry.window.from)},
            {"valid_until", end_or_null(entry.window.until)},
            {"valid_time_confidence", entry.valid_time_confidence.number()},
            {"value_confidence", entry.value_confidence.number()},
            {"independent", entry.independent},
            {"answered", word(entry.answered)},
            {"rationale", word(entry.rationale)},
            {"contested_with", list(entry.contested_with)},
            {"end_not_applied", entry.end_not_applied}};
  }
  Json operator()(const Echoed& entry) const { return {{"answered", word(entry.answered)}}; }
  Json operator()(const RecallReEntryDetected& entry) const {
    return {{"provenance", to_json(entry.provenance)}, {"answered", word(entry.answered)}};
  }
  Json operator()(const RecallBurst& entry) const { return {{"provenance", to_json(entry.provenance)}}; }
  Json operator()(const Cut& entry) const {
    const Span span{entry.from, entry.until};
    return {{"kind_of_cut", word(entry.kind)},
            {"from", start_of(span)},
            {"until", end_of(span)},
            {"reason", word(entry.reason)},
            {"cause", or_null(entry.cause)}};
  }
  Json operator()(const Lifted& entry) const { return {{"cut", entry.cut.value}}; }
  Json operator()(const Reopened& entry) const { return {{"at", end_or_null(entry.at)}}; }
  Json operator()(const Settled& entry) const {
    return {{"rationale", word(entry.rationale)}, {"contested_with", list(entry.contested_with)}};
  }
  Json operator()(const ReviewMarked& entry) const { return {{"cause", to_json(entry.cause)}}; }
  Json operator()(const ReviewSettled& entry) const { return {{"verdict", word(entry.verdict)}}; }
  Json operator()(const AdjudicationOpened& entry) const {
    return {
        {"handle", to_json(entry.handle)}, {"rivals", list(entry.rivals)}, {"expires_at", or_null(entry.expires_at)}};
  }
  Json operator()(const AdjudicationClosed& entry) const {
    return {{"handle", to_json(entry.handle)}, {"closing", word(entry.closing)}};
  }
  Json operator()(const Served& entry) const { return {{"claims", list(entry.claims)}}; }
  Json operator()(const Rejected& entry) const {
    return {
        {"verb", word(entry.verb)}, {"provenance", to_json(entry.provenance)}, {"rationale", word(entry.rationale)}};
  }
  Json operator()(const Tombstone& entry) const { return {{"erased", entry.erased.value}}; }
};

Json content_json(const Record& record) {
  switch (record.content_state) {
    case ContentState::none:
      return nullptr;
    case ContentState::erased:
      return "erased";
    case ContentState::present:
      break;
  }
  const auto& content = record.content;
  auto out = Json::object();
  if (content.subject) out["subject"] = *content.subject;
  if (content.predicate) out["predicate"] = *content.predicate;
  if (content.value) out["value"] = to_json(*content.value);
  if (content.source) out["source"] = *content.source;
  if (content.metadata) out["metadata"] = to_json(*content.metadata);
  if (content.idempotency_key) out["idempotency_key"] = *content.idempotency_key;
  if (content.why) out["why"] = *content.why;
  if (content.evidence) out["evidence"] = *content.evidence;
  if (content.context) out["context"] = *content.context;
  return out;
}

}  // namespace

std::string_view text(WriteStatus status) {
  switch (status) {
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
  return {};
}

// A canonical text is JSON already; reading it again keeps integers exact and other numbers the same double.
Json to_json(const Value& value) { return Json::parse(value.text()); }

Json to_json(Provenance provenance) {
  if (is_first_hand(provenance)) return {{"type", "External"}, {"kind", word(provenance)}};
  return {{"type", word(provenance)}};
}

Json to_json(const ClaimId& id) { return Json(to_text(id.value)); }
Json to_json(const AdjudicationId& handle) { return Json(to_text(handle.value)); }
Json to_json(const Span& span) { return {{"from", start_of(span)}, {"until", end_of(span)}}; }
Json to_json(const TxTime& time) { return Json(to_text(time)); }
Json to_json(const CutHistory& cut) {
  return {{"seq", cut.seq.value},        {"recorded_at", to_text(cut.recorded_at)},
          {"kind", word(cut.kind)},      {"from", start_of(cut.span)},
          {"until", end_of(cut.span)},   {"reason", word(cut.reason)},
          {"cause", or_null(cut.cause)}, {"in_force", cut.in_force}};
}
Json to_json(const AdjudicationItem::Side& side) {
  return {{"claim_id", to_json(side.claim)},
          {"value", to_json(side.value)},
          {"provenance", to_json(side.provenance)},
          {"source", text_or_null(side.source)},
          {"valid_from", end_or_null(side.window.from)},
          {"valid_until", end_or_null(side.window.until)},
          {"value_confidence", side.value_confidence.number()},
          {"recorded_at", to_text(side.recorded_at)}};
}
Json to_json(const ReconcileReport& report) {
  return {{"subject", report.line.subject},
          {"predicate", report.line.predicate},
          {"returned", list(report.returned)},
          {"opened", list(report.opened)},
          {"contested", report.contested}};
}

Json to_json(const LineKey& line) { return {{"subject", line.subject}, {"predicate", line.predicate}}; }
Json to_json(const AgentId& agent) { return Json(agent.value); }
Json to_json(const std::string& text) { return Json(text); }

Json to_json(const Slot& slot) {
  return {{"claim_id", to_json(slot.claim)},
          {"value", to_json(slot.value)},
          {"provenance", to_json(slot.provenance)},
          {"source", text_or_null(slot.source)},
          {"valid_from", end_or_null(slot.window.from)},
          {"valid_until", end_or_null(slot.window.until)},
          {"trusted", slot.trusted},
          {"recorded_at", to_text(slot.recorded_at)},
          {"last_said", to_text(slot.last_said)},
          {"value_confidence", slot.value_confidence.number()},
          {"valid_time_confidence", slot.valid_time_confidence.number()},
          {"criticality", word(slot.criticality)},
          {"disposition", word(slot.disposition)},
          {"corroboration_count", slot.corroboration_count}};
}

Json to_json(const Belief& belief) {
  auto markers = Json::array();
  for (const auto marker : belief.markers) markers.push_back(word(marker));
  return {{"position", belief.position.value},
          {"asked_at", to_text(belief.asked_at)},
          {"valid_at", to_text(belief.valid_at)},
          {"status", word(belief.status)},
          {"value", belief.primary ? to_json(belief.primary->value) : Json(nullptr)},
          {"set", belief.set},
          {"primary", or_null(belief.primary)},
          {"alternatives", list(belief.alternatives)},
          {"dissent", list(belief.dissent)},
          {"currency", word_or_null(belief.currency)},
          {"currency_score", belief.currency_score ? Json(belief.currency_score->number()) : Json(nullptr)},
          {"stale", belief.stale},
          {"staleness_reason", belief.staleness_reason},
          {"criticality", word_or_null(belief.criticality)},
          {"markers", std::move(markers)}};
}

Json answer_line(const Belief& belief) {
  auto alternatives = Json::array();
  for (const auto& slot : belief.alternatives) alternatives.push_back(to_json(slot.value));
  return {{"status", word(belief.status)},
          {"value", belief.primary ? to_json(belief.primary->value) : Json(nullptr)},
          {"alternatives", std::move(alternatives)},
          {"position", belief.position.value}};
}

Json to_json(const Segment& segment) {
  return {{"from", start_of(segment.span)},
          {"until", end_of(segment.span)},
          {"status", word(segment.status)},
          {"values", list(segment.values)}};
}

Json to_json(const ClaimHistory& claim) {
  auto out = to_json(claim.slot);
  out["position"] = claim.position.value;
  out["asked_at"] = to_text(claim.asked_at);
  out["seq"] = claim.seq.value;
  out["subject"] = claim.line.subject;
  out["predicate"] = claim.line.predicate;
  out["cardinality"] = word(claim.cardinality);
  out["derived_from"] = list(claim.derived_from);
  out["depth"] = claim.depth;
  out["nearest_external_anchor"] = or_null(claim.nearest_external_anchor);
  out["metadata"] = or_null(claim.metadata);
  out["validity"] = list(claim.validity);
  out["cuts"] = list(claim.cuts);
  out["said"] = list(claim.said);
  out["contested_with"] = list(claim.contested_with);
  out["open_adjudication"] = or_null(claim.open_adjudication);
  out["erased"] = claim.erased;
  return out;
}

Json to_json(const History& history) {
  return {{"subject", history.line.subject},
          {"predicate", history.line.predicate},
          {"position", history.at.position.value},
          {"asked_at", to_text(history.at.asked_at)},
          {"set", history.set},
          {"claims", list(history.claims)},
          {"timeline", list(history.timeline)}};
}

Json to_json(const LineBelief& belief) {
  return {{"subject", belief.line.subject}, {"predicate", belief.line.predicate}, {"belief", to_json(belief.belief)}};
}

Json to_json(const ContestedLine& line) {
  return {{"subject", line.line.subject}, {"predicate", line.line.predicate}, {"segments", list(line.segments)}};
}

Json to_json(const AdjudicationItem& item) {
  return {{"handle", to_json(item.handle)},
          {"agent", item.agent.value},
          {"subject", item.line.subject},
          {"predicate", item.line.predicate},
          {"challenger", to_json(item.challenger)},
          {"rivals", list(item.rivals)},
          {"opened", item.opened.value},
          {"opened_at", to_text(item.opened_at)},
          {"expires_at", or_null(item.expires_at)}};
}

Json to_json(const LineageNode& node) {
  return {{"claim_id", to_json(node.claim)}, {"distance", node.distance}, {"via", list(node.via)}};
}

Json to_json(const Serving& serving) {
  return {{"seq", serving.seq.value},
          {"recorded_at", to_text(serving.recorded_at)},
          {"context", text_or_null(serving.context)},
          {"claims", list(serving.claims)}};
}

Json to_json(const AuditEntry& entry) {
  const auto& record = entry.record;
  const auto claim = claim_of(record.entry);
  return {{"seq", record.seq.value},
          {"recorded_at", to_text(record.recorded_at)},
          {"kind", std::string(kind_text(record.entry))},
          {"claim_id", or_null(claim)},
          {"disposition", word_or_null(disposition_of(record.entry))},
          {"subject", entry.line ? Json(entry.line->subject) : Json(nullptr)},
          {"predicate", entry.line ? Json(entry.line->predicate) : Json(nullptr)},
          {"details", std::visit(Details{}, record.entry)},
          {"content", content_json(record)},
          {"hash", entry.hash.hex()}};
}

Json to_json(const Receipt& receipt) {
  return {{"claim_id", or_null(receipt.claim)},          {"disposition", word(receipt.disposition)},
          {"rationale", word(receipt.rationale)},        {"contested_with", list(receipt.contested_with)},
          {"corroborated", receipt.corroborated},        {"end_not_applied", receipt.end_not_applied},
          {"handle", or_null(receipt.handle)},           {"position", receipt.position.value},
          {"recorded_at", to_text(receipt.recorded_at)}, {"reason", receipt.reason}};
}

Json to_json(const WriteAnswer& answer) {
  return {{"status", std::string(text(answer.status))},
          {"position", answer.position.value},
          {"receipts", list(answer.receipts)},
          {"marked_for_review", list(answer.marked_for_review)},
          {"reason", answer.reason}};
}

Json to_json(const ReconcileAnswer& answer) {
  return {{"position", answer.position.value}, {"lines", list(answer.lines)}};
}

Json to_json(const Verification& verification) {
  return {{"ok", verification.ok},
          {"position", verification.position.value},
          {"entries", verification.entries},
          {"head_hash", verification.head_hash.hex()},
          {"first_bad", verification.first_bad ? Json(verification.first_bad->value) : Json(nullptr)},
          {"problem", verification.problem}};
}

Json to_json(const Status& status) {
  auto store = Json::object();
  for (const auto& [name, value] : status.store) store[name] = value;
  auto capabilities = Json::object();
  for (const auto& capability : status.capabilities)
    capabilities[capability.name] = {{"available", capability.available}, {"reason", capability.reason}};
  const bool empty = status.head.position.value == 0;
  return {{"agent", status.agent.value},
          {"entries", status.head.position.value},
          {"recorded_at", empty ? Json(nullptr) : Json(to_text(status.head.recorded_at))},
          {"head_hash", status.head.hash.hex()},
          {"store", std::move(store)},
          {"capabilities", std::move(capabilities)}};
}

}  // namespace claimledger::wiring
