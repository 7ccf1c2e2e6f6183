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

// A receiver of questions. asked() is called for every question after its batch is durable, outside every lock. If the
// process ends in between, that call is lost, so a host calls Engine::tell_pending() after each start, which repeats
// every open question. An oracle may call the engine, from the same thread or another, or do nothing.
// Failure: exceptions of asked() are dropped.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual void asked(const AdjudicationItem& item) = 0;
};

}  // namespace claimledger
