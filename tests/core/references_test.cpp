#include "application/references.hpp"

#include <gtest/gtest.h>

#include "application/use_cases.hpp"
#include "application/write.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"

// A draft that names a claim which is not there is not sealed, whoever drafted it.
namespace claimledger::application {
namespace {

const AgentId agent{"agent"};

class References : public testing::Test {
 protected:
  // The kind of failure, if any, of a draft that holds this entry.
  std::optional<FailureKind> drafted(Entry entry, const std::vector<Claim>& added = {}) {
    const auto& store = context_.store();
    const Call call;
    View view(store, agent, store.head(agent, call).position, call);
    Attempt attempt(context_, *ids_, view, {clock_->now()});
    for (const auto& claim : added) attempt.draft.entries.push_back({ClaimRecorded{claim}, {}, LineKey{"s", "p"}});
    attempt.draft.entries.push_back({std::move(entry), {}, std::nullopt});
    try {
      require_named_claims(attempt);
    } catch (const StoreFailure& failure) {
      return failure.kind();
    }
    return std::nullopt;
  }

  ClaimId said(const std::string& predicate, const AgentId& by = agent) {
    const Statement statement{.subject = "s", .predicate = predicate, .value = Value("a")};
    return *ingest(context_, {.agent = by, .statements = {statement}}).receipts.front().claim;
  }

  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  std::shared_ptr<conformance::SeededIds> ids_ = std::make_shared<conformance::SeededIds>(1);
  Context context_{{.store = memory::open(), .clock = clock_, .world = clock_, .ids = ids_}, {}};
};

TEST_F(References, ToWhatTheLedgerOrTheDraftHasAreTaken) {
  const auto there = said("p");
  Claim added;
  added.id = ClaimId{ids_->uuid(Instant{})};
  EXPECT_EQ(drafted(Served{.claims = {there, added.id}}, {added}), std::nullopt);
  EXPECT_EQ(drafted(ReviewMarked{.claim = there, .cause = added.id}, {added}), std::nullopt);
}

TEST_F(References, ToWhatIsNowhereAreRefused) {
  const auto there = said("p");
  const ClaimId nowhere{ids_->uuid(Instant{})};
  ClaimRecorded child;
  child.claim.derived_from = {there, nowhere};
  Corroborated again;
  again.stated.id = there;
  again.stated.derived_from = {there, nowhere};
  EXPECT_EQ(drafted(child), FailureKind::refused);
  EXPECT_EQ(drafted(again), FailureKind::refused);
  EXPECT_EQ(drafted(Served{.claims = {nowhere}}), FailureKind::refused);
  EXPECT_EQ(drafted(ReviewMarked{.claim = there, .cause = nowhere}), FailureKind::refused);
}

TEST_F(References, ToWhatBeginsNoEarlierAreRefused) {
  Claim own, later, first;
  for (auto* claim : {&own, &later, &first}) claim->id = ClaimId{ids_->uuid(Instant{})};
  own.derived_from = {own.id};
  EXPECT_EQ(drafted(ClaimRecorded{own}), FailureKind::refused) << "itself";
  first.derived_from = {later.id};
  EXPECT_EQ(drafted(Served{}, {first, later}), FailureKind::refused) << "a later one of its batch";
  EXPECT_EQ(drafted(Served{}, {later, first}), std::nullopt);
  Judged moved{.claim = own.id, .begins = true};
  first.derived_from = {own.id};
  EXPECT_EQ(drafted(moved, {first}), FailureKind::refused) << "one that a line judged anew begins";
}

TEST_F(References, OfAWriteAreCheckedBeforeItIsAppended) {
  const auto there = said("p");
  const ClaimId nowhere{ids_->uuid(Instant{})};
  const auto write_serving = [&](const ClaimId& claim) {
    return write(context_, {.agent = agent, .caller = {}, .call = {}}, [&](Attempt& attempt) {
      attempt.draft.entries.push_back({Served{.claims = {claim}}, {}, std::nullopt});
      return WriteAnswer{};
    });
  };
  EXPECT_THROW(write_serving(nowhere), StoreFailure);
  EXPECT_EQ(context_.store().head(agent, {}).position, Position{1});
  EXPECT_EQ(write_serving(there).position, Position{2});
}

TEST_F(References, ToAClaimOfAnotherAgentAreRefused) {
  const auto foreign = said("p", AgentId{"other"});
  EXPECT_EQ(drafted(Served{.claims = {foreign}}), FailureKind::refused);
}

}  // namespace
}  // namespace claimledger::application
