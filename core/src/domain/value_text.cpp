#include "domain/value_text.hpp"

#include <nlohmann/json.hpp>

namespace claimledger {
namespace {

using Json = nlohmann::json;

void add_text(const Json& json, std::string& out) {
  const auto add = [&](const std::string& text) {
    if (!out.empty()) out += '\n';
    out += text;
  };
  if (json.is_object()) {
    for (const auto& [key, member] : json.items()) {
      add(key);
      add_text(member, out);
    }
  } else if (json.is_array()) {
    for (const auto& element : json) add_text(element, out);
  } else {
    add(json.is_string() ? json.get_ref<const std::string&>() : json.dump());
  }
}

}  // namespace

std::string plain_text(const Value& value) {
  if (auto text = value.as_string()) return std::move(*text);
  if (!value.is_object() && value.text().front() != '[') return value.text();
  std::string out;
  add_text(Json::parse(value.text()), out);
  return out;
}

// Canonical text of one number is one text, so members compare as the parser reads them.
bool has_members(const Value& object, const Value& wanted) {
  if (!object.is_object() || !wanted.is_object()) return false;
  const auto has = Json::parse(object.text());
  const auto wants = Json::parse(wanted.text());
  for (const auto& [key, member] : wants.items()) {
    const auto found = has.find(key);
    if (found == has.end() || *found != member) return false;
  }
  return true;
}

}  // namespace claimledger
