#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace claimledger {

// A JSON value in canonical form, after RFC 8785: object keys sorted by UTF-16 code unit, numbers by value, no white
// space, no Unicode normalisation. Two values are equal exactly when their canonical texts are, byte for byte.
//
// Integers from -2^63 to 2^64-1 are exact (RFC 8785 alone would round them); 1, 1.0 and 1e0 are one value; -0 is 0.
// A number that is not an integer in that range is the double nearest to it, in ECMAScript's shortest spelling.
// Failure: a parser throws InvalidInput naming the field: malformed JSON, a duplicate key, invalid UTF-8, a lone
// surrogate, NUL inside a string or key, nesting deeper than limits::json_depth, and a number that could not be kept as
// it was typed: an integer outside that range (written out, without an exponent), more than 17 significant digits
// (without zeros at either end), beyond a double, or so close to 0 that it would become 0.
class Value {
 public:
  Value() : text_("null") {}
  Value(bool boolean) : text_(boolean ? "true" : "false") {}
  template <std::integral Number>
  requires(!std::same_as<Number, bool> && !std::same_as<Number, char>) Value(Number number)
      : text_(std::to_string(number)) {}
  // Throws InvalidInput for NaN and infinities.
  Value(double number);
  // A JSON string holding `text` (not JSON to be parsed). Throws InvalidInput for invalid UTF-8 and NUL.
  Value(std::string_view text);
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const char* text) : Value(std::string_view(text)) {}

  static Value parse(std::string_view json, std::string_view field = "value");
  // Takes text that is canonical already, such as a store returns; not checked.
  static Value from_canonical(std::string canonical);
  // Reads JSON that holds what a ledger holds already: parse() without its judgement on numbers, which is for what is
  // typed. Every double is fine here, as the constructor takes it.
  static Value parse_recorded(std::string_view json, std::string_view field = "value");

  const std::string& text() const { return text_; }
  bool is_null() const { return text_ == "null"; }
  bool is_string() const { return text_.front() == '"'; }
  bool is_object() const { return text_.front() == '{'; }
  // The characters of a string value; absent for every other kind.
  std::optional<std::string> as_string() const;

  friend bool operator==(const Value&, const Value&) = default;
  friend std::strong_ordering operator<=>(const Value&, const Value&) = default;

 private:
  std::string text_;
};

}  // namespace claimledger
