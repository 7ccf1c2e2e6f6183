#include "claimledger/domain/value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "claimledger/domain/strict_json.hpp"
#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "domain/hex.hpp"
#include "domain/number.hpp"
#include "domain/utf8.hpp"

namespace claimledger {
namespace {

// Only what RFC 8785 escapes; everything else stands as it is.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += hex_digits[static_cast<std::size_t>(c) >> 4];
          out += hex_digits[static_cast<std::size_t>(c) & 0xF];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Order by UTF-16 code unit, on UTF-8. It is the order of the bytes, except that U+E000..U+FFFF (lead bytes EE and EF)
// come after the surrogates of everything beyond (lead bytes F0 to F4).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_a == a.end() || at_b == b.end()) return at_a == a.end() && at_b != b.end();
  const auto weight = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
  };
  return weight(*at_a) < weight(*at_b);
}

enum class Numbers { typed, recorded };

// Writes canonical text while nlohmann reads. A DOM would already have rounded numbers and dropped duplicate keys.
class CanonicalWriter : public nlohmann::json_sax<nlohmann::json> {
 public:
  CanonicalWriter(std::string_view field, Numbers numbers) : field_(field), numbers_(numbers) {}

  std::string take() { return std::move(result_); }

  bool null() override { return write("null"); }
  bool boolean(bool value) override { return write(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return write(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return write(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override {
    if (numbers_ == Numbers::typed) {
      if (const auto problem = number_problem(text); !problem.empty()) refuse(problem);
    }
    auto number = canonical_number(text);
    if (!number) refuse_overflow(text);
    return write(std::move(*number));
  }
  bool string(string_t& text) override { return write(quoted(text)); }
  bool binary(binary_t&) override { refuse("binary data is not JSON"); }

  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }

  bool key(string_t& text) override {
    if (text.find('\0') != string_t::npos) refuse("a key contains NUL");
    open_.back().key = text;
    return true;
  }

  bool end_object() override {
    auto members = std::move(open_.back().members);
    open_.pop_back();
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return utf16_less(a.first, b.first); });
    std::string text = "{";
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0 && members[i].first == members[i - 1].first) refuse_duplicate(members[i].first);
      if (i > 0) text += ',';
      append_quoted(text, members[i].first);
      text += ':';
      text += members[i].second;
    }
    return write(std::move(text) + '}');
  }

  bool end_array() override {
    auto text = std::move(open_.back().elements);
    open_.pop_back();
    return write(text.empty() ? "[]" : std::move(text) + ']');
  }

  bool parse_error(std::size_t, const std::string& token, const nlohmann::json::exception& error) override {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow) refuse_overflow(token);
    refuse("malformed JSON " + problem_of(dynamic_cast<const nlohmann::json::parse_error&>(error)));
  }

 private:
  // An array or object that is not closed yet.
  struct Open {
    bool object = false;
    std::string key;
    std::vector<std::pair<std::string, std::string>> members;
    std::string elements;  // "[", then the elements so far
  };

  [[noreturn]] void refuse(const std::string& why) const { throw InvalidInput(std::string(field_), why); }

  [[noreturn]] void refuse_overflow(std::string_view number) const {
    refuse("is a number beyond a double" + as_string_instead(number));
  }

  [[noreturn]] void refuse_duplicate(const std::string& key) const {
    constexpr std::size_t quotable = 100;
    refuse("duplicate key \"" + shortened(key, quotable) + "\"");
  }

  std::string quoted(std::string_view text) const {
    if (text.find('\0') != std::string_view::npos) refuse("a string contains NUL");
    std::string out;
    append_quoted(out, text);
    return out;
  }

  bool open(bool object) {
    if (open_.size() == limits::json_depth) refuse("nested deeper than " + std::to_string(limits::json_depth));
    open_.push_back({.object = object, .key = {}, .members = {}, .elements = {}});
    return true;
  }

  bool write(std::string text) {
    if (open_.empty()) {
      result_ = std::move(text);
    } else if (open_.back().object) {
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(text));
    } else {
      auto& elements = open_.back().elements;
      elements += elements.empty() ? '[' : ',';
      elements += text;
    }
    return true;
  }

  std::string_view field_;
  Numbers numbers_;
  std::vector<Open> open_;
  std::string result_;
};

std::string canonical_text(std::string_view json, std::string_view field, Numbers numbers) {
  // nlohmann takes a NUL byte for the end of the input, and so would not see what follows it.
  if (json.find('\0') != std::string_view::npos) throw InvalidInput(field, "contains NUL");
  if (json.starts_with(byte_order_mark)) throw InvalidInput(field, "malformed JSON: begins with a byte order mark");
  CanonicalWriter writer(field, numbers);
  nlohmann::json::sax_parse(json.begin(), json.end(), &writer);
  return writer.take();
}

}  // namespace

Value::Value(double number) {
  if (!std::isfinite(number)) throw InvalidInput("value", "NaN and infinities are not JSON");
  constexpr double two_to_63 = 9223372036854775808.0;
  if (number != std::trunc(number) || number < -two_to_63 || number >= 2 * two_to_63) {
    text_ = ecmascript_number(number);
  } else if (number < 0) {
    text_ = std::to_string(static_cast<std::int64_t>(number));
  } else {
    text_ = std::to_string(static_cast<std::uint64_t>(number));
  }
}

Value::Value(std::string_view text) {
  if (const auto problem = text_problem(text); !problem.empty()) throw InvalidInput("value", std::string(problem));
  append_quoted(text_, text);
}

Value Value::parse(std::string_view json, std::string_view field) {
  return from_canonical(canonical_text(json, field, Numbers::typed));
}

Value Value::parse_recorded(std::string_view json, std::string_view field) {
  return from_canonical(canonical_text(json, field, Numbers::recorded));
}

Value Value::from_canonical(std::string canonical) {
  Value value;
  value.text_ = std::move(canonical);
  return value;
}

std::optional<std::string> Value::as_string() const {
  if (!is_string()) return std::nullopt;
  return nlohmann::json::parse(text_).get<std::string>();
}

}  // namespace claimledger
