#pragma once

#include <optional>
#include <vector>

#include "claimledger/domain/claim.hpp"

namespace claimledger {

// A question that waits for a verdict.
struct AdjudicationItem {
  struct Side {
    ClaimId claim;
    Value value;
    Provenance provenance = Provenance::user_asserted;
    std::optional<std::string> source;
    ValidWindow window;
    Confidence value_confidence;
    TxTime recorded_at;
  };
  AgentId agent;
  AdjudicationId handle;
  LineKey line;
  Side challenger;
  std::vector<Side> rivals;
  Position opened;
  TxTime opened_at;
  std::optional<TxTime> expires_at;
};

// Told of every question after its batch is durable, outside every lock. A process that ends in between has told
// nobody: a host calls Engine::tell_pending() after each start, and every question that is open is told again. May call
// the engine, from the same thread or another; may do nothing; what it throws is dropped.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual void asked(const AdjudicationItem& item) = 0;
};

}  // namespace claimledger
