#include <charconv>
#include <limits>

#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::application {

namespace {

[[noreturn]] void bad_cursor() { throw InvalidInput("cursor", "is not one that an earlier page gave"); }

std::int64_t read_number(std::string_view& text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != '.') bad_cursor();
  if (number < least || number > most) bad_cursor();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

PointAndSnapshot read_at(const Context& context, const AgentId& agent, const At& at, const Wanted& wanted,
                         const Call& call) {
  rules::admit_agent(agent);
  if (at.as_of) rules::admit_time(at.as_of->value, "as_of");
  if (at.asked_at) rules::admit_time(at.asked_at->value, "asked_at");
  if (at.position && at.as_of) throw InvalidInput("as_of", "and position exclude each other");
  Moment moment = AtHead{};
  if (at.position) moment = *at.position;
  if (at.as_of) moment = *at.as_of;
  PointAndSnapshot read;
  read.point.asked_at = at.asked_at ? *at.asked_at : at.as_of ? *at.as_of : TxTime{context.clock().now()};
  read.snapshot = context.store().snapshot(agent, moment, wanted, call);
  read.point.position = read.snapshot.head.position;
  return read;
}

ReadPoint read_point(const Context& context, const AgentId& agent, const At& at, const Call& call) {
  return read_at(context, agent, at, {}, call).point;
}

ReadPoint read_point(const Context& context, const AgentId& agent, const At& at, const PageRequest& page,
                     const Call& call) {
  if (page.cursor.empty()) return read_point(context, agent, at, call);
  rules::admit_agent(agent);
  std::string_view text = page.cursor;
  ReadPoint point;
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const auto first = earliest_instant.time_since_epoch().count();
  const auto last = latest_instant.time_since_epoch().count();
  point.position = Position{static_cast<std::uint64_t>(read_number(text, 0, most))};
  point.asked_at = TxTime{Instant{std::chrono::microseconds{read_number(text, first, last)}}};
  point.after = text;
  if (point.after.empty()) bad_cursor();
  return point;
}

std::string cursor(const ReadPoint& point, std::string_view after) {
  return std::to_string(point.position.value) + '.' + std::to_string(point.asked_at.value.time_since_epoch().count()) +
         '.' + std::string(after);
}

std::size_t page_size(const PageRequest& page) { return std::min(page.limit, limits::page); }

rules::Reading reading(const Context& context, const ReadPoint& point) {
  return {point.position, point.asked_at, context.config.aging_after, context.config.decayed_after};
}

}  // namespace claimledger::application
