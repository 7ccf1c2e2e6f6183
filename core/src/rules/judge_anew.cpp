#include "rules/judge_anew.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "rules/judge.hpp"

namespace claimledger::rules {

namespace {

class Anew {
 public:
  Anew(const LineState& line, const std::function<ClaimId()>& new_id)
      : line_(line.facts()), judge_(line_), new_id_(new_id), placed_at_(line.statements().size()) {
    for (const auto& correction : line_.corrections()) {
      const auto corrector = correction.corrector;
      const auto& statement = line_.statement(corrector);
      corrector_.emplace(statement.said.id, corrector);
      corrections_of_[correction.claim].push_back(corrector);
      if (statement.correction->promoted_by) promoted_by_[*statement.correction->promoted_by].push_back(corrector);
      for (const auto entry : statement.correction->ends) {
        auto& ended = ended_by_[entry];
        if (ended.empty() || ended.back() != corrector) ended.push_back(corrector);
      }
      if (line_.is_effective(corrector)) placed_at_[line_.statement_at(line_.place_of(corrector))].push_back(corrector);
    }
    for (auto& correctors : placed_at_) {
      std::sort(correctors.begin(), correctors.end(),
                [&](Index a, Index b) { return stands_before(line_.path_of(a), line_.path_of(b)); });
    }
    find_said_with();
  }

  LineState run() {
    const auto statements = static_cast<Index>(line_.statements().size());
    const auto acts = line_.acts().size();
    std::size_t act = 0;
    for (Index s = 0; s < statements; ++s) {
      for (; act < acts && line_.acts()[act].seq < line_.statement(s).seq; ++act) apply(line_.acts()[act]);
      apply(s);
    }
    for (; act < acts; ++act) apply(line_.acts()[act]);
    line_.set_horizon({latest_instant});
    line_.derive();
    return std::move(line_);
  }

 private:
  // A correction is judged in the place of what it corrects; in its own it is only said again.
  void apply(Index s) {
    const auto& statement = line_.statement(s);
    line_.set_horizon(statement.recorded_at);
    for (const auto corrector : placed_at_[s]) {
      const auto& correction = line_.statement(corrector);
      if (is_parked(corrector, statement.seq)) {
        judge_.keep(corrector, correction.said.id, Disposition::pending_low_confidence);
      } else {
        say(corrector);
      }
      for (const auto entry : correction.correction->ends) {
        if (entry < statement.seq) end_too(corrector, entry);
      }
    }
    if (line_.is_effective(s)) {
      if (!statement.correction) {
        say(s);
      } else if (line_.place_of(s) != statement.seq) {
        judge_.said_again(line_.index_of(statement.said.id));
      }
    }
    if (!statement.dropped) say_corrections(s);
    promote_corrections(s);
    end_corrections(statement.seq);
  }

  // A correction was said whenever the corrected statements were, and so was a correction of it. Last first: what
  // corrects a statement comes after it. A correction that is not in effect has no claim.
  void find_said_with() {
    said_with_.resize(line_.statements().size());
    std::vector<Index> found_for(said_with_.size(), nowhere);
    for (auto s = static_cast<Index>(said_with_.size()); s-- > 0;) {
      auto& mine = said_with_[s];
      const auto add = [&](Index corrector) {
        if (std::exchange(found_for[corrector], s) != s) mine.push_back(corrector);
      };
      line_.any_correction_of(s, [&](const CorrectionState& correction) {
        if (line_.is_effective(correction.corrector)) add(correction.corrector);
        for (const auto further : said_with_[correction.corrector]) add(further);
        return false;
      });
    }
  }

  void say_corrections(Index s) {
    for (const auto corrector : said_with_[s]) {
      const auto* claim = line_.find(line_.statement(corrector).said.id);
      if (claim && claim->has_statement()) judge_.said_again(line_.index_of(*claim));
    }
  }

  void say(Index s) {
    const auto& statement = line_.statement(s);
    if (!statement.first_hand() || statement.recorded_as == Disposition::quarantined) {
      judge_.keep(s, statement.said.id, statement.recorded_as);
      return;
    }
    // A correction stands as what it corrects does, whatever it is said with.
    judge_.say(s, statement.began, [&] { return id_of(statement); });
  }

  ClaimId id_of(const StatementState& statement) const {
    if (statement.began) return statement.said.id;
    // An id that it was given before comes first, so that a reopened line has the ids that it had.
    if (statement.given && !line_.find(*statement.given)) return *statement.given;
    if (!line_.find(statement.said.id)) return statement.said.id;
    return new_id_();
  }

  // An entry that had ended the corrected claim ends the correction too: at its own time, or as soon as the correction
  // takes effect where that is later because the corrected statement was taken back since.
  void end_too(Index corrector, Position entry) {
    const auto* claim = line_.find(line_.statement(corrector).said.id);
    if (!claim || !claim->has_statement()) return;
    const auto index = line_.index_of(*claim);
    const auto reopened = reopened_from(corrector, entry);
    if (const auto s = line_.statement_at(entry); s != nowhere) {
      const auto& statement = line_.statement(s);
      if (!still_decides(s, corrector)) return;
      const auto& by = statement.claim == nowhere ? statement.said.id : line_[statement.claim].id;
      judge_.end(index, end_span(*statement.said.window.until, reopened), CutReason::stated_end, by, entry);
      return;
    }
    const auto acts = line_.acts();
    const auto act =
        std::lower_bound(acts.begin(), acts.end(), entry, [](const Act& a, Position wanted) { return a.seq < wanted; });
    if (act == acts.end() || act->seq != entry) return;
    judge_.end(index, end_span(*act->at, reopened), CutReason::end, std::nullopt, entry);
  }

  void end_corrections(Position entry) {
    const auto found = ended_by_.find(entry);
    if (found == ended_by_.end()) return;
    for (const auto corrector : found->second) end_too(corrector, entry);
  }

  // Whether a correction does not count yet in its place: the corrected claim was parked there, and promoted later.
  bool is_parked(Index corrector, Position place) const {
    const auto& by = line_.statement(corrector).correction->promoted_by;
    return by && place < *by && still_decides(line_.statement_at(*by), corrector);
  }

  void promote_corrections(Index by) {
    const auto entry = line_.statement(by).seq;
    const auto found = promoted_by_.find(entry);
    if (found == promoted_by_.end()) return;
    for (const auto corrector : found->second) {
      const auto* claim = line_.find(line_.statement(corrector).said.id);
      if (!claim || !claim->parked() || !claim->has_statement()) continue;
      if (still_decides(by, corrector)) judge_.promote(line_.index_of(*claim), entry);
    }
  }

  // Whether a statement's decision about the corrected claim applies to the correction: while the statement is
  // effective or, for one of the corrected claim's own, until its source is taken back.
  bool still_decides(Index statement, Index corrector) const {
    const auto& s = line_.statement(statement);
    const auto& own = line_.correction_with(corrector).statements;
    const bool corrected = std::find(own.begin(), own.end(), statement) != own.end();
    return corrected ? !s.dropped && !s.erased : line_.is_effective(statement);
  }

  // From where on what the entry ended was reopened: as the claim that was corrected, until then, or as the correction.
  std::optional<ValidEnd> reopened_from(Index corrector, Position entry) const {
    auto from = line_.reopened_from(line_.statement(corrector).said.id, entry, line_.beyond());
    for (auto link = corrector; line_.statement(link).correction;) {
      const auto& corrected = line_.statement(link).correction->claim;
      from = earlier(from, line_.reopened_from(corrected, entry, line_.statement(link).seq));
      const auto next = corrector_.find(corrected);
      if (next == corrector_.end()) break;
      link = next->second;
    }
    return from;
  }

  // The claim that the act names; of a verdict also the corrections of that claim since.
  std::vector<Index> targets(const Act& act) const {
    std::vector<Index> found;
    std::vector<ClaimId> to_do{act.claim};
    while (!to_do.empty()) {
      const auto id = to_do.back();
      to_do.pop_back();
      const auto* claim = line_.find(id);
      if (claim && claim->has_statement()) found.push_back(line_.index_of(*claim));
      const auto corrections = corrections_of_.find(id);
      if (act.kind != Act::Kind::affirm || corrections == corrections_of_.end()) continue;
      for (auto corrector = corrections->second.rbegin(); corrector != corrections->second.rend(); ++corrector) {
        const auto& statement = line_.statement(*corrector);
        if (act.seq < statement.seq) to_do.push_back(statement.said.id);
      }
    }
    return found;
  }

  static std::optional<ValidEnd> earlier(const std::optional<ValidEnd>& a, const std::optional<ValidEnd>& b) {
    if (!a || !b) return a ? a : b;
    return a->at < b->at ? a : b;
  }

  void apply(const Act& act) {
    line_.set_horizon(act.recorded_at);
    for (const auto claim : targets(act)) {
      switch (act.kind) {
        case Act::Kind::end: {
          const auto reopened = line_.reopened_from(act.claim, act.seq, line_.beyond());
          judge_.end(claim, end_span(*act.at, reopened), CutReason::end, std::nullopt, act.seq);
          break;
        }
        case Act::Kind::affirm:
          judge_.affirm(claim, act.asked, act.seq);
          break;
        case Act::Kind::reopen:
          if (!line_[claim].parked()) judge_.set_otherwise(claim, Disposition::reinstated);
          break;
        case Act::Kind::no_longer_contradicted:
          judge_.set_otherwise(claim, Disposition::committed_inferred, act.seq);
          break;
      }
    }
    end_corrections(act.seq);
  }

  // The span that an end takes, less the part that was reopened.
  static Span end_span(const ValidEnd& at, const std::optional<ValidEnd>& reopened) {
    auto span = from_here_on(at);
    if (!reopened) return span;
    span.until = std::max(span.from, reopened->at);
    span.until_as = reopened->granularity;
    return span;
  }

  LineState line_;
  Judge judge_;
  const std::function<ClaimId()>& new_id_;
  std::vector<std::vector<Index>> placed_at_;  // by statement: the corrections that stand in its place
  std::vector<std::vector<Index>> said_with_;  // by statement: the corrections that it is said with
  std::map<ClaimId, Index> corrector_;         // the correction that began a claim
  // By the claim that they correct, by the entry that promotes them, by an entry that ends them: oldest first.
  std::map<ClaimId, std::vector<Index>> corrections_of_;
  std::map<Position, std::vector<Index>> promoted_by_, ended_by_;
};

}  // namespace

LineState judge_anew(const LineState& line, const std::function<ClaimId()>& new_id) { return Anew(line, new_id).run(); }

}  // namespace claimledger::rules
