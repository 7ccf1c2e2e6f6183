#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "application/read_entry.hpp"
#include "claimledger/ports/store.hpp"
#include "rules/line_past.hpp"
#include "rules/line_state.hpp"

namespace claimledger::application {

// A line as its entries, up to some position, leave it, and what tells whether it can go on from there.
struct FoldedLine {
  rules::LineState state;
  Position hashed;  // its last entry, as far as it is durable, …
  Digest hash;      // … and that one's hash: in the chain it stands for all that was before it
  // The last one of the ledger up to an end of it: contents are as this one left them. Absent: nobody looked.
  struct Erasure {
    Position up_to;
    Position last;  // 0: there was none
  };
  std::optional<Erasure> erasure;
  std::size_t entries = 0;
  std::size_t bytes = 0;  // of these, as they are stored
  bool was_kept = false;  // it was not folded from its first entry on now

  // What it was before, for who asked for that; also null where that would be too much.
  std::unique_ptr<rules::LinePast> past = {};
  bool past_is_too_much = false;

  // Failure: StoreFailure{corrupt}, here and below.
  static FoldedLine of(std::span<const StoredEntry> entries);
  static FoldedLine with_past(std::span<const StoredEntry> entries);
  // Goes on with the entries behind its last one, which is the first of these unless they are of another history: then
  // it stays as it is, and the answer is false. What it had already may be among them. Once that failed it goes on no
  // more.
  bool go_on(std::span<const StoredEntry> from_last);
  // Notes that an entry that the state has already is durable.
  void note_durable(const StoredEntry& entry);

  // Whether no content went since it was folded, as far as the end `end`, which it notes; looks into the ledger unless
  // that is known. Of what was folded up to that end it is true.
  bool has_all_contents(const Store& store, const AgentId& agent, Position end, const Call& call);

  // About what it takes in memory.
  std::size_t memory() const;

 private:
  void fold(std::span<const StoredEntry> entries);
  void note_past(Position entry, const std::optional<ClaimId>& about);
};

// Where to read from, to go on from a line: its last entry is read once more.
inline Position before_last(const FoldedLine& line) { return {line.hashed == Position{} ? 0 : line.hashed.value - 1}; }

}  // namespace claimledger::application
