#include "rules/line_end.hpp"

#include <algorithm>
#include <utility>

#include "claimledger/domain/vocabulary.hpp"

namespace claimledger::rules {

namespace {

constexpr std::size_t most_statements = 16;  // of the claims that are kept

bool is_plain(const StatementState& statement) {
  return statement.claim != nowhere && !statement.taken_back && !statement.erased && !statement.correction &&
         statement.left.empty();
}

bool is_plain(const ClaimState& claim) {
  return claim.counts && claim.trusted && !claim.decided.waits && !claim.marked && !claim.question &&
         claim.decided.otherwise == Disposition::committed_cheap && claim.decided.cuts.empty() &&
         claim.decided.cardinality != Cardinality::set_valued && claim.reentries.empty() && !claim.burst;
}

// It takes no part in anything until somebody acts on it.
bool is_set_aside(const ClaimState& claim) {
  return claim.decided.otherwise == Disposition::quarantined && !claim.decided.waits && !claim.marked;
}

bool is_open(const ClaimState& claim) { return !claim.validity.empty() && !claim.validity.has_end(); }

}  // namespace

std::optional<LineEnd> LineEnd::of(const LineState& line) {
  if (line.is_set() || !line.acts().empty() || !line.corrections().empty()) return std::nullopt;
  if (!std::ranges::all_of(line.statements(), [](const auto& each) { return is_plain(each); })) return std::nullopt;
  LineEnd end;
  end.last_ = line.last();
  end.left_out_ = line.left_out();
  std::size_t statements = 0;
  for (const auto& claim : line.claims()) {
    if (is_set_aside(claim)) continue;
    if (!is_plain(claim)) return std::nullopt;
    if (!is_open(claim)) {
      end.left_out_.add(claim.validity);
      continue;
    }
    statements += claim.statements.size();
    if (statements > most_statements) return std::nullopt;
    Kept kept{claim.id, claim.decided, claim.window, claim.validity, claim.last_said(), {}};
    for (const auto statement : claim.statements) {
      auto& said = kept.statements.emplace_back(line.statement(statement));
      said.content = {.value = std::move(said.content.value), .source = std::move(said.content.source)};
    }
    end.kept_.push_back(std::move(kept));
  }
  return end;
}

// It says the same, and states no end of this claim; or it follows it, see succeeds(); or it speaks of another time.
bool LineEnd::Kept::is_met_plainly(const Newcomer& newcomer) const {
  const auto said = window_of(newcomer.claim);
  const bool states_end = newcomer.claim.window.until.has_value();
  if (statements.front().content.value == newcomer.content.value) return !states_end || said.from != window.from;
  if (!validity.intersects(said)) return true;
  return window.from < said.from && as_valid(last_said) <= said.from;
}

bool LineEnd::is_enough_for(const Newcomer& newcomer) const {
  const auto& claim = newcomer.claim;
  const auto window = window_of(claim);
  if (!is_first_hand(claim.provenance) || !claim.derived_from.empty()) return false;
  if (!claim.trusted || claim.cardinality == Cardinality::set_valued) return false;
  return !left_out_.intersects(window) &&
         std::ranges::all_of(kept_, [&](const Kept& kept) { return kept.is_met_plainly(newcomer); });
}

LineState LineEnd::state() const {
  std::vector<std::pair<const StatementState*, const Kept*>> statements;
  for (const auto& kept : kept_) {
    for (const auto& each : kept.statements) statements.emplace_back(&each, &kept);
  }
  std::ranges::sort(statements, {}, [](const auto& each) { return each.first->seq; });
  LineState line;
  line.leave_out(left_out_);
  for (const auto& [said, claim] : statements) {
    auto statement = *said;
    statement.claim = nowhere;
    const auto index = line.add_statement(std::move(statement));
    if (const auto* known = line.find(claim->id)) {
      line.give_statement(index, line.index_of(*known));
    } else {
      line.begin(index, claim->id, claim->decided);
    }
  }
  line.set_last(last_);
  line.derive();
  line.watch();
  return line;
}

std::size_t LineEnd::memory() const {
  std::size_t bytes = sizeof(LineEnd) + left_out_.spans().size() * sizeof(Span);
  for (const auto& kept : kept_) {
    bytes += sizeof(Kept);
    for (const auto& each : kept.statements) {
      bytes += sizeof(StatementState) + each.content.value->text().size() + each.content.source.value_or("").size() +
               each.said.derived_from.size() * sizeof(ClaimId);
    }
  }
  return bytes;
}

}  // namespace claimledger::rules
