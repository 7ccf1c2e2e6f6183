#include "reading.hpp"
#include "rows.hpp"
#include "schema.hpp"

// The counts and faults of a database that verify compares with the entries. Triggers and indexes are checked first:
// the statements here need them.
namespace claimledger::sqlite::reading {

namespace {

// The first row of `misfit` or `stray_agent`; empty: none.
template <class... Parameters>
std::string first_problem(Database& database, Query query, const Parameters&... parameters) {
  Run row(database, query, parameters...);
  return row.next() ? std::string(row.text(0)) : "";
}

Position position_of_damaged(Database& database, const AgentId& agent) {
  try {
    return head(database, agent).position;
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    return {};
  }
}

}  // namespace

Inventory inventory(Database& database, const AgentId& agent) {
  Inventory found;
  found.counted = true;
  found.problem = schema_damage(database);
  if (!found.problem.empty()) {
    found.position = position_of_damaged(database, agent);
    return found;
  }
  found.problem = first_problem(database, Query::stray_agent);
  const auto number = agent_number(database, agent);
  if (!number) return found;
  Run row(database, Query::inventory, *number);
  row.next();
  found.position = position_column(row, 0);
  int column = 0;
  for (auto* count : {&found.batches, &found.entries, &found.contents, &found.lines, &found.claims, &found.derivations,
                      &found.servings, &found.keys}) {
    *count = static_cast<std::uint64_t>(row.integer(++column));
  }
  Run erasure(database, Query::erasures, *number);
  while (erasure.next()) found.erasures.push_back({position_column(erasure, 0), position_column(erasure, 1)});
  if (found.problem.empty()) found.problem = first_problem(database, Query::misfit, *number);
  return found;
}

}  // namespace claimledger::sqlite::reading
