#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>

#include "claimledger/domain/strict_json.hpp"
#include "wiring/json.hpp"
#include "wiring/parse_enum.hpp"

namespace claimledger::wiring {
namespace {

// nlohmann's words without its own name for the error.
std::string plain(const std::string& message) {
  const auto bracket = message.find("] ");
  return bracket == std::string::npos ? message : message.substr(bracket + 2);
}

// The number that the library could not read: it quotes it last.
std::string quoted(const std::string& message) {
  const auto open = message.find('\'');
  const auto close = message.rfind('\'');
  return open == close ? std::string() : message.substr(open + 1, close - open - 1);
}

Json parse_object(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) throw InvalidInput("line", "contains NUL");
  Json object;
  StrictJson<Json> strict(2);  // the line itself, and one more for what is no value
  try {
    object = Json::parse(line, std::ref(strict));
  } catch (const Json::out_of_range& error) {
    throw InvalidInput(strict.path(),
                       "is a number beyond a double; write it as a string: \"" + quoted(error.what()) + "\"");
  } catch (const Json::exception& error) {
    throw InvalidInput("line", "is not JSON: " + plain(error.what()));
  }
  if (!object.is_object()) throw InvalidInput("line", "must be a JSON object");
  return object;
}

const std::string& as_text(const Json& json, std::string_view field) {
  if (!json.is_string())
    throw InvalidInput(std::string(field), "must be a string, is a JSON " + std::string(json.type_name()));
  return json.get_ref<const std::string&>();
}

Confidence as_confidence(const Json& json, std::string_view field) {
  if (!json.is_number()) throw InvalidInput(std::string(field), "must be a number from 0 to 1");
  return Confidence::from(json.get<double>(), field);
}

// Where the value that begins here ends, in text that is known to be JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\')
      ++at;
    else if (c == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (c == '{' || c == '[')
      ++depth;
    else if (depth == 0 && (c == ',' || c == ':' || c == '}'))
      break;
    else if (c == '}' || c == ']')
      --depth;
  }
  return at;
}

// The value of one field of a line as it was typed: what was parsed has rounded its numbers.
Value as_typed(std::string_view line, std::string_view field) {
  auto at = line.find('{') + 1;
  for (;;) {
    const auto key_end = end_of_value(line, at);
    const auto value_end = end_of_value(line, key_end + 1);
    if (Json::parse(line.substr(at, key_end - at)) == field)
      return Value::parse(line.substr(key_end + 1, value_end - key_end - 1), field);
    at = value_end + 1;
  }
}

// The three spellings, or {"type":"External","kind":"UserAsserted"}.
Provenance as_provenance(const Json& json) {
  if (json.is_string()) return parse_enum<Provenance>(as_text(json, "provenance"), "provenance");
  if (!json.is_object()) throw InvalidInput("provenance", "must be a string or an object with type and kind");
  std::string type, kind;
  for (const auto& [key, member] : json.items()) {
    if (key == "type")
      type = as_text(member, "provenance.type");
    else if (key == "kind")
      kind = as_text(member, "provenance.kind");
    else
      throw InvalidInput("provenance." + key, "is not known; an object has type and kind");
  }
  const bool external = type == "External";
  if (!external && type != text(Provenance::recall_reentry) && type != text(Provenance::model_derived))
    throw InvalidInput("provenance.type", "must be External, with a kind, or RecallReEntry or ModelDerived");
  if (external && kind.empty()) throw InvalidInput("provenance.kind", "is required with type External");
  if (!external && !kind.empty()) throw InvalidInput("provenance.kind", "belongs to type External only");
  return parse_enum<Provenance>(external ? type + "/" + kind : type, "provenance");
}

std::vector<ClaimId> as_claims(const Json& json, const std::string& field) {
  if (!json.is_array()) throw InvalidInput(field, "must be a list of claim ids");
  std::vector<ClaimId> claims;
  for (const auto& id : json) {
    const auto member = field + "[" + std::to_string(claims.size()) + "]";
    claims.push_back(ClaimId::parse(as_text(id, member), member));
  }
  return claims;
}

// Which fields of a line were given: those that must come, and those that exclude each other.
struct Given {
  bool subject = false, predicate = false, value = false;
  bool from_or_until = false, during = false;
  bool confidence = false, value_confidence = false;
};

void read_field(const std::string& key, const Json& json, std::string_view typed, IngestLine& line, Given& given) {
  auto& statement = line.statement;
  if (key == "subject") {
    statement.subject = as_text(json, key);
    given.subject = true;
  } else if (key == "predicate") {
    statement.predicate = as_text(json, key);
    given.predicate = true;
  } else if (key == "value") {
    statement.value = as_typed(typed, key);
    given.value = true;
  } else if (key == "valid_from") {
    statement.window.from = parse_valid_time(as_text(json, key), key);
    given.from_or_until = true;
  } else if (key == "valid_until") {
    statement.window.until = parse_valid_time(as_text(json, key), key);
    given.from_or_until = true;
  } else if (key == "valid_during") {
    statement.window = parse_during(as_text(json, key), key);
    given.during = true;
  } else if (key == "source") {
    statement.source = as_text(json, key);
  } else if (key == "provenance") {
    statement.provenance = as_provenance(json);
  } else if (key == "cardinality") {
    statement.cardinality = parse_enum<Cardinality>(as_text(json, key), key);
  } else if (key == "value_confidence") {
    statement.value_confidence = as_confidence(json, key);
    given.value_confidence = true;
  } else if (key == "confidence") {
    statement.value_confidence = as_confidence(json, key);
    given.confidence = true;
  } else if (key == "valid_time_confidence") {
    statement.valid_time_confidence = as_confidence(json, key);
  } else if (key == "criticality") {
    statement.criticality = parse_enum<Criticality>(as_text(json, key), key);
  } else if (key == "derived_from") {
    statement.derived_from = as_claims(json, key);
  } else if (key == "metadata") {
    if (!json.is_object()) throw InvalidInput(key, "must be a JSON object");
    statement.metadata = as_typed(typed, key);
  } else if (key == "idempotency_key") {
    statement.idempotency_key = as_text(json, key);
  } else if (key == "recorded_at") {
    line.recorded_at = parse_tx_time(as_text(json, key), key);
  } else {
    throw InvalidInput(key, "is not a field of a claim");
  }
}

bool means_absent_if_null(std::string_view key) {
  static constexpr std::string_view keys[] = {"valid_from", "valid_until",           "valid_during", "source",
                                              "metadata",   "valid_time_confidence", "derived_from", "value_confidence",
                                              "confidence", "idempotency_key"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

void require(bool given, const char* field) {
  if (!given) throw InvalidInput(field, "is required");
}

}  // namespace

IngestLine parse_ingest_line(std::string_view text, const Statement& defaults, RecordedAt recorded_at) {
  const auto object = parse_object(text);
  IngestLine line{defaults, std::nullopt};
  Given given;
  for (const auto& [key, json] : object.items()) {
    if (json.is_null() && means_absent_if_null(key)) continue;
    read_field(key, json, text, line, given);
  }
  require(given.subject, "subject");
  require(given.predicate, "predicate");
  require(given.value, "value");
  if (given.during && given.from_or_until) throw InvalidInput("valid_during", "excludes valid_from and valid_until");
  if (given.confidence && given.value_confidence)
    throw InvalidInput("confidence", "is value_confidence: give one of them");
  if (recorded_at == RecordedAt::required)
    require(line.recorded_at.has_value(), "recorded_at");
  else if (line.recorded_at)
    throw InvalidInput("recorded_at", "is stamped by the ledger; a replay reads it with --clock recorded_at");
  return line;
}

Query parse_query(std::string_view text) {
  const auto object = parse_object(text);
  Query query;
  bool subject = false, predicate = false;
  for (const auto& [key, json] : object.items()) {
    if (key == "subject") {
      query.line.subject = as_text(json, key);
      subject = true;
    } else if (key == "predicate") {
      query.line.predicate = as_text(json, key);
      predicate = true;
    } else if (key == "expected") {
      query.expected = as_typed(text, key);
    } else if (key == "as_of") {
      if (!json.is_null()) query.as_of = parse_tx_time(as_text(json, key), key);
    } else if (key == "valid_at") {
      if (!json.is_null()) query.valid_at = parse_valid_time(as_text(json, key), key).at;
    } else if (key == "source") {
      if (!json.is_null()) as_text(json, key);  // says where the expected answer is from; not part of the question
    } else {
      throw InvalidInput(key, "is not a field of a question");
    }
  }
  require(subject, "subject");
  require(predicate, "predicate");
  return query;
}

}  // namespace claimledger::wiring
