#include "application/line_reads.hpp"

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
  for (std::size_t place = 0; place < kept_.size(); ++place) {
    const auto& key = wanted_.lines[place].key;
    auto line = FoldedLine();
    if (kept_[place]) {
      if (visit_kept(place, snapshot, last_erasure_before(snapshot, now, call), visit)) continue;
      line = FoldedLine::of(context_.store().line(agent_, key, at, call));
    } else {
      line = FoldedLine::of(snapshot.lines[place]);
    }
    visit(place, line.state);
    if (!now || !context_.read_lines.wants(line)) continue;
    line.last_erasure = last_erasure(context_.store(), agent_, at, call);
    context_.read_lines.keep(agent_, key, std::move(line));
  }
}

bool LineReads::visit_kept(std::size_t place, const Snapshot& snapshot, Position erasure, const Visit& visit) const {
  auto& [mutex, line] = *kept_[place];
  std::size_t bytes = 0;
  {
    const std::scoped_lock lock(mutex);
    if (line.last_erasure != erasure || !line.go_on(snapshot.lines[place])) return false;
    visit(place, line.state);
    bytes = line.memory();
  }
  if (snapshot.lines[place].size() > 1) context_.read_lines.weigh(agent_, wanted_.lines[place].key, bytes);
  return true;
}

Position LineReads::last_erasure_before(const Snapshot& snapshot, bool now, const Call& call) {
  if (!erasure_) {
    const auto at = now ? snapshot.head.position : context_.store().head(agent_, call).position;
    erasure_ = last_erasure(context_.store(), agent_, at, call);
  }
  return *erasure_;
}

}  // namespace claimledger::application
