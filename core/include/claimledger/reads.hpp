#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "claimledger/domain/belief.hpp"
#include "claimledger/domain/statement.hpp"
#include "claimledger/ports/store.hpp"

// What the reads of an engine are asked with and what they answer: one request for each, its required fields first.
namespace claimledger {

class Engine;

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

// Hears how far long work is: (entries done, entries in all).
using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

struct HeadRequest {
  AgentId agent;
  Moment moment = AtHead{};
  Call call = {};
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

struct HistoryRequest {
  AgentId agent;
  LineKey line;
  At at = {};
  Call call = {};
};
struct History {
  LineKey line;
  AnsweredAt at;
  bool set = false;
  std::vector<ClaimHistory> claims;  // oldest first
  std::vector<Segment> timeline;  // valid time from beginning to forever, touching, each different from the one before
};

struct SubjectRequest {
  AgentId agent;
  std::string subject;
  At at = {};
  std::optional<ValidTime> valid_at = {};  // absent: asked_at
  PageRequest page = {};
  Call call = {};
};
struct LineBelief {
  LineKey line;
  Belief belief;
};

struct ContestedRequest {
  AgentId agent;
  At at = {};
  std::optional<ValidTime> valid_at = {};  // absent: contested at any instant
  PageRequest page = {};
  Call call = {};
};
// A line that is contested at valid_at or, when asked for any, the stretches where it is.
struct ContestedLine {
  LineKey line;
  std::vector<Segment> segments;
};

struct PendingRequest {
  AgentId agent;
  At at = {};
  PageRequest page = {};
  Call call = {};
};

struct ClaimRequest {
  AgentId agent;
  ClaimId claim;
  At at = {};
  Call call = {};
};

// Every page walks from the claim again, as far as its own end: ask for large ones where the whole is wanted.
struct LineageRequest {
  AgentId agent;
  ClaimId claim;
  Direction direction = Direction::ancestors;
  At at = {};
  PageRequest page = {};
  Call call = {};
};
struct LineageNode {
  ClaimId claim;
  std::uint32_t distance = 0;  // steps from the claim asked about, by the shortest way
  std::vector<ClaimId> via;    // its neighbours on the way back, nearest first
};

struct ServedRequest {
  AgentId agent;
  std::variant<ClaimId, std::string> claim_or_context;
  At at = {};
  PageRequest page = {};
  Call call = {};
};
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
struct AuditRequest {
  AgentId agent;
  AuditFilter filter = {};
  Order order = Order::ascending;
  At at = {};
  PageRequest page = {};
  Call call = {};
};
struct AuditEntry {
  Record record;
  std::optional<LineKey> line;
  Digest hash;
};

struct OutcomeRequest {
  AgentId agent;
  std::string idempotency_key;
  Call call = {};
};

struct AgentsRequest {
  PageRequest page = {};
  Call call = {};
};

struct SubjectsRequest {
  AgentId agent;
  At at = {};
  PageRequest page = {};
  Call call = {};
};

struct PredicatesRequest {
  AgentId agent;
  std::optional<std::string> subject = {};  // absent: the lines of all subjects
  At at = {};
  PageRequest page = {};
  Call call = {};
};

struct VerifyRequest {
  AgentId agent;
  Progress progress = {};
  Call call = {};
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

// Whole batches as lines of JSON.
struct ExportRequest {
  AgentId agent;
  Position after = {};  // the end of a batch
  std::size_t limit = 64;
  Call call = {};
};
struct ExportAnswer {
  std::vector<std::string> lines;  // at most `limit`, fewer where they are large; none at the end
  Position last;                   // up to where they go: given back as `after` it goes on
};
struct ImportRequest {
  std::string_view line;  // one line of an export; only looked at during the call
  FutureTimes future_times = FutureTimes::refused;
  Call call = {};
};

struct CopyRequest {
  const Engine& source;  // its store holds the ledger; it may be in use
  AgentId agent;
  Progress progress = {};  // hears (entries there, entries in all)
  FutureTimes future_times = FutureTimes::refused;
  Call call = {};
};
struct CopyAnswer {
  CopyStatus status = CopyStatus::done;
  Head head;                  // the target's; where it is done, also the source's, or once was
  std::uint64_t batches = 0;  // copied now
  std::uint64_t entries = 0;  // copied now; the others were there already
  std::string reason;         // for people, where status is not done
};

struct StatusRequest {
  AgentId agent;
  Call call = {};
};
struct Status {
  AgentId agent;
  Head head;
  std::vector<std::pair<std::string, std::string>> store;  // Store::describe()
  std::vector<Capability> capabilities;
  std::optional<std::chrono::microseconds> clock_behind_by = {};  // as in Verification
};

}  // namespace claimledger
