#pragma once

#include <atomic>
#include <memory>
#include <type_traits>

#include "claimledger/conformance/forwarding_store.hpp"

namespace claimledger::conformance {

// Which call fails, and how. Shared by the test that sets it and the store that obeys it.
struct Fault {
  enum class Side { before_effect, after_effect };

  std::atomic<int> calls_left = 0;  // the call that brings this to 0 fails; 0 from the start: none does
  Side side = Side::before_effect;
  FailureKind kind = FailureKind::unreachable;  // of a call that failed before its effect; after it: in_doubt
  std::atomic<bool> fired = false;
  std::atomic<bool> wrote = false;  // the call that failed after its effect was an append

  void arm(int nth_call, Side which) {
    side = which;
    fired = false;
    wrote = false;
    calls_left = nth_call;
  }
};

// Fails the n-th call, before or after its effect, and every other call goes through. An append that fails after its
// effect is in doubt; everything else that fails has written nothing.
// Threads: as the store behind it; the fault fires once.
class FaultyStore : public ForwardingStore {
 public:
  FaultyStore(std::shared_ptr<Store> inner, std::shared_ptr<Fault> fault)
      : ForwardingStore(std::move(inner)), fault_(std::move(fault)) {}

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return guarded("snapshot", [&] { return inner().snapshot(agent, moment, wanted, call); });
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (!fires()) return inner().append(commits, call);
    const bool writes = fault_->side == Fault::Side::after_effect;
    if (writes) inner().append(commits, call);
    fault_->wrote = writes;
    return {commits.size(), Outcome{AppendOutcome::failed, writes ? "injected after effect" : "injected before effect",
                                    writes ? FailureKind::in_doubt : fault_->kind}};
  }
  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return guarded("dependants", [&] { return inner().dependants(agent, parents, at, call); });
  }
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return guarded("entries", [&] { return inner().entries(agent, query, at, call); });
  }
  std::vector<StoredEntry> open_adjudications(const AgentId& agent, Position after, std::size_t limit, Position at,
                                              const Call& call) const override {
    return guarded("open_adjudications", [&] { return inner().open_adjudications(agent, after, limit, at, call); });
  }
  std::vector<LineKey> lines(const AgentId& agent, const std::optional<std::string>& subject,
                             const std::optional<LineKey>& after, std::size_t limit, Position at,
                             const Call& call) const override {
    return guarded("lines", [&] { return inner().lines(agent, subject, after, limit, at, call); });
  }
  std::vector<std::string> subjects(const AgentId& agent, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    return guarded("subjects", [&] { return inner().subjects(agent, after, limit, at, call); });
  }
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    return guarded("batches", [&] { return inner().batches(agent, after, limit, call); });
  }
  Inventory inventory(const AgentId& agent, const Call& call) const override {
    return guarded("inventory", [&] { return inner().inventory(agent, call); });
  }
  std::vector<AgentHead> agents(const std::optional<AgentId>& after, std::size_t limit,
                                const Call& call) const override {
    return guarded("agents", [&] { return inner().agents(after, limit, call); });
  }
  std::uint64_t await_append(const std::optional<AgentId>& agent, std::uint64_t seen, const Call& call) const override {
    return guarded("await_append", [&] { return inner().await_append(agent, seen, call); });
  }

 private:
  // Whether this call is the one that fails.
  bool fires() const {
    const bool fails = fault_->calls_left.load() > 0 && fault_->calls_left.fetch_sub(1) == 1;
    if (fails) fault_->fired = true;
    return fails;
  }

  template <class Work>
  std::invoke_result_t<Work> guarded(const char* operation, Work work) const {
    if (!fires()) return work();
    if (fault_->side == Fault::Side::before_effect)
      throw StoreFailure(fault_->kind, operation, "injected before effect");
    work();
    throw StoreFailure(fault_->kind, operation, "injected after effect");
  }

  std::shared_ptr<Fault> fault_;
};

}  // namespace claimledger::conformance
