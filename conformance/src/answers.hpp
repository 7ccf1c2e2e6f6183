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
  static Bench over(std::unique_ptr<Store> store, Config config = {}, std::uint64_t seed = 1,
                    std::shared_ptr<Embedder> embedder = nullptr);
};

// The receipt as it is returned again for the same idempotency key.
Receipt given_again(Receipt receipt);

std::string text_of(const Receipt& receipt);
std::string text_of(const WriteAnswer& answer);
std::string text_of(const ReconcileAnswer& answer);
std::string text_of(const Belief& belief);
std::string text_of(const ClaimHistory& claim);
std::string text_of(const History& history);
std::string text_of(const AdjudicationItem& item);
std::string text_of(const AuditEntry& entry);
// Without `scanned`: how much had to be read for an answer is no part of it.
std::string text_of(const SearchAnswer& answer);

// The topics of a survey: every line, claim and context in a ledger at its head.
struct Topics {
  std::vector<LineKey> lines;
  std::vector<std::string> subjects;
  std::vector<ClaimId> claims;
  std::set<std::string> contexts;

  static Topics of(const Engine& engine, const AgentId& agent);
};

// The answers of every read of the engine at `at` about these topics, one a line, each with its question.
std::vector<std::string> survey(Engine& engine, const AgentId& agent, const Topics& topics, const At& at);

}  // namespace claimledger::conformance
