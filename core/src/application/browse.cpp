#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"

// Reads of the ledger that are not about one line: questions, claims, ancestry, servings, entries, names.
namespace claimledger::application {

namespace {

// Pages that go on by number: a seq, or a place in a list.
std::uint64_t number_after(const Standing& standing) {
  if (standing.after.empty()) return 0;
  std::uint64_t number = 0;
  const auto* last = standing.after.data() + standing.after.size();
  const auto [end, error] = std::from_chars(standing.after.data(), last, number);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() - 1;
  if (error != std::errc() || end != last || number > most)
    throw InvalidInput("cursor", "is not one that an earlier page gave");
  return number;
}

template <class Item>
Page<Item> empty_page(const Standing& standing) {
  return {{standing.position, standing.asked_at}, {}, std::nullopt};
}

}  // namespace

Page<AdjudicationItem> pending(const Ports& ports, const AgentId& agent, const At& at, const PageRequest& page,
                               const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  const auto limit = page_size(page);
  auto answer = empty_page<AdjudicationItem>(standing);
  View view(ports.store, agent, standing.position, call);
  Position after{number_after(standing)};
  // One more than wanted tells whether there is more. What has expired is passed over, in ever larger steps.
  for (auto step = std::min(limit + 1, limits::page); limit > 0; step = std::min(2 * step, limits::page)) {
    const auto open = ports.store.open_adjudications(agent, after, step, standing.position, call);
    std::vector<AdjudicationOpened> questions;
    std::vector<ClaimId> challengers;
    for (const auto& stored : open) {
      auto opened = question_of(stored);
      if (opened.expires_at && *opened.expires_at <= standing.asked_at) continue;
      challengers.push_back(opened.claim);
      questions.push_back(std::move(opened));
    }
    view.locate(challengers);
    for (const auto& opened : questions) {
      auto item = item_of(agent, view.line_holding(opened.claim), opened.claim);
      if (!item || item->handle != opened.handle) {
        throw StoreFailure(
            FailureKind::corrupt, "pending",
            "a question was opened about claim " + to_text(opened.claim.value) + " that its line does not have");
      }
      if (answer.items.size() == limit) {
        answer.next = cursor(standing, std::to_string(answer.items.back().opened.value));
        return answer;
      }
      answer.items.push_back(std::move(*item));
    }
    if (open.size() < step) break;
    after = open.back().seq;
  }
  return answer;
}

std::optional<ClaimHistory> claim(const Ports& ports, const AgentId& agent, const ClaimId& id, const At& at,
                                  const Call& call) {
  const Wanted wanted{.claims = {id}};
  const auto [standing, snapshot] = open(ports, agent, at, wanted, call);
  View view(ports.store, agent, wanted, snapshot, call);
  const auto* line = view.line_of(id);
  if (!line) return std::nullopt;
  return rules::claim_history(line->state, line->key, line->state.at(id), reading(ports, standing));
}

namespace {

using Neighbours = std::vector<std::pair<ClaimId, ClaimId>>;  // (from, to)

Neighbours parents_of(const View& view, std::span<const ClaimId> claims) {
  Neighbours found;
  const auto places = view.store().claims(view.agent(), claims, view.at(), view.call());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (!places[i]) continue;
    const auto read = read_entry(places[i]->entry);
    for (const auto& parent : std::get<ClaimRecorded>(read.record.entry).claim.derived_from) {
      found.emplace_back(claims[i], parent);
    }
  }
  return found;
}

Neighbours children_of(View& view, std::span<const ClaimId> claims) {
  Neighbours found;
  for (const auto& derivation : view.dependants(claims)) found.emplace_back(derivation.parent, derivation.child);
  return found;
}

// What reaches from these claims, so many at a time.
Neighbours steps_from(View& view, std::span<const ClaimId> wave, Direction direction) {
  Neighbours found;
  for (std::size_t from = 0; from < wave.size(); from += claims_at_once) {
    const auto some = wave.subspan(from, std::min(claims_at_once, wave.size() - from));
    const auto steps = direction == Direction::ancestors ? parents_of(view, some) : children_of(view, some);
    found.insert(found.end(), steps.begin(), steps.end());
  }
  return found;
}

// What can be reached, wave by wave, until there are as many as asked for: each wave is one step farther, and comes
// whole.
std::vector<LineageNode> walk(View& view, const ClaimId& start, Direction direction, std::size_t enough) {
  std::vector<LineageNode> nodes;
  std::map<ClaimId, std::size_t> place;  // in nodes
  std::vector<ClaimId> wave{start};
  for (std::uint32_t distance = 1; !wave.empty() && nodes.size() < enough; ++distance) {
    const auto steps = steps_from(view, wave, direction);
    const auto first_of_wave = nodes.size();
    for (const auto& [from, to] : steps) {
      if (to == start) continue;
      const auto [known, fresh] = place.emplace(to, nodes.size());
      if (fresh) nodes.push_back({to, distance, {}});
      auto& node = nodes[known->second];
      if (node.distance == distance) node.via.push_back(from);
    }
    wave.clear();
    for (auto i = first_of_wave; i < nodes.size(); ++i) wave.push_back(nodes[i].claim);
  }
  return nodes;
}

// Nearest first, then oldest first.
void sort_by_age(View& view, std::vector<LineageNode>& nodes) {
  std::vector<ClaimId> ids;
  ids.reserve(nodes.size());
  for (const auto& node : nodes) ids.push_back(node.claim);
  std::map<ClaimId, Position> recorded;
  for (std::size_t from = 0; from < ids.size(); from += claims_at_once) {
    const auto some = std::span(ids).subspan(from, std::min(claims_at_once, ids.size() - from));
    const auto places = view.store().claims(view.agent(), some, view.at(), view.call());
    for (std::size_t i = 0; i < some.size(); ++i) recorded[some[i]] = places[i] ? places[i]->entry.seq : Position{};
  }
  std::sort(nodes.begin(), nodes.end(), [&](const LineageNode& a, const LineageNode& b) {
    return std::pair(a.distance, recorded[a.claim]) < std::pair(b.distance, recorded[b.claim]);
  });
}

}  // namespace

Page<LineageNode> lineage(const Ports& ports, const AgentId& agent, const ClaimId& id, Direction direction,
                          const At& at, const PageRequest& page, const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  View view(ports.store, agent, standing.position, call);
  // Every page walks again from the claim, though not beyond its own end: where a wave stands is not in the cursor.
  const auto before = number_after(standing);
  auto nodes = walk(view, id, direction, before + page_size(page) + 1);
  sort_by_age(view, nodes);
  auto answer = empty_page<LineageNode>(standing);
  const auto start = std::min<std::size_t>(before, nodes.size());
  const auto end = std::min(start + page_size(page), nodes.size());
  answer.items.assign(nodes.begin() + static_cast<std::ptrdiff_t>(start),
                      nodes.begin() + static_cast<std::ptrdiff_t>(end));
  if (end < nodes.size() && end > start) answer.next = cursor(standing, std::to_string(end));
  return answer;
}

namespace {

// A page of entries, with the cursor that goes on after its last.
std::vector<StoredEntry> page_of_entries(const Ports& ports, const AgentId& agent, EntryFilter filter, Order order,
                                         const Standing& standing, std::size_t limit, std::optional<std::string>& next,
                                         const Call& call) {
  if (limit == 0) return {};
  if (const auto after = number_after(standing); after > 0) {
    if (order == Order::ascending) {
      filter.from = std::max(filter.from, Position{after + 1});
    } else {
      if (after == 1) return {};
      const Position before{after - 1};
      filter.to = filter.to ? std::min(*filter.to, before) : before;
    }
  }
  auto entries = ports.store.entries(agent, filter, order, limit + 1, standing.position, call);
  if (entries.size() > limit) {
    entries.pop_back();
    next = cursor(standing, std::to_string(entries.back().seq.value));
  }
  return entries;
}

// Positions have no gaps, so a page of all entries has none either.
void refuse_gaps(const std::vector<StoredEntry>& page, Order order) {
  for (std::size_t i = 1; i < page.size(); ++i) {
    const auto& [before, after] =
        order == Order::ascending ? std::tie(page[i - 1].seq, page[i].seq) : std::tie(page[i].seq, page[i - 1].seq);
    if (after.value == before.value + 1) continue;
    throw StoreFailure(FailureKind::corrupt, "audit", "entry " + std::to_string(before.value + 1) + " is missing");
  }
}

}  // namespace

Page<Serving> served(const Ports& ports, const AgentId& agent, const std::variant<ClaimId, std::string>& what,
                     const At& at, const PageRequest& page, const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  EntryFilter filter;
  filter.kinds = {std::string(kind_text(Served{}))};
  if (const auto* claim = std::get_if<ClaimId>(&what)) {
    filter.served = *claim;
  } else {
    rules::admit_text(std::get<std::string>(what), "context", limits::text_bytes);
    filter.lookup = std::get<std::string>(what);
  }
  auto answer = empty_page<Serving>(standing);
  for (const auto& stored :
       page_of_entries(ports, agent, filter, Order::descending, standing, page_size(page), answer.next, call)) {
    auto read = read_entry(stored);
    answer.items.push_back({stored.seq, stored.recorded_at, std::move(read.record.content.context),
                            std::move(std::get<Served>(read.record.entry).claims)});
  }
  return answer;
}

Page<AuditEntry> audit(const Ports& ports, const AgentId& agent, const AuditFilter& filter, Order order, const At& at,
                       const PageRequest& page, const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  const auto known = entry_kinds();
  for (const auto& kind : filter.kinds) {
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      throw InvalidInput("kinds", "'" + kind + "' is no kind of entry");
    }
  }
  if (filter.line) rules::admit_line(*filter.line);
  EntryFilter wanted;
  wanted.kinds = filter.kinds;
  if (filter.disposition) wanted.disposition = std::string(text(*filter.disposition));
  wanted.claim = filter.claim;
  wanted.line = filter.line;
  if (filter.recorded_from) rules::admit_time(filter.recorded_from->value, "recorded_from");
  if (filter.recorded_until) rules::admit_time(filter.recorded_until->value, "recorded_until");
  const auto before = [&](TxTime time) {
    if (time.value == earliest_instant) return Position{};
    return ports.store.position_at(agent, {time.value - std::chrono::microseconds{1}}, call);
  };
  if (filter.recorded_from) wanted.from = Position{before(*filter.recorded_from).value + 1};
  if (filter.recorded_until) wanted.to = before(*filter.recorded_until);

  auto answer = empty_page<AuditEntry>(standing);
  if (wanted.to && *wanted.to < wanted.from) return answer;
  auto entries = page_of_entries(ports, agent, wanted, order, standing, page_size(page), answer.next, call);
  const bool all = wanted.kinds.empty() && !wanted.disposition && !wanted.claim && !wanted.line;
  if (all) refuse_gaps(entries, order);
  for (auto& stored : entries) {
    auto read = read_entry(stored);
    answer.items.push_back({std::move(read.record), std::move(stored.line), stored.hash});
  }
  return answer;
}

Page<AgentId> agents(const Ports& ports, const PageRequest& page, const Call& call) {
  std::optional<AgentId> after;
  if (!page.cursor.empty()) after = AgentId{page.cursor};
  const auto limit = page_size(page);
  Page<AgentId> answer{{Position{}, TxTime{ports.clock.now()}}, {}, std::nullopt};
  if (limit == 0) return answer;
  for (auto& each : ports.store.agents(after, limit + 1, call)) answer.items.push_back(std::move(each.agent));
  if (answer.items.size() > limit) {
    answer.items.pop_back();
    answer.next = answer.items.back().value;
  }
  return answer;
}

Page<std::string> subjects(const Ports& ports, const AgentId& agent, const At& at, const PageRequest& page,
                           const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  auto answer = empty_page<std::string>(standing);
  const auto limit = page_size(page);
  if (limit == 0) return answer;
  std::optional<std::string> after;
  if (!standing.after.empty()) after = standing.after;
  answer.items = ports.store.subjects(agent, after, limit + 1, standing.position, call);
  if (answer.items.size() > limit) {
    answer.items.pop_back();
    answer.next = cursor(standing, answer.items.back());
  }
  return answer;
}

}  // namespace claimledger::application
