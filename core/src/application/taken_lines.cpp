#include "application/taken_lines.hpp"

#include <exception>
#include <utility>

namespace claimledger::application {

// What the turn had no use for.
TakenLines::~TakenLines() {
  try {
    for (auto& [key, line] : lines_) kept_.keep(agent_, key, std::move(line));
  } catch (const std::exception&) {
    // Without memory for them they are read again.
  }
}

void TakenLines::take(Wanted& wanted) {
  std::erase_if(wanted.lines, [&](const auto& line) { return has_end(line.key); });
  for (auto& line : wanted.lines) {
    if (const auto* mine = find(line.key)) line.after = before_last(*mine);
  }
}

const FoldedLine* TakenLines::find(const LineKey& key) {
  if (const auto mine = lines_.find(key); mine != lines_.end()) return &mine->second;
  auto kept = kept_.take(agent_, key);
  return kept ? &lines_.emplace(key, std::move(*kept)).first->second : nullptr;
}

FoldedLine TakenLines::fold(const LineKey& key, const std::optional<Read>& read, Position at, const Call& call) {
  take_end(key);  // whoever reads it whole may write anything on it
  const auto fold_anew = [&] { return FoldedLine::of(store_.line(agent_, key, at, call)); };
  // An attempt before this one may have changed the line that was taken: then only its end was read.
  if (!find(key)) return read && read->after == Position{} ? FoldedLine::of(read->entries) : fold_anew();
  // The store knows nothing of this line. It appends what is decided on that only if there is none; otherwise it says
  // what there is, and this one is of use.
  if (read && read->guessed && read->entries.empty()) return {};
  auto line = std::move(lines_.extract(key).mapped());
  used_ = true;
  line.was_kept = true;
  if (line.has_all_contents(store_, agent_, at, call)) {
    const auto went_on =
        read ? line.go_on(read->entries) : line.go_on(store_.line(agent_, key, at, call, before_last(line)));
    if (went_on) return line;
  }
  return fold_anew();
}

// Of a long line that was kept an end is none the sooner made than it is read.
void TakenLines::give_back(const LineKey& key, FoldedLine line, Position at, Position end, const Call& call) {
  if (!line.was_kept && ends_.has_room()) {
    if (auto its_end = rules::LineEnd::of(line.state)) keep_end(key, std::move(*its_end));
  }
  if (!kept_.wants(line) || !line.has_all_contents(store_, agent_, at, call)) return;
  line.erasure->up_to = end;
  kept_.keep(agent_, key, std::move(line));
}

}  // namespace claimledger::application
