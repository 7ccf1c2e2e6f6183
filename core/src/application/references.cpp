#include "application/references.hpp"

#include "application/write.hpp"

namespace claimledger::application {

namespace {

struct Named {
  std::vector<ClaimId> operator()(const ClaimRecorded& it) const { return it.claim.derived_from; }
  std::vector<ClaimId> operator()(const ReviewMarked& it) const { return {it.cause}; }
  std::vector<ClaimId> operator()(const Served& it) const { return it.claims; }
  template <class Other>
  std::vector<ClaimId> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::vector<ClaimId> named_claims(const Entry& entry) { return std::visit(Named{}, entry); }

void require_named_claims(Attempt& attempt) {
  std::vector<ClaimId> unknown;
  for (const auto& drafted : attempt.draft.entries) {
    for (const auto& id : named_claims(drafted.entry)) {
      if (!attempt.view.knows(id)) unknown.push_back(id);
    }
  }
  attempt.view.locate(unknown);
  for (const auto& id : unknown) {
    if (attempt.view.has(id)) continue;
    throw StoreFailure(FailureKind::refused, "append",
                       "an entry names claim " + to_text(id.value) + ", which this ledger does not have");
  }
}

}  // namespace claimledger::application
