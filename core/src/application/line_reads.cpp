#include "application/line_reads.hpp"

#include <algorithm>
#include <utility>

#include "rules/rules.hpp"

namespace claimledger::application {

LineReads::LineReads(const Context& context, const AgentId& agent, const std::vector<LineKey>& lines)
    : context_(context), agent_(agent) {
  for (const auto& key : lines) {
    auto kept = context.read_lines.find(agent, key);
    Position after;
    if (kept) {
      const std::scoped_lock lock(kept->mutex);
      after = before_last(kept->line);
    }
    wanted_.lines.emplace_back(key, after);
    kept_.push_back(std::move(kept));
  }
}

void LineReads::each(const Snapshot& snapshot, bool now, const Call& call, const Visit& visit) {
  Round round{snapshot, now, call};
  for (std::size_t place = 0; place < kept_.size(); ++place) visit_one(round, place, false, visit);
}

void LineReads::each(const Snapshot& snapshot, bool now, ValidTime valid_at, const Call& call,
                     const VisitInstant& visit) {
  Round round{snapshot, now, call};
  for (std::size_t place = 0; place < kept_.size(); ++place) {
    if (!now && kept_[place] && visit_past(round, place, valid_at, visit)) continue;
    visit_one(round, place, true,
              [&](std::size_t, const rules::LineState& line) { visit(place, rules::taking_part(line, valid_at)); });
  }
}

Position LineReads::end(Round& round) const {
  if (!round.end) {
    round.end = round.now ? round.snapshot.head.position : context_.store().head(agent_, round.call).position;
  }
  return *round.end;
}

void LineReads::visit_one(Round& round, std::size_t place, bool keep_past, const Visit& visit) {
  const auto& [snapshot, now, call, ignored] = round;
  const auto& key = wanted_.lines[place].key;
  const auto at = snapshot.head.position;
  if (kept_[place] && visit_kept(round, place, visit)) return;
  auto line = kept_[place] ? FoldedLine::of(context_.store().line(agent_, key, at, call))
                           : FoldedLine::of(snapshot.lines[place]);
  visit(place, line.state);
  const bool keeps = now || (keep_past && !kept_[place]);
  if (!keeps || !context_.read_lines.wants(line)) return;
  line.has_all_contents(context_.store(), agent_, at, call);
  context_.read_lines.keep(agent_, key, std::move(line));
}

bool LineReads::are_behind(const Snapshot& snapshot) const {
  return std::ranges::any_of(kept_, [&](const auto& kept) {
    if (!kept) return false;
    const std::scoped_lock lock(kept->mutex);
    return kept->line.hashed > snapshot.head.position;
  });
}

// Of several readers the first looks for erasures, and the others wait for it.
bool LineReads::visit_kept(Round& round, std::size_t place, const Visit& visit) const {
  const auto& added = round.snapshot.lines[place];
  const auto now = end(round);
  auto& [mutex, line] = *kept_[place];
  std::size_t bytes = 0;
  {
    const std::scoped_lock lock(mutex);
    if (!line.has_all_contents(context_.store(), agent_, now, round.call) || !line.go_on(added)) return false;
    visit(place, line.state);
    bytes = line.memory();
  }
  if (added.size() > 1) context_.read_lines.weigh(agent_, wanted_.lines[place].key, bytes);
  return true;
}

// A line that is kept further than what is asked about: it answers from its past, which it gets here if it has none.
bool LineReads::visit_past(Round& round, std::size_t place, ValidTime valid_at, const VisitInstant& visit) const {
  const auto& store = context_.store();
  const auto& key = wanted_.lines[place].key;
  const auto at = round.snapshot.head.position;
  const auto answer = [&](const FoldedLine& line) {
    const auto part = line.past->taking_part(line.state, at, valid_at);
    visit(place, part.on(line.state));
  };
  auto& [mutex, kept] = *kept_[place];
  std::size_t bytes = 0;
  {
    const std::scoped_lock lock(mutex);
    if (kept.past_is_too_much || kept.hashed <= at) return false;
    if (kept.past) {
      const auto now = store.snapshot(agent_, AtHead{}, {.lines = {{key, before_last(kept)}}}, round.call);
      round.end = now.head.position;
      if (kept.has_all_contents(store, agent_, *round.end, round.call) && kept.go_on(now.lines.front()) && kept.past) {
        answer(kept);
        bytes = kept.memory();
      }
    }
  }
  if (bytes > 0) {
    context_.read_lines.weigh(agent_, key, bytes);
    return true;
  }
  const auto now = end(round);
  auto line = FoldedLine::with_past(store.line(agent_, key, now, round.call));
  line.has_all_contents(store, agent_, now, round.call);
  const bool has_past = line.past != nullptr;
  if (has_past) answer(line);
  context_.read_lines.keep(agent_, key, std::move(line));
  return has_past;
}

}  // namespace claimledger::application
