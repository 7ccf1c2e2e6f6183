#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "claimledger/domain/strict_json.hpp"
#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "codec/layout.hpp"
#include "codec/transfer.hpp"
#include "domain/hex.hpp"
#include "domain/utf8.hpp"

namespace claimledger::codec {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& field, const std::string& why) { throw InvalidInput(field, why); }

constexpr std::size_t levels_around_a_value = 4;  // the line, its entries, the entry, its content

Json parse_line(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) refuse("line", "contains NUL");
  if (line.starts_with(byte_order_mark)) refuse("line", "malformed JSON: begins with a byte order mark");
  try {
    return Json::parse(line, StrictJson<Json>(levels_around_a_value));
  } catch (const Json::exception&) {
    refuse("line", "malformed JSON");
  }
}

// An object of the line, and the name by which to speak of it: "", "entries[3].", "entries[3].content.".
class ObjectReader {
 public:
  ObjectReader(const Json& json, std::string name, std::initializer_list<std::string_view> known)
      : json_(json), name_(std::move(name)) {
    if (!json.is_object()) refuse(name_.empty() ? "line" : name_.substr(0, name_.size() - 1), "expected an object");
    for (const auto& [key, member] : json.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) refuse(field(shown_key(key)), "unknown key");
    }
  }

  std::string field(std::string_view key) const { return name_ + std::string(key); }
  bool has(const char* key) const { return json_.contains(key); }

  const Json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) refuse(field(key), "is missing");
    return *found;
  }

  const std::string& string(const char* key) const {
    const auto& json = at(key);
    if (!json.is_string()) refuse(field(key), "expected a string");
    return json.get_ref<const std::string&>();
  }

  std::uint64_t number(const char* key, std::uint64_t most) const {
    const auto& json = at(key);
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) refuse(field(key), "expected a whole number");
    return json.get<std::uint64_t>();
  }

  Bytes bytes(const char* key) const {
    const auto& text = string(key);
    if (text.size() % 2 != 0) refuse(field(key), "expected an even number of hexadecimal digits");
    auto bytes = from_hex(text);
    if (!bytes) refuse(field(key), "expected lower-case hexadecimal digits");
    return std::move(*bytes);
  }

  Bytes bytes(const char* key, std::size_t size) const {
    auto raw = bytes(key);
    if (raw.size() != size) refuse(field(key), "expected " + std::to_string(size) + " bytes");
    return raw;
  }

  // A text that a caller typed: absent, or 1 to 1024 bytes.
  std::optional<std::string> typed(const char* key) const {
    if (!has(key)) return std::nullopt;
    const auto& text = string(key);
    if (text.empty()) refuse(field(key), "must not be empty");
    if (text.size() > limits::text_bytes)
      refuse(field(key), "longer than " + std::to_string(limits::text_bytes) + " bytes");
    if (const auto problem = text_problem(text); !problem.empty()) refuse(field(key), std::string(problem));
    return text;
  }

  std::optional<Value> value(const char* key, std::size_t most) const {
    if (!has(key)) return std::nullopt;
    auto value = Value::parse_recorded(at(key).dump(), field(key));
    if (value.text().size() > most) refuse(field(key), "longer than " + std::to_string(most) + " bytes");
    return value;
  }

 private:
  const Json& json_;
  std::string name_;
};

std::optional<LineKey> read_line_key(const Json& json, const std::string& name) {
  if (json.is_null()) return std::nullopt;
  const ObjectReader object(json, name + ".", {"subject", "predicate"});
  auto subject = object.typed("subject");
  auto predicate = object.typed("predicate");
  if (!subject || !predicate) refuse(name, "expected subject and predicate");
  return LineKey{*std::move(subject), *std::move(predicate)};
}

Content read_content(const ObjectReader& object) {
  Content content;
  content.subject = object.typed("subject");
  content.predicate = object.typed("predicate");
  content.value = object.value("value", limits::value_bytes);
  content.source = object.typed("source");
  content.metadata = object.value("metadata", limits::metadata_bytes);
  if (content.metadata && !content.metadata->is_object()) refuse(object.field("metadata"), "expected an object");
  content.idempotency_key = object.typed("idempotency_key");
  content.why = object.typed("why");
  content.evidence = object.typed("evidence");
  content.context = object.typed("context");
  if (object.has("request")) content.request = Digest::from_bytes(object.bytes("request", 32));
  return content;
}

// Fills in state, salt and body of the content, and returns the content.
Content read_stored_content(StoredEntry& stored, const Json& json, const std::string& name,
                            const std::optional<Digest>& expected) {
  if (json.is_null()) {
    if (expected) refuse(name, "the entry has content");
    return {};
  }
  const ObjectReader object(json, name + ".",
                            {"erased", "salt", "subject", "predicate", "value", "source", "metadata", "idempotency_key",
                             "why", "evidence", "context", "request"});
  if (!expected) refuse(name, "the entry has no content");
  if (object.has("erased")) {
    if (json.size() != 1 || object.at("erased") != true)
      refuse(object.field("erased"), "expected true, and nothing else");
    stored.content_state = ContentState::erased;
    return {};
  }
  auto content = read_content(object);
  const auto salt = object.bytes("salt", stored.content.salt.size());
  std::copy(salt.begin(), salt.end(), stored.content.salt.begin());
  stored.content.body = encode(content);
  stored.content_state = ContentState::present;
  if (commitment(stored.content.salt, stored.content.body) != *expected)
    refuse(name, "is not what the entry commits to");
  return content;
}

Decoded decode_body(std::string_view body, const std::string& field) {
  try {
    return decode(body);
  } catch (const StoreFailure& failure) {
    refuse(field, failure.detail());
  }
}

StoredEntry read_entry(const Json& json, const std::string& name, const StoredBatch& batch, Position seq) {
  const ObjectReader object(json, name + ".", {"seq", "kind", "line", "body", "hash", "content"});
  StoredEntry stored;
  stored.seq = seq;
  stored.recorded_at = batch.header.recorded_at;
  stored.body = object.bytes("body");
  stored.hash = Digest::from_bytes(object.bytes("hash", 32));
  stored.line = read_line_key(object.at("line"), object.field("line"));

  const auto decoded = decode_body(stored.body, object.field("body"));
  if (object.number("seq", std::numeric_limits<std::int64_t>::max()) != seq.value) {
    refuse(object.field("seq"), "expected " + std::to_string(seq.value));
  }
  if (decoded.frame.seq != seq || decoded.frame.recorded_at != batch.header.recorded_at) {
    refuse(object.field("body"), "belongs to another place in the ledger");
  }
  if (object.string("kind") != kind_text(decoded.entry)) refuse(object.field("kind"), "is not the kind of the body");

  const auto content =
      read_stored_content(stored, object.at("content"), object.field("content"), decoded.frame.commitment);
  const bool on_its_line =
      stored.line && content.subject == stored.line->subject && content.predicate == stored.line->predicate;
  if (content.subject && content.predicate && !on_its_line) refuse(object.field("line"), "is not that of the content");
  fill_keys(stored, batch.header.agent, decoded.entry, content);
  return stored;
}

BatchHeader read_header(const ObjectReader& object) {
  BatchHeader header;
  header.format = static_cast<std::uint32_t>(object.number("format", std::numeric_limits<std::uint32_t>::max()));
  if (header.format != format_version) refuse("format", "expected " + std::to_string(format_version));
  header.agent = AgentId::parse(object.string("agent"));
  const auto id = parse_uuid(object.string("batch"));
  if (!id) refuse("batch", "not a UUID of 36 characters");
  header.id = {*id};
  header.recorded_at = parse_tx_time(object.string("recorded_at"), "recorded_at");
  const auto clock = parse<ClockSource>(object.string("clock"));
  if (!clock) refuse("clock", "expected engine or replay");
  header.clock = *clock;
  header.actor = object.string("actor");
  if (header.actor.size() > limits::text_bytes)
    refuse("actor", "longer than " + std::to_string(limits::text_bytes) + " bytes");
  if (const auto problem = text_problem(header.actor); !problem.empty()) refuse("actor", std::string(problem));
  return header;
}

}  // namespace

StoredBatch from_json_line(std::string_view line) {
  const auto json = parse_line(line);
  const ObjectReader object(json, "",
                            {"format", "agent", "batch", "recorded_at", "clock", "actor", "first", "entries"});
  StoredBatch batch;
  batch.header = read_header(object);
  batch.first = {object.number("first", std::numeric_limits<std::int64_t>::max() / 2)};
  const auto& entries = object.at("entries");
  if (batch.first.value == 0) refuse("first", "entries are numbered from 1");
  if (!entries.is_array() || entries.empty()) refuse("entries", "expected a list that is not empty");
  if (entries.size() > std::numeric_limits<std::uint32_t>::max()) refuse("entries", "too many");
  batch.header.entries = static_cast<std::uint32_t>(entries.size());
  batch.entries.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto name = "entries[" + std::to_string(i) + "]";
    batch.entries.push_back(read_entry(entries[i], name, batch, {batch.first.value + i}));
  }
  return batch;
}

}  // namespace claimledger::codec
