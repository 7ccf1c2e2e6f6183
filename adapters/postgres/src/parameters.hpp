#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
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
  static Array numbers() { return Array(21); }  // kinds and dispositions
  static Array flags() { return Array(16); }
  static Array floats() { return Array(700); }

  void add(std::string_view raw);  // a text, bytes
  void add(const Uuid& id);
  void add(const Digest& digest) { add(digest.view()); }
  void add(std::int64_t number);
  void add_small(std::int32_t number);
  void add_number(std::uint8_t number);
  void add_flag(bool flag);
  void add_float(float number);
  void add_null();
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value) {
      add(*value);
    } else {
      add_null();
    }
  }

  // As it is sent, whole after each element: an array can be most of a batch, and is copied as rarely as may be.
  std::string_view view() const { return bytes_; }

 private:
  explicit Array(std::uint32_t type);
  void begin_element(std::uint32_t size);

  std::uint32_t count_ = 0;
  std::string bytes_;
};

class Parameters {
 public:
  template <class... Values>
  explicit Parameters(const Values&... values) {
    values_.reserve(sizeof...(values));
    (add(values), ...);
  }

  void add(std::string_view raw) { values_.emplace_back(std::string(raw)); }
  void add(const std::string& raw) { values_.emplace_back(raw); }
  void add(const char* text) { values_.emplace_back(std::string(text)); }
  void add(const Digest& digest) { add(digest.view()); }
  void add(const Uuid& id);
  void add(std::int64_t number);
  void add(std::int32_t number);
  void add(std::int16_t number);
  void add(bool flag);
  void add(Position position);
  void add(TxTime time) { add(std::int64_t{time.value.time_since_epoch().count()}); }
  void add(const Array& array) { add(array.view()); }
  // Adds a large parameter without copying it; it has to outlive this object.
  void borrow(const Array& array) { borrow(array.view()); }
  void borrow(std::string_view raw) { values_.emplace_back(raw); }

  std::size_t size() const { return values_.size(); }
  std::string_view operator[](std::size_t place) const {
    return std::visit([](const auto& value) -> std::string_view { return value; }, values_[place]);
  }
  // How many bytes of a message they take.
  std::size_t bytes() const;

 private:
  std::vector<std::variant<std::string, std::string_view>> values_;
};

// The most bytes of parameters that a statement may have. A server takes messages of less than 1 GiB; some is the rest.
inline constexpr std::size_t most_bytes = (std::size_t{1} << 30) - 2048;
// Failure: StoreFailure{unsupported} when these are more. Sent all the same, they would only end the connection.
void check_fits(std::size_t bytes, const char* operation);

// A position as the database counts: one past what it can count is past everything.
std::int64_t number(Position position);

}  // namespace claimledger::postgres
