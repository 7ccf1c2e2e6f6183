#include "rules/time_index.hpp"

#include <algorithm>
#include <cstddef>

namespace claimledger::rules {

std::size_t TimeIndex::first_from(ValidTime time) const {
  const auto found = std::lower_bound(items_.begin(), items_.end(), time,
                                      [](const Item& item, ValidTime wanted) { return item.from < wanted; });
  return static_cast<std::size_t>(found - items_.begin());
}

void TimeIndex::refresh_ends(std::size_t from) {
  for (auto i = from; i < items_.size(); ++i) {
    const auto latest = i == 0 ? items_[i].until : std::max(items_[i - 1].latest_end, items_[i].until);
    if (i > from && items_[i].latest_end == latest) return;
    items_[i].latest_end = latest;
  }
}

void TimeIndex::add(std::uint32_t claim, const Span& span) {
  const auto at = first_from(span.from);
  items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(at), Item{span.from, span.until, span.until, claim});
  refresh_ends(at);
}

void TimeIndex::remove(std::uint32_t claim, const Span& span) {
  auto at = first_from(span.from);
  while (items_[at].claim != claim) ++at;
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(at));
  refresh_ends(at);
}

ValidTime TimeIndex::nth_start_after(ValidTime time, std::size_t nth) const {
  const auto behind = first_from(only_at(time).until);
  return nth <= items_.size() - behind ? items_[behind + nth - 1].from : ValidTime::forever();
}

ValidTime TimeIndex::nth_start_before(ValidTime time, std::size_t nth) const {
  const auto before = first_from(time);
  return nth <= before ? items_[before - nth].from : ValidTime::beginning();
}

// Of a claim with many spans a change concerns few.
void TimeIndex::replace(std::uint32_t claim, const Validity& before, const Validity& now) {
  const auto& old = before.spans();
  const auto& fresh = now.spans();
  const auto most = std::min(old.size(), fresh.size());
  std::size_t same_before = 0, same_after = 0;
  while (same_before < most && old[same_before] == fresh[same_before]) ++same_before;
  while (same_before + same_after < most && old[old.size() - 1 - same_after] == fresh[fresh.size() - 1 - same_after]) {
    ++same_after;
  }
  for (auto i = same_before; i + same_after < old.size(); ++i) remove(claim, old[i]);
  for (auto i = same_before; i + same_after < fresh.size(); ++i) add(claim, fresh[i]);
}

}  // namespace claimledger::rules
