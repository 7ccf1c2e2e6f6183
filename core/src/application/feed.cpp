#include "claimledger/feed.hpp"

#include <algorithm>
#include <utility>

#include "application/batch_sizer.hpp"
#include "application/view.hpp"
#include "claimledger/limits.hpp"
#include "rules/rules.hpp"

// The change feed: reads batches that are there, else waits until there may be more. The store signals appends; the
// positions here ensure that no batch is left out or repeated.
namespace claimledger {

namespace {

bool over(const StoreFailure& failure) {
  return failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled;
}

}  // namespace

Subscription::Subscription(const Store& store, std::optional<AgentId> agent, FeedPositions from)
    : store_(&store), agent_(std::move(agent)), positions_(std::move(from)) {
  if (agent_) rules::admit_agent(*agent_);
  for (const auto& [each, position] : positions_) rules::admit_agent(each);
}

std::optional<FeedBatch> Subscription::next(const Call& call) {
  try {
    while (!look(call)) {
      // The mark is taken before the read, so a batch that lands in between ends the wait at once.
      const auto mark = store_->await_append(agent_, 0, call);
      find_ahead(call);
      if (!look(call)) store_->await_append(agent_, mark, call);
    }
  } catch (const StoreFailure& failure) {
    if (over(failure)) return std::nullopt;
    throw;
  }
  return take();
}

Position Subscription::position(const AgentId& agent) const {
  const auto stands = positions_.find(agent);
  return stands == positions_.end() ? Position{} : stands->second;
}

// Reads further in one of the ledgers that are ahead. True once a batch is ready.
bool Subscription::look(const Call& call) {
  while (waiting_.empty() && !ahead_.empty()) {
    // Its turn ends even if it fails, so that an unreadable ledger does not block the others.
    const auto agent = std::move(ahead_.front());
    ahead_.pop_front();
    read(agent, call);
  }
  return !waiting_.empty();
}

// Why the feed cannot go on with a ledger; empty: it can.
std::string Subscription::problem_of(const AgentHead& head) const {
  if (!head.problem.empty()) return "the ledger of '" + head.agent.value + "' cannot be read: " + head.problem;
  const auto here = position(head.agent);
  if (here <= head.position) return "";
  return "the ledger of '" + head.agent.value + "' " +
         (head.position == Position{} ? "is not there any more"
                                      : "ends with entry " + std::to_string(head.position.value)) +
         ", and this feed has come to its entry " + std::to_string(here.value);
}

// Finds ledgers that are ahead of the feed: reads pages of agents, from the end of the last one and at most once round,
// until a page has any. Ledgers that cannot be read are told one at a time, each when the others of its page are noted.
void Subscription::find_ahead(const Call& call) {
  if (agent_) return ahead_.push_back(*agent_);
  const auto start = after_;
  for (bool round = !start; ahead_.empty();) {
    auto page = store_->agents(after_, limits::page, call);
    const bool at_end = page.size() < limits::page;
    const auto before = std::exchange(after_, at_end ? std::nullopt : std::optional(page.back().agent));
    add_vanished(page, before);
    std::optional<std::pair<AgentId, std::string>> broken;
    for (const auto& each : page) {
      auto problem = problem_of(each);
      if (problem.empty()) {
        told_.erase(each.agent);
        if (position(each.agent) < each.position) ahead_.push_back(each.agent);
      } else if (!broken && told_[each.agent] != problem) {
        broken.emplace(each.agent, std::move(problem));
      }
    }
    if (broken) {
      told_[broken->first] = broken->second;
      throw StoreFailure(FailureKind::corrupt, "feed", broken->second);
    }
    if (round && (at_end || (start && *after_ >= *start))) return;
    round = round || at_end;
  }
}

// Ledgers that the feed has been to and that the page, from one agent to where the next page begins, should have.
void Subscription::add_vanished(std::vector<AgentHead>& page, const std::optional<AgentId>& after) const {
  const auto listed = page.size();
  auto each = after ? positions_.upper_bound(*after) : positions_.begin();
  for (; each != positions_.end() && (!after_ || each->first <= *after_); ++each) {
    const auto end = page.begin() + static_cast<std::ptrdiff_t>(listed);
    const auto place = std::lower_bound(page.begin(), end, each->first,
                                        [](const AgentHead& head, const AgentId& agent) { return head.agent < agent; });
    if (place == end || place->agent != each->first) page.push_back({each->first, {}, ""});
  }
}

namespace {

// A feed of all agents says whose ledger is damaged.
std::vector<StoredBatch> batches_of(const Store& store, const AgentId& agent, Position after, std::size_t limit,
                                    const Call& call) {
  try {
    return store.batches(agent, after, limit, call);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    throw StoreFailure(failure.kind(), failure.operation(), "agent '" + agent.value + "': " + failure.detail());
  }
}

}  // namespace

void Subscription::read(const AgentId& agent, const Call& call) {
  auto position = this->position(agent);
  application::BatchSizer sizer(batches_at_once_);
  auto batches = batches_of(*store_, agent, position, sizer.batches(), call);
  sizer.adapt_to(batches);
  batches_at_once_ = sizer.batches();
  for (auto& batch : batches) {
    if (batch.first.value != position.value + 1) {
      throw StoreFailure(FailureKind::corrupt, "feed",
                         "entry " + std::to_string(position.value + 1) + " of agent '" + agent.value +
                             "' is not the first of a batch: a batch is missing, or the feed began inside one");
    }
    position = batch.entries.back().seq;
    waiting_.push_back(std::move(batch));
  }
}

FeedBatch Subscription::take() {
  const auto batch = std::move(waiting_.front());
  waiting_.pop_front();
  FeedBatch taken{batch.header, batch.first, batch.entries.back().seq, {}};
  try {
    for (const auto& stored : batch.entries) {
      auto read = application::read_entry(stored);
      taken.entries.push_back({std::move(read.record), stored.line, stored.hash});
    }
  } catch (...) {
    waiting_.clear();  // the batches after it do not continue from the feed's place
    throw;
  }
  positions_[taken.header.agent] = taken.last;
  return taken;
}

}  // namespace claimledger
