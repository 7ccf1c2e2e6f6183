#include "reading.hpp"

#include <algorithm>
#include <limits>

#include "errors.hpp"
#include "rows.hpp"

namespace claimledger::postgres::reading {

namespace {

// Columns of `read_snapshot`: which list, the place in it, the entry that has to be there; then the entry.
constexpr int entry_columns = 3;

struct Cutoff {
  const char* kind;
  std::int64_t value;
};

Cutoff cutoff(const Moment& moment) {
  if (const auto* position = std::get_if<Position>(&moment)) return {"position", number(*position)};
  if (const auto* time = std::get_if<TxTime>(&moment)) return {"time", time->value.time_since_epoch().count()};
  return {"head", 0};
}

[[noreturn]] void missing(const Reader& reader, Position seq, const char* which) {
  corrupt(reader.operation, "entry " + std::to_string(seq.value) + " is missing" + which);
}

// Puts the rows of one answer into their lists.
class Sorter {
 public:
  Sorter(const Reader& reader, const AgentId& agent, const Wanted& wanted)
      : reader_(reader), agent_(agent), wanted_(wanted) {
    found_.lines.resize(wanted.lines.size());
    found_.keys.resize(wanted.keys.size());
    found_.claims.resize(wanted.claims.size());
  }

  Snapshot sort(Rows row) {
    while (row.next()) {
      const auto part = row.text(0);
      const auto named = position_column(row, 2);
      if (part == "head") {
        take_head(row);
      } else if (part == "line") {
        take_line(row, place_column(row, 1, found_.lines.size(), reader_.operation), named);
      } else if (part == "key") {
        if (row.null(entry_columns)) missing(reader_, named, "");
        found_.keys[place_column(row, 1, found_.keys.size(), reader_.operation)] =
            entry_row(row, entry_columns, reader_.operation);
      } else {
        if (row.null(entry_columns)) missing(reader_, named, "");
        take_claim(entry_row(row, entry_columns, reader_.operation),
                   place_column(row, 1, found_.claims.size(), reader_.operation));
      }
    }
    return std::move(found_);
  }

 private:
  void take_head(const Rows& row) {
    const auto position = position_column(row, 2);
    if (position == Position{}) {
      found_.head = {{}, {}, genesis_hash(agent_)};
      return;
    }
    if (row.null(entry_columns + 7)) missing(reader_, position, ", the last of its batch");
    found_.head = {position, time_column(row, entry_columns + 1),
                   digest_column(row, entry_columns + 7, reader_.operation)};
  }

  // That none is missing later, core sees: each entry names the one before it on its line.
  void take_line(const Rows& row, std::size_t place, Position first) {
    auto& line = found_.lines[place];
    if (row.null(entry_columns)) missing(reader_, first, ", the first of its line");
    line.push_back(entry_row(row, entry_columns, reader_.operation, &wanted_.lines[place]));
    if (line.front().seq != first) missing(reader_, first, ", the first of its line");
  }

  void take_claim(StoredEntry recorded, std::size_t place) {
    if (!recorded.line || recorded.claim != wanted_.claims[place]) {
      corrupt(reader_.operation, "entry " + std::to_string(recorded.seq.value) + " does not record its claim");
    }
    auto line = *recorded.line;
    found_.claims[place] = ClaimPlace{std::move(line), std::move(recorded)};
  }

  const Reader& reader_;
  const AgentId& agent_;
  const Wanted& wanted_;
  Snapshot found_;
};

Snapshot read(const Reader& reader, const AgentId& agent, Cutoff at, const Wanted& wanted) {
  auto subjects = Array::texts();
  auto predicates = Array::texts();
  auto keys = Array::bytes();
  auto claims = Array::uuids();
  for (const auto& line : wanted.lines) {
    subjects.add(line.subject);
    predicates.add(line.predicate);
  }
  for (const auto& key : wanted.keys) keys.add(key);
  for (const auto& claim : wanted.claims) claims.add(claim.value);
  return Sorter(reader, agent, wanted)
      .sort(reader.ask(Query::read_snapshot,
                       Parameters(agent_key(agent), at.kind, at.value, subjects, predicates, keys, claims),
                       wanted.keys.empty() ? Reader::Settles::no : Reader::Settles::yes));
}

}  // namespace

std::int64_t count(std::size_t limit) {
  return static_cast<std::int64_t>(std::min(limit, std::size_t{std::numeric_limits<std::int32_t>::max()}));
}

Head head(const Reader& reader, const AgentId& agent) { return snapshot(reader, agent, AtHead{}, {}).head; }

Snapshot snapshot(const Reader& reader, const AgentId& agent, const Moment& moment, const Wanted& wanted) {
  return read(reader, agent, cutoff(moment), wanted);
}

Snapshot up_to(const Reader& reader, const AgentId& agent, Position at, const Wanted& wanted) {
  return read(reader, agent, {"cutoff", number(at)}, wanted);
}

Position position_at(const Reader& reader, const AgentId& agent, TxTime time) {
  auto row = reader.ask(Query::read_position_at, Parameters(agent_key(agent), time));
  return row.next() && !row.null(0) ? position_column(row, 0) : Position{};
}

std::vector<Derivation> dependants(const Reader& reader, const AgentId& agent, std::span<const ClaimId> parents,
                                   Position at) {
  auto ids = Array::uuids();
  for (const auto& parent : parents) ids.add(parent.value);
  auto row = reader.ask(Query::read_dependants, Parameters(agent_key(agent), ids, at));
  std::vector<Derivation> found;
  while (row.next()) {
    found.push_back({parents[place_column(row, 0, parents.size(), reader.operation)],
                     ClaimId{uuid_column(row, 1, reader.operation)}});
  }
  return found;
}

std::vector<StoredEntry> open_adjudications(const Reader& reader, const AgentId& agent, Position after,
                                            std::size_t limit, Position at) {
  auto row = reader.ask(Query::read_open_questions, Parameters(agent_key(agent), after, at, count(limit)));
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

Inventory inventory(const Reader& reader, const AgentId& agent) {
  Inventory found;
  const std::pair<std::string_view, std::uint64_t*> counts[] = {
      {"batches", &found.batches},   {"entries", &found.entries}, {"contents", &found.contents},
      {"lines", &found.lines},       {"claims", &found.claims},   {"derivations", &found.derivations},
      {"servings", &found.servings}, {"keys", &found.keys}};
  for (auto row = reader.ask(Query::read_inventory, Parameters(agent_key(agent))); row.next();) {
    const auto part = row.text(0);
    if (part == "problem") {
      found.problem = row.text(3);
    } else if (part == "erasure") {
      found.erasures.push_back({position_column(row, 1), position_column(row, 2)});
    } else {
      for (const auto& [name, count] : counts) {
        if (name == part) *count = static_cast<std::uint64_t>(row.integer(1));
      }
      if (part == "batches" && !row.null(2)) found.position = position_column(row, 2);
    }
  }
  return found;
}

}  // namespace claimledger::postgres::reading
