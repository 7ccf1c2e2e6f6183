#include "rules/line_past.hpp"

#include <algorithm>
#include <array>
#include <boost/geometry/geometries/box.hpp>
#include <boost/geometry/geometries/point.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

namespace claimledger::rules {

namespace {

namespace geometry = boost::geometry;

// An instant and a position.
using Point = geometry::model::point<std::int64_t, 2, geometry::cs::cartesian>;
using Box = geometry::model::box<Point>;

// Far from where differences overflow: every stated time and every position of a real ledger lies within.
constexpr std::int64_t farthest = std::int64_t{1} << 61;
std::int64_t coordinate(ValidTime time) {
  return std::clamp<std::int64_t>(time.value.time_since_epoch().count(), -farthest, farthest);
}
std::int64_t coordinate(Position position) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(position.value, farthest));
}

// The statements of a claim and when it was said. As a rule both only grow: versions then share them.
struct Lists {
  boost::container::small_vector<Index, 1> statements;
  Times said;
};

// A claim between two entries that changed it, as far as a belief asks.
struct Version : Standing {
  Position since;  // the first of the two
  Index lists = 0;
  std::uint32_t statements = 0, said = 0;  // how many of those, from the first on
  Disposition otherwise = Disposition::committed_cheap;
  bool waits = false;
};

// Whether the second says nothing new.
bool same(const Version& a, const Version& b) {
  const auto rest = [](const Version& v) { return std::tie(v.lists, v.statements, v.said, v.otherwise, v.waits); };
  return rest(a) == rest(b) && static_cast<const Standing&>(a) == b;
}

template <class Longer, class Shorter>
bool begins_with(const Longer& longer, const Shorter& shorter) {
  return shorter.size() <= longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

}  // namespace

struct LinePast::Versions {
  using Place = std::pair<Box, std::uint32_t>;  // where a version before the present one held
  using Places = geometry::index::rtree<Place, geometry::index::quadratic<16>>;

  Version version(const LineState& line, Index claim, Position since);
  void put_behind(Index claim, const Version& version, Position until);
  ClaimState claim(const LineState& line, Index claim, const Version& version) const;

  std::vector<Lists> lists;
  std::vector<Version> now;                        // of each claim
  std::vector<std::pair<Index, Version>> before;   // of claims that were changed since, as far as they held
  Places places;                                   // of these
  std::vector<std::pair<Position, bool>> was_set;  // from which entry on
  std::size_t entries = 0;                         // that were noted
  std::size_t listed = 0;                          // in all lists
  std::size_t looks = 0;  // at claims, at what stands in their lists, and at what deriving them looks at
};

LinePast::LinePast() : versions_(std::make_unique<Versions>()) {}
LinePast::~LinePast() = default;
LinePast::LinePast(LinePast&&) noexcept = default;
LinePast& LinePast::operator=(LinePast&&) noexcept = default;

Version LinePast::Versions::version(const LineState& line, Index index, Position since) {
  const auto& claim = line[index];
  Version version;
  version.since = since;
  version.lists = index < now.size() ? now[index].lists : nowhere;
  if (version.lists == nowhere || !begins_with(claim.statements, lists[version.lists].statements) ||
      !begins_with(claim.said, lists[version.lists].said)) {
    version.lists = static_cast<Index>(lists.size());
    lists.emplace_back();
  }
  auto& mine = lists[version.lists];
  const auto had = mine.statements.size() + mine.said.size();
  mine.statements.insert(mine.statements.end(), claim.statements.begin() + mine.statements.size(),
                         claim.statements.end());
  mine.said.insert(mine.said.end(), claim.said.begin() + mine.said.size(), claim.said.end());
  listed += mine.statements.size() + mine.said.size() - had;
  looks += 1 + mine.statements.size() + mine.said.size() + claim.validity.spans().size() + claim.followed_by.size();
  version.statements = static_cast<std::uint32_t>(claim.statements.size());
  version.said = static_cast<std::uint32_t>(claim.said.size());
  version.otherwise = claim.decided.otherwise;
  version.waits = claim.decided.waits;
  static_cast<Standing&>(version) = claim;
  return version;
}

void LinePast::Versions::put_behind(Index claim, const Version& version, Position until) {
  if (version.validity.empty()) return;
  const auto number = static_cast<std::uint32_t>(before.size());
  for (const auto& span : version.validity.spans()) {
    const Point from(coordinate(span.from), coordinate(version.since));
    const Point to(coordinate(span.until) - 1, coordinate(until) - 1);
    places.insert({Box(from, to), number});
  }
  before.emplace_back(claim, version);
}

void LinePast::note(const LineState& line, Position entry, std::span<const Index> changed) {
  auto& now = versions_->now;
  auto& was_set = versions_->was_set;
  ++versions_->entries;
  if (was_set.empty() || was_set.back().second != line.is_set()) was_set.emplace_back(entry, line.is_set());
  for (const auto index : changed) {
    if (index >= now.size()) continue;
    auto version = versions_->version(line, index, entry);
    if (same(version, now[index])) continue;
    if (now[index].since != entry) versions_->put_behind(index, now[index], entry);
    now[index] = std::move(version);
  }
  for (auto index = static_cast<Index>(now.size()); index < line.claims().size(); ++index) {
    auto version = versions_->version(line, index, entry);
    now.emplace_back() = std::move(version);
  }
}

bool LinePast::is_too_much() const {
  constexpr std::size_t places_of_an_entry = 8, looks_of_an_entry = 64;
  constexpr std::size_t places_at_any_rate = 100'000, looks_at_any_rate = 5'000'000;  // about a tenth of a second
  return versions_->places.size() > places_at_any_rate + places_of_an_entry * versions_->entries ||
         versions_->looks > looks_at_any_rate + looks_of_an_entry * versions_->entries;
}

ClaimState LinePast::Versions::claim(const LineState& line, Index index, const Version& version) const {
  ClaimState claim;
  claim.id = line[index].id;
  claim.seq = line[index].seq;
  const auto& [statements, said] = lists[version.lists];
  claim.statements.assign(statements.begin(), statements.begin() + version.statements);
  claim.said.assign(said.begin(), said.begin() + version.said);
  claim.decided.otherwise = version.otherwise;
  claim.decided.waits = version.waits;
  static_cast<Standing&>(claim) = version;
  return claim;
}

LinePast::Claims LinePast::taking_part(const LineState& line, Position position, ValidTime valid_at) const {
  const auto& places = versions_->places;
  const auto& was_set = versions_->was_set;
  std::vector<std::pair<Index, const Version*>> found;
  const Point asked(coordinate(valid_at), coordinate(position));
  const auto stood = geometry::index::intersects(Box(asked, asked));
  for (auto place = places.qbegin(stood); place != places.qend(); ++place) {
    const auto& [claim, version] = versions_->before[place->second];
    found.emplace_back(claim, &version);
  }
  for (const auto claim : line.may_take_part_in(only_at(valid_at))) {
    const auto& version = versions_->now[claim];
    if (version.since <= position && version.validity.contains(valid_at)) found.emplace_back(claim, &version);
  }
  std::sort(found.begin(), found.end());  // each claim was one thing at a time

  Claims claims;
  const auto set = std::upper_bound(was_set.begin(), was_set.end(), position,
                                    [](Position wanted, const auto& each) { return wanted < each.first; });
  claims.is_set_ = set != was_set.begin() && std::prev(set)->second;
  claims.claims_.reserve(found.size());
  for (const auto& [index, version] : found) claims.claims_.push_back(versions_->claim(line, index, *version));
  return claims;
}

TakingPart LinePast::Claims::on(const LineState& line) const {
  TakingPart part{line, is_set_, {}};
  for (const auto& claim : claims_) part.claims.push_back(&claim);
  return part;
}

std::size_t LinePast::memory() const {
  constexpr std::size_t of_a_place = 2 * sizeof(Versions::Place);  // boxes are half full
  return versions_->lists.size() * sizeof(Lists) + versions_->listed * sizeof(TxTime) +
         versions_->now.size() * sizeof(Version) + versions_->before.size() * sizeof(std::pair<Index, Version>) +
         versions_->places.size() * of_a_place;
}

}  // namespace claimledger::rules
