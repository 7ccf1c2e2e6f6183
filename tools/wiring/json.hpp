#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/engine.hpp"

// The one place where answers become JSON and JSON becomes statements and questions. Spellings are those of the domain;
// times are RFC 3339 in UTC, ends of a window as they were stated; what is absent is null.
// Threads: any function from any thread. Failure: the parsers throw InvalidInput naming the field.
namespace claimledger::wiring {

using Json = nlohmann::ordered_json;

// --- Out -----------------------------------------------------------------------------------------------------------

Json to_json(const Value& value);
Json to_json(Provenance provenance);  // {"type":"External","kind":"UserAsserted"}, {"type":"ModelDerived"}
Json to_json(const ClaimId& id);
Json to_json(const AdjudicationId& handle);
Json to_json(const TxTime& time);
Json to_json(const Span& span);
Json to_json(const LineKey& line);
Json to_json(const Slot& slot);
Json to_json(const Belief& belief);
Json to_json(const Segment& segment);
Json to_json(const CutHistory& cut);
Json to_json(const StatementHistory& statement);
Json to_json(const ClaimHistory& claim);
Json to_json(const History& history);
Json to_json(const LineBelief& belief);
Json to_json(const ContestedLine& line);
Json to_json(const AdjudicationItem::Side& side);
Json to_json(const AdjudicationItem& item);
Json to_json(const LineageNode& node);
Json to_json(const Serving& serving);
Json to_json(const AuditEntry& entry);
Json to_json(const AgentId& agent);
Json to_json(const std::string& text);
Json to_json(const Receipt& receipt);
Json to_json(const WriteAnswer& answer);
Json to_json(const ReconcileReport& report);
Json to_json(const ReconcileAnswer& answer);
Json to_json(const Verification& verification);
Json to_json(const Status& status);

// What `answer --json` prints for one question: {"status":…,"value":…,"alternatives":[…],"position":…}.
Json answer_line(const Belief& belief);

// "done", "conflict", "not_found", "nothing_to_do", "ambiguous", "dry_run".
std::string_view text(WriteStatus status);

// --- In ------------------------------------------------------------------------------------------------------------

// One line of an ingest: a JSON object. Fields it does not have keep what `defaults` says.
struct IngestLine {
  Statement statement;
  std::optional<TxTime> recorded_at;
};
enum class RecordedAt { refused, required };
IngestLine parse_ingest_line(std::string_view line, const Statement& defaults, RecordedAt recorded_at);

// One question: a JSON object with subject, predicate and, where wanted, as_of, valid_at, expected, source.
struct Query {
  LineKey line;
  std::optional<TxTime> as_of;
  std::optional<ValidTime> valid_at;
  std::optional<Value> expected;  // a null is the value null
};
Query parse_query(std::string_view line);

}  // namespace claimledger::wiring
