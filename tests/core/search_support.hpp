#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "script.hpp"

// What a search found, in short texts.
namespace claimledger::test {

inline std::string word(const Value& value) { return value.as_string().value_or(value.text()); }

// The answer of a line: its status, its sides or members in braces, "~" before what only dissents.
inline std::string short_text(const Belief& belief) {
  std::string all(belief.set ? "set" : text(belief.status));
  std::string sides;
  if (belief.primary) sides += ' ' + word(belief.primary->value);
  for (const auto& slot : belief.alternatives) sides += ' ' + word(slot.value);
  for (const auto& slot : belief.dissent) sides += " ~" + word(slot.value);
  return all + '{' + (sides.empty() ? sides : sides.substr(1)) + '}';
}

// "lives_in Contested{Berlin Munich}: Berlin", one line after another; in parentheses what is not the answer.
inline std::string short_text(const SearchAnswer& answer) {
  std::string all;
  for (const auto& line : answer.lines) {
    if (!all.empty()) all += " | ";
    all += line.line.predicate + ' ' + short_text(line.belief) + ':';
    for (const auto& claim : line.claims) {
      const auto value = word(claim.slot.value);
      all += claim.believed ? ' ' + value : " (" + value + ')';
    }
  }
  return all.empty() ? "nothing" : all;
}

// The values of the claims that were found, in the order of the answer.
inline std::vector<std::string> values_of(const SearchAnswer& answer) {
  std::vector<std::string> values;
  for (const auto& line : answer.lines)
    for (const auto& claim : line.claims) values.push_back(word(claim.slot.value));
  return values;
}

inline bool same(const FoundClaim& a, const FoundClaim& b) {
  return a.slot == b.slot && a.statement == b.statement && a.believed == b.believed && a.score == b.score &&
         a.freshness == b.freshness && a.snippet == b.snippet && a.counts == b.counts;
}
inline bool same(const FoundLine& a, const FoundLine& b) {
  return a.agent == b.agent && a.line == b.line && a.score == b.score && a.belief == b.belief &&
         std::equal(a.claims.begin(), a.claims.end(), b.claims.begin(), b.claims.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}
// Everything that is found and said about it; not how much was read for it.
inline bool same(const SearchAnswer& a, const SearchAnswer& b) {
  return a.recipe == b.recipe && a.remark == b.remark && a.cut == b.cut && a.more == b.more &&
         std::equal(a.lines.begin(), a.lines.end(), b.lines.begin(), b.lines.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

}  // namespace claimledger::test
