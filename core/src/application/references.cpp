#include "application/references.hpp"

#include "application/write.hpp"

namespace claimledger::application {

namespace {

struct Named {
  std::vector<ClaimId> operator()(const ClaimRecorded& it) const { return it.claim.derived_from; }
  std::vector<ClaimId> operator()(const Corroborated& it) const { return it.stated.derived_from; }
  std::vector<ClaimId> operator()(const ReviewMarked& it) const { return {it.cause}; }
  std::vector<ClaimId> operator()(const Served& it) const { return it.claims; }
  template <class Other>
  std::vector<ClaimId> operator()(const Other&) const {
    return {};
  }
};

struct Beside {
  std::vector<ClaimId> operator()(const ClaimRecorded& it) const {
    auto ids = it.follows;
    add(ids, it.promoted);
    return ids;
  }
  std::vector<ClaimId> operator()(const Corroborated& it) const {
    std::vector<ClaimId> ids;
    add(ids, it.promoted);
    return ids;
  }
  std::vector<ClaimId> operator()(const Judged& it) const {
    auto ids = it.follows;
    for (const auto& cut : it.cuts) {
      if (cut.cause) ids.push_back(*cut.cause);
    }
    return ids;
  }
  std::vector<ClaimId> operator()(const TakenBack& it) const {
    if (!it.claim) return {};
    return {*it.claim};
  }
  std::vector<ClaimId> operator()(const AdjudicationClosed& it) const {
    std::vector<ClaimId> ids;
    for (const auto& win : it.won) ids.push_back(win.loser);
    return ids;
  }
  template <class Other>
  std::vector<ClaimId> operator()(const Other&) const {
    return {};
  }

 private:
  static void add(std::vector<ClaimId>& ids, const std::vector<Promotion>& promoted) {
    for (const auto& promotion : promoted) ids.insert(ids.end(), promotion.follows.begin(), promotion.follows.end());
  }
};

}  // namespace

std::vector<ClaimId> claims_beside(const Entry& entry) { return std::visit(Beside{}, entry); }

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
