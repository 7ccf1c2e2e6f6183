#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "database.hpp"

namespace claimledger::sqlite {

// Makes a database where none is: under another name, with its schema, ready for a write-ahead log, and what
// `write_first` puts in it; then it is put in its place. False: `write_first` said no, and nothing is there, or
// somebody put something there meanwhile. For the holder of the writer's turn. Failure: StoreFailure, and nothing is
// there.
bool make_database(const std::string& path, std::chrono::milliseconds busy_timeout,
                   const std::function<bool(Database&)>& write_first);

// Begins the ledger of an agent in a file of its own, which appears with the first batches in it, for good: one without
// any is none of our making. No file is made where no commit lands. Nothing if something has the name. Failure:
// StoreFailure.
std::optional<std::vector<Outcome>> begin_ledger(const Options& options, std::span<const Commit> commits,
                                                 const Call& call);

}  // namespace claimledger::sqlite
