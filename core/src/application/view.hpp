#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "application/folded_line.hpp"
#include "application/pending.hpp"
#include "application/read_entry.hpp"
#include "application/taken_lines.hpp"
#include "claimledger/ports/store.hpp"
#include "rules/rules.hpp"

namespace claimledger::application {

// The most claims that one call asks for.
inline constexpr std::size_t claims_at_once = 1'000;

// The only way by which a decision reads: a ledger at its head, and the batches that are decided or being drafted but
// not durable yet. A pending entry reads exactly as it will once it is durable. Each line and claim is read once.
// Threads: one. Lives as long as one turn.
class View {
 public:
  View(const Store& store, const AgentId& agent, Position at, const Call& call)
      : store_(store), agent_(agent), at_(at), call_(&call), pending_(agent, at) {}
  // Begins with the wanted items from the snapshot; reads others when they are asked for. `taken`: lines to go on from;
  // null: there are none. `guessed`: the snapshot is what the store takes for granted.
  View(const Store& store, const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, const Call& call,
       TakenLines* taken = nullptr, bool guessed = false);
  // Reads those of these that it does not have yet, at once.
  void load(Wanted wanted);

  // Begins a batch. Those before it are decided: reads see them.
  rules::BatchDraft& begin(TxTime now);
  // It is decided too.
  void finish() { pending_.finish(); }
  // How many were begun.
  std::size_t batches() const { return pending_.batches(); }
  // Forgets those that were begun after the first so many, which are decided.
  void keep(std::size_t batches);
  // From here on reads for another caller.
  void read_for(const Call& call) { call_ = &call; }
  // All that was decided up to this end of a batch is durable now: it is read from the store again. Lines with no entry
  // behind it are given back.
  void advance(Position durable);

  const AgentId& agent() const { return agent_; }
  // The end of the last batch that is durable or decided.
  Position at() const { return pending_.decided(); }
  // The end of the batch with this transaction time.
  Position batch_end(TxTime recorded_at);

  // --- Lines

  struct LoadedLine : FoldedLine {
    LineKey key;
    Position read_at;      // the end of the ledger that it was read at
    Position last_before;  // the line's last entry before the batch in the making; 0 for none
    bool shown = false;    // since the batch in the making was begun
    std::size_t loaded_bytes = 0;
  };
  // References stay valid until the line is unloaded, or as long as the view.
  LoadedLine& line(const LineKey& key);
  // A line to decide about a statement on: of one that is plain, its end may do, so that it is not read. Whatever else
  // is done on the line needs line().
  LoadedLine& line_for(const LineKey& key, const rules::Newcomer& newcomer);
  // Whether line() or, as a rule, line_for() would have to read it.
  bool is_loaded(const LineKey& key) const;
  // About what the loaded ones take in memory.
  std::size_t loaded_bytes() const { return loaded_bytes_; }
  // Frees the memory of a line, for callers that look at many; line() loads it again.
  void unload(const LineKey& key);
  // Notes that a batch that was begun here is durable.
  void note_durable(const Commit& commit);
  // Gives its lines to whoever writes next, as far as all that they have is durable; the view has none from then on.
  // `end`: of the ledger, which has grown by nothing but what was decided here. Failure: StoreFailure.
  void give_back(Position end);
  // The last entry, before the batch in the making, of a line that is or was loaded.
  Position last_before(const LineKey& key) const;
  // The entries of a line up to this end of a batch, oldest first.
  std::vector<ReadEntry> entries_of(const LineKey& line, Position until);
  // Lines with an entry, in order, after `after`; fewer than `limit` only where there are no more.
  std::vector<LineKey> lines(const std::optional<LineKey>& after, std::size_t limit);

  // --- Claims

  // Finds the lines of these claims in one read instead of one for each.
  void locate(std::span<const ClaimId> claims);
  bool has(const ClaimId& claim);
  // Whether the claim is known to exist without a further read.
  bool knows(const ClaimId& claim);
  // The entry that a claim begins with; 0 for a claim unknown here.
  Position began(const ClaimId& claim);
  // The line of a claim, loaded; nothing for a claim unknown here. Failure: StoreFailure{corrupt} if the line does not
  // have the claim.
  LoadedLine* line_of(const ClaimId& claim);
  // The same for a claim that an entry names. Failure: StoreFailure{corrupt} also if the claim is unknown.
  LoadedLine& line_holding(const ClaimId& claim);
  // When a claim was last handed to a model; nothing where it never was.
  std::optional<TxTime> last_served(const ClaimId& claim);

  // --- Derivations

  // Direct dependants, by the child's seq, then by the parent's place.
  std::vector<Derivation> dependants(std::span<const ClaimId> parents);
  // The claims derived directly from these, each once, by the claims that have the derived statements now.
  std::vector<ClaimId> derived_from(std::span<const ClaimId> parents);
  // The claim that has the derived statement now; nothing if it was taken back.
  std::optional<ClaimId> child_of(const Derivation& derivation);

  // --- Entries by other keys

  struct Found {
    Record record;
    std::optional<LineKey> line;
  };
  // The entry that an idempotency key produced.
  std::optional<Found> by_key(const Digest& key);

  // The entry that opened the question under a handle, and the one that closed it. Failure: StoreFailure{corrupt} for
  // an entry that is indexed as one and is none, here and below.
  std::optional<Record> opened(const AdjudicationId& handle);
  std::optional<Record> closed(const AdjudicationId& handle);
  // Questions opened after `after` that are open; fewer than `limit` only where there are no more.
  struct Question {
    Position seq;
    AdjudicationOpened opened;
  };
  std::vector<Question> open_questions(Position after, std::size_t limit);

  // Statements of exactly this source after `after`, by seq; fewer than `limit` only where there are no more.
  struct StatementPlace {
    Position seq;
    LineKey line;
  };
  std::vector<StatementPlace> statements_of(const std::string& source, Position after, std::size_t limit);

 private:
  struct Place {
    LineKey line;
    Position began;
  };

  // The end of a line, and what has been decided on it.
  struct End {
    rules::LineEnd end;
    Position durable;      // the line's last entry that is
    Position last_before;  // … before the batch in the making
    bool shown = false;    // since that was begun
  };
  // `read`: what was read of it up front.
  LoadedLine& load(const LineKey& key, const std::optional<TakenLines::Read>& read);
  LoadedLine* end_for(const LineKey& key, const rules::Newcomer& newcomer);
  // Of the line that was given out as its end: what has become of that.
  void close_end();
  void add(const Wanted& wanted, const Snapshot& snapshot, bool guessed = false);
  void give_back(const LineKey& key, LoadedLine& line, Position end);
  void give_back(const LineKey& key, End& end);
  // Asks the store for the lines of these claims.
  void look_up(std::span<const ClaimId> claims);
  // The place of a durable claim, if it was looked up; nothing for any other.
  const std::optional<Place>& place(const ClaimId& claim);
  std::optional<Record> by_handle(const AdjudicationId& handle, std::uint8_t kind);

  const Store& store_;
  const AgentId& agent_;
  Position at_;  // the end of what is durable
  const Call* call_;
  Pending pending_;
  TakenLines* taken_ = nullptr;
  std::size_t loaded_bytes_ = 0;

  std::map<LineKey, std::unique_ptr<LoadedLine>> lines_;
  std::map<LineKey, End> ends_;                        // in their place: of each line one of the two
  std::optional<LoadedLine> open_end_;                 // the state of one of these, to decide on
  std::map<LineKey, Position> closed_;                 // each with its last entry before the batch in the making
  std::map<Digest, std::optional<StoredEntry>> keys_;  // of what is durable, as far as wanted
  std::map<ClaimId, std::optional<Place>> places_;     // of durable claims, as far as asked; nothing where unknown
  std::map<TxTime, Position> batch_ends_;              // of durable batches, as far as asked
};

}  // namespace claimledger::application
