#include <gtest/gtest.h>

#include <vector>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// A batch of which nobody knows whether it landed: "nothing was written" is said only where that is certain.
namespace claimledger {
namespace {

// Appends land, and then fail as is said, one after the other.
class Departing : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (failures.empty()) return inner().append(commits, call);
    const auto kind = failures.front();
    failures.erase(failures.begin());
    if (kind == FailureKind::in_doubt) inner().append(commits, call);
    return {commits.size(), Outcome{AppendOutcome::failed, "the server went away", kind}};
  }

  std::vector<FailureKind> failures;
};

TEST(InDoubt, StaysSoWhenAskingAgainFailsInAnotherWay) {
  for (const auto second : {FailureKind::unreachable, FailureKind::busy, FailureKind::timeout, FailureKind::cancelled,
                            FailureKind::exhausted, FailureKind::in_doubt}) {
    const auto store = std::make_shared<Departing>(memory::open());
    Engine engine({.store = std::make_unique<conformance::ForwardingStore>(store),
                   .clock = std::make_shared<conformance::ManualClock>(),
                   .ids = std::make_shared<conformance::SeededIds>(1)});
    const claimledger::Statement statement{.subject = "ada", .predicate = "city", .value = Value("Berlin")};
    store->failures = {FailureKind::in_doubt, second};
    try {
      engine.ingest({.agent = AgentId{"alice"}, .statements = {statement}});
      ADD_FAILURE() << "nobody could know";
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::in_doubt) << "although it had landed, it said " << text(failure.kind());
      EXPECT_TRUE(second == FailureKind::in_doubt || failure.detail().starts_with("nobody could say"))
          << failure.what();
    }
    EXPECT_EQ(store->head(AgentId{"alice"}, {}).position, Position{1});
  }
}

}  // namespace
}  // namespace claimledger
