#pragma once

#include <functional>
#include <vector>

#include "claimledger/conformance/forwarding_store.hpp"

namespace claimledger::application::test {

// Counts what comes together, and breaks it as it is told.
class Watched : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  bool agents_share_commits() const override { return shared; }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    sizes.push_back(commits.size());
    return on_append ? on_append(commits, call) : inner().append(commits, call);
  }
  std::vector<Outcome> landing(std::span<const Commit> commits) { return inner().append(commits, {}); }
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    for (const auto& line : wanted.lines) {
      if (line.key == damaged) throw StoreFailure(FailureKind::corrupt, "read", "the line is damaged");
    }
    return inner().snapshot(agent, moment, wanted, call);
  }

  bool shared = false;
  std::vector<std::size_t> sizes;  // of the appends
  std::function<std::vector<Outcome>(std::span<const Commit>, const Call&)> on_append;
  LineKey damaged;
};

}  // namespace claimledger::application::test
