#include <algorithm>
#include <map>

#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "domain/value_text.hpp"
#include "search/question.hpp"
#include "search/snippet.hpp"

// What is believed about something, as text for a prompt.
namespace claimledger::application {

namespace {

constexpr std::size_t longest_value = 400;  // bytes; a longer one is cut around what was asked for

// In quarters: one for a character of ASCII, four for any other.
std::size_t quarters_of(std::string_view text) {
  std::size_t quarters = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      quarters += 1;
    else if (byte >= 0xC0)  // the first byte of a character
      quarters += 4;
  }
  return quarters;
}

// On one line, and no control character in it: nothing of a value ends the line that tells of it.
std::string on_one_line(std::string_view text) {
  constexpr std::string_view other_ends[] = {"\u0085", "\u2028", "\u2029"};
  std::string out;
  while (!text.empty()) {
    const auto* const end = std::ranges::find_if(other_ends, [&](const auto& it) { return text.starts_with(it); });
    const auto byte = static_cast<unsigned char>(text.front());
    const bool blank = end != std::end(other_ends) || byte < 0x20 || byte == 0x7F;
    out += blank ? ' ' : text.front();
    text.remove_prefix(end != std::end(other_ends) ? end->size() : 1);
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const search::Question& question) : question_(question) {}

  std::string line(const FoundLine& found) const {
    const auto& belief = found.belief;
    auto out = "- " + on_one_line(found.line.subject) + " | " + on_one_line(found.line.predicate) + ": ";
    if (belief.primary) return out + side(*belief.primary) + "\n";
    if (belief.alternatives.empty()) return out + "nothing is believed\n";
    out += belief.set ? "" : "CONTESTED: ";
    for (std::size_t i = 0; i < belief.alternatives.size(); ++i) {
      if (i > 0) out += belief.set ? "; " : " OR ";
      out += side(belief.alternatives[i]);
    }
    return out + "\n";
  }

 private:
  // "Berlin (since 2020-03, said 2024-05-01 by hr-feed)"
  std::string side(const Slot& slot) const { return value(slot.value) + " (" + when(slot) + ", " + who(slot) + ")"; }

  std::string value(const Value& value) const {
    const auto text = plain_text(value);
    if (text.size() <= longest_value) return on_one_line(text);
    const auto part = search::snippet(text, question_.matches(text), longest_value);
    return (part.cut_before ? "…" : "") + on_one_line(part.text) + (part.cut_after ? "…" : "");
  }

  static std::string when(const Slot& slot) {
    const auto& window = slot.window;
    if (!window.from && !window.until) return "undated";
    std::string out;
    if (window.from) out += "since " + to_text(*window.from);
    if (window.until) out += (out.empty() ? "until " : " until ") + to_text(*window.until);
    return slot.trusted ? out : out + ", timing uncertain";
  }

  static std::string who(const Slot& slot) {
    const auto day = to_text(slot.last_said).substr(0, std::string_view("2026-06-01").size());
    const auto by = slot.source ? on_one_line(*slot.source) : std::string(text(slot.provenance));
    return "said " + day + " by " + by;
  }

  const search::Question& question_;
};

std::vector<ClaimId> shown(const Belief& belief) {
  std::vector<ClaimId> claims;
  if (belief.primary) claims.push_back(belief.primary->claim);
  for (const auto& slot : belief.alternatives) claims.push_back(slot.claim);
  return claims;
}

}  // namespace

void serve(Context& context, const AgentId& agent, const std::string& to, std::vector<ClaimId> claims,
           const Caller& caller, const Call& call) {
  if (claims.empty()) return;
  write(context, {agent, caller, call}, [&](Attempt& attempt) {
    Content content;
    content.context = to;
    attempt.draft.entries.push_back({Served{claims}, std::move(content), std::nullopt});
    return WriteAnswer{};
  });
}

ContextAnswer context(Context& context, const ContextRequest& request) {
  if (request.serve_to) {
    rules::admit_text(*request.serve_to, "context", limits::text_bytes);
    if (request.search.at.position || request.search.at.as_of)
      throw InvalidInput("context", "can be served only what is believed now: leave out position and as_of");
  }
  auto found = search(context, request.search);
  ContextAnswer answer{.text = {}, .more = found.more, .claims = {}, .ledgers = std::move(found.ledgers)};
  answer.remark = std::move(found.remark);
  const search::Question question(request.search.text, context.analysis);
  const Writer writer(question);
  std::map<AgentId, std::vector<ClaimId>> served;
  std::size_t quarters = 0;
  for (const auto& each : found.lines) {
    const auto line = writer.line(each);
    const auto with_it = quarters + quarters_of(line);
    if ((with_it + 3) / 4 > request.budget) {
      answer.more = true;
      break;
    }
    quarters = with_it;
    answer.text += line;
    ++answer.lines;
    const auto claims = shown(each.belief);
    answer.claims.insert(answer.claims.end(), claims.begin(), claims.end());
    auto& of_agent = served[each.agent];
    of_agent.insert(of_agent.end(), claims.begin(), claims.end());
  }
  answer.tokens = (quarters + 3) / 4;
  if (request.serve_to)
    for (auto& [agent, claims] : served)
      serve(context, agent, *request.serve_to, std::move(claims), request.caller, request.search.call);
  return answer;
}

}  // namespace claimledger::application
