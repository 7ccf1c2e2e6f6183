#pragma once

#include <optional>
#include <string>
#include <vector>

#include "claimledger/reads.hpp"

namespace claimledger::wiring {

// How a ledger stands; without status it cannot be read.
struct StandingLedger {
  AgentId agent;
  std::optional<Status> status;
};

// Gauges of ledgers in Prometheus' text format, each by agent, whose hidden characters are shown as \u{..}:
//
//   claimledger_ledger_readable                        1; 0 for one that cannot be read, which has no other
//   claimledger_ledger_entries                         where it ends
//   claimledger_ledger_last_recorded_timestamp_seconds when its last entry was recorded; none while it is empty
//   claimledger_ledger_clock_behind_seconds            how far that lies ahead of the clock, beyond the tolerance
//   claimledger_ledger_words_filed_entries             up to which entry searches find words filed
//   claimledger_ledger_vectors_filed_entries           … and, by model, vectors
std::string ledger_metrics(const std::vector<StandingLedger>& ledgers);

}  // namespace claimledger::wiring
