#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/domain/statement.hpp"
#include "claimledger/ports/store.hpp"

// What the reads of an engine are asked with and what they answer.
namespace claimledger {

// Where and when a read stands. At most one of `position` and `as_of`; neither: the head.
struct At {
  std::optional<Position> position = {};  // the end of a batch; a position inside a batch counts as the batch before it
  std::optional<TxTime> as_of = {};
  std::optional<TxTime> asked_at = {};  // absent: as_of if given, else the clock
};

// The position and time an answer was given at. Asked again with these, the answer is identical.
struct AnsweredAt {
  Position position;
  TxTime asked_at;
  friend bool operator==(const AnsweredAt&, const AnsweredAt&) = default;
};

// A page of a longer answer. `next` is absent on the last page; given back as `cursor` it goes on at the same position,
// whatever is written meanwhile. Only agents() stands at no position: an agent that is new meanwhile is among those
// that still come.
struct PageRequest {
  std::size_t limit = 100;  // 0..limits::page; more is cut to that
  std::string cursor = {};
};
template <class Item>
struct Page {
  AnsweredAt at;
  std::vector<Item> items;
  std::optional<std::string> next;
};

struct RecallRequest {
  AgentId agent;
  LineKey line;
  At at = {};
  std::optional<ValidTime> valid_at = {};  // absent: asked_at
  // Record that the claims of the answer went to this context (a conversation, a prompt); only at the head.
  std::optional<std::string> serve_to = {};
  Caller caller = {};
  Call call = {};
};

struct History {
  LineKey line;
  AnsweredAt at;
  bool set = false;
  std::vector<ClaimHistory> claims;  // oldest first
  std::vector<Segment> timeline;  // valid time from beginning to forever, touching, each different from the one before
};

struct LineBelief {
  LineKey line;
  Belief belief;
};

// A line that is contested at valid_at or, when asked for any, the stretches where it is.
struct ContestedLine {
  LineKey line;
  std::vector<Segment> segments;
};

struct LineageNode {
  ClaimId claim;
  std::uint32_t distance = 0;  // steps from the claim asked about, by the shortest way
  std::vector<ClaimId> via;    // its neighbours on the way back, nearest first
};
enum class Direction { ancestors, descendants };

struct Serving {
  Position seq;
  TxTime recorded_at;
  std::optional<std::string> context;  // absent once erased
  std::vector<ClaimId> claims;
};

// What the ledger holds, entry by entry.
struct AuditFilter {
  std::vector<std::string> kinds = {};
  std::optional<Disposition> disposition = {};
  std::optional<ClaimId> claim = {};
  std::optional<LineKey> line = {};
  std::optional<TxTime> recorded_from = {};   // inclusive
  std::optional<TxTime> recorded_until = {};  // exclusive
};
struct AuditEntry {
  Record record;
  std::optional<LineKey> line;
  Digest hash;
};

struct Verification {
  bool ok = true;
  Position position;  // how far the ledger goes
  std::uint64_t entries = 0;
  Digest head_hash;
  std::optional<Position> first_bad;  // the first entry that does not fit; absent where it is none of the entries
  std::string problem;
  // Given where the last entry lies further ahead of the world's clock than Config::clock_tolerance: how far. Nothing
  // is broken then, but whatever is written is stamped ahead too.
  std::optional<std::chrono::microseconds> clock_behind_by = {};
};

// What became of a ledger that was carried from one store to another.
enum class CopyStatus {
  done,      // the target holds all that the source held when the copy came to its end
  diverged,  // the target holds another history, or one that goes on beyond the source; nothing was written to it
  conflict,  // somebody else wrote to the target meanwhile; what was copied before that is there
};
struct CopyAnswer {
  CopyStatus status = CopyStatus::done;
  Head head;                  // the target's; where it is done, also the source's, or once was
  std::uint64_t batches = 0;  // copied now
  std::uint64_t entries = 0;  // copied now; the others were there already
  std::string reason;         // for people, where status is not done
};

struct Status {
  AgentId agent;
  Head head;
  std::vector<std::pair<std::string, std::string>> store;  // Store::describe()
  std::vector<Capability> capabilities;
  std::optional<std::chrono::microseconds> clock_behind_by = {};  // as in Verification
};

}  // namespace claimledger
