#include "reading.hpp"

#include <algorithm>
#include <limits>

#include "claimledger/domain/entry_number.hpp"
#include "errors.hpp"
#include "rows.hpp"

namespace claimledger::postgres::reading {

namespace {

// Columns of read_snapshot: which list, the place in it; then the entry.
constexpr int entry_columns = 2;

struct Cutoff {
  const char* kind;
  std::int64_t value;
};

Cutoff cutoff(const Moment& moment) {
  if (const auto* position = std::get_if<Position>(&moment)) return {"position", number(*position)};
  if (const auto* time = std::get_if<TxTime>(&moment)) return {"time", time->value.time_since_epoch().count()};
  return {"head", std::numeric_limits<std::int64_t>::max()};
}

// Puts the rows of one answer into their lists.
class Sorter {
 public:
  Sorter(const AgentId& agent, const Wanted& wanted, const char* operation)
      : agent_(agent), wanted_(wanted), operation_(operation) {
    snapshot().lines.resize(wanted.lines.size());
    snapshot().keys.resize(wanted.keys.size());
    snapshot().claims.resize(wanted.claims.size());
  }

  Look sort(Rows& row) {
    while (row.next()) {
      const auto part = row.text(0);
      if (part == "head") {
        take_head(row);
      } else if (part == "line") {
        take_line(row, place_column(row, 1, wanted_.lines.size(), operation_));
      } else if (part == "key") {
        snapshot().keys[place_column(row, 1, wanted_.keys.size(), operation_)] =
            entry_row(row, entry_columns, operation_);
      } else {
        take_claim(entry_row(row, entry_columns, operation_), place_column(row, 1, wanted_.claims.size(), operation_));
      }
    }
    return std::move(found_);
  }

 private:
  Snapshot& snapshot() { return found_.snapshot; }

  void take_head(const Rows& row) {
    if (!row.null(entry_columns + 12)) found_.last_tombstone = position_column(row, entry_columns + 12);
    const auto position = position_column(row, entry_columns);
    if (position == Position{}) {
      snapshot().head = {{}, {}, genesis_hash(agent_)};
    } else {
      snapshot().head = {position, time_column(row, entry_columns + 1),
                         digest_column(row, entry_columns + 8, operation_)};
    }
  }

  // Core notices a missing later entry: each entry names the one before it on its line.
  void take_line(const Rows& row, std::size_t place) {
    auto& line = snapshot().lines[place];
    const auto first = position_column(row, entry_columns + 13);
    const bool nothing = row.null(entry_columns);
    if (line.empty() && wanted_.lines[place].after < first &&
        (nothing || position_column(row, entry_columns) != first)) {
      corrupt(operation_, "entry " + std::to_string(first.value) + " is missing, the first of its line");
    }
    if (!nothing) line.push_back(entry_row(row, entry_columns, operation_, &wanted_.lines[place].key));
  }

  void take_claim(StoredEntry entry, std::size_t place) {
    if (!entry.line || entry.claim != wanted_.claims[place] || !entry.begins) {
      corrupt(operation_, "entry " + std::to_string(entry.seq.value) + " does not begin its claim");
    }
    auto line = *entry.line;
    snapshot().claims[place] = ClaimPlace{std::move(line), std::move(entry)};
  }

  const AgentId& agent_;
  const Wanted& wanted_;
  const char* operation_;
  Look found_;
};

}  // namespace

std::int64_t count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min(limit, std::size_t{std::numeric_limits<std::int32_t>::max()}));
}

WantedColumns::WantedColumns(const Wanted& wanted) {
  for (const auto& line : wanted.lines) {
    subjects.add(line.key.subject);
    predicates.add(line.key.predicate);
    after.add(number(line.after));
  }
  for (const auto& key : wanted.keys) keys.add(key);
  for (const auto& claim : wanted.claims) claims.add(claim.value);
}

Look sorted(Rows& row, const AgentId& agent, const Wanted& wanted, const char* operation) {
  return Sorter(agent, wanted, operation).sort(row);
}

Look snapshot(const Reader& reader, const AgentId& agent, const Moment& moment, const Wanted& wanted) {
  const auto at = cutoff(moment);
  const WantedColumns columns(wanted);
  auto row = reader.ask(Query::read_snapshot,
                        Parameters(agent_key(agent), at.kind, at.value, columns.subjects, columns.predicates,
                                   columns.after, columns.keys, columns.claims),
                        wanted.keys.empty() ? Reader::WaitForStandbys::no : Reader::WaitForStandbys::yes);
  return sorted(row, agent, wanted, reader.operation);
}

std::vector<Derivation> dependants(const Reader& reader, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at) {
  auto ids = Array::uuids();
  for (const auto& parent : parents) ids.add(parent.value);
  auto row = reader.ask(Query::read_dependants, Parameters(agent_key(agent), ids, at));
  std::vector<Derivation> found;
  while (row.next()) {
    const auto child = position_column(row, 1);
    if (row.null(2)) corrupt(reader.operation, "entry " + std::to_string(child.value) + " derives no claim");
    found.push_back({parents[place_column(row, 0, parents.size(), reader.operation)], child,
                     ClaimId{uuid_column(row, 2, reader.operation)}});
  }
  return found;
}

std::vector<StoredEntry> open_adjudications(const Reader& reader, const AgentId& agent, Position after,
                                            std::size_t limit, Position at) {
  auto row = reader.ask(Query::read_open_adjudications, Parameters(agent_key(agent), after, at, count(limit),
                                                                   std::int16_t{kind_number<AdjudicationOpened>},
                                                                   std::int16_t{kind_number<AdjudicationClosed>}));
  std::vector<StoredEntry> open;
  while (row.next()) open.push_back(entry_row(row, 0, reader.operation));
  return open;
}

std::vector<LineKey> lines(const Reader& reader, const AgentId& agent, const std::optional<std::string>& subject,
                           const std::optional<LineKey>& after, std::size_t limit, Position at) {
  std::vector<LineKey> found;
  if (subject && after && after->subject > *subject) return found;
  static const LineKey beginning;
  const auto& from = after ? *after : beginning;
  const auto rows = [&] {
    if (!subject) {
      return reader.ask(Query::read_lines,
                        Parameters(agent_key(agent), from.subject, from.predicate, at, count(limit)));
    }
    const auto& predicate = from.subject == *subject ? from.predicate : beginning.predicate;
    return reader.ask(Query::read_lines_of_subject,
                      Parameters(agent_key(agent), *subject, predicate, at, count(limit)));
  };
  for (auto row = rows(); row.next();) found.push_back({std::string(row.text(0)), std::string(row.text(1))});
  return found;
}

std::vector<std::string> subjects(const Reader& reader, const AgentId& agent, const std::optional<std::string>& after,
                                  std::size_t limit, Position at) {
  auto row = reader.ask(Query::read_subjects, Parameters(agent_key(agent), after.value_or(""), at, count(limit)));
  std::vector<std::string> found;
  while (row.next()) found.emplace_back(row.text(0));
  return found;
}

std::vector<StoredBatch> batches(const Reader& reader, const AgentId& agent, Position after, std::size_t limit) {
  auto row = reader.ask(Query::read_batches, Parameters(agent_key(agent), after, count(limit)));
  constexpr int entry_from = 7;
  std::vector<StoredBatch> found;
  const auto check_whole = [&] {
    if (found.empty() || found.back().entries.size() == found.back().header.entries) return;
    corrupt(reader.operation, "the batch at " + std::to_string(found.back().first.value) + " has lost entries");
  };
  while (row.next()) {
    if (found.empty() || found.back().first != position_column(row, 0)) {
      check_whole();
      found.push_back(batch_row(row, reader.operation, agent));
    }
    if (!row.null(entry_from)) found.back().entries.push_back(entry_row(row, entry_from, reader.operation));
  }
  check_whole();
  return found;
}

std::vector<AgentHead> agents(const Reader& reader, const std::optional<AgentId>& after, std::size_t limit) {
  auto row = reader.ask(Query::read_agents, Parameters(after ? after->value : std::string(), count(limit)));
  std::vector<AgentHead> found;
  while (row.next()) found.push_back({{std::string(row.text(0))}, position_column(row, 1)});
  return found;
}

namespace {
// "{1,2,3}"
std::vector<Position> positions(std::string_view list) {
  std::vector<Position> found;
  for (const char c : list) {
    if (c == '{' || c == ',') found.emplace_back();
    if (c >= '0' && c <= '9') found.back().value = found.back().value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (list == "{}") found.clear();
  return found;
}
}  // namespace

Inventory inventory(const Reader& reader, const AgentId& agent) {
  auto row = reader.ask(Query::read_inventory, Parameters(agent_key(agent)));
  row.next();
  Inventory found;
  found.counted = true;
  found.position = position_column(row, 0);
  int column = 1;
  for (auto* count : {&found.batches, &found.entries, &found.contents, &found.lines, &found.claims, &found.keys,
                      &found.derivations, &found.servings}) {
    *count = static_cast<std::uint64_t>(row.integer(column++));
  }
  const auto erased = positions(row.text(column));
  const auto tombstones = positions(row.text(column + 1));
  for (std::size_t i = 0; i < erased.size(); ++i) found.erasures.push_back({erased[i], tombstones.at(i)});
  if (!row.null(column + 2)) found.problem = row.text(column + 2);
  return found;
}

}  // namespace claimledger::postgres::reading
