#include <charconv>

#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::application {

namespace {

// A position inside a batch counts as the batch before it; one after the head as the head.
Position batch_end(const Store& store, const AgentId& agent, Position wanted, Position head, const Call& call) {
  if (wanted >= head) return head;
  if (wanted == Position{}) return wanted;
  EntryFilter filter;
  filter.from = wanted;
  filter.to = wanted;
  const auto entry = store.entries(agent, filter, Order::ascending, 1, head, call);
  if (entry.empty())
    throw StoreFailure(FailureKind::corrupt, "reading", "entry " + std::to_string(wanted.value) + " is missing");
  const auto recorded_at = entry.front().recorded_at;
  const auto end = store.position_at(agent, recorded_at, call);
  return end == wanted ? end : store.position_at(agent, {recorded_at.value - std::chrono::microseconds{1}}, call);
}

[[noreturn]] void bad_cursor() { throw InvalidInput("cursor", "is not one that an earlier page gave"); }

template <class Number>
Number read_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != '.') bad_cursor();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

Standing stand(const Ports& ports, const AgentId& agent, const At& at, const Call& call) {
  rules::admit_agent(agent);
  if (at.position && at.as_of) throw InvalidInput("as_of", "and position exclude each other");
  Standing standing;
  standing.asked_at = at.asked_at ? *at.asked_at : at.as_of ? *at.as_of : TxTime{ports.clock.now()};
  if (at.as_of) {
    standing.position = ports.store.position_at(agent, *at.as_of, call);
  } else {
    const auto head = ports.store.head(agent, call).position;
    standing.position = at.position ? batch_end(ports.store, agent, *at.position, head, call) : head;
  }
  return standing;
}

Standing stand(const Ports& ports, const AgentId& agent, const At& at, const PageRequest& page, const Call& call) {
  if (page.cursor.empty()) return stand(ports, agent, at, call);
  rules::admit_agent(agent);
  std::string_view text = page.cursor;
  Standing standing;
  standing.position = Position{read_number<std::uint64_t>(text)};
  standing.asked_at = TxTime{Instant{std::chrono::microseconds{read_number<std::int64_t>(text)}}};
  standing.after = text;
  if (standing.after.empty()) bad_cursor();
  return standing;
}

std::string cursor(const Standing& standing, std::string_view after) {
  return std::to_string(standing.position.value) + '.' +
         std::to_string(standing.asked_at.value.time_since_epoch().count()) + '.' + std::string(after);
}

std::size_t page_size(const PageRequest& page) { return std::min(page.limit, limits::page); }

rules::Reading reading(const Ports& ports, const Standing& standing) {
  return {standing.position, standing.asked_at, ports.config.aging_after, ports.config.decayed_after};
}

}  // namespace claimledger::application
