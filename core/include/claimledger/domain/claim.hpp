#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/domain/confidence.hpp"
#include "claimledger/domain/digest.hpp"
#include "claimledger/domain/ids.hpp"
#include "claimledger/domain/time.hpp"
#include "claimledger/domain/value.hpp"
#include "claimledger/domain/vocabulary.hpp"

namespace claimledger {

// The name of a line: one (subject, predicate) of one agent. Every claim is about one line.
struct LineKey {
  std::string subject = {};
  std::string predicate = {};
  friend bool operator==(const LineKey&, const LineKey&) = default;
  friend auto operator<=>(const LineKey&, const LineKey&) = default;
};

// Everything a caller typed. Kept apart from the entry that refers to it, so that it can be erased without breaking the
// chain; an entry holds only the commitment to it. Absent fields were not given.
struct Content {
  std::optional<std::string> subject = {};
  std::optional<std::string> predicate = {};
  std::optional<Value> value = {};
  std::optional<std::string> source = {};
  std::optional<Value> metadata = {};
  std::optional<std::string> idempotency_key = {};
  std::optional<std::string> why = {};
  std::optional<std::string> evidence = {};
  std::optional<std::string> context = {};
  // Digest of the whole request, present where there is an idempotency key: tells "the same again" from "another".
  std::optional<Digest> request = {};
  friend bool operator==(const Content&, const Content&) = default;
};

// A statement about a claim, written once, with the facts that its decision rested on. Its subject, predicate, value,
// source and metadata are in its Content.
struct Claim {
  ClaimId id = {};  // the claim that the statement began or restated when it was made
  Cardinality cardinality = Cardinality::unknown;
  Provenance provenance = Provenance::user_asserted;
  ValidWindow window = {};
  Confidence valid_time_confidence = {};
  Confidence value_confidence = {};
  // Decided at ingest: a known start, said with enough confidence. An untrusted window has unknown timing: the claim
  // may hold at any instant up to its end, if one is given, and its start counts for nothing.
  bool trusted = false;
  bool below_floor = false;  // first-hand, and said with too little confidence to count until it is said again
  // The policy that it is judged under, now and whenever its line is judged anew.
  OverturnPolicy overturn = OverturnPolicy::contested_first;
  Criticality overturn_floor = Criticality::high;
  Criticality criticality = Criticality::medium;
  std::vector<ClaimId> derived_from = {};
  std::uint32_t depth = 0;  // first-hand 0, else 1 + the largest among derived_from
  // The closest first-hand ancestor and the number of steps to it; absent for first-hand claims and where there is
  // none.
  std::optional<ClaimId> nearest_external_anchor = {};
  std::uint32_t anchor_distance = 0;
  friend bool operator==(const Claim&, const Claim&) = default;
};

}  // namespace claimledger
