#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace claimledger::sqlite {

// Where the log beside a database was damaged, if batches that were committed and flushed stand behind that: the number
// of a frame, from 1, or 0 for the header. SQLite would take such a log for a shorter one and write over the rest.
//
// Damage to the last batch, or to the sum of the commit before it, looks as a crash does, and is not found. Correct
// also while others write. Reads all of the log.
std::optional<std::uint32_t> damage_in_log(const std::string& path);

}  // namespace claimledger::sqlite
