#include <nlohmann/json.hpp>

#include <variant>

#include "wiring/json.hpp"

namespace claimledger::wiring {
namespace {

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }
Json end_or_null(const std::optional<ValidEnd>& end) { return end ? Json(to_text(*end)) : Json(nullptr); }
Json from_or_null(const Span& span) {
  return span.from == ValidTime::beginning() ? Json(nullptr) : Json(to_text(start_of(span)));
}
Json until_or_null(const Span& span) {
  return span.until == ValidTime::forever() ? Json(nullptr) : Json(to_text(end_of(span)));
}
Json microseconds_or_null(const std::optional<std::chrono::microseconds>& length) {
  return length ? Json(length->count()) : Json(nullptr);
}
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

template <class Enum>
Json words(const std::vector<Enum>& enums) {
  auto out = Json::array();
  for (const auto e : enums) out.push_back(word(e));
  return out;
}
Json numbers(const std::vector<Position>& positions) {
  auto out = Json::array();
  for (const auto position : positions) out.push_back(position.value);
  return out;
}
Json number_or_null(const std::optional<Position>& position) {
  return position ? Json(position->value) : Json(nullptr);
}

Json won_json(const std::vector<Win>& won) {
  auto out = Json::array();
  for (const auto& win : won)
    out.push_back(
        {{"loser", to_json(win.loser)}, {"from", from_or_null(win.span)}, {"until", until_or_null(win.span)}});
  return out;
}

Json promoted_json(const std::vector<Promotion>& promoted) {
  auto out = Json::array();
  for (const auto& promotion : promoted)
    out.push_back({{"claim_id", to_json(promotion.claim)},
                   {"disposition", word(promotion.disposition)},
                   {"follows", list(promotion.follows)},
                   {"won", won_json(promotion.won)}});
  return out;
}

Json correction_json(const std::optional<Correction>& correction) {
  if (!correction) return nullptr;
  return {{"claim_id", to_json(correction->claim)},
          {"new_window", correction->new_window},
          {"holds_from", end_or_null(correction->holds_from)},
          {"promoted_by", number_or_null(correction->promoted_by)},
          {"ends", numbers(correction->ends)}};
}

// What a statement says, beside its content.
Json stated_json(const Claim& claim) {
  return {{"cardinality", word(claim.cardinality)},
          {"provenance", to_json(claim.provenance)},
          {"valid_from", end_or_null(claim.window.from)},
          {"valid_until", end_or_null(claim.window.until)},
          {"valid_time_confidence", claim.valid_time_confidence.number()},
          {"value_confidence", claim.value_confidence.number()},
          {"trusted", claim.trusted},
          {"below_floor", claim.below_floor},
          {"overturn", word(claim.overturn)},
          {"overturn_floor", word(claim.overturn_floor)},
          {"criticality", word(claim.criticality)},
          {"derived_from", list(claim.derived_from)},
          {"depth", claim.depth},
          {"nearest_external_anchor", or_null(claim.nearest_external_anchor)}};
}

// What an entry says beyond its claim and its disposition, which every entry shows in the same place.
struct Details {
  Json operator()(const ClaimRecorded& entry) const {
    auto out = stated_json(entry.claim);
    out["rationale"] = word(entry.rationale);
    out["follows"] = list(entry.follows);
    out["won"] = won_json(entry.won);
    out["ended"] = list(entry.ended);
    out["promoted"] = promoted_json(entry.promoted);
    out["not_applied"] = words(entry.not_applied);
    out["correction"] = correction_json(entry.correction);
    return out;
  }
  Json operator()(const Corroborated& entry) const {
    auto out = stated_json(entry.stated);
    out["answered"] = word(entry.answered);
    out["rationale"] = word(entry.rationale);
    out["promoted"] = promoted_json(entry.promoted);
    out["not_applied"] = words(entry.not_applied);
    return out;
  }
  Json operator()(const Echoed& entry) const { return {{"answered", word(entry.answered)}}; }
  Json operator()(const RecallReEntryDetected& entry) const {
    return {{"provenance", to_json(entry.provenance)}, {"answered", word(entry.answered)}};
  }
  Json operator()(const RecallBurst& entry) const { return {{"provenance", to_json(entry.provenance)}}; }
  Json operator()(const Ended& entry) const { return {{"at", to_text(entry.at)}}; }
  Json operator()(const TakenBack& entry) const {
    return {{"reason", word(entry.reason)}, {"statements", numbers(entry.statements)}};
  }
  Json operator()(const Reopened& entry) const {
    return {{"at", end_or_null(entry.at)}, {"statements", numbers(entry.statements)}, {"undoes", entry.undoes}};
  }
  Json operator()(const Judged& entry) const {
    auto cuts = Json::array();
    for (const auto& cut : entry.cuts)
      cuts.push_back({{"seq", cut.seq.value},
                      {"from", from_or_null(cut.span)},
                      {"until", until_or_null(cut.span)},
                      {"reason", word(cut.reason)},
                      {"cause", or_null(cut.cause)}});
    return {{"begins", entry.begins},
            {"otherwise", word(entry.otherwise)},
            {"rationale", word(entry.rationale)},
            {"cardinality", word(entry.cardinality)},
            {"counts_from", number_or_null(entry.counts_from)},
            {"follows", list(entry.follows)},
            {"cuts", std::move(cuts)},
            {"statements", numbers(entry.statements)}};
  }
  Json operator()(const ReviewMarked& entry) const { return {{"cause", to_json(entry.cause)}}; }
  Json operator()(const ReviewSettled& entry) const { return {{"verdict", word(entry.verdict)}}; }
  Json operator()(const AdjudicationOpened& entry) const {
    return {{"handle", to_json(entry.handle)}, {"expires_at", or_null(entry.expires_at)}};
  }
  Json operator()(const AdjudicationClosed& entry) const {
    return {{"handle", to_json(entry.handle)}, {"closing", word(entry.closing)}, {"won", won_json(entry.won)}};
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
    case WriteStatus::ambiguous:
      return "ambiguous";
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
Json to_json(const Span& span) { return {{"from", from_or_null(span)}, {"until", until_or_null(span)}}; }
Json to_json(const TxTime& time) { return Json(to_text(time)); }
Json to_json(const CutHistory& cut) {
  return {{"seq", cut.seq.value},           {"recorded_at", to_text(cut.recorded_at)},
          {"from", from_or_null(cut.span)}, {"until", until_or_null(cut.span)},
          {"reason", word(cut.reason)},     {"cause", or_null(cut.cause)}};
}
Json to_json(const StatementHistory& statement) {
  return {{"seq", statement.seq.value},
          {"recorded_at", to_text(statement.recorded_at)},
          {"provenance", to_json(statement.provenance)},
          {"source", text_or_null(statement.source)},
          {"valid_from", end_or_null(statement.window.from)},
          {"valid_until", end_or_null(statement.window.until)},
          {"value_confidence", statement.value_confidence.number()},
          {"criticality", word(statement.criticality)}};
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
  return {{"from", from_or_null(segment.span)},
          {"until", until_or_null(segment.span)},
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
  out["base"] = list(claim.base);
  out["cuts"] = list(claim.cuts);
  out["follows"] = list(claim.follows);
  out["followed_by"] = list(claim.followed_by);
  out["statements"] = list(claim.statements);
  out["statements_went_to"] = list(claim.statements_went_to);
  out["corrects"] = or_null(claim.corrects);
  out["corrected_by"] = or_null(claim.corrected_by);
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
  return {{"claim_id", or_null(receipt.claim)},
          {"disposition", word(receipt.disposition)},
          {"rationale", word(receipt.rationale)},
          {"contested_with", list(receipt.contested_with)},
          {"rivals", receipt.rivals},
          {"corroborated", receipt.corroborated},
          {"replayed", receipt.replayed},
          {"not_applied", words(receipt.not_applied)},
          {"handle", or_null(receipt.handle)},
          {"position", receipt.position.value},
          {"recorded_at", to_text(receipt.recorded_at)},
          {"reason", receipt.reason}};
}

Json to_json(const WriteAnswer& answer) {
  return {{"status", std::string(text(answer.status))},
          {"position", answer.position.value},
          {"receipts", list(answer.receipts)},
          {"marked_for_review", list(answer.marked_for_review)},
          {"reason", answer.reason},
          {"clock_behind_by", microseconds_or_null(answer.clock_behind_by)}};
}

Json to_json(const ReconcileAnswer& answer) {
  return {{"position", answer.position.value},
          {"lines", list(answer.lines)},
          {"clock_behind_by", microseconds_or_null(answer.clock_behind_by)}};
}

Json to_json(const Verification& verification) {
  return {{"ok", verification.ok},
          {"position", verification.position.value},
          {"entries", verification.entries},
          {"head_hash", verification.head_hash.hex()},
          {"first_bad", verification.first_bad ? Json(verification.first_bad->value) : Json(nullptr)},
          {"problem", verification.problem},
          {"clock_behind_by", microseconds_or_null(verification.clock_behind_by)}};
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
          {"capabilities", std::move(capabilities)},
          {"clock_behind_by", microseconds_or_null(status.clock_behind_by)}};
}

}  // namespace claimledger::wiring
