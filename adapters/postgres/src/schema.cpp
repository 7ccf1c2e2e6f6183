#include "schema.hpp"

#include <spdlog/spdlog.h>

#include "errors.hpp"

namespace claimledger::postgres {

namespace {

// One transaction on a connection of its own, which goes with it: closed uncommitted, it is rolled back.
class Migrator {
 public:
  Migrator(const Database& database, const char* operation)
      : database_(database), operation_(operation), session_(database.connect({}, operation)) {}

  std::vector<migrations::Migration> run(std::size_t partitions) {
    session_->execute("BEGIN", operation_);
    ask(Query::lock_migrations, database_.options().schema);
    auto found = look();
    if (found.pending.empty()) return {};
    if (found.schema_exists) {
      ask(Query::become_owner, quoted(database_.options().schema));
    } else {
      session_->execute(database_.statements()[Query::create_schema], operation_);
    }
    session_->execute(database_.statements()[Query::create_migrations], operation_);
    session_->execute(database_.statements()[Query::enter_schema], operation_);
    if (!found.exists && partitions > 0) ask(Query::ask_partitions, std::to_string(partitions));
    for (const auto& migration : found.pending) {
      session_->execute(std::string(migration.sql), operation_);
      session_->run(
          database_.statements()[Query::add_migration],
          Parameters(static_cast<std::int32_t>(migration.version), migration.name, migrations::checksum(migration.sql)),
          operation_);
    }
    session_->execute("COMMIT", operation_);
    return found.pending;
  }

  Found look() {
    Found found;
    auto there = ask(Query::has_migrations, quoted(database_.options().schema));
    there.next();
    found.exists = there.flag(0);
    found.schema_exists = there.flag(1);
    if (found.exists) {
      auto row = session_->run(database_.statements()[Query::migrations_applied], Parameters(), operation_);
      while (row.next()) {
        found.applied.push_back(
            {static_cast<std::uint32_t>(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
      }
    }
    try {
      found.pending = migrations::plan(found.applied, migrations::postgres());
    } catch (const StoreFailure& failure) {
      throw StoreFailure(failure.kind(), operation_,
                         "schema " + quoted(database_.options().schema) + ": " + failure.detail());
    }
    return found;
  }

 private:
  Rows ask(Query query, const std::string& parameter) {
    return session_->run(database_.statements()[query], Parameters(parameter), operation_);
  }

  const Database& database_;
  const char* operation_;
  std::unique_ptr<Session> session_;
};

}  // namespace

std::string label(std::uint32_t version, std::string_view name) {
  const auto number = std::to_string(version);
  return std::string(4 - std::min<std::size_t>(number.size(), 4), '0') + number + "_" + std::string(name);
}

Found inspect(const Database& database, const char* operation) { return Migrator(database, operation).look(); }

std::vector<migrations::Migration> apply_migrations(const Database& database, std::size_t partitions,
                                                    const char* operation) {
  auto applied = Migrator(database, operation).run(partitions);
  if (const auto& log = database.options().log) {
    for (const auto& each : applied) log->info("applied migration {}", label(each.version, each.name));
  }
  return applied;
}

}  // namespace claimledger::postgres
