#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "claimledger/domain/entry_number.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"
#include "domain/hex.hpp"

namespace claimledger::codec {
namespace {

// An object in the order in which its members are added. Put together by hand: the text of a Value is JSON already, and
// reading and writing it again could only change it.
class ObjectText {
 public:
  void json(std::string_view key, std::string_view value) {
    text_.append(text_.empty() ? "{\"" : ",\"").append(key).append("\":").append(value);
  }
  void string(std::string_view key, std::string_view value) { json(key, Value(value).text()); }
  void given(std::string_view key, const std::optional<std::string>& value) {
    if (value) string(key, *value);
  }
  void given(std::string_view key, const std::optional<Value>& value) {
    if (value) json(key, value->text());
  }
  std::string close() { return text_.empty() ? "{}" : std::move(text_) + '}'; }

 private:
  std::string text_;
};

std::string content_text(const StoredEntry& stored) {
  if (stored.content_state == ContentState::none) return "null";
  ObjectText object;
  if (stored.content_state == ContentState::erased) {
    object.json("erased", "true");
    return object.close();
  }
  const auto content = decode_content(stored.content.body);
  object.string("salt", to_hex(view(stored.content.salt)));
  object.given("subject", content.subject);
  object.given("predicate", content.predicate);
  object.given("value", content.value);
  object.given("source", content.source);
  object.given("metadata", content.metadata);
  object.given("idempotency_key", content.idempotency_key);
  object.given("why", content.why);
  object.given("evidence", content.evidence);
  object.given("context", content.context);
  if (content.request) object.string("request", content.request->hex());
  return object.close();
}

std::string line_text(const std::optional<LineKey>& line) {
  if (!line) return "null";
  ObjectText object;
  object.string("subject", line->subject);
  object.string("predicate", line->predicate);
  return object.close();
}

std::string entry_text(const StoredEntry& stored) {
  ObjectText object;
  object.json("seq", std::to_string(stored.seq.value));
  object.string("kind", kind_text(stored.kind));
  object.json("line", line_text(stored.line));
  object.string("body", to_hex(stored.body));
  object.string("hash", stored.hash.hex());
  object.json("content", content_text(stored));
  return object.close();
}

}  // namespace

std::string to_json_line(const StoredBatch& batch) {
  std::string entries = "[";
  for (const auto& entry : batch.entries) {
    if (entries.size() > 1) entries += ',';
    entries += entry_text(entry);
  }
  entries += ']';

  ObjectText object;
  object.json("format", std::to_string(batch.header.format));
  object.string("agent", batch.header.agent.value);
  object.string("batch", to_text(batch.header.id.value));
  object.string("recorded_at", to_text(batch.header.recorded_at));
  object.string("clock", text(batch.header.clock));
  object.string("actor", batch.header.actor);
  object.json("first", std::to_string(batch.first.value));
  object.json("entries", entries);
  return object.close();
}

}  // namespace claimledger::codec
