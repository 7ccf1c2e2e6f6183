#include "schema.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace claimledger::postgres {

namespace {

constexpr std::size_t makes_terms = 4;
constexpr std::size_t makes_vectors = 5;
constexpr std::size_t makes_nearest = 6;

// What has to be applied again. The second replaces functions of the first, so that it follows where the first is; the
// third adds to a table of the second.
std::vector<migrations::Migration> lost(std::size_t applied, bool has_terms, bool has_vectors) {
  std::vector<migrations::Migration> again;
  const auto all = migrations::postgres();
  if (applied >= makes_terms && !has_terms) again.push_back(all[makes_terms - 1]);
  if (applied >= makes_vectors && !(has_terms && has_vectors)) again.push_back(all[makes_vectors - 1]);
  if (applied >= makes_nearest && !has_vectors) again.push_back(all[makes_nearest - 1]);
  return again;
}

}  // namespace

Migrator::Migrator(const Database& database, const char* operation)
    : database_(database), operation_(operation), session_(database.pool().acquire({}, operation)) {}

Migrator::~Migrator() {
  if (begun_) session_->mark_unusable();
}

Rows Migrator::run(Query query, const Parameters& parameters) {
  return session_->run(database_.statements()[query], parameters, operation_);
}

void Migrator::execute(const std::string& sql) { session_->execute(sql, operation_); }

Found Migrator::look() {
  const auto& schema = database_.options().schema;
  Found found;
  auto there = run(Query::has_migrations, Parameters(quoted(schema)));
  there.next();
  found.exists = there.flag(0);
  found.schema_exists = there.flag(1);
  found.unlogged = there.flag(4);
  if (found.exists && !there.null(3)) found.made_as = there.text(3);
  if (found.exists) {
    for (auto row = run(Query::migrations_applied, Parameters()); row.next();) {
      found.applied.push_back(
          {static_cast<std::uint32_t>(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
    }
  }
  try {
    found.pending = migrations::plan(found.applied, migrations::postgres());
  } catch (const StoreFailure& failure) {
    throw StoreFailure(failure.kind(), operation_, "schema " + quoted(schema) + ": " + failure.detail());
  }
  found.lost = lost(found.applied.size(), there.flag(5), there.flag(6));
  found.lost_vectors = !there.flag(6);
  found.may_compare = found.exists && there.flag(7);
  if (there.flag(2)) look_at_routines(found);
  return found;
}

namespace {
std::string checksum_of_routines() {
  std::string all;
  for (const auto file : routines::files) all += file;
  return migrations::checksum(all);
}
}  // namespace

void Migrator::look_at_routines(Found& found) {
  auto row = run(Query::routines_applied, Parameters());
  if (!row.next()) return;
  found.routines = static_cast<std::int32_t>(row.integer(0));
  if (found.routines == routines::revision && row.text(1) != checksum_of_routines()) {
    throw StoreFailure(FailureKind::incompatible, operation_,
                       "schema " + quoted(database_.options().schema) +
                           ": its routines were made by another build of this revision of claimledger; copy the ledger "
                           "into a new schema with that build, or make the ledger anew");
  }
}

void Migrator::make_routines() {
  for (const auto file : routines::files) execute(std::string(file));
  run(Query::add_routines, Parameters(routines::revision, checksum_of_routines()));
}

void Migrator::begin() {
  begun_ = true;
  execute(database_.statements()[Query::begin]);
  run(Query::lock_migrations, Parameters(database_.options().schema));
  execute(database_.statements()[Query::take_time]);
}

std::vector<migrations::Migration> Migrator::apply(std::size_t partitions) {
  const auto found = look();
  if (found.current() && found.lost.empty() && !found.may_compare) return {};
  if (found.schema_exists) {
    run(Query::become_owner, Parameters(quoted(database_.options().schema)));
  } else {
    execute(database_.statements()[Query::create_schema]);
  }
  execute(database_.statements()[Query::create_migrations]);
  execute(database_.statements()[Query::enter_schema]);
  if (!found.made_as.empty()) execute(database_.statements()[Query::pin_functions]);
  if (!found.exists && partitions > 0) run(Query::ask_partitions, Parameters(std::to_string(partitions)));
  for (const auto& migration : found.pending) {
    execute(std::string(migration.sql));
    run(Query::add_migration,
        Parameters(static_cast<std::int32_t>(migration.version), migration.name, migrations::checksum(migration.sql)));
  }
  auto applied = found.pending;
  for (const auto& migration : found.lost) {
    if (migration.version == makes_terms) execute(database_.statements()[Query::drop_terms]);
    if (migration.version == makes_vectors && found.lost_vectors)
      execute(database_.statements()[Query::drop_embeddings]);
    execute(std::string(migration.sql));
    applied.push_back(migration);
  }
  run(Query::prepare_nearest, Parameters());
  if (found.routines < routines::revision) make_routines();
  return applied;
}

void Migrator::commit() {
  execute(database_.statements()[Query::commit]);
  begun_ = false;
}

std::vector<migrations::Migration> apply_migrations(const Database& database, const char* operation) {
  Migrator migrator(database, operation);
  migrator.begin();
  auto applied = migrator.apply(0);
  migrator.commit();
  if (const auto& log = database.options().log) {
    for (const auto& each : applied) log->info("applied migration {}", label(each.version, each.name));
  }
  return applied;
}

std::string label(std::uint32_t version, std::string_view name) {
  const auto number = std::to_string(version);
  return std::string(4 - std::min<std::size_t>(number.size(), 4), '0') + number + "_" + std::string(name);
}

MigrationReport report(const Found& found) {
  MigrationReport lines;
  for (const auto& each : found.applied) lines.applied.push_back(label(each.version, each.name));
  for (const auto& each : found.pending) lines.pending.push_back(label(each.version, each.name));
  for (const auto& each : found.lost) {
    const auto name = label(each.version, each.name);
    std::erase(lines.applied, name);
    if (std::ranges::find(lines.pending, name) == lines.pending.end()) lines.pending.push_back(name);
  }
  if (found.may_compare) lines.pending.emplace_back("a column by which pgvector compares vectors");
  if (!found.made_as.empty()) lines.pending.push_back("its own search_path instead of " + found.made_as);
  return lines;
}

}  // namespace claimledger::postgres
