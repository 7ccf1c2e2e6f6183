#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "rules/rules.hpp"

namespace claimledger::rules {

namespace {

// Text that can be handled as a Value, whether or not it is the canonical one. Other code goes into JSON level by
// level.
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

std::string_view flaw_of(const ClaimRecorded& it, const Record& record) {
  if (it.claim.trusted && !it.claim.window.from) return "records a claim with trusted timing and no start";
  if (record.content_state == ContentState::none) return "records a claim without content";
  if (record.content_state == ContentState::erased) return {};
  const auto& content = record.content;
  if (!content.value) return "records a claim without a value";
  if (!content.subject || !content.predicate) return "records a claim without subject and predicate";
  return {};
}

std::string_view flaw_of(const Cut& it, const Record&) {
  if (it.reason == CutReason::succession && !it.cause) return "is a successor's cut without a successor";
  return {};
}

template <class Other>
std::string_view flaw_of(const Other&, const Record&) {
  return {};
}

bool canonical(const std::optional<Value>& value) {
  try {
    return !value || Value::parse(value->text()) == *value;
  } catch (const InvalidInput&) {
    return false;
  }
}

}  // namespace

std::string_view flaw(const Record& record) {
  const auto& content = record.content;
  if (!can_be_handled(content.value)) return "has a value that is not JSON";
  if (!can_be_handled(content.metadata)) return "has metadata that are not JSON";
  if (content.metadata && !content.metadata->is_object()) return "has metadata that are no object";
  return std::visit([&](const auto& it) { return flaw_of(it, record); }, record.entry);
}

std::string_view misspelling(const Content& content) {
  if (!canonical(content.value)) return "has a value that is not canonical JSON";
  if (!canonical(content.metadata)) return "has metadata that are not canonical JSON";
  return {};
}

}  // namespace claimledger::rules
