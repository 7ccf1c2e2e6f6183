#include "rules/rivals.hpp"

#include <algorithm>
#include <vector>

namespace claimledger::rules {

namespace {

constexpr ValidTime just_before(ValidTime time) { return {time.value - std::chrono::microseconds{1}}; }

// The times an undated statement speaks about: when it was said, and the last instant before the end that it states.
template <class Visit>
bool any_time_spoken_of(const Times& said, ValidTime until, const Visit& visit) {
  for (const auto time : said) {
    if (visit(as_valid(time))) return true;
  }
  return until != ValidTime::forever() && visit(just_before(until));
}

bool speaks_about(const ClaimState& undated, const Validity& a, const Validity& b) {
  return any_time_spoken_of(undated.said, undated.window.until,
                            [&](ValidTime time) { return a.contains(time) && b.contains(time); });
}

// Calls `visit` for claims that may be rivals of this one, some more than once, until it returns true.
template <class Visit>
bool any_candidate(const LineState& line, const ClaimState& claim, const Visit& visit) {
  const auto& undated = line.undated();
  if (std::any_of(undated.begin(), undated.end(), visit)) return true;
  if (claim.trusted) {
    const auto& spans = claim.validity.spans();
    return std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return line.dated().any(span, visit); });
  }
  return !line.dated().empty() && any_time_spoken_of(claim.said, claim.window.until,
                                                     [&](ValidTime time) { return line.dated().any(time, visit); });
}

// In no order, each once.
std::vector<Index> collect(const LineState& line, Index claim, bool older_only) {
  std::vector<Index> found;
  const auto& mine = line[claim];
  if (!mine.counts || line.is_set()) return found;
  any_candidate(line, mine, [&](Index other) {
    if ((!older_only || line[other].rank < mine.rank) && are_rivals(line, claim, other)) found.push_back(other);
    return false;
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<Index> oldest_first(const LineState& line, std::vector<Index> claims) {
  sort_oldest_first(line, claims);
  return claims;
}

// Adds a claim and those that it follows, directly or not.
void add_followed(const LineState& line, Index claim, std::vector<bool>& hidden) {
  hidden.resize(line.claims().size());
  for (std::vector<Index> to_do{claim}; !to_do.empty();) {
    const auto next = to_do.back();
    to_do.pop_back();
    if (hidden[next]) continue;
    hidden[next] = true;
    to_do.insert(to_do.end(), line[next].follows.begin(), line[next].follows.end());
  }
}

}  // namespace

void sort_oldest_first(const LineState& line, std::vector<Index>& claims) {
  const auto before = [&](Index a, Index b) { return is_older(line[a], line[b]); };
  std::sort(claims.begin(), claims.end(), before);
  claims.erase(std::unique(claims.begin(), claims.end()), claims.end());
}

void keep_oldest(const LineState& line, std::vector<Index>& claims, std::size_t most) {
  const auto kept = claims.begin() + static_cast<std::ptrdiff_t>(std::min(claims.size(), most));
  std::partial_sort(claims.begin(), kept, claims.end(), [&](Index a, Index b) { return is_older(line[a], line[b]); });
  claims.erase(kept, claims.end());
}

bool may_be_rivals(const ClaimState& one, const Validity& held_by_one, const ClaimState& other,
                   const Validity& held_by_other) {
  if (one.value == other.value || !held_by_one.intersects(held_by_other)) return false;
  if (one.trusted == other.trusted) return true;
  return speaks_about(one.trusted ? other : one, held_by_one, held_by_other);
}

bool may_be_rivals(const ClaimState& one, const ClaimState& other) {
  return one.counts && other.counts && may_be_rivals(one, one.validity, other, other.validity);
}

bool are_rivals(const LineState& line, Index a, Index b) { return !line.is_set() && may_be_rivals(line[a], line[b]); }

std::vector<Index> rivals(const LineState& line, Index claim) {
  return oldest_first(line, collect(line, claim, false));
}
std::vector<Index> oldest_rivals(const LineState& line, Index claim, std::size_t most) {
  auto found = collect(line, claim, false);
  keep_oldest(line, found, most);
  return found;
}
std::vector<Index> rivals_unordered(const LineState& line, Index claim) { return collect(line, claim, false); }
std::vector<Index> older_rivals(const LineState& line, Index claim) {
  return oldest_first(line, collect(line, claim, true));
}

bool is_older_rival(const LineState& line, Index claim, Index other) {
  return line[other].rank < line[claim].rank && are_rivals(line, claim, other);
}

Index an_older_rival(const LineState& line, Index claim) {
  const auto& mine = line[claim];
  Index found = nowhere;
  if (!mine.counts || line.is_set()) return found;
  any_candidate(line, mine, [&](Index other) {
    if (!is_older_rival(line, claim, other)) return false;
    found = other;
    return true;
  });
  return found;
}

bool has_older_rival(const LineState& line, Index claim) { return an_older_rival(line, claim) != nowhere; }

namespace {

bool succeeds(const ClaimState& older, const Span& window, const Validity& base, TxTime counted_at) {
  if (window.from <= older.window.from) return false;
  const auto later = std::upper_bound(older.said.begin(), older.said.end(), counted_at);
  if (later != older.said.begin() && window.from < as_valid(*std::prev(later))) return false;
  const auto* open_end = older.open_end();
  if (!open_end) return false;
  const auto shared = base.intersection(older.validity);
  return !shared.empty() && open_end->from <= shared.start();
}

}  // namespace

bool succeeds(const LineState& line, Index newer, Index older) {
  const auto& claim = line[newer];
  if (!claim.trusted || !line[older].trusted) return false;
  return succeeds(line[older], claim.window, claim.base, line.time_of(claim.rank.from));
}

std::vector<Index> rivals_of(const LineState& line, const Probe& probe) {
  std::vector<Index> found;
  if (line.is_set() && probe.cardinality != Cardinality::functional) return found;
  Validity held(probe.window);
  const Rank newest{{~std::uint64_t{0}}, {~std::uint64_t{0}}, {}};
  if (!probe.trusted) {
    const auto start = line.start_of_undated(probe.value, probe.said, probe.window.until, newest);
    held.remove({ValidTime::beginning(), start.at});
  }
  std::vector<bool> hidden;
  for (Index index = 0; index < line.claims().size(); ++index) {
    const auto& other = line[index];
    if (!other.counts || other.value == probe.value || !held.intersects(other.validity)) continue;
    if (probe.trusted && other.trusted) {
      if (succeeds(other, probe.window, held, probe.said)) {
        add_followed(line, index, hidden);
      } else {
        found.push_back(index);
      }
      continue;
    }
    // An undated claim that was first said after the stated end would hold only from there on.
    auto theirs = other.validity;
    const auto end = probe.window.until;
    if (!other.trusted && end <= as_valid(other.first_said()) && end < other.window.until) {
      theirs.remove({ValidTime::beginning(), end});
    }
    const auto both = held.intersection(theirs);
    if (both.empty()) continue;
    const auto speaks = [&](ValidTime time) { return both.contains(time); };
    if (probe.trusted == other.trusted ||
        (probe.trusted ? any_time_spoken_of(other.said, other.window.until, speaks)
                       : any_time_spoken_of({probe.said}, probe.window.until, speaks))) {
      found.push_back(index);
    }
  }
  if (!hidden.empty()) std::erase_if(found, [&](Index index) { return hidden[index]; });
  sort_oldest_first(line, found);
  return found;
}

}  // namespace claimledger::rules
