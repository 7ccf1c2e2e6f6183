#include "domain/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

// A decimal number taken apart: sign, digits without zeros at either end, and the power of ten of the last digit.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

// Exponents are cut off far beyond what any double reaches, so that adding digits to them cannot overflow.
constexpr std::int64_t exponent_cap = 1'000'000'000;

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  std::int64_t exponent = 0;
  for (const char digit : text) exponent = std::min(exponent * 10 + (digit - '0'), exponent_cap);
  return negative ? -exponent : exponent;
}

Decimal take_apart(std::string_view json) {
  Decimal decimal;
  decimal.negative = json.front() == '-';
  if (decimal.negative) json.remove_prefix(1);

  const auto e = json.find_first_of("eE");
  if (e != std::string_view::npos) decimal.exponent = read_exponent(json.substr(e + 1));

  bool fraction = false;
  for (const char c : json.substr(0, e)) {
    if (c < '0' || c > '9') {
      fraction = true;
      continue;
    }
    decimal.digits += c;
    if (fraction) --decimal.exponent;
  }
  while (!decimal.digits.empty() && decimal.digits.back() == '0') {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
  return decimal;
}

// The exact digits of an integer from -2^63 to 2^64-1; absent for everything else.
std::optional<std::string> exact_integer(const Decimal& decimal) {
  if (decimal.digits.empty()) return "0";
  constexpr std::int64_t longest = 20;  // digits of 2^64-1
  if (decimal.exponent < 0 || decimal.exponent > longest) return std::nullopt;
  const auto digits = decimal.digits + std::string(static_cast<std::size_t>(decimal.exponent), '0');

  std::uint64_t magnitude = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude);
  if (read.ec != std::errc{}) return std::nullopt;
  if (decimal.negative && magnitude > std::uint64_t{1} << 63) return std::nullopt;
  return (decimal.negative ? "-" : "") + digits;
}

// The nearest double; absent beyond the largest. A number closer to zero than to the smallest double is 0.
std::optional<double> nearest_double(const Decimal& decimal) {
  const auto text = (decimal.negative ? "-" : "") + decimal.digits + "e" + std::to_string(decimal.exponent);
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc::result_out_of_range) {
    const auto magnitude = static_cast<std::int64_t>(decimal.digits.size()) + decimal.exponent;
    if (magnitude > 0) return std::nullopt;
    number = 0;
  }
  return number;
}

}  // namespace

std::optional<std::string> canonical_number(std::string_view json) {
  const auto decimal = take_apart(json);
  if (auto integer = exact_integer(decimal)) return integer;
  const auto number = nearest_double(decimal);
  return number ? std::optional(ecmascript_number(*number)) : std::nullopt;
}

std::string as_string_instead(std::string_view json) {
  constexpr std::size_t quotable = 40;
  return "; write it as a string: \"" + shortened(json, quotable) + "\"";
}

std::string number_problem(std::string_view json) {
  const auto decimal = take_apart(json);
  if (exact_integer(decimal)) return {};
  const auto instead = as_string_instead(json);
  const bool written_out = json.find_first_of("eE") == std::string_view::npos;
  if (written_out && decimal.exponent >= 0) return "is an integer outside -2^63 .. 2^64-1" + instead;
  constexpr std::size_t most_digits = 17;  // enough to tell any two doubles apart
  if (decimal.digits.size() > most_digits) {
    return "has " + std::to_string(decimal.digits.size()) + " significant digits; at most 17 are kept" + instead;
  }
  const auto number = nearest_double(decimal);
  if (!number) return "is a number beyond a double" + instead;
  if (*number == 0) return "is so close to 0 that it would become 0" + instead;
  return {};
}

std::string ecmascript_number(double number) {
  if (number == 0) return "0";
  std::array<char, 32> shortest{};
  const auto written =
      std::to_chars(shortest.data(), shortest.data() + shortest.size(), number, std::chars_format::scientific);
  const auto decimal = take_apart({shortest.data(), static_cast<std::size_t>(written.ptr - shortest.data())});

  // Names as in ECMA-262: k digits, and the point stands after the n-th.
  const auto& digits = decimal.digits;
  const auto k = static_cast<std::int64_t>(digits.size());
  const auto n = k + decimal.exponent;
  const auto zeros = [](std::int64_t count) { return std::string(static_cast<std::size_t>(count), '0'); };
  const std::string sign = decimal.negative ? "-" : "";

  if (k <= n && n <= 21) return sign + digits + zeros(n - k);
  if (0 < n && n <= 21)
    return sign + digits.substr(0, static_cast<std::size_t>(n)) + "." + digits.substr(static_cast<std::size_t>(n));
  if (-6 < n && n <= 0) return sign + "0." + zeros(-n) + digits;
  std::string text = sign + digits.substr(0, 1);
  if (k > 1) text.append(".").append(digits, 1);
  return text.append(n > 0 ? "e+" : "e-").append(std::to_string(n > 0 ? n - 1 : 1 - n));
}

}  // namespace claimledger
