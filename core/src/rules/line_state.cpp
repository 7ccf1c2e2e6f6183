#include "rules/line_state.hpp"

#include <algorithm>
#include <cstring>

#include "claimledger/failure.hpp"
#include "ensure.hpp"

// The state of a line, and the changes that decisions make to it. Their consequences are in derive.cpp.
namespace claimledger::rules {

namespace {

bool before(const Cut& a, const Cut& b) { return std::pair(a.seq, a.span.from) < std::pair(b.seq, b.span.from); }

}  // namespace

void add_cut(Decided& decided, const Cut& cut) {
  auto& cuts = decided.cuts;
  const auto [first, last] = std::equal_range(cuts.begin(), cuts.end(), cut, before);
  if (std::find(first, last, cut) == last) cuts.insert(last, cut);
}

bool has_cut(const Decided& decided, const Cut& cut) {
  const auto& cuts = decided.cuts;
  const auto [first, last] = std::equal_range(cuts.begin(), cuts.end(), cut, before);
  return std::find(first, last, cut) != last;
}

void lose(Decided& loser, const Win& win, const ClaimId& winner, CutReason reason, Position seq) {
  add_cut(loser, {win.span, reason, winner, seq});
  if (win.loser != winner) loser.otherwise = Disposition::superseded;
}

void end(Decided& claim, const Span& span, CutReason reason, const std::optional<ClaimId>& cause, Position seq) {
  add_cut(claim, {span, reason, cause, seq});
  claim.otherwise = Disposition::invalidated;
}

bool waits_in(Disposition disposition) {
  return disposition == Disposition::contested || disposition == Disposition::queued_for_adjudication;
}

void promote(Decided& claim, const Promotion& promotion, Position seq) {
  claim.waits = waits_in(promotion.disposition);
  claim.otherwise = claim.waits ? Disposition::committed_cheap : promotion.disposition;
  claim.counts_from = seq;
  claim.follows = promotion.follows;
}

Disposition ClaimState::disposition() const {
  if (!decided.waits) return decided.otherwise;
  return question ? Disposition::queued_for_adjudication : Disposition::contested;
}

const Span* ClaimState::open_end() const {
  if (base.empty() || base.end() != ValidTime::forever()) return nullptr;
  return &base.spans().back();
}

Disposition ClaimState::reported(TxTime asked_at) const {
  if (under_review()) return Disposition::pending_review;
  if (decided.waits && question && question->expired(asked_at)) return Disposition::contested;
  return disposition();
}

std::size_t LineState::Hash::operator()(const ClaimId& id) const {
  std::size_t hash = 0;
  std::memcpy(&hash, id.value.begin() + 8, sizeof hash);  // the random half
  return hash;
}

const ClaimState* LineState::find(const ClaimId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &claims_[found->second];
}

const ClaimState& LineState::at(const ClaimId& id) const {
  const auto* claim = find(id);
  ensure(claim != nullptr, "the claim is on the line");
  return *claim;
}

Index LineState::statement_at(Position seq) const {
  const auto found = std::lower_bound(statements_.begin(), statements_.end(), seq,
                                      [](const StatementState& s, Position wanted) { return s.seq < wanted; });
  if (found == statements_.end() || found->seq != seq) return nowhere;
  return static_cast<Index>(found - statements_.begin());
}

namespace {

std::uint32_t length(const CorrectionPath* path) { return path ? path->length : 0; }
const CorrectionPath* jump(const CorrectionPath* path) { return path ? path->jump : nullptr; }

// The first part of a path, at most as long as this.
const CorrectionPath* first_part(const CorrectionPath* path, std::uint32_t most) {
  while (length(path) > most) path = length(path->jump) >= most ? path->jump : path->parent;
  return path;
}

// Jumps are so far that the first part of a path is found in steps as few as the logarithm of its length.
std::shared_ptr<const CorrectionPath> longer_by(const CorrectionPath* parent, Position seq) {
  const auto* far = jump(parent);
  const bool doubles = length(parent) - length(far) == length(far) - length(jump(far));
  return std::make_shared<const CorrectionPath>(
      CorrectionPath{seq, parent, doubles ? jump(far) : parent, length(parent) + 1});
}

}  // namespace

bool stands_before(const CorrectionPath* a, const CorrectionPath* b) {
  const auto most = std::min(length(a), length(b));
  const auto* one = first_part(a, most);
  const auto* other = first_part(b, most);
  if (one == other) return length(a) > length(b);
  while (one->parent != other->parent) {
    const bool far = one->jump != other->jump;
    one = far ? one->jump : one->parent;
    other = far ? other->jump : other->parent;
  }
  return one->seq < other->seq;
}

const CorrectionPath* LineState::path_of(Index index) const {
  return statements_[index].correction ? correction_with(index).path.get() : nullptr;
}

const CorrectionState& LineState::correction_with(Index corrector) const {
  const auto found = std::lower_bound(corrections_.begin(), corrections_.end(), corrector,
                                      [](const CorrectionState& c, Index wanted) { return c.corrector < wanted; });
  ensure(found != corrections_.end() && found->corrector == corrector, "a correction is on the list of its line");
  return *found;
}

std::optional<ValidEnd> LineState::holds_from(Index statement) const {
  std::optional<ValidEnd> from;
  for (const auto& left : statements_[statement].left) {
    // Taking a correction back restores all that it took.
    const auto* corrector = left.corrector == nowhere ? nullptr : &statements_[left.corrector];
    if (corrector && (corrector->taken_back || corrector->erased)) continue;
    if (!from || from->at < left.before.at) from = left.before;
  }
  return from;
}

Position LineState::place_of(Index index) const {
  const auto& statement = statements_[index];
  return statement.correction ? correction_with(index).place : statement.seq;
}

void LineState::set_place(CorrectionState& correction) {
  correction.place = statements_[correction.corrector].seq;
  for (const auto old : correction.statements) {
    if (!statements_[old].dropped) correction.place = std::min(correction.place, place_of(old));
  }
}

// A correction comes after what it corrects, so each is placed once. A claim that has one may stand elsewhere now, and
// was said at other times, whatever else becomes of it.
void LineState::places_changed() {
  ++dropped_changes_;
  for (auto& correction : corrections_) {
    set_place(correction);
    if (const auto claim = statements_[correction.corrector].claim; claim != nowhere) touch(claim);
  }
}

std::optional<ValidEnd> LineState::reopened_from(const ClaimId& claim, Position after, Position before) const {
  std::optional<ValidEnd> from;
  for (const auto& act : acts_) {
    if (act.kind != Act::Kind::reopen || act.undoes || act.claim != claim) continue;
    if (act.seq <= after || before <= act.seq) continue;
    const auto at = act.at.value_or(ValidEnd{ValidTime::beginning(), Granularity::instant});
    if (!from || at.at < from->at) from = at;
  }
  return from;
}

TxTime LineState::time_of(Position seq) const {
  if (const auto statement = statement_at(seq); statement != nowhere) return statements_[statement].recorded_at;
  const auto found =
      std::lower_bound(acts_.begin(), acts_.end(), seq, [](const Act& a, Position wanted) { return a.seq < wanted; });
  return found != acts_.end() && found->seq == seq ? found->recorded_at : TxTime{};
}

namespace {

// The statements that a claim shows: those it has, else those it had last.
Index shown(const ClaimState& claim) {
  if (claim.has_statement()) return claim.statements.front();
  ensure(!claim.lost.empty(), "a claim has, or had, a statement");
  return claim.lost.front();
}

}  // namespace

const Content& LineState::content(const ClaimState& claim) const { return statements_[shown(claim)].content; }
const Claim& LineState::said(const ClaimState& claim) const { return statements_[shown(claim)].said; }

TxTime LineState::recorded_at(const ClaimState& claim) const { return statements_[shown(claim)].recorded_at; }

Criticality LineState::criticality(const ClaimState& claim) const {
  auto highest = said(claim).criticality;
  for (const auto s : claim.statements) highest = std::max(highest, statements_[s].said.criticality);
  return highest;
}

Confidence LineState::value_confidence(const ClaimState& claim) const {
  auto highest = said(claim).value_confidence;
  for (const auto s : claim.statements) {
    if (highest < statements_[s].said.value_confidence) highest = statements_[s].said.value_confidence;
  }
  return highest;
}

std::uint32_t LineState::corroborations(const ClaimState& claim) const {
  if (!claim.has_statement()) return 0;
  const auto& first = statements_[claim.statements.front()];
  return static_cast<std::uint32_t>(
      std::count_if(claim.statements.begin() + 1, claim.statements.end(), [&](Index index) {
        const auto& other = statements_[index];
        return other.content.source != first.content.source || other.said.provenance != first.said.provenance;
      }));
}

bool LineState::erased(const ClaimState& claim) const { return statements_[shown(claim)].erased; }

Index LineState::intern(const Content& content) {
  static const std::string none;
  const auto [known, fresh] =
      values_.try_emplace(content.value ? content.value->text() : none, static_cast<Index>(by_value_.size()));
  if (fresh) by_value_.emplace_back();
  return known->second;
}

Index LineState::value_of(const Content& content) const {
  const auto known = content.value ? values_.find(content.value->text()) : values_.end();
  return known == values_.end() ? nowhere : known->second;
}

Index LineState::add_statement(StatementState&& statement) {
  statement.value = intern(statement.content);
  const auto index = static_cast<Index>(statements_.size());
  statements_.push_back(std::move(statement));
  const auto& added = statements_.back();
  if (!added.correction) return index;
  CorrectionState correction{index, added.correction->claim, {}, false, {}, {}};
  for (const auto seq : at(added.correction->claim).decided.statements) {
    correction.statements.push_back(statement_at(seq));
    corrected_.insert({correction.statements.back(), static_cast<Index>(corrections_.size())});
  }
  const auto& corrected = correction.statements;
  correction.path = longer_by(corrected.empty() ? nullptr : path_of(corrected.front()), added.seq);
  set_place(correction);
  corrections_.push_back(std::move(correction));
  return index;
}

Index LineState::begin(Index statement, const ClaimId& id, Decided decided) {
  const auto [known, fresh] = by_id_.try_emplace(id, static_cast<Index>(claims_.size()));
  const auto index = known->second;
  if (fresh) {
    claims_.emplace_back();
    claims_.back().id = id;
    claims_.back().seq = statements_[statement].seq;
  }
  change(index) = std::move(decided);
  claims_[index].decided.statements.clear();
  give_statement(statement, index);
  return index;
}

void LineState::give_statement(Index statement, Index claim) {
  auto& seqs = change(claim).statements;
  const auto rank = [&](Position seq) {
    const auto s = statement_at(seq);
    return Rank{{}, place_of(s), path_of(s)};
  };
  const auto later = [&](Position wanted, Position seq) { return rank(wanted).older_than(rank(seq)); };
  const auto seq = statements_[statement].seq;
  statements_[statement].claim = claim;
  seqs.insert(std::upper_bound(seqs.begin(), seqs.end(), seq, later), seq);
}

void LineState::note_entry(Index index, const ClaimId& claim, std::optional<Disposition> began_as) {
  auto& statement = statements_[index];
  statement.said.id = claim;
  statement.began = began_as.has_value();
  if (began_as) statement.recorded_as = *began_as;
}

Decided& LineState::change(Index claim) {
  touch(claim);
  // A fold derives nothing between entries: that it counted is noted before it counts no longer.
  claims_[claim].was_live = claims_[claim].was_live || claims_[claim].decided.counts_from.has_value();
  return claims_[claim].decided;
}

void LineState::set_waits(Index claim, bool waits) {
  change(claim).waits = waits;
  if (waits) {
    waiting_.insert(claim);
  } else {
    waiting_.erase(claim);
  }
}

void LineState::follow(Index newer, Index older) {
  auto& follows = change(newer).follows;
  const auto& id = claims_[older].id;
  if (std::find(follows.begin(), follows.end(), id) == follows.end()) follows.push_back(id);
}

void LineState::reserve(std::size_t entries) {
  statements_.reserve(entries);
  claims_.reserve(entries);
  by_id_.reserve(entries);
}

LineState LineState::facts() const {
  LineState facts;
  facts.reserve(statements_.size());
  facts.statements_ = statements_;
  for (auto& statement : facts.statements_) statement.claim = nowhere;
  facts.acts_ = acts_;
  facts.corrections_ = corrections_;
  facts.corrected_ = corrected_;
  facts.values_ = values_;
  facts.by_value_.resize(by_value_.size());
  facts.asked_ = asked_;
  facts.last_ = last_;
  return facts;
}

// A correction is effective until it is taken back; being corrected in turn does not undo it.
bool LineState::is_effective(const CorrectionState& correction) const {
  const auto& corrector = statements_[correction.corrector];
  return !correction.reopened && !corrector.taken_back && !corrector.erased;
}

const CorrectionState* LineState::effective_correction_of(Index statement) const {
  const CorrectionState* found = nullptr;
  any_correction_of(statement, [&](const CorrectionState& correction) {
    if (is_effective(correction)) found = &correction;
    return found != nullptr;
  });
  return found;
}

Index LineState::corrected_by(Index statement) const {
  auto by = nowhere;
  for (const auto* next = effective_correction_of(statement); next; next = effective_correction_of(by)) {
    by = next->corrector;
  }
  return by;
}

bool LineState::is_effective(Index statement) const {
  const auto& state = statements_[statement];
  return !state.taken_back && !state.erased && !effective_correction_of(statement);
}

std::vector<Index> LineState::may_take_part_in(const Span& span) const {
  auto found = beside_;
  dated_.any(span, [&](Index claim) {
    found.push_back(claim);
    return false;
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void LineState::watch() {
  watching_ = true;
  take_changes();
  watched_.clear();
}

const Validity& LineState::validity_before(Index claim) const {
  const auto watched = watched_.find(claim);
  return watched == watched_.end() ? claims_[claim].validity : watched->second;
}

Changes LineState::take_changes() {
  auto changes = std::move(changes_);
  changes_ = {};
  changes_begun_ = false;
  return changes;
}

std::vector<ClaimId> statements_went_to(const LineState& line, const ClaimState& claim) {
  std::vector<ClaimId> ids;
  if (claim.has_statement()) return ids;
  for (const auto statement : claim.lost) {
    const auto now = line.statement(statement).claim;
    if (now != nowhere && std::find(ids.begin(), ids.end(), line[now].id) == ids.end()) ids.push_back(line[now].id);
  }
  return ids;
}

Span window_of(const Claim& said) {
  Span window;
  if (said.trusted) {
    window.from = said.window.from->at;
    window.from_as = said.window.from->granularity;
  }
  if (said.window.until) {
    window.until = said.window.until->at;
    window.until_as = said.window.until->granularity;
  }
  return window;
}

Span from_here_on(const ValidEnd& end) { return {end.at, ValidTime::forever(), end.granularity, Granularity::instant}; }

}  // namespace claimledger::rules
