#include <algorithm>

#include "claimledger/domain/entry_number.hpp"
#include "errors.hpp"
#include "reading.hpp"
#include "rows.hpp"

// A page of entries: its key says which index gives the positions.
namespace claimledger::postgres::reading {

namespace {

// A key as parameters of read_entries.
struct KeyColumns {
  const char* name = "all";
  Array id = Array::uuids();
  Array words = Array::texts();
  Array disposition = Array::numbers();
  Array positions = Array::integers();
};

KeyColumns columns_of(const EntryQuery& query) {
  KeyColumns columns;
  struct Fill {
    const EntryQuery& query;
    KeyColumns& to;

    void operator()(const key::All&) const {
      // The index of kinds leaves out the one that nearly every entry has.
      const auto& kinds = query.kinds;
      const bool rare = std::find(kinds.begin(), kinds.end(), kind_number<ClaimRecorded>) == kinds.end();
      if (!kinds.empty() && rare) to.name = "kinds";
    }
    void operator()(const key::Claim& key) const {
      to.name = "claim";
      to.id.add(key.claim.value);
    }
    void operator()(const key::Line& key) const {
      to.name = "line";
      to.words.add(key.line.subject);
      to.words.add(key.line.predicate);
    }
    void operator()(const key::Handle& key) const {
      to.name = "handle";
      to.id.add(key.handle.value);
    }
    void operator()(const key::ServedClaim& key) const {
      to.name = "served";
      to.id.add(key.claim.value);
    }
    void operator()(const key::Text& key) const {
      to.name = "text";
      to.words.add(key.text);
    }
    void operator()(const key::Disposition& key) const {
      const bool common = key.disposition == disposition_number(Disposition::committed_cheap);
      to.name = common ? "committed" : "disposition";
      to.disposition.add_number(key.disposition);
    }
    void operator()(const key::Positions& key) const {
      to.name = "positions";
      for (const auto seq : key.positions) to.positions.add(number(seq));
    }
  };
  std::visit(Fill{query, columns}, query.key);
  return columns;
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

std::vector<StoredEntry> entries(const Reader& reader, const AgentId& agent, const EntryQuery& query, Position at) {
  const Range range{query.from, query.to ? std::min(*query.to, at) : at};
  auto kinds = Array::numbers();
  for (const auto kind : query.kinds) kinds.add_number(kind);
  const auto columns = columns_of(query);
  auto row =
      reader.ask(Query::read_entries, Parameters(agent_key(agent), columns.name, columns.id, columns.words,
                                                 columns.disposition, columns.positions, kinds, range.first, range.last,
                                                 query.order == Order::descending, count(query.limit)));
  std::vector<StoredEntry> page;
  while (row.next()) page.push_back(entry_row(row, 0, reader.operation));
  if (std::holds_alternative<key::All>(query.key) && query.kinds.empty()) {
    check_gapless(page, range, query.order, reader.operation);
  }
  return page;
}

}  // namespace claimledger::postgres::reading
