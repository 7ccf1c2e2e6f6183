#pragma once

#include <string>

#include "claimledger/ports/store.hpp"
#include "rules/line_state.hpp"

namespace claimledger::application {

// A decoded entry that passed its own checks: checksum, keys beside the body, commitment to the content, and structure.
// Failure: StoreFailure{corrupt}.
struct ReadEntry {
  Record record;
  Position previous_on_line;
};
ReadEntry read_entry(const StoredEntry& stored);
// Throws StoreFailure{corrupt} about this entry.
[[noreturn]] void unreadable(Position seq, const std::string& what);

// Folds the next entry onto a line. Failure: StoreFailure{corrupt}; a missing entry shows as a break in the line's own
// chain.
void fold_onto(rules::LineState& line, ReadEntry&& read);

}  // namespace claimledger::application
