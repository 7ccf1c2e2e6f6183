#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crowd.hpp"

namespace claimledger::application::test {

inline const AgentId alice{"alice"};
inline const AgentId bob{"bob"};

Act saying(const AgentId& agent, const Statement& statement, const Call& call = {});
// Of alice's: the value under itself.
Act saying(const std::string& value, const Call& call = {});

std::vector<StoredBatch> ledger(const Store& store, const AgentId& agent);
// The predicates that stand in it, in order.
std::string predicates(const Store& store, const AgentId& agent);

// Random writes about what is known, among them some that are refused, change nothing, or repeat others.
class Writes {
 public:
  explicit Writes(std::uint64_t seed, bool several_agents) : random_(seed), several_agents_(several_agents) {}

  Act next();
  // One that shares its turn with no other.
  Act next_alone();
  // What was answered may be asked about from now on.
  void learn(const Store& store);

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  AgentId agent() { return several_agents_ && below(2) == 0 ? bob : alice; }
  LineKey line() { return {"ada", "p" + std::to_string(below(3))}; }
  Value value() { return Value("v" + std::to_string(below(3))); }
  ValidEnd day();
  ClaimId claim(const AgentId& agent);
  Act say(const AgentId& agent);

  std::mt19937_64 random_;
  bool several_agents_;
  std::map<AgentId, std::vector<ClaimId>> known_;
  std::set<ClaimId> seen_;
  std::map<AgentId, Position> at_;
};

// Mostly plain statements, in batches, of alice's: dated, and near each other. On short lines that come and go, each
// soon something else than plain; or on the long ones of Writes. Now and then what was said is handed to a model, and
// comes back.
class PlainWrites {
 public:
  explicit PlainWrites(std::uint64_t seed, bool on_short_lines = true) : random_(seed), short_(on_short_lines) {}

  Act next();

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  LineKey line() {
    if (!short_) return {"ada", "p" + std::to_string(below(3))};
    return {"person " + std::to_string(step_ / 12), "p" + std::to_string(below(4))};
  }
  Statement statement();

  std::mt19937_64 random_;
  bool short_;
  int step_ = 0;
};

}  // namespace claimledger::application::test
