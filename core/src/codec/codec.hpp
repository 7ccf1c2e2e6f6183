#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "claimledger/domain/entry.hpp"

// The bytes that are stored and hashed; core/FORMAT.md describes them. Every value has exactly one encoding.
//
// Threads:  any function from any thread.
// Failure:  decoding throws StoreFailure{corrupt} for anything that encoding would not have produced; encoding throws
//           InvalidInput for a time outside the years 0001 to 9999.
namespace claimledger::codec {

using Salt = std::array<std::uint8_t, 16>;
inline std::string_view view(const Salt& salt) { return {reinterpret_cast<const char*>(salt.data()), salt.size()}; }

// The fields that every entry has besides those of its kind.
struct Frame {
  Position seq;
  TxTime recorded_at;
  Position previous_on_line;         // the entry before this one on its line; 0 for the first, and without a line
  std::optional<Digest> commitment;  // to its content; absent where it has none
  friend bool operator==(const Frame&, const Frame&) = default;
};

struct Decoded {
  Frame frame;
  Entry entry;
};

Bytes encode(const Entry& entry, const Frame& frame);
Decoded decode(std::string_view body);

Bytes encode(const BatchHeader& header);

Bytes encode(const Content& content);
Content decode_content(std::string_view body);

// `header` is that of the entry's batch if the entry is the first in it, otherwise empty.
Digest chain(const Digest& previous, std::string_view header, std::string_view body);
Digest commitment(const Salt& salt, std::string_view content_body);
// The digest by which an idempotency key is looked up.
Digest idempotency_digest(const AgentId& agent, std::string_view key);

}  // namespace claimledger::codec
