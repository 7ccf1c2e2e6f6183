#include "search/snippet.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "search/graphemes.hpp"

namespace claimledger::search {
namespace {

// Bytes of the text, half-open.
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The matches inside a window that moves on.
class Inside {
 public:
  void add(std::uint32_t lookup) {
    ++count_;
    if (++by_lookup_[lookup] == 1) ++different_;
  }
  void remove(std::uint32_t lookup) {
    --count_;
    if (--by_lookup_[lookup] == 0) --different_;
  }
  // What makes one window better than another.
  std::pair<std::size_t, std::size_t> worth() const { return {different_, count_}; }

 private:
  std::size_t count_ = 0;
  std::size_t different_ = 0;
  std::unordered_map<std::uint32_t, std::size_t> by_lookup_;
};

// Where the best window begins: at a match. The matches come in by their ends and go out by their beginnings.
std::size_t best_begin(std::span<const Match> matches, std::size_t most_bytes) {
  std::vector<std::size_t> by_end(matches.size());
  std::iota(by_end.begin(), by_end.end(), std::size_t{0});
  std::ranges::stable_sort(by_end, {}, [&](std::size_t i) { return matches[i].end; });

  Inside inside;
  std::vector<bool> added(matches.size());
  auto best = matches.front().begin;
  auto most = inside.worth();
  std::size_t next = 0;
  for (std::size_t first = 0; first < matches.size(); ++first) {
    const auto begin = matches[first].begin;
    for (; next < by_end.size() && matches[by_end[next]].end - std::min(begin, matches[by_end[next]].end) <= most_bytes;
         ++next) {
      if (matches[by_end[next]].begin < begin) continue;
      inside.add(matches[by_end[next]].lookup);
      added[by_end[next]] = true;
    }
    if (inside.worth() > most) std::tie(best, most) = std::tuple(begin, inside.worth());
    if (added[first]) inside.remove(matches[first].lookup);
  }
  return best;
}

// What has to be seen: from the first match of the best window to the last that fits. Where none fits, as much of the
// first as there is room for.
Window core(std::string_view text, std::span<const Match> matches, std::size_t most_bytes) {
  if (matches.empty()) return {};
  const auto begin = best_begin(matches, most_bytes);
  auto end = begin;
  auto first_end = begin;
  for (const auto& match : matches) {
    if (match.begin == begin) first_end = std::max(first_end, match.end);
    if (match.begin >= begin && match.end - begin <= most_bytes) end = std::max(end, match.end);
  }
  if (end == begin) end = std::max(begin, break_up_to(text, std::min(first_end, begin + most_bytes)));
  return {begin, end};
}

bool is_blank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// The next place after a blank, if it is no further than `most`.
std::size_t word_from(std::string_view text, std::size_t at, std::size_t most) {
  if (at == 0 || is_blank(text[at - 1])) return at;
  for (auto place = at; place < most; ++place)
    if (is_blank(text[place])) return place + 1;
  return at;
}

// The last place before a blank, if it is no earlier than `least`.
std::size_t word_up_to(std::string_view text, std::size_t at, std::size_t least) {
  if (at >= text.size() || is_blank(text[at])) return at;
  for (auto place = at; place > least; --place)
    if (is_blank(text[place - 1])) return place - 1;
  return at;
}

Window widened(std::string_view text, const Window& core, std::size_t most_bytes) {
  const auto room = most_bytes - (core.end - core.begin);
  auto begin = core.begin - std::min(core.begin, room / 2);
  const auto end = std::min(text.size(), begin + most_bytes);
  begin = std::min(begin, end - std::min(end, most_bytes));

  const auto little = most_bytes / 8;
  const auto first = std::min(break_from(text, begin), core.begin);
  auto last = break_up_to(text, end);
  if (last < core.end) last = core.end;
  return {word_from(text, first, std::min(core.begin, first + little)),
          word_up_to(text, last, std::max(core.end, last - std::min(last, little)))};
}

std::vector<Mark> marks_in(const Window& window, std::span<const Match> matches) {
  std::vector<Mark> marks;
  for (const auto& match : matches) {
    const auto begin = std::max(match.begin, window.begin);
    const auto end = std::min(match.end, window.end);
    if (begin >= end) continue;
    const Mark mark{begin - window.begin, end - window.begin};
    if (!marks.empty() && mark.begin <= marks.back().end) {
      marks.back().end = std::max(marks.back().end, mark.end);
    } else {
      marks.push_back(mark);
    }
  }
  return marks;
}

}  // namespace

Snippet snippet(std::string_view text, std::span<const Match> matches, std::size_t most_bytes) {
  Window shown{0, text.size()};
  if (text.size() > most_bytes) shown = widened(text, core(text, matches, most_bytes), most_bytes);
  Snippet made;
  made.text = text.substr(shown.begin, shown.end - shown.begin);
  made.marks = marks_in(shown, matches);
  made.cut_before = shown.begin > 0;
  made.cut_after = shown.end < text.size();
  return made;
}

}  // namespace claimledger::search
