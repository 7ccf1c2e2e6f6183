#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/ports/store.hpp"

// Parameters of a statement as Postgres sends them in binary: whatever the settings of a database, bytes are bytes.
namespace claimledger::postgres {

// One array, built element by element. Elements of one array are of one type.
class Array {
 public:
  static Array texts() { return Array(25); }
  static Array bytes() { return Array(17); }
  static Array uuids() { return Array(2950); }
  static Array integers() { return Array(20); }
  static Array small_integers() { return Array(23); }

  void add(std::string_view raw);  // a text, bytes
  void add(const Uuid& id);
  void add(const Digest& digest) { add(digest.view()); }
  void add(std::int64_t number);
  void add_small(std::int32_t number);
  void add_null();
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value) {
      add(*value);
    } else {
      add_null();
    }
  }

  // With its header.
  std::string finished() const;

 private:
  explicit Array(std::uint32_t type) : type_(type) {}
  void begin_element(std::size_t size);

  std::uint32_t type_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

class Parameters {
 public:
  template <class... Values>
  explicit Parameters(const Values&... values) {
    values_.reserve(sizeof...(values));
    (add(values), ...);
  }

  void add(std::string_view raw) { values_.emplace_back(raw); }
  void add(const std::string& raw) { values_.push_back(raw); }
  void add(const char* text) { values_.emplace_back(text); }
  void add(const Digest& digest) { add(digest.view()); }
  void add(const Uuid& id);
  void add(std::int64_t number);
  void add(std::int32_t number);
  void add(bool flag);
  void add(Position position);
  void add(TxTime time) { add(std::int64_t{time.value.time_since_epoch().count()}); }
  void add(const Array& array) { values_.push_back(array.finished()); }

  const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
};

// A position as the database counts: one past what it can count is past everything.
std::int64_t number(Position position);

}  // namespace claimledger::postgres
