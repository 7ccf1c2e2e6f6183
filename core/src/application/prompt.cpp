#include <algorithm>
#include <map>

#include "application/use_cases.hpp"
#include "domain/value_text.hpp"
#include "search/question.hpp"
#include "search/snippet.hpp"

// What is believed about something, as text for a prompt.
namespace claimledger::application {

namespace {

constexpr std::size_t longest_value = 400;  // bytes; a longer one is cut where there is no room for it
constexpr std::size_t most_members = 10;    // of a set; others are counted

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

// JSON, so that a value is told from what stands around it, and comes back as it was. No character in it ends a line.
std::string as_json(const Value& value) {
  constexpr std::pair<std::string_view, std::string_view> ends[] = {
      {"\u0085", "\\u0085"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}, {"\x7f", "\\u007f"}};
  std::string out;
  for (std::string_view text = value.text(); !text.empty();) {
    const auto* const end = std::ranges::find_if(ends, [&](const auto& it) { return text.starts_with(it.first); });
    out += end == std::end(ends) ? text.substr(0, 1) : end->second;
    text.remove_prefix(end == std::end(ends) ? 1 : end->first.size());
  }
  return out;
}

// A name as it is, where nobody can take it for more than a name.
std::string name(const std::string& text) {
  constexpr std::string_view signs = "|:;,()[]\"\x7f";
  const auto plain = [&](char c) { return static_cast<unsigned char>(c) >= 0x20 && signs.find(c) == signs.npos; };
  auto quoted = as_json(Value(text));
  return std::ranges::all_of(text, plain) && quoted.size() == text.size() + 2 ? text : quoted;
}

enum class Values { whole, cut };

struct Told {
  std::string text;
  std::vector<ClaimId> claims;
};

class Writer {
 public:
  Writer(const search::Question& question, bool several_agents)
      : question_(question), several_agents_(several_agents) {}

  Told line(const FoundLine& found, Values values) const {
    const auto& belief = found.belief;
    Told told{"- " + (several_agents_ ? name(found.agent.value) + " | " : "") + name(found.line.subject) + " | " +
                  name(found.line.predicate) + ": ",
              {}};
    const auto tell = [&](const Slot& slot, const char* before) {
      told.text += before + side(slot, values);
      told.claims.push_back(slot.claim);
    };
    if (belief.primary) tell(*belief.primary, "");
    if (belief.status == BeliefStatus::no_belief) told.text += "nothing is believed";
    if (belief.status == BeliefStatus::contested) told.text += "CONTESTED: ";
    auto sides = belief.alternatives;
    if (belief.set) {
      const auto asked = [&](const Slot& slot) {
        return std::ranges::any_of(found.claims, [&](const auto& it) { return it.slot.value == slot.value; });
      };
      std::stable_partition(sides.begin(), sides.end(), asked);
      sides.resize(std::min(sides.size(), most_members));
    }
    for (std::size_t i = 0; i < sides.size(); ++i) tell(sides[i], i == 0 ? "" : belief.set ? "; " : " OR ");
    if (sides.size() < belief.alternatives.size())
      told.text += "; and " + std::to_string(belief.alternatives.size() - sides.size()) + " more";
    told.text += markers(belief) + "\n";
    return told;
  }

 private:
  // "Berlin" (since 2020-03, said 2024-05-01 by hr-feed)
  std::string side(const Slot& slot, Values values) const {
    return value(slot.value, values) + " (" + when(slot) + ", " + who(slot) + ")";
  }

  std::string value(const Value& value, Values values) const {
    const auto text = plain_text(value);
    if (values == Values::whole || text.size() <= longest_value) return as_json(value);
    const auto part = search::snippet(text, question_.matches(text), longest_value);
    return (part.cut_before ? "…" : "") + as_json(Value(part.text)) + (part.cut_after ? "…" : "");
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
    return "said " + day + " by " + (slot.source ? name(*slot.source) : std::string(text(slot.provenance)));
  }

  // What to beware of, but what the line says itself.
  static std::string markers(const Belief& belief) {
    std::string out;
    for (const auto marker : belief.markers)
      if (marker != Marker::contested) out += (out.empty() ? " [" : ", ") + std::string(text(marker));
    return out.empty() ? out : out + "]";
  }

  const search::Question& question_;
  bool several_agents_;
};

}  // namespace

ContextAnswer context(Context& context, const ContextRequest& request) {
  if (request.serve_to) admit_serving(*request.serve_to, request.search.at);
  auto found = search(context, request.search);
  ContextAnswer answer{.text = {}, .more = found.more, .claims = {}, .ledgers = std::move(found.ledgers)};
  answer.remark = std::move(found.remark);
  answer.cut = found.cut;
  const search::Question question(request.search.text, context.analysis);
  const Writer writer(question, !request.search.more_agents.empty());
  std::map<AgentId, std::vector<ClaimId>> served;
  std::size_t quarters = 0;
  const auto fits = [&](const Told& told) { return (quarters + quarters_of(told.text) + 3) / 4 <= request.budget; };
  for (const auto& each : found.lines) {
    auto told = writer.line(each, Values::whole);
    if (!fits(told)) told = writer.line(each, Values::cut);
    if (!fits(told)) {
      answer.more = true;  // what comes behind it may be shorter
      continue;
    }
    quarters += quarters_of(told.text);
    answer.text += told.text;
    ++answer.lines;
    answer.claims.insert(answer.claims.end(), told.claims.begin(), told.claims.end());
    auto& of_agent = served[each.agent];
    of_agent.insert(of_agent.end(), told.claims.begin(), told.claims.end());
  }
  answer.tokens = (quarters + 3) / 4;
  for (const auto& [agent, told] : served) {
    if (!request.serve_to || told.empty()) continue;
    write(context, {agent, request.caller, request.search.call}, [&, &claims = told](Attempt& attempt) {
      draft_serving(attempt, *request.serve_to, claims);
      return WriteAnswer{};
    });
  }
  return answer;
}

}  // namespace claimledger::application
