#include "codec/codec.hpp"

#include <cstddef>
#include <utility>
#include <variant>

#include "codec/layout.hpp"
#include "codec/wire.hpp"

namespace claimledger::codec {
namespace {

using namespace std::string_view_literals;

// Makes `entry` the empty entry of the kind that has this place in the variant; false where there is none.
template <std::size_t... places>
bool select(Entry& entry, std::size_t kind, std::index_sequence<places...>) {
  return ((kind == places && (entry.emplace<places>(), true)) || ...);
}

}  // namespace

Bytes encode(const Entry& entry, const Frame& frame) {
  Writer writer(static_cast<std::uint8_t>(first_entry_type + entry.index()));
  fields(frame, writer);
  std::visit([&](const auto& it) { fields(it, writer); }, entry);
  return writer.finish();
}

Decoded decode(std::string_view body) {
  Reader reader(body, "entry");
  Decoded decoded;
  const auto kinds = std::make_index_sequence<std::variant_size_v<Entry>>{};
  if (reader.type() < first_entry_type || !select(decoded.entry, reader.type() - first_entry_type, kinds)) {
    reader.refuse("unknown kind " + std::to_string(reader.type()));
  }
  fields(decoded.frame, reader);
  std::visit([&](auto& it) { fields(it, reader); }, decoded.entry);
  reader.finish();
  return decoded;
}

Bytes encode(const BatchHeader& header) {
  Writer writer(batch_type);
  fields(header, writer);
  return writer.finish();
}

Bytes encode(const Content& content) {
  Writer writer(content_type);
  fields(content, writer);
  return writer.finish();
}

Content decode_content(std::string_view body) {
  Reader reader(body, "content");
  if (reader.type() != content_type) reader.refuse("unknown kind " + std::to_string(reader.type()));
  Content content;
  fields(content, reader);
  reader.finish();
  return content;
}

Digest chain(const Digest& previous, std::string_view header, std::string_view body) {
  return sha256({previous.view(), header, body});
}

Digest commitment(const Salt& salt, std::string_view content_body) { return sha256({view(salt), content_body}); }

// No agent contains NUL, so no two pairs of agent and key read the same.
Digest idempotency_digest(const AgentId& agent, std::string_view key) {
  return sha256({"claimledger/1 key\n"sv, agent.value, "\0"sv, key});
}

}  // namespace claimledger::codec
