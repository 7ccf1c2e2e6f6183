#include "application/line_reads.hpp"

#include <algorithm>
#include <utility>

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
  const auto at = snapshot.head.position;
  std::optional<Position> end;  // contents are as they are now, whatever moment is asked about
  if (now) end = at;
  for (std::size_t place = 0; place < kept_.size(); ++place) {
    const auto& key = wanted_.lines[place].key;
    if (kept_[place]) {
      if (!end) end = context_.store().head(agent_, call).position;
      if (visit_kept(place, snapshot, *end, call, visit)) continue;
    }
    auto line = kept_[place] ? FoldedLine::of(context_.store().line(agent_, key, at, call))
                             : FoldedLine::of(snapshot.lines[place]);
    visit(place, line.state);
    if (!now || !context_.read_lines.wants(line)) continue;
    line.has_all_contents(context_.store(), agent_, at, call);
    context_.read_lines.keep(agent_, key, std::move(line));
  }
}

bool LineReads::are_behind(const Snapshot& snapshot) const {
  return std::ranges::any_of(kept_, [&](const auto& kept) {
    if (!kept) return false;
    const std::scoped_lock lock(kept->mutex);
    return kept->line.hashed > snapshot.head.position;
  });
}

// Of several readers the first looks for erasures, and the others wait for it.
bool LineReads::visit_kept(std::size_t place, const Snapshot& snapshot, Position end, const Call& call,
                           const Visit& visit) const {
  auto& [mutex, line] = *kept_[place];
  std::size_t bytes = 0;
  {
    const std::scoped_lock lock(mutex);
    if (!line.has_all_contents(context_.store(), agent_, end, call) || !line.go_on(snapshot.lines[place])) return false;
    visit(place, line.state);
    bytes = line.memory();
  }
  if (snapshot.lines[place].size() > 1) context_.read_lines.weigh(agent_, wanted_.lines[place].key, bytes);
  return true;
}

}  // namespace claimledger::application
