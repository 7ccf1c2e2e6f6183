#pragma once

#include "database.hpp"

namespace claimledger::postgres::appending {

// Judges a commit and, if it may land, writes it: one statement. When the connection is lost meanwhile, what became of
// the commit is found out on another. Failure: StoreFailure; {in_doubt} if nobody could be asked, or a standby that
// should have the batch perhaps has not.
Outcome append(const Database& database, const Commit& commit, const Call& call);

}  // namespace claimledger::postgres::appending
