#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "claimledger/domain/entry.hpp"

// Fields as bytes: tag, length, payload. See core/FORMAT.md.
namespace claimledger::codec {

// Writes one record; the visitor of layout.hpp.
class Writer {
 public:
  explicit Writer(std::uint8_t type);

  void operator()(std::uint8_t tag, const std::string& text) { bytes(tag, text); }
  void operator()(std::uint8_t tag, const Value& value) { bytes(tag, value.text()); }
  void operator()(std::uint8_t tag, const Digest& digest) { bytes(tag, digest.view()); }
  void operator()(std::uint8_t tag, const ClaimId& id) { uuids(tag, std::span(&id.value, 1)); }
  void operator()(std::uint8_t tag, const BatchId& id) { uuids(tag, std::span(&id.value, 1)); }
  void operator()(std::uint8_t tag, const AdjudicationId& id) { uuids(tag, std::span(&id.value, 1)); }
  void operator()(std::uint8_t tag, const std::vector<ClaimId>& ids);
  void operator()(std::uint8_t tag, const Position& position) {
    integer(tag, static_cast<std::int64_t>(position.value));
  }
  void operator()(std::uint8_t tag, const Confidence& confidence) { integer(tag, confidence.basis_points); }
  void operator()(std::uint8_t tag, const TxTime& time) { instant(tag, time.value); }
  void operator()(std::uint8_t tag, const ValidEnd& end);
  // Booleans, counts and enumerations.
  template <class Number>
  requires(std::is_enum_v<Number> || std::is_integral_v<Number>) void operator()(std::uint8_t tag, Number number) {
    integer(tag, static_cast<std::int64_t>(number));
  }
  template <class Field>
  void operator()(std::uint8_t tag, const std::optional<Field>& field) {
    if (field) (*this)(tag, *field);
  }
  // A list of records: each is a field of tag 1 in the payload, which holds the record's own fields.
  template <class Item>
  void operator()(std::uint8_t tag, const std::vector<Item>& items) {
    if (items.empty()) return;
    Writer list;
    for (const auto& item : items) list.item(item);
    bytes(tag, list.out_);
  }
  template <class Item>
  requires(std::is_class_v<Item>) void operator()(std::uint8_t tag, const Item& record) {
    Writer inner;
    fields(record, inner);
    bytes(tag, inner.out_);
  }
  void unless(std::uint8_t tag, const ValidTime& time, Granularity as, ValidTime usual) {
    if (time != usual) (*this)(tag, ValidEnd{time, as});
  }

  // The record, with its checksum.
  Bytes finish();

 private:
  Writer() = default;  // of fields alone

  template <class Item>
  void item(const Item& it) {
    (*this)(1, it);
  }
  void head(std::uint8_t tag, std::size_t size);
  void bytes(std::uint8_t tag, std::string_view payload);
  void uuids(std::uint8_t tag, std::span<const Uuid> ids);
  void integer(std::uint8_t tag, std::int64_t number);
  void instant(std::uint8_t tag, Instant instant);

  Bytes out_;
};

// Reads one record; the visitor of layout.hpp. `record` names it in failures and outlives the reader.
class Reader {
 public:
  // Checks the length, the checksum and the format.
  Reader(std::string_view body, const char* record);

  std::uint8_t type() const { return type_; }

  void operator()(std::uint8_t tag, std::string& text) { text = bytes(tag); }
  void operator()(std::uint8_t tag, Value& value) { value = Value::from_canonical(std::string(bytes(tag))); }
  void operator()(std::uint8_t tag, Digest& digest);
  void operator()(std::uint8_t tag, ClaimId& id) { uuid(tag, id.value); }
  void operator()(std::uint8_t tag, AdjudicationId& id) { uuid(tag, id.value); }
  void operator()(std::uint8_t tag, std::vector<ClaimId>& ids);  // ids, one after the other
  void operator()(std::uint8_t tag, Position& position) {
    position.value = static_cast<std::uint64_t>(integer(tag, 0, std::numeric_limits<std::int64_t>::max()));
  }
  void operator()(std::uint8_t tag, Confidence& confidence) {
    confidence.basis_points = static_cast<std::int32_t>(integer(tag, 0, 10'000));
  }
  void operator()(std::uint8_t tag, TxTime& time) { time.value = instant(tag, bytes(tag)); }
  void operator()(std::uint8_t tag, ValidEnd& end);
  void operator()(std::uint8_t tag, bool& flag) { flag = integer(tag, 0, 1) == 1; }
  void operator()(std::uint8_t tag, std::uint32_t& count) {
    count = static_cast<std::uint32_t>(integer(tag, 0, std::numeric_limits<std::uint32_t>::max()));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::uint8_t tag, Enum& value) {
    value = static_cast<Enum>(integer(tag, 0, static_cast<std::int64_t>(spellings<Enum>().size()) - 1));
  }
  template <class Field>
  void operator()(std::uint8_t tag, std::optional<Field>& field) {
    if (next_is(tag)) (*this)(tag, field.emplace());
  }
  template <class Item>
  void operator()(std::uint8_t tag, std::vector<Item>& items) {
    items.clear();
    if (!next_is(tag)) return;
    Reader list(bytes(tag), *this);
    if (list.rest_.empty()) refuse_field(tag, "is an empty list");
    while (!list.rest_.empty()) list(1, items.emplace_back());
  }
  template <class Item>
  requires(std::is_class_v<Item>) void operator()(std::uint8_t tag, Item& record) {
    Reader inner(bytes(tag), *this);
    fields(record, inner);
    inner.finish();
  }
  // A time equal to `usual` cannot be written out: it lies outside the calendar.
  void unless(std::uint8_t tag, ValidTime& time, Granularity& as, ValidTime usual) {
    time = usual;
    as = Granularity::instant;
    if (!next_is(tag)) return;
    ValidEnd end;
    (*this)(tag, end);
    time = end.at;
    as = end.granularity;
  }

  // Refuses what is left over.
  void finish() const;
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  // Reads what lies inside a field of `outer`.
  Reader(std::string_view payload, const Reader& outer) : record_(outer.record_), rest_(payload) {}

  [[noreturn]] void refuse_field(std::uint8_t tag, const char* why) const;
  bool next_is(std::uint8_t tag) const { return !rest_.empty() && static_cast<std::uint8_t>(rest_.front()) == tag; }
  std::string_view bytes(std::uint8_t tag);
  void uuid(std::uint8_t tag, Uuid& id);
  std::int64_t number(std::uint8_t tag, std::string_view payload) const;
  std::int64_t integer(std::uint8_t tag, std::int64_t least, std::int64_t most);
  Instant instant(std::uint8_t tag, std::string_view payload) const;

  const char* record_;
  std::uint8_t type_ = 0;
  std::string_view rest_;
};

}  // namespace claimledger::codec
