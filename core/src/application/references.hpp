#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

// How far a claim is from first hand.
struct Descent {
  bool first_hand = true;
  std::uint32_t depth = 0;
  std::optional<ClaimId> nearest_anchor = {};
  std::uint32_t anchor_distance = 0;
};
Descent descent_of(const Claim& said);
// Of the claim that an entry begins. One that judging a line anew begins is first-hand: no other is judged.
Descent descent_begun_by(const Entry& entry);
// The statement in an entry; null for any other entry.
const Claim* statement_in(const Entry& entry);

// Sets how far a statement is from first hand: one step more than the farthest of its parents, anchored at the nearest
// first-hand ancestor. `parents`: those of the claims that it is derived from, in their order.
void set_descent(Claim& claim, std::span<const Descent> parents);
// Whether it says so.
bool fits_descent(const Claim& claim, std::span<const Descent> parents);

}  // namespace claimledger::application
