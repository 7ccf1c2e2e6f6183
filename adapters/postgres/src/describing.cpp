#include "describing.hpp"

namespace claimledger::postgres {

std::vector<std::pair<std::string, std::string>> describe(const reading::Reader& reader) {
  const auto& database = reader.database;
  const auto& options = database.options();
  auto row = reader.ask(Query::describe, Parameters(quoted(options.schema)));
  row.next();
  auto size = reader.ask(Query::read_size, Parameters());
  size.next();
  const auto pool = database.pool().count();
  std::vector<std::pair<std::string, std::string>> lines = {{"backend", "postgres"}};
  {
    const auto lease = database.pool().acquire(reader.call, reader.operation);
    lines.emplace_back("host", lease->host());
  }
  const auto applied = reader.ask(Query::migrations_applied, Parameters()).size();
  const auto column = [&](const char* name, int place) { lines.emplace_back(name, std::string(row.text(place))); };
  column("database", 0);
  lines.emplace_back("schema", options.schema);
  column("server_version", 1);
  column("role", 2);
  lines.emplace_back("tenancy", options.tenancy == Tenancy::scoped ? "scoped" : "enforced");
  lines.emplace_back("pooler", database.server().bouncer ? "by transaction" : "none");
  lines.emplace_back("pool_size", std::to_string(pool.size));
  lines.emplace_back("connections_open", std::to_string(pool.open));
  lines.emplace_back("acquire_timeout_ms", std::to_string(options.acquire_timeout.count()));
  lines.emplace_back("lock_timeout_ms", std::to_string(options.lock_timeout.count()));
  lines.emplace_back("statement_timeout_ms", std::to_string(options.statement_timeout.count()));
  lines.emplace_back("notify", options.notify ? "on" : "off");
  column("fsync", 3);
  column("synchronous_commit", 4);
  column("synchronous_standby_names", 5);
  column("full_page_writes", 6);
  lines.emplace_back("standby", row.flag(7) ? "yes" : "no");
  lines.emplace_back("schema_version", std::to_string(applied));
  auto guards = reader.ask(Query::read_guards, Parameters());
  guards.next();
  lines.emplace_back("guards", guards.text(0).empty() ? "whole" : std::string(guards.text(0)));
  const auto security = row.null(10) ? "forced, " + std::string(row.flag(11) ? "but this role stands above it"
                                                                             : "and holds for this role")
                                     : "off for " + std::string(row.text(10));
  lines.emplace_back("row_level_security", security);
  column("partitions", 9);
  lines.emplace_back("agents", std::to_string(size.integer(0)));
  lines.emplace_back("entries", std::to_string(size.integer(1)));
  column("bytes", 8);
  return lines;
}

}  // namespace claimledger::postgres
