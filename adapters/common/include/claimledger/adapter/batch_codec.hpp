#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "claimledger/ports/store.hpp"

// A whole batch as bytes, with every key of its entries: for stores that keep batches in files, objects or messages.
//
//   offset  bytes  what
//   0       4      "CLB" and the version, 1
//   4       8      n, the length of the batch
//   12      8      checksum of bytes 0 to 11: a wrong length is damage, it does not pass for an end that is missing
//   20      n      the batch
//   20 + n  8      checksum of bytes 0 to 19 + n
//
// The batch is its header, the position of its first entry, and its entries, each field after the other as they stand
// in BatchHeader and StoredEntry; position and time of an entry follow from the batch. Integers are big-endian; a text
// or a list begins with its length in 4 bytes, what may be absent with 0 or 1; content follows only where it is
// present. A checksum is the first 8 bytes of SHA-256: it finds accidents, not forgers; core's chain of hashes is for
// those. Every batch has exactly one encoding. Later versions keep the first 20 bytes as they are.
//
// Threads: any.
namespace claimledger::adapter {

// A batch as it is appended, or with entries whose content was erased since. It is not empty, and its entries bear the
// numbers and the time that they have by it.
Bytes encode(const BatchHeader& header, std::span<const StoredEntry> entries);

struct DecodedBatch {
  StoredBatch batch = {};  // as it was encoded: with all keys of its entries
  std::size_t size = 0;    // bytes that it took
};

// The batch at the beginning of `bytes`; nothing if they end before the batch does, as after a torn write.
// Failure: StoreFailure{corrupt} where the bytes cannot be what was encoded, {incompatible} for a later version.
std::optional<DecodedBatch> decode(std::string_view bytes);

// These batches, encoded one after the other, without the content that the tombstones among these entries erase: for a
// store that keeps the bytes, which what is erased has to leave. Failure: as decode().
Bytes without_content(std::string_view batches, std::span<const StoredEntry> tombstones);

// How many bytes the batch takes that begins with these; nothing while they are fewer than `batch_prefix`. For readers
// that take one batch at a time. Failure: as decode().
inline constexpr std::size_t batch_prefix = 20;
std::optional<std::size_t> encoded_size(std::string_view bytes);

}  // namespace claimledger::adapter
