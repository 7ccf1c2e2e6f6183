#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"

// An engine over a store under test, and its answers as text, every field of them: two answers are equal when their
// texts are.
namespace claimledger::conformance {

// An engine with a clock that is told the time and ids that count up from a seed.
struct Bench {
  std::shared_ptr<ManualClock> clock;
  Engine engine;

  // Goes on using `store`, which must outlive the bench.
  static Bench over(Store& store, Config config = {}, std::uint64_t seed = 1);
  static Bench over(std::unique_ptr<Store> store, Config config = {}, std::uint64_t seed = 1);
};

// What a receipt says when it is given again for the same idempotency key.
Receipt given_again(Receipt receipt);

std::string text_of(const Receipt& receipt);
std::string text_of(const WriteAnswer& answer);
std::string text_of(const ReconcileAnswer& answer);
std::string text_of(const Belief& belief);
std::string text_of(const ClaimHistory& claim);
std::string text_of(const History& history);
std::string text_of(const AdjudicationItem& item);
std::string text_of(const AuditEntry& entry);

// What a ledger has been asked about: every line, claim and context in it, at its head.
struct Topics {
  std::vector<LineKey> lines;
  std::vector<std::string> subjects;
  std::vector<ClaimId> claims;
  std::set<std::string> contexts;

  static Topics of(const Engine& engine, const AgentId& agent);
};

// What every read of the engine answers at `at` about these topics, one answer a line, each line naming its question.
std::vector<std::string> survey(Engine& engine, const AgentId& agent, const Topics& topics, const At& at);

}  // namespace claimledger::conformance
