#include <algorithm>
#include <string>

#include "claimledger/failure.hpp"
#include "ensure.hpp"
#include "rules/line_state.hpp"

// How a line of entries becomes the state of its claims: one case an entry.
namespace claimledger::rules {

namespace {

[[noreturn]] void corrupt(Position seq, const char* what) {
  throw StoreFailure(FailureKind::corrupt, "reading a line", "entry " + std::to_string(seq.value) + " " + what);
}

// In claims. Most lines are short; larger blocks would be fetched from the system for every line that is read.
constexpr std::size_t first_block = 4;
constexpr std::size_t largest_block = 64;

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;  // clang before 17 does not find this out by itself

}  // namespace

Span ClaimState::window() const {
  const auto from = claim.trusted ? claim.window.from->at : ValidTime::beginning();
  return {from, claim.window.until ? claim.window.until->at : ValidTime::forever()};
}

void ClaimState::recompute() {
  base = validity = Validity(window());
  for (const CutState& cut : cuts) {
    if (cut.in_force) take(cut);
  }
}

void ClaimState::take(const CutState& cut) {
  validity.remove(cut.span);
  if (cut.cut.reason != CutReason::succession) base.remove(cut.span);
}

std::optional<Span> ClaimState::open_end() const {
  if (base.empty() || base.end() != ValidTime::forever()) return std::nullopt;
  return base.spans().back();
}

Disposition ClaimState::reported(TxTime asked_at) const {
  if (!live()) return disposition;
  if (under_review()) return Disposition::pending_review;
  if (question && question->expired(asked_at)) return Disposition::contested;
  return disposition;
}

ClaimState tentative(Claim claim, Content content, Position seq, TxTime now) {
  ClaimState state;
  state.seq = seq;
  state.recorded_at = now;
  state.counts_from = seq;
  state.claim = std::move(claim);
  state.content = std::move(content);
  state.said.push_back(now);
  state.recompute();
  return state;
}

LineState::LineState() : pool_(std::make_unique<boost::object_pool<ClaimState>>(first_block, largest_block)) {}
LineState::LineState(LineState&&) noexcept = default;
LineState& LineState::operator=(LineState&&) noexcept = default;

ClaimState* LineState::find(const ClaimId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

const ClaimState& LineState::at(const ClaimId& id) const {
  const auto* found = find(id);
  ensure(found != nullptr, "a claim that was decided about is on its line");
  return *found;
}

ClaimState& LineState::existing(const ClaimId& id, Position seq) const {
  auto* found = find(id);
  if (!found) corrupt(seq, "is about a claim that its line does not have");
  return *found;
}

void LineState::require(const std::vector<ClaimId>& rivals, Position seq) const {
  for (const auto& rival : rivals) {
    if (!find(rival)) corrupt(seq, "names a rival that its line does not have");
  }
}

void LineState::ask(const AdjudicationOpened& e, Position seq, TxTime now) {
  auto& claim = existing(e.claim, seq);
  if (claim.question) corrupt(seq, "asks about a claim that waits for an answer already");
  require(e.rivals, seq);
  claim.question = OpenQuestion{e.handle, seq, now, e.rivals, e.expires_at};
}

void LineState::answer(const AdjudicationClosed& e, Position seq) {
  auto& question = existing(e.claim, seq).question;
  if (!question || question->handle != e.handle) corrupt(seq, "closes a question that is not open");
  if (e.closing == Closing::expired && !question->expires_at) {
    corrupt(seq, "says that a question without a term has expired");
  }
  question.reset();
}

void LineState::reopen(const Reopened& e, Position seq) {
  auto& claim = existing(e.claim, seq);
  for (CutState& cut : claim.cuts) {
    if (!cut.in_force) continue;
    if (e.at) cut.span.until = std::min(cut.span.until, e.at->at);
    cut.in_force = e.at && cut.span.from < cut.span.until;
  }
  claim.disposition = e.disposition;
  claim.recompute();
}

void LineState::apply(Record record) {
  const auto seq = record.seq;
  std::visit(
      Match{
          [&](ClaimRecorded& e) {
            if (find(e.claim.id)) corrupt(seq, "records a claim a second time");
            auto* claim = pool_->construct();
            if (!claim) throw std::bad_alloc();
            *claim = tentative(std::move(e.claim), std::move(record.content), seq, record.recorded_at);
            claim->erased = record.content_state == ContentState::erased;
            claim->disposition = e.disposition;
            claims_.push_back(claim);
            by_id_.emplace(claim->claim.id, claim);
            require(e.contested_with, seq);
          },
          [&](const Corroborated& e) {
            auto& claim = existing(e.claim, seq);
            require(e.contested_with, seq);
            claim.said.push_back(record.recorded_at);
            if (e.independent) ++claim.corroborations;
          },
          [&](const Echoed& e) { existing(e.claim, seq); },
          [&](const RecallReEntryDetected& e) { existing(e.claim, seq).reentries.push_back(record.recorded_at); },
          [&](const RecallBurst& e) { existing(e.claim, seq).burst = record.recorded_at; },
          [&](const Cut& e) {
            auto& claim = existing(e.claim, seq);
            if (e.cause && !find(*e.cause)) corrupt(seq, "cuts on account of a claim that its line does not have");
            claim.cuts.push_back({seq, record.recorded_at, e, {e.from, e.until}, true});
            if (e.disposition) claim.disposition = *e.disposition;
            claim.take(claim.cuts.back());
          },
          [&](const Lifted& e) {
            auto& claim = existing(e.claim, seq);
            const auto cut =
                std::find_if(claim.cuts.begin(), claim.cuts.end(), [&](const CutState& c) { return c.seq == e.cut; });
            if (cut == claim.cuts.end()) corrupt(seq, "lifts a cut that its claim does not have");
            cut->in_force = false;
            if (e.disposition) claim.disposition = *e.disposition;
            claim.recompute();
          },
          [&](const Reopened& e) { reopen(e, seq); },
          [&](const Settled& e) {
            existing(e.claim, seq).disposition = e.disposition;
            require(e.contested_with, seq);
          },
          [&](const ReviewMarked& e) { existing(e.claim, seq).marked = true; },
          [&](const ReviewSettled& e) { existing(e.claim, seq).marked = false; },
          [&](const AdjudicationOpened& e) { ask(e, seq, record.recorded_at); },
          [&](const AdjudicationClosed& e) { answer(e, seq); },
          [&](const Served&) {},
          [&](const Rejected& e) {
            if (e.claim) existing(*e.claim, seq);
          },
          [&](const Tombstone&) {},
      },
      record.entry);
  // Retracting a parked claim does not make it one that ever counted.
  const auto* cut = std::get_if<Cut>(&record.entry);
  const auto disposition = disposition_of(record.entry);
  if (disposition && is_live(*disposition) && !(cut && cut->reason == CutReason::retraction)) {
    auto& claim = existing(*claim_of(record.entry), seq);
    if (!claim.was_live) claim.counts_from = seq;
    claim.was_live = true;
  }
  last_ = seq;
}

}  // namespace claimledger::rules
