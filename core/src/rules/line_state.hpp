#pragma once

#include <boost/pool/object_pool.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "claimledger/domain/entry.hpp"
#include "rules/validity.hpp"

namespace claimledger::rules {

// A cut and what is left of it: reopening shortens cuts, lifting puts them out of force.
struct CutState {
  Position seq;
  TxTime recorded_at;
  Cut cut;    // as written
  Span span;  // what it takes now
  bool in_force = true;
};

// A question that waits for a verdict on a claim.
struct OpenQuestion {
  AdjudicationId handle;
  Position seq;
  TxTime opened_at;
  std::vector<ClaimId> rivals;
  std::optional<TxTime> expires_at;

  bool expired(TxTime now) const { return expires_at && *expires_at <= now; }
};

// A claim as the entries about it, up to some position, leave it.
struct ClaimState {
  Position seq;
  TxTime recorded_at;
  Claim claim;
  Content content;
  bool erased = false;

  Disposition disposition = Disposition::committed_cheap;  // of the last entry that carries one
  bool was_live = false;
  Position counts_from;  // where it was first live; recorded, until then
  bool marked = false;   // for review
  std::vector<CutState> cuts;
  std::vector<TxTime> said;          // recorded, then each first-hand restatement
  std::uint32_t corroborations = 0;  // restatements by another source or kind
  std::optional<OpenQuestion> question;
  std::vector<TxTime> reentries;  // of its own content, as recorded
  std::optional<TxTime> burst;    // the last one

  Validity validity;  // window minus the cuts in force
  Validity base;      // … minus all of them but successors' cuts

  const Value& value() const { return *content.value; }
  TxTime last_said() const { return said.back(); }
  bool first_hand() const { return is_first_hand(claim.provenance); }
  bool live() const { return !erased && is_live(disposition); }
  // What counts when claims are weighed against each other.
  bool live_first_hand() const { return live() && first_hand(); }
  // Of what holds at no time there is nothing to look at again, unless it is reopened.
  bool under_review() const { return marked && live() && !validity.empty(); }
  // The presumed and stated part of an open end, in the sense of the base; absent where the end is closed.
  std::optional<Span> open_end() const;
  // As answers show it: under review, expired.
  Disposition reported(TxTime asked_at) const;

  Span window() const;
  // What a cut in force takes. Cuts commute: what is left does not depend on their order.
  void take(const CutState& cut);
  // Validity and base anew, after a cut went out of force.
  void recompute();
};

// The fold of one line: its claims in the order they were recorded. Entries are applied one by one, oldest first.
// Claims live in a pool: a line is read, weighed and dropped at every request (see README, "Decisions").
class LineState {
 public:
  LineState();
  LineState(LineState&&) noexcept;
  LineState& operator=(LineState&&) noexcept;

  // Takes sound entries. Failure: StoreFailure{corrupt} for one that refers to something the line does not have.
  void apply(Record record);

  const std::vector<ClaimState*>& claims() const { return claims_; }
  ClaimState* find(const ClaimId& id) const;
  const ClaimState& at(const ClaimId& id) const;
  Position last() const { return last_; }

 private:
  ClaimState& existing(const ClaimId& id, Position seq) const;
  void reopen(const Reopened& e, Position seq);
  void ask(const AdjudicationOpened& e, Position seq, TxTime now);
  void answer(const AdjudicationClosed& e, Position seq);
  void require(const std::vector<ClaimId>& rivals, Position seq) const;

  std::unique_ptr<boost::object_pool<ClaimState>> pool_;
  std::vector<ClaimState*> claims_;
  std::map<ClaimId, ClaimState*> by_id_;
  Position last_;
};

// A claim that is about to be said, as if it had been recorded.
ClaimState tentative(Claim claim, Content content, Position seq, TxTime now);

}  // namespace claimledger::rules
