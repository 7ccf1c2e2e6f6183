#include "claimledger/adapter/batch_codec.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <set>
#include <string>

namespace claimledger::adapter {

namespace {

constexpr std::string_view magic = "CLB";
constexpr char version = 1;
constexpr std::size_t length_at = 4;
constexpr std::size_t checksum_at = 12;
constexpr std::size_t checksum_size = 8;
// An entry without any key, body or content.
constexpr std::size_t least_entry = 53;

Bytes checksum(std::string_view bytes) { return Bytes(sha256({bytes}).view().substr(0, checksum_size)); }

[[noreturn]] void corrupt(const std::string& why) { throw StoreFailure(FailureKind::corrupt, "decode a batch", why); }

class Writer {
 public:
  void operator()(std::unsigned_integral auto number) {
    for (int shift = 8 * int(sizeof(number)) - 8; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
  }
  void operator()(bool flag) { out += static_cast<char>(flag); }
  void operator()(ContentState state) { out += static_cast<char>(state); }
  void operator()(ClockSource clock) { out += static_cast<char>(clock); }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    out += text;
  }
  void operator()(const Position& position) { (*this)(position.value); }
  void operator()(const TxTime& time) { (*this)(static_cast<std::uint64_t>(time.value.time_since_epoch().count())); }
  void operator()(const Digest& digest) { out += digest.view(); }
  void operator()(const Uuid& id) { out.append(reinterpret_cast<const char*>(id.data), sizeof id.data); }
  void operator()(const std::array<std::uint8_t, 16>& salt) {
    out.append(reinterpret_cast<const char*>(salt.data()), salt.size());
  }
  void operator()(const LineKey& line) {
    (*this)(line.subject);
    (*this)(line.predicate);
  }
  template <class Id>
  requires requires(const Id& id) {
    { id.value } -> std::convertible_to<Uuid>;
  }
  void operator()(const Id& id) { (*this)(id.value); }
  template <class Field>
  void operator()(const std::optional<Field>& field) {
    (*this)(field.has_value());
    if (field) (*this)(*field);
  }
  template <class Item>
  void operator()(const std::vector<Item>& items) {
    (*this)(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) (*this)(item);
  }

  Bytes out;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest(bytes) {}

  void operator()(std::unsigned_integral auto& number) {
    number = 0;
    for (const char byte : take(sizeof(number))) {
      number = static_cast<std::remove_reference_t<decltype(number)>>((std::uint64_t{number} << 8) |
                                                                      static_cast<unsigned char>(byte));
    }
  }
  void operator()(bool& flag) { flag = choice(1) == 1; }
  void operator()(ContentState& state) {
    state = static_cast<ContentState>(choice(static_cast<std::uint8_t>(ContentState::erased)));
  }
  void operator()(ClockSource& clock) {
    clock = static_cast<ClockSource>(choice(static_cast<std::uint8_t>(spellings<ClockSource>().size() - 1)));
  }
  void operator()(std::string& text) { text = take(count()); }
  void operator()(Position& position) { (*this)(position.value); }
  void operator()(TxTime& time) {
    std::uint64_t number = 0;
    (*this)(number);
    time.value = Instant{std::chrono::microseconds{static_cast<std::int64_t>(number)}};
  }
  void operator()(Digest& digest) { digest = Digest::from_bytes(take(digest.bytes.size())); }
  void operator()(Uuid& id) { copy(id.data); }
  void operator()(std::array<std::uint8_t, 16>& salt) { copy(salt); }
  void operator()(LineKey& line) {
    (*this)(line.subject);
    (*this)(line.predicate);
  }
  template <class Id>
  requires requires(const Id& id) {
    { id.value } -> std::convertible_to<Uuid>;
  }
  void operator()(Id& id) { (*this)(id.value); }
  template <class Field>
  void operator()(std::optional<Field>& field) {
    if (choice(1) == 1) (*this)(field.emplace());
  }
  template <class Item>
  void operator()(std::vector<Item>& items) {
    for (auto left = count(); left > 0; --left) (*this)(items.emplace_back());
  }

  std::string_view rest;

 private:
  std::string_view take(std::size_t size) {
    if (size > rest.size()) corrupt("a field is longer than its batch");
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  std::size_t count() {
    std::uint32_t number = 0;
    (*this)(number);
    return number;
  }
  std::uint8_t choice(std::uint8_t last) {
    std::uint8_t number = 0;
    (*this)(number);
    if (number > last) corrupt("a flag or a choice is " + std::to_string(number));
    return number;
  }
  void copy(auto& bytes) {
    const auto taken = take(std::size(bytes));
    std::copy(taken.begin(), taken.end(), std::begin(bytes));
  }
};

// Both directions, in the order of the bytes.
void header_fields(auto& header, auto& visit) {
  visit(header.format);
  visit(header.agent.value);
  visit(header.id);
  visit(header.recorded_at);
  visit(header.clock);
  visit(header.actor);
  visit(header.entries);
}

// Its number and its time are those of the batch.
void entry_fields(auto& entry, auto& visit) {
  visit(entry.kind);
  visit(entry.disposition);
  visit(entry.body);
  visit(entry.hash);
  visit(entry.line);
  visit(entry.claim);
  visit(entry.begins);
  visit(entry.handle);
  visit(entry.idempotency_key);
  visit(entry.derived_from);
  visit(entry.served);
  visit(entry.erases);
  visit(entry.content_state);
  if (entry.content_state != ContentState::present) return;
  visit(entry.content.salt);
  visit(entry.content.body);
  visit(entry.content.search_text);
}

}  // namespace

Bytes encode(const BatchHeader& header, std::span<const StoredEntry> entries) {
  Writer batch;
  header_fields(header, batch);
  batch(entries.front().seq);
  for (const auto& entry : entries) entry_fields(entry, batch);
  Writer out;
  out.out = magic;
  out.out += version;
  out(std::uint64_t{batch.out.size()});
  out.out += checksum(out.out);
  out.out += batch.out;
  out.out += checksum(out.out);
  return std::move(out.out);
}

std::optional<std::size_t> encoded_size(std::string_view bytes) {
  const auto begin = bytes.substr(0, magic.size());
  if (begin != magic.substr(0, begin.size())) corrupt("no batch begins here");
  if (bytes.size() < batch_prefix) return {};
  if (checksum(bytes.substr(0, checksum_at)) != bytes.substr(checksum_at, checksum_size)) {
    corrupt("the checksum of the length does not fit");
  }
  if (bytes[magic.size()] != version) {
    throw StoreFailure(FailureKind::incompatible, "decode a batch",
                       "encoded by version " + std::to_string(static_cast<unsigned char>(bytes[magic.size()])) +
                           ", this one reads " + std::to_string(version));
  }
  std::uint64_t length = 0;
  Reader{bytes.substr(length_at)}(length);
  if (length > std::numeric_limits<std::uint64_t>::max() - batch_prefix - checksum_size)
    corrupt("the length overflows");
  return batch_prefix + length + checksum_size;
}

std::optional<DecodedBatch> decode(std::string_view bytes) {
  const auto size = encoded_size(bytes);
  if (!size || bytes.size() < *size) return {};
  const auto covered = bytes.substr(0, *size - checksum_size);
  if (checksum(covered) != bytes.substr(covered.size(), checksum_size)) corrupt("the checksum does not fit");
  Reader reader(covered.substr(batch_prefix));
  DecodedBatch decoded{.batch = {}, .size = *size};
  auto& batch = decoded.batch;
  header_fields(batch.header, reader);
  reader(batch.first);
  if (batch.header.entries == 0 || batch.header.entries > reader.rest.size() / least_entry) {
    corrupt("it counts " + std::to_string(batch.header.entries) + " entries");
  }
  for (std::uint64_t i = 0; i < batch.header.entries; ++i) {
    auto& entry = batch.entries.emplace_back();
    entry.seq = Position{batch.first.value + i};
    entry.recorded_at = batch.header.recorded_at;
    entry_fields(entry, reader);
  }
  if (!reader.rest.empty()) corrupt("bytes are left over");
  return decoded;
}

Bytes without_content(std::string_view batches, std::span<const StoredEntry> tombstones) {
  std::set<Position> erased;
  for (const auto& entry : tombstones) {
    if (entry.erases) erased.insert(*entry.erases);
  }
  Bytes out;
  while (auto decoded = decode(batches)) {
    auto& [header, first, entries] = decoded->batch;
    for (auto& entry : entries) {
      if (!erased.contains(entry.seq)) continue;
      entry.content_state = ContentState::erased;
      entry.content = {};
      entry.idempotency_key.reset();
    }
    out += encode(header, entries);
    batches.remove_prefix(decoded->size);
  }
  return out;
}

}  // namespace claimledger::adapter
