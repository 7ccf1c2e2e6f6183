#pragma once

#include <boost/uuid/uuid.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "claimledger/domain/time.hpp"

namespace claimledger {

using Uuid = boost::uuids::uuid;

// "0190163d-8694-7c3b-b2a1-0123456789ab"; lower case out, either case in; exactly 36 characters.
std::string to_text(const Uuid& id);
std::optional<Uuid> parse_uuid(std::string_view text);

// Version 7 of RFC 9562: 48 bits of Unix milliseconds, then 74 bits of `random` (16 bytes, of which the last ten are
// used). A time before 1970 counts as 1970.
Uuid make_uuid_v7(Instant at, std::string_view random);

// The owner of a ledger. 1..256 bytes of UTF-8 without NUL; opaque, compared byte for byte.
struct AgentId {
  std::string value;
  // Throws InvalidInput{field}.
  static AgentId parse(std::string_view text, std::string_view field = "agent");
  friend bool operator==(const AgentId&, const AgentId&) = default;
  friend auto operator<=>(const AgentId&, const AgentId&) = default;
};

struct ClaimId {
  Uuid value{};
  static ClaimId parse(std::string_view text, std::string_view field = "claim_id");
  friend bool operator==(const ClaimId& a, const ClaimId& b) { return a.value == b.value; }
  friend bool operator<(const ClaimId& a, const ClaimId& b) { return a.value < b.value; }
};

struct BatchId {
  Uuid value{};
  friend bool operator==(const BatchId& a, const BatchId& b) { return a.value == b.value; }
  friend bool operator<(const BatchId& a, const BatchId& b) { return a.value < b.value; }
};

// The handle under which a question waits for its verdict.
struct AdjudicationId {
  Uuid value{};
  static AdjudicationId parse(std::string_view text, std::string_view field = "handle");
  friend bool operator==(const AdjudicationId& a, const AdjudicationId& b) { return a.value == b.value; }
  friend bool operator<(const AdjudicationId& a, const AdjudicationId& b) { return a.value < b.value; }
};

// A `stream_seq`: 0 before the first entry, then 1, 2, 3… without gaps.
struct Position {
  std::uint64_t value = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace claimledger
