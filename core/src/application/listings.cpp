#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "application/clock_tolerance.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/ports/search_index.hpp"
#include "codec/codec.hpp"

// Reads of the ledger that are not about one line: questions, claims, ancestry, servings, entries, names.
namespace claimledger::application {

namespace {

template <class Item>
Page<Item> empty_page(const PagePoint& point) {
  return {{point.position, point.asked_at}, {}, std::nullopt};
}

}  // namespace

Head head(const Context& context, const HeadRequest& request) {
  rules::admit_agent(request.agent);
  if (const auto* time = std::get_if<TxTime>(&request.moment)) rules::admit_time(time->value, "moment");
  return context.store().snapshot(request.agent, request.moment, {}, request.call).head;
}

Page<AdjudicationItem> pending(const Context& context, const PendingRequest& request) {
  const auto point = page_point(context, request, RequestDigest("pending"));
  auto answer = empty_page<AdjudicationItem>(point);
  View view(context.store(), request.agent, point.position, request.call);
  Position after{number_after(point)};
  // One more than wanted tells whether there is more. Expired questions are skipped, in steps that double.
  for (auto step = std::min(point.limit + 1, limits::page);; step = std::min(2 * step, limits::page)) {
    auto open = view.open_questions(after, step);
    const bool at_end = open.size() < step;
    if (!at_end) after = open.back().seq;
    std::erase_if(open, [&](const View::Question& question) {
      return question.opened.expires_at && *question.opened.expires_at <= point.asked_at;
    });
    std::vector<ClaimId> challengers;
    challengers.reserve(open.size());
    for (const auto& [seq, opened] : open) challengers.push_back(opened.claim);
    view.locate(challengers);
    for (const auto& [seq, opened] : open) {
      auto item = item_of(request.agent, view.line_holding(opened.claim), opened.claim);
      if (!item || item->handle != opened.handle) {
        throw StoreFailure(
            FailureKind::corrupt, "pending",
            "a question was opened about claim " + to_text(opened.claim.value) + " that its line does not have");
      }
      if (answer.items.size() == point.limit) {
        answer.next = cursor(point, std::to_string(answer.items.back().opened.value));
        return answer;
      }
      answer.items.push_back(std::move(*item));
    }
    if (at_end) return answer;
  }
}

std::optional<ClaimHistory> claim(const Context& context, const ClaimRequest& request) {
  const Wanted wanted{.claims = {request.claim}};
  const auto [point, snapshot] = read_at(context, request.agent, request.at, wanted, request.call);
  View view(context.store(), request.agent, wanted, snapshot, request.call);
  const auto* line = view.line_of(request.claim);
  if (!line) return std::nullopt;
  return rules::claim_history(line->state, line->key, line->state.at(request.claim), reading(context, point));
}

namespace {

using Neighbours = std::vector<std::pair<ClaimId, ClaimId>>;  // (from, to)

// For a claim whose statements are all taken back: the parents of the statements that it had.
Neighbours parents_of(View& view, std::span<const ClaimId> claims) {
  Neighbours found;
  view.locate(claims);
  for (const auto& id : claims) {
    const auto* line = view.line_of(id);
    if (!line) continue;
    const auto& claim = line->state.at(id);
    const auto add = [&](rules::Index statement) {
      for (const auto& parent : line->state.statement(statement).said.derived_from) found.emplace_back(id, parent);
    };
    std::for_each(claim.statements.begin(), claim.statements.end(), add);
    if (!claim.has_statement()) std::for_each(claim.lost.begin(), claim.lost.end(), add);
  }
  return found;
}

Neighbours children_of(View& view, std::span<const ClaimId> claims) {
  Neighbours found;
  for (const auto& derivation : view.dependants(claims)) {
    found.emplace_back(derivation.parent, view.child_of(derivation).value_or(derivation.claim));
  }
  return found;
}

// The neighbours of these claims in one direction, read at most claims_at_once at a time.
Neighbours steps_from(View& view, std::span<const ClaimId> wave, Direction direction) {
  Neighbours found;
  for (std::size_t from = 0; from < wave.size(); from += claims_at_once) {
    const auto some = wave.subspan(from, std::min(claims_at_once, wave.size() - from));
    const auto steps = direction == Direction::ancestors ? parents_of(view, some) : children_of(view, some);
    found.insert(found.end(), steps.begin(), steps.end());
  }
  return found;
}

// The claims reachable from `start`, nearest first, until there are `enough`. Every wave is one step farther and is
// listed whole.
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
  view.locate(ids);
  std::sort(nodes.begin(), nodes.end(), [&](const LineageNode& a, const LineageNode& b) {
    return std::pair(a.distance, view.began(a.claim)) < std::pair(b.distance, view.began(b.claim));
  });
}

}  // namespace

Page<LineageNode> lineage(const Context& context, const LineageRequest& request) {
  RequestDigest question("lineage");
  question.say(to_text(request.claim.value));
  question.say(text(request.direction));
  const auto point = page_point(context, request, question);
  View view(context.store(), request.agent, point.position, request.call);
  // Every page walks again from the claim up to its own end, since the cursor does not hold the waves.
  const auto before = number_after(point);
  auto nodes = walk(view, request.claim, request.direction, before + point.limit + 1);
  sort_by_age(view, nodes);
  auto answer = empty_page<LineageNode>(point);
  const auto start = std::min<std::size_t>(before, nodes.size());
  const auto end = std::min(start + point.limit, nodes.size());
  answer.items.assign(nodes.begin() + static_cast<std::ptrdiff_t>(start),
                      nodes.begin() + static_cast<std::ptrdiff_t>(end));
  if (end < nodes.size()) answer.next = cursor(point, std::to_string(end));
  return answer;
}

namespace {

// Narrows a query to the entries after the page before. False if none are left.
bool narrow(EntryQuery& query, const PagePoint& point) {
  const auto after = number_after(point);
  if (after == 0) return true;
  if (query.order == Order::ascending) {
    query.from = std::max(query.from, Position{after + 1});
    return true;
  }
  const Position before{after - 1};
  query.to = query.to ? std::min(*query.to, before) : before;
  return after > 1;
}

// A page of the entries that `fits` accepts, and the cursor after its last. Others are skipped.
template <class Fits>
std::vector<StoredEntry> page_of_entries(const Context& context, const AgentId& agent, EntryQuery query,
                                         const PagePoint& point, std::optional<std::string>& next, const Call& call,
                                         Fits fits) {
  std::vector<StoredEntry> page;
  if (!narrow(query, point)) return page;
  // One more than wanted tells whether there is more. Skipped entries are read in steps that double.
  for (query.limit = point.limit + 1;; query.limit = std::min(2 * query.limit, limits::page)) {
    auto entries = context.store().entries(agent, query, point.position, call);
    const bool at_end = entries.size() < query.limit;
    const auto last = entries.empty() ? Position{} : entries.back().seq;
    for (auto& entry : entries) {
      if (!fits(entry)) continue;
      if (page.size() == point.limit) {
        next = cursor(point, std::to_string(page.back().seq.value));
        return page;
      }
      page.push_back(std::move(entry));
    }
    if (at_end) return page;
    if (query.order == Order::ascending) {
      query.from = Position{last.value + 1};
    } else {
      if (last.value <= 1) return page;
      query.to = Position{last.value - 1};
    }
  }
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

Page<Serving> served(const Context& context, const ServedRequest& request) {
  RequestDigest question("served");
  EntryQuery query{.kinds = {kind_number<Served>}, .order = Order::descending};
  if (const auto* claim = std::get_if<ClaimId>(&request.claim_or_context)) {
    query.key = key::ServedClaim{*claim};
    question.say("claim");
    question.say(to_text(claim->value));
  } else {
    const auto& text = std::get<std::string>(request.claim_or_context);
    rules::admit_text(text, "context", limits::text_bytes);
    query.key = key::Text{text};
    question.say("context");
    question.say(text);
  }
  const auto point = page_point(context, request, question);
  auto answer = empty_page<Serving>(point);
  const auto all = [](const StoredEntry&) { return true; };
  for (const auto& stored : page_of_entries(context, request.agent, query, point, answer.next, request.call, all)) {
    auto read = read_entry(stored);
    answer.items.push_back({stored.seq, stored.recorded_at, std::move(read.record.content.context),
                            std::move(std::get<Served>(read.record.entry).claims)});
  }
  return answer;
}

namespace {

// An audit with its filter, the kinds as a set.
RequestDigest question_of(const AuditRequest& request, std::vector<std::uint8_t> kinds) {
  const auto& filter = request.filter;
  RequestDigest question("audit");
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  question.say(std::string(kinds.begin(), kinds.end()));
  question.say_if(filter.disposition ? std::optional(std::string(text(*filter.disposition))) : std::nullopt);
  question.say_if(filter.claim ? std::optional(to_text(filter.claim->value)) : std::nullopt);
  question.say_if(filter.line ? std::optional(filter.line->subject) : std::nullopt);
  question.say_if(filter.line ? std::optional(filter.line->predicate) : std::nullopt);
  question.say_time(filter.recorded_from);
  question.say_time(filter.recorded_until);
  question.say(text(request.order));
  return question;
}

}  // namespace

Page<AuditEntry> audit(const Context& context, const AuditRequest& request) {
  const auto& filter = request.filter;
  EntryQuery query{.order = request.order};
  for (const auto& kind : filter.kinds) {
    const auto number = parse_kind(kind);
    if (!number) throw InvalidInput("kinds", "'" + kind + "' is no kind of entry");
    query.kinds.push_back(*number);
  }
  const auto point = page_point(context, request, question_of(request, query.kinds));
  if (filter.line) rules::admit_line(*filter.line);
  // The store finds the page by one key, usually the narrowest; the other filters are applied here.
  if (filter.disposition) query.key = key::Disposition{disposition_number(*filter.disposition)};
  if (filter.line) query.key = key::Line{*filter.line};
  if (filter.claim) query.key = key::Claim{*filter.claim};
  const auto fits = [&](const StoredEntry& entry) {
    return (!filter.claim || entry.claim == filter.claim) && (!filter.line || entry.line == filter.line) &&
           (!filter.disposition || entry.disposition == disposition_number(*filter.disposition));
  };
  if (filter.recorded_from) rules::admit_time(filter.recorded_from->value, "recorded_from");
  if (filter.recorded_until) rules::admit_time(filter.recorded_until->value, "recorded_until");
  const auto before = [&](TxTime time) {
    if (time.value == earliest_instant) return Position{};
    return context.store().position_at(request.agent, {time.value - std::chrono::microseconds{1}}, request.call);
  };
  if (filter.recorded_from) query.from = Position{before(*filter.recorded_from).value + 1};
  if (filter.recorded_until) query.to = before(*filter.recorded_until);

  auto answer = empty_page<AuditEntry>(point);
  if (query.to && *query.to < query.from) return answer;
  auto entries = page_of_entries(context, request.agent, query, point, answer.next, request.call, fits);
  const bool all = query.kinds.empty() && std::holds_alternative<key::All>(query.key);
  if (all) refuse_gaps(entries, request.order);
  for (auto& stored : entries) {
    auto read = read_entry(stored);
    answer.items.push_back({std::move(read.record), std::move(stored.line), stored.hash});
  }
  return answer;
}

AgentsPage agents(const Context& context, const AgentsRequest& request) {
  const auto point = page_point(request.page, RequestDigest("agents"));
  std::optional<AgentId> after;
  if (!point.after.empty()) after = AgentId{point.after};
  AgentsPage answer;
  answer.items = context.store().agents(after, point.limit + 1, request.call);
  if (answer.items.size() > point.limit) {
    answer.items.pop_back();
    answer.next = cursor(point, answer.items.back().agent.value);
  }
  return answer;
}

Page<std::string> subjects(const Context& context, const SubjectsRequest& request) {
  const auto point = page_point(context, request, RequestDigest("subjects"));
  auto answer = empty_page<std::string>(point);
  std::optional<std::string> after;
  if (!point.after.empty()) after = point.after;
  answer.items = context.store().subjects(request.agent, after, point.limit + 1, point.position, request.call);
  if (answer.items.size() > point.limit) {
    answer.items.pop_back();
    answer.next = cursor(point, answer.items.back());
  }
  return answer;
}

Status status(const Context& context, const StatusRequest& request) {
  rules::admit_agent(request.agent);
  const auto& store = context.store();
  const auto head = store.head(request.agent, request.call);
  Status status{
      request.agent, head, store.describe(request.call), store.capabilities(), clock_behind_by(context, head), {}};
  if (const auto* index = context.store().search_index()) {
    auto reach = index->text_index(request.agent, request.call);
    const bool current = reach.recipe == context.recipe();
    status.words = {std::move(reach.recipe), reach.up_to, current};
  }
  if (const auto* vectors = context.store().vectors()) {
    for (const auto& filed : vectors->models(request.agent, request.call)) {
      if (filed.filed == filed.erased) continue;
      status.models.push_back({filed, vectors->comparing(request.agent, filed.model, request.call)});
    }
  }
  return status;
}

}  // namespace claimledger::application
