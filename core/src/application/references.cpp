#include "application/references.hpp"

#include <algorithm>
#include <map>

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

// The claims that a draft begins, each with the place of its entry.
std::map<ClaimId, std::size_t> claims_begun(const std::vector<rules::DraftEntry>& entries) {
  std::map<ClaimId, std::size_t> begun;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    const auto& entry = entries[place].entry;
    if (const auto* recorded = std::get_if<ClaimRecorded>(&entry)) begun.emplace(recorded->claim.id, place);
    if (const auto* judged = std::get_if<Judged>(&entry); judged && judged->begins) begun.emplace(judged->claim, place);
  }
  return begun;
}

}  // namespace

std::vector<ClaimId> claims_beside(const Entry& entry) { return std::visit(Beside{}, entry); }

std::vector<ClaimId> named_claims(const Entry& entry) { return std::visit(Named{}, entry); }

void require_named_claims(Attempt& attempt) {
  const auto refuse = [](const ClaimId& id) {
    throw StoreFailure(FailureKind::refused, "append",
                       "an entry names claim " + to_text(id.value) + ", which is not there before it");
  };
  std::vector<ClaimId> unknown;
  std::optional<std::map<ClaimId, std::size_t>> begun;  // as a rule nothing is named, and it is not needed
  const auto& entries = attempt.draft.entries;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    for (const auto& id : named_claims(entries[place].entry)) {
      if (!begun) begun = claims_begun(entries);
      const auto found = begun->find(id);
      if (found != begun->end() && found->second >= place) refuse(id);
      if (!attempt.view.knows(id)) unknown.push_back(id);
    }
  }
  attempt.view.locate(unknown);
  for (const auto& id : unknown) {
    if (!attempt.view.has(id)) refuse(id);
  }
}

Descent descent_of(const Claim& said) {
  return {is_first_hand(said.provenance), said.depth, said.nearest_external_anchor, said.anchor_distance};
}

const Claim* statement_in(const Entry& entry) {
  if (const auto* recorded = std::get_if<ClaimRecorded>(&entry)) return &recorded->claim;
  const auto* again = std::get_if<Corroborated>(&entry);
  return again ? &again->stated : nullptr;
}

Descent descent_begun_by(const Entry& entry) {
  const auto* said = statement_in(entry);
  return said ? descent_of(*said) : Descent{};
}

Descent descent_from(const Claim& said, const DescentOf& of_parent) {
  Descent descent{.first_hand = is_first_hand(said.provenance)};
  if (!descent.first_hand) descent.depth = 1;
  for (const auto& id : said.derived_from) {
    const auto parent = of_parent(id);
    if (!descent.first_hand) descent.depth = std::max(descent.depth, parent.depth + 1);
    const auto anchor = parent.first_hand ? std::optional(id) : parent.nearest_anchor;
    const auto distance = parent.first_hand ? 1 : parent.anchor_distance + 1;
    if (anchor && (!descent.nearest_anchor || distance < descent.anchor_distance)) {
      descent.nearest_anchor = anchor;
      descent.anchor_distance = distance;
    }
  }
  return descent;
}

std::string_view fault_of_descent(const Claim& said, const DescentOf& of_parent) {
  if (descent_from(said, of_parent) == descent_of(said)) return {};
  return "is not as far from first hand as the claims make it that it is derived from";
}

}  // namespace claimledger::application
