#include "claimledger/ports/store.hpp"

#include "claimledger/domain/entry_number.hpp"

// Defaults of the port, for methods that a store need not implement itself.
namespace claimledger {

namespace {

// The default turn: reads and appends by the store's own methods. Others may write in between, so a head that moved is
// a conflict.
class ComposedTurn : public WriteTurn {
 public:
  ComposedTurn(Store& store, const std::vector<WriteIntent>& intents, const Call& call) : store_(store), call_(call) {
    for (const auto& intent : intents) {
      snapshots.push_back(store.snapshot(intent.agent, AtHead{}, intent.wanted, call));
    }
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    std::vector<TurnOutcome> outcomes;
    for (auto& outcome : store_.append(commits, call_)) outcomes.push_back({std::move(outcome), std::nullopt});
    return outcomes;
  }

 private:
  Store& store_;
  const Call& call_;
};

}  // namespace

Head end_of(const Commit& commit) {
  const auto& last = commit.entries.back();
  return {last.seq, commit.header.recorded_at, last.hash};
}

bool has_landed(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::done || outcome.outcome == AppendOutcome::already_there;
}

Outcome failed(const StoreFailure& failure) { return {AppendOutcome::failed, failure.detail(), failure.kind()}; }

Head Store::head(const AgentId& agent, const Call& call) const { return snapshot(agent, AtHead{}, {}, call).head; }

Position Store::position_at(const AgentId& agent, TxTime time, const Call& call) const {
  return snapshot(agent, time, {}, call).head.position;
}

std::vector<StoredEntry> Store::line(const AgentId& agent, const LineKey& key, Position at, const Call& call,
                                     Position after) const {
  return std::move(snapshot(agent, at, {.lines = {{key, after}}}, call).lines.front());
}

std::vector<std::optional<ClaimPlace>> Store::claims(const AgentId& agent, std::span<const ClaimId> ids, Position at,
                                                     const Call& call) const {
  return snapshot(agent, at, {.claims = {ids.begin(), ids.end()}}, call).claims;
}

std::optional<StoredEntry> Store::by_idempotency_key(const AgentId& agent, const Digest& key, Position at,
                                                     const Call& call) const {
  return std::move(snapshot(agent, at, {.keys = {key}}, call).keys.front());
}

// By value for those that keep it.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
std::unique_ptr<WriteTurn> Store::begin_write(std::vector<WriteIntent> intents, const Call& call) {
  return std::make_unique<ComposedTurn>(*this, intents, call);
}

std::vector<StoredEntry> Store::open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                                   const Call& call) const {
  std::vector<StoredEntry> open;
  EntryQuery opened{.kinds = {kind_number<AdjudicationOpened>}, .from = {after.value + 1}};
  while (open.size() < limit) {
    opened.limit = limit - open.size();
    const auto page = entries(agent, opened, at, call);
    for (const auto& question : page) {
      if (!question.handle) {
        throw StoreFailure(FailureKind::corrupt, "open_adjudications",
                           "entry " + std::to_string(question.seq.value) + " has no handle");
      }
      const EntryQuery closed{.key = key::Handle{*question.handle}, .kinds = {kind_number<AdjudicationClosed>}};
      if (entries(agent, closed, at, call).empty()) open.push_back(question);
    }
    if (page.size() < opened.limit) break;
    opened.from = Position{page.back().seq.value + 1};
  }
  return open;
}

std::vector<std::string> Store::subjects(const AgentId& agent, const std::optional<std::string>& after,
                                         std::size_t limit, Position at, const Call& call) const {
  // No text contains NUL, so this is before every line of the next subject and after every line of this one.
  const auto behind = [](const std::string& subject) { return LineKey{subject + '\x01', ""}; };
  std::vector<std::string> found;
  auto from = after ? std::optional(behind(*after)) : std::nullopt;
  while (found.size() < limit) {
    auto next = lines(agent, std::nullopt, from, 1, at, call);
    if (next.empty()) break;
    from = behind(next.front().subject);
    found.push_back(std::move(next.front().subject));
  }
  return found;
}

Inventory Store::inventory(const AgentId& agent, const Call& call) const {
  Inventory uncounted;
  uncounted.position = head(agent, call).position;
  return uncounted;
}

}  // namespace claimledger
