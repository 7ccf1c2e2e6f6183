#include "reading.hpp"

#include <algorithm>
#include <limits>

#include "errors.hpp"
#include "rows.hpp"

namespace claimledger::sqlite::reading {

namespace {

// A connection remembers this many agents.
constexpr std::size_t agents_remembered = 10'000;

// The row of `head`, `batch_before` or `batch_at`.
Head head_row(const Run& row, const char* operation) {
  if (row.null(2)) corrupt(operation, "entry " + std::to_string(row.integer(0)) + " is missing, the last of its batch");
  return {position_column(row, 0), time_column(row, 1), digest_column(row, 2, operation)};
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

std::optional<LineRow> line_row(Database& database, std::int64_t agent, const LineKey& key) {
  Run row(database, Query::line_number, agent, key.subject, key.predicate);
  if (!row.next()) return {};
  return LineRow{row.integer(0), position_column(row, 1)};
}

Head head(Database& database, const AgentId& agent) {
  const auto number = agent_number(database, agent);
  if (!number) return {{}, {}, genesis_hash(agent)};
  Run row(database, Query::head, *number);
  if (!row.next()) corrupt(database.operation(), "agent '" + agent.value + "' has no batch");
  return head_row(row, database.operation());
}

Head head_at(Database& database, const AgentId& agent, const Moment& moment) {
  if (std::holds_alternative<AtHead>(moment)) return head(database, agent);
  const Head before_all{{}, {}, genesis_hash(agent)};
  const auto number = agent_number(database, agent);
  if (!number) return before_all;
  const auto read = [&](Run row) { return row.next() ? head_row(row, database.operation()) : before_all; };
  if (const auto* time = std::get_if<TxTime>(&moment)) return read(Run(database, Query::batch_at, *number, *time));
  return read(Run(database, Query::batch_before, *number, std::get<Position>(moment)));
}

Snapshot snapshot(Database& database, const AgentId& agent, const Moment& moment, const Wanted& wanted) {
  Snapshot snapshot;
  snapshot.head = head_at(database, agent, moment);
  const auto at = snapshot.head.position;
  snapshot.lines.reserve(wanted.lines.size());
  for (const auto& key : wanted.lines) snapshot.lines.push_back(line(database, agent, key, at));
  for (const auto& key : wanted.keys) snapshot.keys.push_back(by_idempotency_key(database, agent, key, at));
  snapshot.claims = claims(database, agent, wanted.claims, at);
  return snapshot;
}

Position position_at(Database& database, const AgentId& agent, TxTime time) {
  const auto number = agent_number(database, agent);
  if (!number) return {};
  Run row(database, Query::position_at, *number, time);
  return row.next() ? position_column(row, 0) : Position{};
}

std::vector<StoredEntry> line(Database& database, const AgentId& agent, const LineKey& key, Position at) {
  std::vector<StoredEntry> entries;
  const auto number = agent_number(database, agent);
  if (!number) return entries;
  const auto line = line_row(database, *number, key);
  if (!line || line->first > at) return entries;
  Run row(database, Query::line, *number, line->number, at);
  while (row.next()) entries.push_back(entry_row(row, database.operation(), &key));
  // That none is missing later, core sees: each entry names the one before it on its line.
  if (entries.empty() || entries.front().seq != line->first) {
    corrupt(database.operation(), "entry " + std::to_string(line->first.value) + " is missing, the first of its line");
  }
  return entries;
}

StoredEntry entry(Database& database, std::int64_t agent, Position seq) {
  Run row(database, Query::entry, agent, seq);
  if (!row.next()) corrupt(database.operation(), "entry " + std::to_string(seq.value) + " is missing");
  return entry_row(row, database.operation());
}

std::vector<std::optional<ClaimPlace>> claims(Database& database, const AgentId& agent, std::span<const ClaimId> ids,
                                              Position at) {
  std::vector<std::optional<ClaimPlace>> places(ids.size());
  const auto number = agent_number(database, agent);
  if (!number) return places;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Run row(database, Query::claim_seq, *number, ids[i].value, at);
    if (!row.next()) continue;
    auto recorded = entry(database, *number, position_column(row, 0));
    if (!recorded.line || recorded.claim != ids[i]) {
      corrupt(database.operation(), "entry " + std::to_string(recorded.seq.value) + " does not record its claim");
    }
    auto line = *recorded.line;
    places[i] = ClaimPlace{std::move(line), std::move(recorded)};
  }
  return places;
}

std::vector<Derivation> dependants(Database& database, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at) {
  std::vector<Derivation> derivations;
  const auto number = agent_number(database, agent);
  if (!number) return derivations;
  std::vector<std::pair<Position, Derivation>> found;
  for (const auto& parent : parents) {
    Run row(database, Query::children, *number, parent.value, at);
    while (row.next()) {
      found.push_back({position_column(row, 0), {parent, ClaimId{uuid_column(row, 1, database.operation())}}});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  derivations.reserve(found.size());
  for (const auto& [seq, derivation] : found) derivations.push_back(derivation);
  return derivations;
}

std::optional<StoredEntry> by_idempotency_key(Database& database, const AgentId& agent, const Digest& key,
                                              Position at) {
  const auto number = agent_number(database, agent);
  if (!number) return {};
  Run row(database, Query::key_seq, *number, key, at);
  if (!row.next()) return {};
  return entry(database, *number, position_column(row, 0));
}

std::vector<StoredEntry> open_adjudications(Database& database, const AgentId& agent, Position after, std::size_t limit,
                                            Position at) {
  std::vector<StoredEntry> open;
  const auto number = agent_number(database, agent);
  if (!number) return open;
  Run row(database, Query::open_questions, *number, after, at, count(limit));
  while (row.next()) open.push_back(entry(database, *number, position_column(row, 0)));
  return open;
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
  Run row(database, Query::batches, *number, after, count(limit));
  while (row.next()) {
    auto& batch = found.emplace_back(batch_row(row, database.operation(), agent));
    const Position last{batch.first.value + batch.header.entries - 1};
    Run entry(database, Query::entries_from, *number, batch.first, last, std::int64_t{batch.header.entries});
    while (entry.next()) batch.entries.push_back(entry_row(entry, database.operation()));
    if (batch.entries.size() != batch.header.entries) {
      corrupt(database.operation(), "the batch at " + std::to_string(batch.first.value) + " has lost entries");
    }
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
