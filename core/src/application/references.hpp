#pragma once

#include <optional>
#include <string>
#include <vector>

#include "claimledger/domain/entry.hpp"

// Checks the references of entries to other lines; the fold of a line checks those within it. Stores do not check
// references: core does, before a batch is sealed, imported or copied.
namespace claimledger::application {

struct Attempt;

// The claims that an entry names besides the one it is about. They may stand on any line of the same agent, and begin
// before the entry.
std::vector<ClaimId> named_claims(const Entry& entry);

// The claims that an entry names and that have to stand on its own line once its batch is whole: a line that was judged
// anew is written claim by claim, and one may follow another that begins later in the batch.
std::vector<ClaimId> claims_beside(const Entry& entry);

// Failure: StoreFailure{refused} for a draft that names a claim which neither the ledger nor the draft has before it.
void require_named_claims(Attempt& attempt);

}  // namespace claimledger::application
