#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/engine.hpp"

// The one place where answers become JSON and JSON becomes statements, questions and requests. The fields of every
// shape are said once, in shapes/. Spellings are those of the domain; times are RFC 3339 in UTC, ends of a window as
// they were stated; what is absent is null.
// Threads: any function from any thread. Failure: what reads throws InvalidInput naming the field.
namespace claimledger::wiring {

using Json = nlohmann::ordered_json;

// --- Out -----------------------------------------------------------------------------------------------------------

// For every shape that is given out, every page of them, and every scalar that they have.
template <class Answer>
Json to_json(const Answer& answer);

// The same on one line. Bytes that are not UTF-8, as a path may have, are replaced.
template <class Answer>
std::string json_line(const Answer& answer);

// --- In ------------------------------------------------------------------------------------------------------------

// One line of an ingest. Fields it does not have keep what the defaults say.
struct IngestLine {
  Statement statement;
  std::optional<TxTime> recorded_at = {};
};
enum class RecordedAt { refused, required };
IngestLine parse_ingest_line(std::string_view line, const Statement& defaults, RecordedAt recorded_at);

// One line of questions to answer.
struct Question {
  LineKey line;
  std::optional<TxTime> as_of = {};
  std::optional<ValidTime> valid_at = {};
  std::optional<Value> expected = {};  // a null is the value null
  std::optional<std::string> source = {};
};

// Where a ledger ended when it was verified, noted to be compared with later. One line of a file of such notes.
struct NotedHead {
  AgentId agent;
  Position position = {};
  Digest hash = {};  // of the entry there
};

// A Question, a NotedHead, or the request of a read or a write, from a JSON object. Strict: an unknown field, a missing
// one, two fields that exclude each other and a text of another form are refused. A null is an absent field where there
// is something to be absent: not for a word of a closed set, a flag, or a name.
template <class Request>
Request parse_request(std::string_view json);

// --- Described -----------------------------------------------------------------------------------------------------

// The names of all shapes, requests first.
std::vector<std::string> shape_names();

// The JSON Schema, draft 2020-12, of a shape and of all it refers to, as indented text; of several: that one of them is
// right, or a null. None: the definitions alone, of all shapes. Failure: InvalidInput{"name"} for a name that no shape
// has.
enum class Absent { never, is_null };
std::string schema_of(const std::vector<std::string>& shapes, Absent absent = Absent::never);

// The meaning of a request's field, as its description says: for --help.
template <class Request>
std::string meaning_of(std::string_view field);

}  // namespace claimledger::wiring
