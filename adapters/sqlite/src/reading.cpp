#include "reading.hpp"

#include <algorithm>
#include <limits>

#include "errors.hpp"
#include "rows.hpp"

namespace claimledger::sqlite::reading {

namespace {

// A connection remembers this many agents.
constexpr std::size_t agents_remembered = 10'000;

[[noreturn]] void missing(const Database& database, Position seq) {
  corrupt(database.operation(), "entry " + std::to_string(seq.value) + " is missing");
}

// The batch that ends at a position, or the one before where it lies inside one.
Head end_at(Database& database, std::int64_t agent, const AgentId& name, Position position) {
  while (position != Position{}) {
    Run row(database, Query::batch_of, agent, position);
    if (!row.next() || row.null(1)) missing(database, position);
    const auto first = position_column(row, 0);
    if (position.value - first.value + 1 == static_cast<std::uint64_t>(row.integer(1))) {
      return {position, time_column(row, 2), digest_column(row, 3, database.operation())};
    }
    if (first == Position{} || first > position) missing(database, first);
    position = Position{first.value - 1};
  }
  return {{}, {}, genesis_hash(name)};
}

// The last entry recorded at or before a time, which ends its batch.
Position last_until(Database& database, std::int64_t agent, TxTime time, Position head) {
  Position before;
  for (auto after = Position{head.value + 1}; after.value - before.value > 1;) {
    const Position middle{before.value + (after.value - before.value) / 2};
    Run row(database, Query::recorded_at, agent, middle);
    if (!row.next()) missing(database, middle);
    (time_column(row, 0) <= time ? before : after) = middle;
  }
  return before;
}

Head head_at(Database& database, const AgentId& agent, const Moment& moment) {
  const auto last = head(database, agent);
  if (std::holds_alternative<AtHead>(moment) || last.position == Position{}) return last;
  const auto number = *agent_number(database, agent);
  const auto* time = std::get_if<TxTime>(&moment);
  if (time && *time >= last.recorded_at) return last;
  const auto position = time ? last_until(database, number, *time, last.position) : std::get<Position>(moment);
  return position >= last.position ? last : end_at(database, number, agent, position);
}

std::vector<StoredEntry> line(Database& database, std::int64_t agent, const WantedLine& wanted, Position at) {
  std::vector<StoredEntry> entries;
  const auto first = line_number(database, agent, wanted.key);
  if (!first || *first > at) return entries;
  if (wanted.after < *first) {
    entries.push_back(entry(database, agent, *first));
    if (entries.front().line != wanted.key)
      corrupt(database.operation(), "entry " + std::to_string(first->value) + " does not begin its line");
  }
  // Core notices a missing later entry: each entry names the one before it on its line.
  Run row(database, Query::line, agent, *first, wanted.after, at);
  while (row.next()) entries.push_back(entry_row(row, database.operation(), &wanted.key));
  return entries;
}

std::optional<StoredEntry> by_key(Database& database, std::int64_t agent, const Digest& key, Position at) {
  Run row(database, Query::key_seq, agent, key, at);
  if (!row.next()) return {};
  return entry(database, agent, position_column(row, 0));
}

std::optional<ClaimPlace> claim(Database& database, std::int64_t agent, const ClaimId& id, Position at) {
  Run row(database, Query::claim_seq, agent, id.value, at);
  if (!row.next()) return {};
  auto begins = entry(database, agent, position_column(row, 0));
  if (!begins.line || begins.claim != id) {
    corrupt(database.operation(), "entry " + std::to_string(begins.seq.value) + " does not begin its claim");
  }
  auto line = *begins.line;
  return ClaimPlace{std::move(line), std::move(begins)};
}

}  // namespace

std::int64_t count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min(limit, std::size_t{std::numeric_limits<std::int32_t>::max()}));
}

std::optional<std::int64_t> agent_number(Database& database, const AgentId& agent) {
  if (const auto found = database.agents.find(agent.value); found != database.agents.end()) return found->second;
  Run row(database, Query::agent_number, agent.value);
  if (!row.next()) return {};
  if (database.agents.size() >= agents_remembered) database.agents.clear();
  return database.agents.emplace(agent.value, row.integer(0)).first->second;
}

std::optional<Position> line_number(Database& database, std::int64_t agent, const LineKey& key) {
  Run row(database, Query::line_number, agent, key.subject, key.predicate);
  if (!row.next()) return {};
  return position_column(row, 0);
}

Head head(Database& database, const AgentId& agent) {
  const auto number = agent_number(database, agent);
  if (!number) return {{}, {}, genesis_hash(agent)};
  Run row(database, Query::head, *number);
  if (!row.next()) corrupt(database.operation(), "agent '" + agent.value + "' has no batch");
  if (row.integer(3) != 1) missing(database, Position{position_column(row, 0).value + 1});
  return {position_column(row, 0), time_column(row, 1), digest_column(row, 2, database.operation())};
}

Snapshot snapshot(Database& database, const AgentId& agent, const Moment& moment, const Wanted& wanted) {
  Snapshot snapshot;
  snapshot.head = head_at(database, agent, moment);
  const auto at = snapshot.head.position;
  snapshot.lines.resize(wanted.lines.size());
  snapshot.keys.resize(wanted.keys.size());
  snapshot.claims.resize(wanted.claims.size());
  const auto number = agent_number(database, agent);
  if (!number) return snapshot;
  for (std::size_t i = 0; i < wanted.lines.size(); ++i) {
    snapshot.lines[i] = line(database, *number, wanted.lines[i], at);
  }
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    snapshot.keys[i] = by_key(database, *number, wanted.keys[i], at);
  }
  for (std::size_t i = 0; i < wanted.claims.size(); ++i) {
    snapshot.claims[i] = claim(database, *number, wanted.claims[i], at);
  }
  return snapshot;
}

StoredEntry entry(Database& database, std::int64_t agent, Position seq) {
  Run row(database, Query::entry, agent, seq);
  if (!row.next()) missing(database, seq);
  return entry_row(row, database.operation());
}

std::vector<Derivation> dependants(Database& database, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at) {
  std::vector<Derivation> found;
  const auto number = agent_number(database, agent);
  if (!number) return found;
  for (const auto& parent : parents) {
    Run row(database, Query::dependants, *number, parent.value, at);
    while (row.next()) {
      const auto child = position_column(row, 0);
      if (row.null(1)) missing(database, child);
      found.push_back({parent, child, ClaimId{uuid_column(row, 1, database.operation())}});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.child < b.child; });
  return found;
}

std::vector<LineKey> lines(Database& database, const AgentId& agent, const std::optional<std::string>& subject,
                           const std::optional<LineKey>& after, std::size_t limit, Position at) {
  std::vector<LineKey> found;
  const auto number = agent_number(database, agent);
  if (!number || (subject && after && after->subject > *subject)) return found;
  const auto take = [&](Run& row) {
    while (row.next()) found.push_back({std::string(row.text(0)), std::string(row.text(1))});
  };
  static const LineKey beginning;
  const auto& from = after ? *after : beginning;
  if (!subject) {
    Run row(database, Query::lines, *number, from.subject, from.predicate, at, count(limit));
    take(row);
  } else {
    const auto& predicate = from.subject == *subject ? from.predicate : beginning.predicate;
    Run row(database, Query::lines_of_subject, *number, *subject, predicate, at, count(limit));
    take(row);
  }
  return found;
}

std::vector<std::string> subjects(Database& database, const AgentId& agent, const std::optional<std::string>& after,
                                  std::size_t limit, Position at) {
  std::vector<std::string> found;
  const auto number = agent_number(database, agent);
  if (!number) return found;
  std::string last = after.value_or("");
  while (found.size() < limit) {
    Run row(database, Query::next_subject, *number, last, at);
    if (!row.next()) break;
    found.emplace_back(row.text(0));
    last = found.back();
  }
  return found;
}

std::vector<StoredBatch> batches(Database& database, const AgentId& agent, Position after, std::size_t limit) {
  std::vector<StoredBatch> found;
  const auto number = agent_number(database, agent);
  if (!number) return found;
  const auto end = head(database, agent).position;
  for (auto next = Position{std::min(after, end).value + 1}; next <= end && found.size() < limit;) {
    Run row(database, Query::batch, *number, next);
    if (!row.next()) missing(database, next);
    if (const auto offset = static_cast<std::uint64_t>(row.integer(1)); offset != 0) {
      // The position lies inside a batch: the one behind it comes first.
      if (!found.empty() || offset >= next.value) missing(database, next);
      const Position first{next.value - offset};
      Run begins(database, Query::batch_of, *number, first);
      if (!begins.next() || begins.null(1)) missing(database, first);
      next = Position{first.value + static_cast<std::uint64_t>(begins.integer(1))};
      if (row.integer(1) >= begins.integer(1)) missing(database, next);
      continue;
    }
    auto& batch = found.emplace_back(batch_row(row, database.operation(), agent));
    const Position last{batch.first.value + batch.header.entries - 1};
    Run entry(database, Query::entries_from, *number, batch.first, last, std::int64_t{batch.header.entries});
    while (entry.next()) batch.entries.push_back(entry_row(entry, database.operation()));
    if (batch.entries.size() != batch.header.entries) {
      corrupt(database.operation(), "the batch at " + std::to_string(batch.first.value) + " has lost entries");
    }
    next = Position{last.value + 1};
  }
  return found;
}

std::vector<AgentHead> agents(Database& database, const std::optional<AgentId>& after, std::size_t limit) {
  std::vector<AgentHead> found;
  const std::string from = after ? after->value : "";
  Run row(database, Query::agents, from, count(limit));
  while (row.next()) found.push_back({{std::string(row.text(0))}, position_column(row, 1)});
  return found;
}

}  // namespace claimledger::sqlite::reading
