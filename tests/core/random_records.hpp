#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "claimledger/domain/entry.hpp"
#include "codec/codec.hpp"
#include "codec/layout.hpp"

// Records of any kind with every field drawn at random, by the same description that the codec uses.
namespace claimledger {

class RandomFields {
 public:
  explicit RandomFields(std::uint64_t seed) : generator_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return generator_() % bound; }

  // The visitor of layout.hpp.
  void operator()(std::uint8_t, bool& flag) { flag = below(2) == 1; }
  void operator()(std::uint8_t, std::uint32_t& count) { count = static_cast<std::uint32_t>(magnitude() >> 32); }
  void operator()(std::uint8_t, std::string& text) {
    text = std::string(1 + below(300), static_cast<char>('a' + below(26)));
  }
  void operator()(std::uint8_t, Value& value) { value = Value(magnitude()); }
  void operator()(std::uint8_t, Digest& digest) {
    for (auto& byte : digest.bytes) byte = static_cast<std::uint8_t>(below(256));
  }
  template <class Id>
  requires std::is_same_v<decltype(Id::value), Uuid>
  void operator()(std::uint8_t, Id& id) {
    for (auto& byte : id.value) byte = static_cast<std::uint8_t>(below(256));
  }
  void operator()(std::uint8_t tag, std::vector<ClaimId>& ids) {
    ids.resize(below(20));
    for (auto& id : ids) (*this)(tag, id);
  }
  void operator()(std::uint8_t, Position& position) { position.value = magnitude() >> 1; }
  void operator()(std::uint8_t, Confidence& confidence) {
    confidence.basis_points = static_cast<std::int32_t>(below(10'001));
  }
  void operator()(std::uint8_t, TxTime& time) { time.value = instant(); }
  void operator()(std::uint8_t, ValidTime& time) { time.value = instant(); }
  void operator()(std::uint8_t tag, ValidEnd& end) {
    end.at.value = instant();
    (*this)(tag, end.granularity);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(std::uint8_t, Enum& value) { value = static_cast<Enum>(below(spellings<Enum>().size())); }
  template <class Field>
  void operator()(std::uint8_t tag, std::optional<Field>& field) {
    field.reset();
    if (below(3) > 0) (*this)(tag, field.emplace());
  }
  template <class Item>
  void operator()(std::uint8_t tag, std::vector<Item>& items) {
    items.resize(below(4));
    for (auto& item : items) (*this)(tag, item);
  }
  // An item of a list.
  template <class Item>
  requires requires(Item& item, RandomFields& visitor) { codec::fields(item, visitor); }
  void operator()(std::uint8_t, Item& item) { codec::fields(item, *this); }
  void unless(std::uint8_t tag, ValidTime& time, Granularity& as, ValidTime usual) {
    time = usual;
    as = Granularity::instant;
    if (below(2) == 0) return;
    (*this)(tag, time);
    (*this)(tag, as);
  }

 private:
  // Of any length in bits, so that short numbers are as frequent as long ones.
  std::uint64_t magnitude() { return generator_() >> below(64); }

  Instant instant() {
    switch (below(8)) {
      case 0:
        return earliest_instant;
      case 1:
        return latest_instant;
      case 2:
        return Instant{};
      default: {
        const auto span = static_cast<std::uint64_t>((latest_instant - earliest_instant).count());
        return earliest_instant + std::chrono::microseconds{static_cast<std::int64_t>(below(span))};
      }
    }
  }

  std::mt19937_64 generator_;
};

template <class Record>
Record random_record(RandomFields& random) {
  Record record;
  codec::fields(record, random);
  return record;
}

template <std::size_t... places>
std::vector<Entry> one_of_each(std::index_sequence<places...>) {
  return {Entry{std::in_place_index<places>}...};
}

// An entry of every kind, in the order of the variant.
inline std::vector<Entry> random_entries(RandomFields& random) {
  auto entries = one_of_each(std::make_index_sequence<std::variant_size_v<Entry>>{});
  for (auto& entry : entries) std::visit([&](auto& it) { codec::fields(it, random); }, entry);
  return entries;
}

}  // namespace claimledger
