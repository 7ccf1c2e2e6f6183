#include "json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

bool has_type(const Json& document, const std::string& type) {
  if (type == "integer")
    return document.is_number_integer() ||
           (document.is_number_float() && std::trunc(document.get<double>()) == document.get<double>());
  if (type == "number") return document.is_number();
  if (type == "null") return document.is_null();
  return document.type_name() == type;
}

// A pattern is met thousands of times, and to compile it takes longer than to match it.
const std::regex& compiled(const std::string& pattern) {
  static std::map<std::string, std::regex> known;
  const auto [found, fresh] = known.try_emplace(pattern);
  if (fresh) found->second = std::regex(pattern);
  return found->second;
}

bool has_format(const std::string& text, const std::string& format) {
  static const std::regex uuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  static const std::regex date_time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  if (format == "uuid") return std::regex_match(text, uuid);
  return format == "date-time" && std::regex_match(text, date_time);
}

// The library compares a signed number with an unsigned one as though both were signed.
bool at_most(const Json& number, const Json& most) {
  if (!number.is_number_integer() || !most.is_number_integer()) return number.get<double>() <= most.get<double>();
  const auto negative = [](const Json& it) { return !it.is_number_unsigned() && it.get<std::int64_t>() < 0; };
  if (negative(number) || negative(most)) return negative(number) && (!negative(most) || number <= most);
  return number.get<std::uint64_t>() <= most.get<std::uint64_t>();
}

class Check {
 public:
  explicit Check(const Json& root) : root_(root) {}

  std::string against(const Json& schema, const Json& document, const std::string& path) const {
    for (const auto& [keyword, rule] : schema.items()) {
      const auto wrong = keep(keyword, rule, schema, document, path);
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

 private:
  std::string keep(const std::string& keyword, const Json& rule, const Json& schema, const Json& document,
                   const std::string& path) const {
    static const std::set<std::string> silent{"$schema", "$defs", "description"};
    if (silent.contains(keyword)) return {};
    const auto fail = [&](bool good) {
      return good ? std::string() : path + ": " + keyword + " " + rule.dump() + ", but it is " + document.dump();
    };
    if (keyword == "$ref")
      return against(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), document, path);
    if (keyword == "type") return fail(has_type(document, rule));
    if (keyword == "enum") return fail(std::find(rule.begin(), rule.end(), document) != rule.end());
    if (keyword == "const") return fail(document == rule);
    if (keyword == "minimum") return fail(!document.is_number() || at_most(rule, document));
    if (keyword == "maximum") return fail(!document.is_number() || at_most(document, rule));
    if (keyword == "minLength") return fail(!document.is_string() || document.get<std::string>().size() >= rule);
    if (keyword == "maxLength") return fail(!document.is_string() || document.get<std::string>().size() <= rule);
    if (keyword == "minItems") return fail(!document.is_array() || document.size() >= rule);
    if (keyword == "maxItems") return fail(!document.is_array() || document.size() <= rule);
    if (keyword == "pattern")
      return fail(!document.is_string() ||
                  std::regex_search(document.get<std::string>(), compiled(rule.get<std::string>())));
    if (keyword == "format") return fail(!document.is_string() || has_format(document, rule));
    if (keyword == "required")
      return fail(!document.is_object() ||
                  std::all_of(rule.begin(), rule.end(), [&](const auto& name) { return document.contains(name); }));
    if (keyword == "not") return fail(!against(rule, document, path).empty());
    if (keyword == "allOf") return fail(matches(rule, document, path) == static_cast<std::ptrdiff_t>(rule.size()));
    if (keyword == "anyOf") return fail(matches(rule, document, path) >= 1);
    if (keyword == "oneOf") return fail(matches(rule, document, path) == 1);
    if (keyword == "items") return each(document, path, [&](const auto&) { return &rule; });
    if (keyword == "properties")
      return each(document, path, [&](const auto& name) { return rule.contains(name) ? &rule.at(name) : nullptr; });
    if (keyword == "additionalProperties") return additional(rule, schema, document, path);
    return path + ": unknown keyword " + keyword;
  }

  std::ptrdiff_t matches(const Json& choices, const Json& document, const std::string& path) const {
    return std::count_if(choices.begin(), choices.end(),
                         [&](const auto& choice) { return against(choice, document, path).empty(); });
  }

  // `rule_of` gives the schema of a member by its name, or nothing.
  template <class RuleOf>
  std::string each(const Json& document, const std::string& path, RuleOf rule_of) const {
    if (!document.is_structured()) return {};
    for (const auto& [name, member] : document.items()) {
      const Json* rule = rule_of(name);
      if (rule == nullptr) continue;
      const auto wrong = against(*rule, member, path + "/" + name);
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  std::string additional(const Json& rule, const Json& schema, const Json& document, const std::string& path) const {
    const auto known = schema.value("properties", Json::object());
    if (rule.is_object())
      return each(document, path, [&](const auto& name) { return known.contains(name) ? nullptr : &rule; });
    if (!document.is_object()) return {};
    for (const auto& [name, member] : document.items())
      if (!known.contains(name)) return path + "/" + name + ": is not in the schema";
    return {};
  }

  const Json& root_;
};

}  // namespace

std::string misfit(const Json& document, const Json& schema) { return Check(schema).against(schema, document, ""); }

}  // namespace claimledger::tests
