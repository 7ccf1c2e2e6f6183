#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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

// How far a statement, and a claim that it begins, is from first hand.
struct Descent {
  bool first_hand = true;
  std::uint32_t depth = 0;
  std::optional<ClaimId> nearest_anchor = {};
  std::uint32_t anchor_distance = 0;
  friend bool operator==(const Descent&, const Descent&) = default;
};
using DescentOf = std::function<Descent(const ClaimId&)>;

// The statement in an entry; null for any other entry.
const Claim* statement_in(const Entry& entry);
// As the statement says.
Descent descent_of(const Claim& said);
// Of the claim that an entry begins. One that judging a line anew begins is first-hand: no other is judged.
Descent descent_begun_by(const Entry& entry);
// As the claims that it is derived from make it: one step more than the farthest of them, anchored at the nearest
// first-hand ancestor.
Descent descent_from(const Claim& said, const DescentOf& of_parent);
// What is wrong where the statement says it otherwise; empty: nothing.
std::string_view fault_of_descent(const Claim& said, const DescentOf& of_parent);

}  // namespace claimledger::application
