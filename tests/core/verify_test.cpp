#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// Faults that verify finds where the entries are whole and only the indexes are not.
namespace claimledger {
namespace {

enum class Lost { nothing, claim, dependants, key, serving, text, key_and_chain };

// Loses one way of finding entries, and nothing else; or also the hash of an entry after one that its key would find.
class Forgetful : public conformance::ForwardingStore {
 public:
  explicit Forgetful(Lost lost) : ForwardingStore(memory::open()), lost_(lost) {}

  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto found = ForwardingStore::snapshot(agent, moment, wanted, call);
    if (forgets(Lost::claim) && !found.claims.empty()) found.claims.front().reset();
    if (forgets(Lost::key)) std::fill(found.keys.begin(), found.keys.end(), std::nullopt);
    return found;
  }
  std::vector<Derivation> dependants(const AgentId& agent, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    return forgets(Lost::dependants) ? std::vector<Derivation>{}
                                     : ForwardingStore::dependants(agent, parents, at, call);
  }
  std::vector<StoredEntry> entries(const AgentId& agent, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    if (forgets(Lost::serving) && std::holds_alternative<key::ServedClaim>(query.key)) return {};
    return ForwardingStore::entries(agent, query, at, call);
  }
  std::vector<StoredBatch> batches(const AgentId& agent, Position after, std::size_t limit,
                                   const Call& call) const override {
    auto found = ForwardingStore::batches(agent, after, limit, call);
    for (auto& batch : found) {
      for (auto& entry : batch.entries) {
        if (forgets(Lost::text)) entry.content.search_text.clear();
        if (now && lost_ == Lost::key_and_chain && entry.seq == Position{3}) entry.hash = {};
      }
    }
    return found;
  }

  bool now = false;

 private:
  bool forgets(Lost what) const {
    return now && (lost_ == what || (lost_ == Lost::key_and_chain && what == Lost::key));
  }

  Lost lost_;
};

Verification verify_after(Lost lost) {
  auto store = std::make_unique<Forgetful>(lost);
  auto& forgetful = *store;
  Engine engine({.store = std::move(store),
                 .clock = std::make_shared<conformance::ManualClock>(),
                 .ids = std::make_shared<conformance::SeededIds>(1)});
  const auto agent = engine.config().agent;
  const auto parent = engine.remember("ada", "city", "Berlin", {.source = "Ada"});
  Statement child{.subject = "ada", .predicate = "country", .value = "Germany"};
  child.provenance = Provenance::model_derived;
  child.derived_from = {*parent.claim};
  child.idempotency_key = "once";
  engine.ingest({.agent = agent, .statements = {child}});
  engine.recall({.agent = agent, .line = {"ada", "city"}, .serve_to = "chat 7"});
  forgetful.now = true;
  return engine.verify({.agent = agent});
}

}  // namespace

TEST(Verify, FollowsEveryWayToAnEntry) {
  EXPECT_TRUE(verify_after(Lost::nothing).ok) << verify_after(Lost::nothing).problem;
  for (const auto lost : {Lost::claim, Lost::dependants, Lost::key, Lost::serving, Lost::text}) {
    SCOPED_TRACE(static_cast<int>(lost));
    const auto found = verify_after(lost);
    EXPECT_FALSE(found.ok);
    EXPECT_TRUE(found.first_bad.has_value());
  }
}

// Keys are asked for when the entries of a page have been looked at.
TEST(Verify, NamesTheFirstOfTwoMisfits) { EXPECT_EQ(verify_after(Lost::key_and_chain).first_bad, Position{2}); }

}  // namespace claimledger
