#include "cli/timeline.hpp"

#include <algorithm>
#include <utility>

#include "cli/terminal.hpp"
#include "cli/text.hpp"

namespace claimledger::cli {
namespace {

constexpr std::size_t bar_width = 40;

struct Row {
  Span span;
  BeliefStatus status;
  std::vector<Value> values;
  std::string text;  // of different values it may be the same: it is cut
};

std::string text_of(const Segment& segment) {
  if (segment.status == BeliefStatus::no_belief) return "no belief";
  std::string out;
  const char* separator = segment.status == BeliefStatus::contested ? " or " : ", ";
  for (const auto& slot : segment.values) {
    if (!out.empty()) out += separator;
    out += show_short(slot.value);
  }
  if (segment.status == BeliefStatus::contested) return "contested: " + out;
  return segment.status == BeliefStatus::timing_uncertain ? out + " (timing uncertain)" : out;
}

std::vector<Row> rows_of(const std::vector<Segment>& segments) {
  std::vector<Row> rows;
  for (const auto& segment : segments) {
    std::vector<Value> values;
    for (const auto& slot : segment.values) values.push_back(slot.value);
    if (!rows.empty() && rows.back().status == segment.status && rows.back().values == values) {
      rows.back().span.until = segment.span.until;
      rows.back().span.until_as = segment.span.until_as;
    } else {
      rows.push_back({segment.span, segment.status, std::move(values), text_of(segment)});
    }
  }
  return rows;
}

bool is_silent(const Row& row) { return row.status == BeliefStatus::no_belief; }

// What goes on for ever without a belief is no row beside others.
void drop_silent_ends(std::vector<Row>& rows) {
  if (is_silent(rows.front()) && rows.front().span.from == ValidTime::beginning()) rows.erase(rows.begin());
  if (is_silent(rows.back()) && rows.back().span.until == ValidTime::forever()) rows.pop_back();
}

// The one row that there is, where it says that nothing is believed.
std::string silence(const Span& span) {
  std::string when;
  if (span.from != ValidTime::beginning()) when += " from " + show_start(span);
  if (span.until != ValidTime::forever()) when += " until " + show_end(span);
  return "  nothing is believed" + when + "\n";
}

// Maps valid time to columns. An open end is given a quarter of the width between the dates.
class Axis {
 public:
  explicit Axis(const std::vector<Row>& rows) {
    auto first = ValidTime::forever(), last = ValidTime::beginning();
    bool open_start = false, open_end = false;
    for (const auto& row : rows) {
      for (const auto at : {row.span.from, row.span.until}) {
        if (at == ValidTime::beginning() || at == ValidTime::forever()) continue;
        first = std::min(first, at);
        last = std::max(last, at);
      }
      open_start = open_start || row.span.from == ValidTime::beginning();
      open_end = open_end || row.span.until == ValidTime::forever();
    }
    if (first > last) return;  // no dates at all
    const auto dated = std::max(1.0, static_cast<double>((last.value - first.value).count()));
    origin_ = first;
    before_ = open_start ? dated / 4 : 0;
    whole_ = before_ + dated + (open_end ? dated / 4 : 0);
  }
  std::size_t column(ValidTime at) const {
    if (at == ValidTime::beginning()) return 0;
    if (at == ValidTime::forever()) return bar_width;
    const auto since = static_cast<double>((at.value - origin_.value).count());
    return static_cast<std::size_t>((before_ + since) / whole_ * static_cast<double>(bar_width));
  }

 private:
  ValidTime origin_{};
  double before_ = 0;
  double whole_ = 1;
};

const char* ink(BeliefStatus status) {
  switch (status) {
    case BeliefStatus::resolved:
      return "━";
    case BeliefStatus::timing_uncertain:
      return "┄";
    case BeliefStatus::contested:
      return "╳";
    case BeliefStatus::no_belief:
      return "·";
  }
  return " ";
}

std::string bar(const Row& row, const Axis& axis) {
  const auto from = std::min(axis.column(row.span.from), bar_width - 1);
  const auto until = std::max(axis.column(row.span.until), from + 1);
  std::string out(from, ' ');
  for (auto column = from; column < until; ++column) out += ink(row.status);
  out.append(bar_width - until, ' ');
  return out;
}

Tone tone_of(BeliefStatus status) {
  switch (status) {
    case BeliefStatus::resolved:
    case BeliefStatus::timing_uncertain:
      return Tone::good;
    case BeliefStatus::contested:
      return Tone::bad;
    case BeliefStatus::no_belief:
      return Tone::faint;
  }
  return Tone::plain;
}

}  // namespace

std::string draw_timeline(const std::vector<Segment>& segments) {
  auto rows = rows_of(segments);
  if (rows.empty()) return "  nothing is believed\n";
  if (rows.size() == 1 && is_silent(rows.front())) return silence(rows.front().span);
  drop_silent_ends(rows);
  std::size_t from_width = 4, until_width = 5;
  for (const auto& row : rows) {
    from_width = std::max(from_width, columns(show_start(row.span)));
    until_width = std::max(until_width, columns(show_end(row.span)));
  }

  const Axis axis(rows);
  auto out = "  " + toned(Tone::faint, padded("from", from_width) + "  until") + "\n";
  for (const auto& row : rows)
    out += "  " + padded(show_start(row.span), from_width) + "  " + padded(show_end(row.span), until_width) + "  " +
           toned(tone_of(row.status), bar(row, axis)) + "  " + row.text + "\n";
  return out;
}

}  // namespace claimledger::cli
