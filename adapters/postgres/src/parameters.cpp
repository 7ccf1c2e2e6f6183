#include "parameters.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace claimledger::postgres {

namespace {

template <class Unsigned>
void put(std::string& out, Unsigned number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
}

void overwrite(std::string& out, std::size_t at, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out[at++] = static_cast<char>(static_cast<unsigned char>(number >> shift));
}

std::string_view raw(const Uuid& id) { return {reinterpret_cast<const char*>(id.data), sizeof id.data}; }

}  // namespace

std::int64_t number(Position position) {
  return static_cast<std::int64_t>(
      std::min(position.value, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

// Dimensions, whether there are nulls, the type; with the first element the one dimension joins them.
Array::Array(std::uint32_t type) {
  put(bytes_, std::uint32_t{0});
  put(bytes_, std::uint32_t{0});
  put(bytes_, type);
}

void Array::begin_element(std::uint32_t size) {
  constexpr std::size_t dimensions = 0, length = 12;
  if (count_ == 0) {
    overwrite(bytes_, dimensions, 1);
    put(bytes_, std::uint32_t{0});
    put(bytes_, std::uint32_t{1});  // the first index
  }
  overwrite(bytes_, length, ++count_);
  put(bytes_, size);
}

void Array::add(std::string_view bytes_of) {
  begin_element(static_cast<std::uint32_t>(bytes_of.size()));
  bytes_ += bytes_of;
}

void Array::add(const Uuid& id) { add(raw(id)); }

void Array::add(std::int64_t value) {
  begin_element(sizeof value);
  put(bytes_, static_cast<std::uint64_t>(value));
}

void Array::add_small(std::int32_t value) {
  begin_element(sizeof value);
  put(bytes_, static_cast<std::uint32_t>(value));
}

void Array::add_number(std::uint8_t value) {
  begin_element(sizeof(std::uint16_t));
  put(bytes_, std::uint16_t{value});
}

void Array::add_flag(bool flag) {
  begin_element(1);
  bytes_ += flag ? '\1' : '\0';
}

void Array::add_float(float number) {
  begin_element(sizeof number);
  put(bytes_, std::bit_cast<std::uint32_t>(number));
}

void Array::add_null() {
  constexpr std::size_t has_null = 4;
  overwrite(bytes_, has_null, 1);
  begin_element(std::numeric_limits<std::uint32_t>::max());
}

void Parameters::add(const Uuid& id) { add(raw(id)); }
void Parameters::add(std::int64_t value) {
  std::string bytes;
  put(bytes, static_cast<std::uint64_t>(value));
  values_.emplace_back(std::move(bytes));
}

void Parameters::add(std::int32_t value) {
  std::string bytes;
  put(bytes, static_cast<std::uint32_t>(value));
  values_.emplace_back(std::move(bytes));
}

void Parameters::add(std::int16_t value) {
  std::string bytes;
  put(bytes, static_cast<std::uint16_t>(value));
  values_.emplace_back(std::move(bytes));
}

void Parameters::add(bool flag) { values_.emplace_back(std::string(1, flag ? '\1' : '\0')); }
void Parameters::add(Position position) { add(number(position)); }

std::size_t Parameters::bytes() const {
  std::size_t sum = 0;
  for (std::size_t place = 0; place < size(); ++place) sum += sizeof(std::uint32_t) + (*this)[place].size();
  return sum;
}

void check_fits(std::size_t bytes, const char* operation) {
  if (bytes <= most_bytes) return;
  throw StoreFailure(FailureKind::unsupported, operation,
                     "a batch of " + std::to_string(bytes) +
                         " bytes; Postgres takes less than 1 GiB in one; append it in smaller batches");
}

}  // namespace claimledger::postgres
