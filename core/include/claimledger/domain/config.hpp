#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "claimledger/domain/claim.hpp"
#include "claimledger/domain/confidence.hpp"
#include "claimledger/domain/ids.hpp"
#include "claimledger/domain/vocabulary.hpp"

namespace claimledger {

// Settings of the engine's decisions. A decision is stored with the settings that it needed, so that a later change of
// configuration never changes an answer.
struct Config {
  AgentId agent{"default"};            // whose ledger the easy tier uses
  Confidence trust_floor{7'000};       // valid_time_confidence from which a window with a start is trusted
  Confidence confidence_floor{2'000};  // first-hand value_confidence below which a claim is parked
  std::uint32_t derivation_depth_cap = 3;
  bool quarantine_future_starts = false;
  OverturnPolicy overturn_policy = OverturnPolicy::contested_first;
  Criticality criticality_overturn_floor = Criticality::high;
  // Contradictions wait for a verdict (QueuedForAdjudication, see pending()). Implied by a callback oracle.
  bool queue_for_adjudication = false;
  std::optional<std::chrono::microseconds> adjudication_ttl = {};       // absent: questions never expire
  std::chrono::microseconds clock_tolerance = std::chrono::minutes{5};  // how far a ledger may be ahead of the world
  std::chrono::microseconds served_window = std::chrono::hours{24};
  std::uint32_t recall_burst = 10;                                           // re-entries at one claim …
  std::chrono::microseconds recall_burst_window = std::chrono::seconds{60};  // … inside this; one more is a burst
  std::chrono::microseconds aging_after = std::chrono::hours{24 * 30};
  std::chrono::microseconds decayed_after = std::chrono::hours{24 * 90};
  // Whose word endings search() looks behind; "none": words are found as they are written. Decides nothing else.
  std::string search_language = "english";
  // File the words of what is written with it, where the store can, so that search() finds them without reading all.
  // Changes no answer. What was written without is filed by reindex().
  bool index_words = true;
  // File the vectors of what is written with it, where there is an embedder and the store can. A write waits for them
  // before it begins; where the embedder fails it goes on without. What was written without is filed by embed().
  bool embed_writes = true;
  std::size_t vector_cache_bytes = std::size_t{512} << 20;  // of vectors that searches have read, and keep
  // Of lines of 64 entries or more that were read or written, and of the ends of those that were written, which are
  // kept so that the next call reads only what was added since. About: a half for reads, where the line that was used
  // last is kept however long, and twice as long where its past was asked about; a quarter for writes, likewise; a
  // quarter for ends. Changes no answer; 0: none are kept.
  std::size_t line_cache_bytes = std::size_t{48} << 20;
};

// Failure: InvalidInput for a configuration that makes no sense.
void validate(const Config& config);

}  // namespace claimledger
