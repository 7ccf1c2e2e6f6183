#include "parameters.hpp"

#include <algorithm>
#include <limits>

namespace claimledger::postgres {

namespace {

template <class Unsigned>
void put(std::string& out, Unsigned number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
}

std::string_view raw(const Uuid& id) { return {reinterpret_cast<const char*>(id.data), sizeof id.data}; }

}  // namespace

std::int64_t number(Position position) {
  return static_cast<std::int64_t>(
      std::min(position.value, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

void Array::begin_element(std::size_t size) {
  ++count_;
  put(elements_, static_cast<std::uint32_t>(size));
}

void Array::add(std::string_view bytes_of) {
  begin_element(bytes_of.size());
  elements_ += bytes_of;
}

void Array::add(const Uuid& id) { add(raw(id)); }

void Array::add(std::int64_t value) {
  begin_element(sizeof value);
  put(elements_, static_cast<std::uint64_t>(value));
}

void Array::add_small(std::int32_t value) {
  begin_element(sizeof value);
  put(elements_, static_cast<std::uint32_t>(value));
}

void Array::add_null() {
  has_null_ = true;
  ++count_;
  put(elements_, std::numeric_limits<std::uint32_t>::max());
}

std::string Array::finished() const {
  constexpr std::size_t header = 20;
  std::string out;
  out.reserve(header + elements_.size());
  put(out, std::uint32_t{count_ == 0 ? 0U : 1U});  // dimensions
  put(out, std::uint32_t{has_null_ ? 1U : 0U});
  put(out, type_);
  if (count_ == 0) return out;
  put(out, count_);
  put(out, std::uint32_t{1});  // the first index
  return out + elements_;
}

void Parameters::add(const Uuid& id) { add(raw(id)); }
void Parameters::add(std::int64_t value) { put(values_.emplace_back(), static_cast<std::uint64_t>(value)); }
void Parameters::add(std::int32_t value) { put(values_.emplace_back(), static_cast<std::uint32_t>(value)); }
void Parameters::add(bool flag) { values_.emplace_back(1, flag ? '\1' : '\0'); }
void Parameters::add(Position position) { add(number(position)); }

}  // namespace claimledger::postgres
