#include <set>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// Whether a text is safe to handle as a Value, canonical or not. Other code recurses into the levels of JSON.
bool can_be_handled(const std::optional<Value>& value) {
  if (!value) return true;
  if (value->text().empty()) return false;
  std::size_t depth = 0;
  bool quoted = false, escaped = false;
  for (const char c : value->text()) {
    if (quoted) {
      quoted = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limits::json_depth) return false;
    } else if (c == ']' || c == '}') {
      if (depth-- == 0) return false;
    }
  }
  return true;
}

std::string_view error_of(const Claim& said, const Record& record) {
  if (said.trusted && !said.window.from) return "records a claim with trusted timing and no start";
  if (record.content_state == ContentState::none) return "records a claim without content";
  if (record.content_state == ContentState::erased) return {};
  const auto& content = record.content;
  if (!content.value) return "records a claim without a value";
  if (!content.subject || !content.predicate) return "records a claim without subject and predicate";
  return {};
}

std::string_view error_of(const ClaimRecorded& it, const Record& record) { return error_of(it.claim, record); }
std::string_view error_of(const Corroborated& it, const Record& record) { return error_of(it.stated, record); }

std::string_view error_of(const Judged& it, const Record&) {
  if (it.begins && it.statements.empty()) return "begins a claim without a statement";
  const std::set<Position> each(it.statements.begin(), it.statements.end());
  if (each.size() != it.statements.size()) return "gives a claim a statement twice";
  return {};
}

std::string_view error_of(const TakenBack& it, const Record&) {
  if (it.statements.empty()) return "takes nothing back";
  return {};
}

template <class Other>
std::string_view error_of(const Other&, const Record&) {
  return {};
}

bool canonical(const std::optional<Value>& value) {
  try {
    return !value || Value::parse_recorded(value->text()) == *value;
  } catch (const InvalidInput&) {
    return false;
  }
}

}  // namespace

std::string_view structural_error(const Record& record) {
  const auto& content = record.content;
  if (!can_be_handled(content.value)) return "has a value that is not JSON";
  if (!can_be_handled(content.metadata)) return "has metadata that are not JSON";
  if (content.metadata && !content.metadata->is_object()) return "has metadata that are no object";
  return std::visit([&](const auto& it) { return error_of(it, record); }, record.entry);
}

std::string_view non_canonical_field(const Content& content) {
  if (!canonical(content.value)) return "has a value that is not canonical JSON";
  if (!canonical(content.metadata)) return "has metadata that are not canonical JSON";
  return {};
}

}  // namespace claimledger::rules
