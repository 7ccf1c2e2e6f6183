#pragma once

#include <cstddef>
#include <span>

#include "claimledger/ports/store.hpp"
#include "rules/line_state.hpp"

namespace claimledger::application {

// A line as its entries, up to some position, leave it, and what tells whether it can go on from there.
struct FoldedLine {
  rules::LineState state;
  Position hashed;        // its last entry, as far as it is durable, …
  Digest hash;            // … and that one's hash: in the chain it stands for all that was before it
  Position last_erasure;  // of the ledger. Contents are as this one left them
  std::size_t entries = 0;
  std::size_t bytes = 0;  // of these, as they are stored

  // Failure: StoreFailure{corrupt}, here and below.
  static FoldedLine of(std::span<const StoredEntry> entries);
  // Goes on with the entries behind its last one, which is the first of these unless they are of another history: then
  // it stays as it is, and the answer is false. What it had already may be among them. Once that failed it goes on no
  // more.
  bool go_on(std::span<const StoredEntry> from_last);
  // Notes that an entry that the state has already is durable.
  void note_durable(const StoredEntry& entry);

  // About what it takes in memory.
  std::size_t memory() const;
};

// Where to read from, to go on from a line: its last entry is read once more.
inline Position before_last(const FoldedLine& line) { return {line.hashed == Position{} ? 0 : line.hashed.value - 1}; }

// The last entry up to a position that took the content of another; 0: there is none. Contents that were read before it
// may be gone.
Position last_erasure(const Store& store, const AgentId& agent, Position at, const Call& call);

}  // namespace claimledger::application
