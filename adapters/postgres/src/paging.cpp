#include <algorithm>

#include "errors.hpp"
#include "reading.hpp"
#include "rows.hpp"

// A page of entries: the most selective key of the filter says which statement; the rest of the filter goes along.
namespace claimledger::postgres::reading {

namespace {

Query ascending(const EntryFilter& filter) {
  if (filter.served) return Query::read_entries_of_served_up;
  if (filter.handle) return Query::read_entries_of_handle_up;
  if (filter.claim) return Query::read_entries_of_claim_up;
  if (filter.line) return Query::read_entries_of_line_up;
  if (filter.lookup) return Query::read_entries_of_lookup_up;
  if (filter.disposition) return Query::read_entries_of_disposition_up;
  if (!filter.kinds.empty()) return Query::read_entries_of_kinds_up;
  return Query::read_entries_up;
}

// The statement for the other order stands right behind that for ascending.
Query directed(Query up, Order order) {
  return order == Order::ascending ? up : static_cast<Query>(static_cast<std::size_t>(up) + 1);
}

Array none_or(Array array, const std::optional<std::string>& text) {
  if (text) array.add(*text);
  return array;
}

template <class Id>
Array none_or_id(const std::optional<Id>& id) {
  auto array = Array::uuids();
  if (id) array.add(id->value);
  return array;
}

struct Range {
  Position first;
  Position last;
};

// Where nothing is left out, a number that is missing is a lost entry.
void check_gapless(const std::vector<StoredEntry>& page, Range range, Order order, const char* operation) {
  const bool up = order == Order::ascending;
  auto expected = up || page.empty() ? std::max(range.first.value, std::uint64_t{1}) : page.front().seq.value;
  for (const auto& entry : page) {
    if (entry.seq.value != expected) corrupt(operation, "entry " + std::to_string(expected) + " is missing");
    expected += up ? 1 : std::uint64_t{0} - 1;
  }
}

}  // namespace

std::vector<StoredEntry> entries(const Reader& reader, const AgentId& agent, const EntryPage& wanted) {
  const auto& filter = wanted.filter;
  const Range range{filter.from, filter.to ? std::min(*filter.to, wanted.at) : wanted.at};
  // An empty text is kept as none, so it finds none.
  if (wanted.limit == 0 || range.first > range.last || (filter.lookup && filter.lookup->empty())) return {};
  auto kinds = Array::texts();
  for (const auto& kind : filter.kinds) kinds.add(kind);
  auto subject = Array::texts();
  auto predicate = Array::texts();
  if (filter.line) {
    subject.add(filter.line->subject);
    predicate.add(filter.line->predicate);
  }
  const auto up = ascending(filter);
  auto row = reader.ask(
      directed(up, wanted.order),
      Parameters(agent_key(agent), range.first, range.last, count(wanted.limit), kinds,
                 none_or(Array::texts(), filter.disposition), none_or_id(filter.claim), subject, predicate,
                 none_or_id(filter.handle), none_or_id(filter.served), none_or(Array::texts(), filter.lookup)));
  std::vector<StoredEntry> page;
  while (row.next()) page.push_back(entry_row(row, 0, reader.operation));
  if (up == Query::read_entries_up) check_gapless(page, range, wanted.order, reader.operation);
  return page;
}

}  // namespace claimledger::postgres::reading
