#pragma once

#include <span>
#include <string>

#include "claimledger/ports/store.hpp"
#include "rules/line_state.hpp"

namespace claimledger::application {

// An entry as read, checked against itself: checksum, keys beside the body, commitment to the content, and that it has
// all that those who read it rely on. Failure: StoreFailure{corrupt}.
struct ReadEntry {
  Record record;
  Position previous_on_line;
};
ReadEntry read_entry(const StoredEntry& stored);
// Failure: StoreFailure{corrupt}, always: what is wrong with an entry.
[[noreturn]] void unreadable(Position seq, const std::string& what);

// Takes a line one entry on. Failure: StoreFailure{corrupt}; a missing entry shows as a break in the line's own chain.
void fold_onto(rules::LineState& line, ReadEntry&& read);
// The fold of a line as read. Failure: as fold_onto.
rules::LineState fold_line(std::span<const StoredEntry> entries);

}  // namespace claimledger::application
