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
#include "claimledger/ports/vectors.hpp"

// Requests and answers of the engine's reads: one request struct for each, its required fields first.
namespace claimledger {

class Engine;

// The point of a read: a position or a time, at most one of the two; neither: the head.
struct At {
  std::optional<Position> position = {};  // the end of a batch; a position inside a batch counts as the batch before it
  std::optional<TxTime> as_of = {};
  std::optional<TxTime> asked_at = {};  // absent: as_of if given, else the clock
};

// The position and time of an answer. The same read at these gives the identical answer.
struct AnsweredAt {
  Position position;
  TxTime asked_at;
  friend bool operator==(const AnsweredAt&, const AnsweredAt&) = default;
};

// A page of a longer answer. `next` is absent on the last page; as `cursor` of the next request it continues at the
// same position, whatever is written meanwhile. Only agents() has no position: its later pages include agents that are
// new since.
//
// A cursor is opaque text of hexadecimal digits. It belongs to its question, agent, filters, order and valid_at, to the
// position and time of its first page, and to that ledger. Repeat the request with it: anything else is InvalidInput
// `cursor`, as is a text that no page gave. The limit may differ. `at` may be left out, since the cursor holds the
// moment; where it is given, it is that of the first page, field by field. A cursor does not expire.
//
// It keeps mistakes out, not intruders: it holds no secret, and whoever may ask for a page may ask for any other.
struct PageRequest {
  std::size_t limit = 100;  // 1..limits::page; more is cut to that, 0 is InvalidInput
  std::string cursor = {};
};
template <class Item>
struct Page {
  AnsweredAt at;
  std::vector<Item> items;
  std::optional<std::string> next;
};

// Called with the progress of long work: (entries done, entries in all).
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
  PageRequest page = {};
  Call call = {};
};
// A page of the claims of a line.
struct History {
  LineKey line;
  AnsweredAt at;
  bool set = false;
  std::vector<ClaimHistory> claims;  // oldest first
  std::optional<std::string> next;   // as in Page
};

struct TimelineRequest {
  AgentId agent;
  LineKey line;
  std::optional<ValidWindow> valid_during = {};  // the segments that meet it; absent: all
  At at = {};
  PageRequest page = {};
  Call call = {};
};
// A page of what is believed about a line over valid time. Without `valid_during` the segments of all pages go from the
// beginning to forever. They touch, and each is different from the one before. None is cut at `valid_during`.
struct Timeline {
  LineKey line;
  AnsweredAt at;
  bool set = false;
  std::vector<Segment> segments;
  std::optional<std::string> next;  // as in Page
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
// A contested line, with its contested segments: the one at valid_at or, without valid_at, all of them.
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

// Every page repeats the walk from the claim up to its own end: use large pages to read everything.
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

// The entries that an audit lists; an absent field excludes none.
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
// A page of all ledgers, each with the position where it ends, or with what keeps it from being read.
struct AgentsPage {
  std::vector<AgentHead> items;
  std::optional<std::string> next;
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
  // About as many of the vectors by the engine's embedder are made again of their texts, spread over all: one that
  // points elsewhere (limits::same_cosine) is a fault. 0: none.
  std::uint64_t vectors_again = 32;
  Progress progress = {};
  Call call = {};
};
struct Verification {
  bool ok = true;
  Position position;  // the end of the ledger
  std::uint64_t entries = 0;
  Digest head_hash;
  std::optional<Position> first_bad;  // the first faulty entry; absent if the fault is not in an entry
  std::string problem;
  // How far the last entry lies ahead of the world's clock, if that is more than Config::clock_tolerance. Nothing is
  // broken then, but new entries are stamped ahead too.
  std::optional<std::chrono::microseconds> clock_behind_by = {};
  std::uint64_t vectors_again = 0;  // were made again of their texts, and compared
  std::string remark = {};          // for people: why the embedder made none; empty: nothing kept it from that
};

// Whole batches as lines of JSON.
struct ExportRequest {
  AgentId agent;
  Position after = {};                 // the end of a batch
  std::optional<Position> until = {};  // the end of a batch; absent: the ledger's end
  std::size_t limit = 64;
  Call call = {};
};
struct ExportAnswer {
  std::vector<std::string> lines;  // at most `limit`, fewer where they are large; none at the end
  Position last;                   // the end of these batches, to continue with as `after`
};
struct ImportRequest {
  std::string_view line;              // one line of an export; read during the call only
  std::optional<AgentId> agent = {};  // whose ledger it has to be; absent: anybody's
  FutureTimes future_times = FutureTimes::refused;
  Call call = {};
};

struct CopyRequest {
  const Engine& source;  // its store holds the ledger; it may be in use
  AgentId agent;
  Progress progress = {};  // called with (entries in the target, entries in all)
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
  // The index that search() uses; absent: this store has none.
  struct Words {
    std::string recipe;    // by which its terms were made; empty: nothing is filed
    Position up_to;        // the words of all up to here are filed
    bool current = false;  // search() uses it, and reads what lies behind
  };
  std::optional<Words> words = {};
  // Whose vectors the ledger has.
  struct Model {
    FiledModel filed;
    std::optional<Comparing> comparing = {};  // whether the store compares them; absent: it never compares any
    friend bool operator==(const Model&, const Model&) = default;
  };
  std::vector<Model> models = {};
};

}  // namespace claimledger
