#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "claimledger/ports/store.hpp"

namespace claimledger::adapter {

// A turn of a store behind this one, which calls `appended` after each append: to tell an AppendSignal. Keeps `owner`
// alive as long as itself. Threads: as a turn.
class ObservedTurn : public WriteTurn {
 public:
  ObservedTurn(std::unique_ptr<WriteTurn> inner, std::function<void()> appended, std::shared_ptr<void> owner = {})
      : owner_(std::move(owner)), inner_(std::move(inner)), appended_(std::move(appended)) {
    snapshots = std::move(inner_->snapshots);
    guessed = std::move(inner_->guessed);
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    auto outcomes = inner_->append(commits);
    appended_();
    return outcomes;
  }

 private:
  std::shared_ptr<void> owner_;  // goes last
  std::unique_ptr<WriteTurn> inner_;
  std::function<void()> appended_;
};

}  // namespace claimledger::adapter
