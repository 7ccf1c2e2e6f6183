#include "schema.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "checkpoints.hpp"
#include "errors.hpp"

namespace claimledger::sqlite {

bool has_table(Database& database, const std::string& name) {
  return !database.pragma("table_info(" + name + ")").empty();
}

namespace {

// "trigger line_update", and what stands in the schema for it.
std::map<std::string, std::string> schema_objects(Database& database) {
  std::map<std::string, std::string> objects;
  Run row(database, Query::schema_objects);
  while (row.next()) {
    auto& text = objects[std::string(row.text(0)) + " " + std::string(row.text(1))];
    text += std::string(row.text(2)) + "\n" + std::string(row.text(3)) + "\n";
  }
  return objects;
}

// As a fresh database has them.
const std::map<std::string, std::string>& sound_objects() {
  static const auto objects = [] {
    Database fresh(":memory:", Access::create, std::chrono::milliseconds{0});
    apply_migrations(fresh, migrations::sqlite());
    return schema_objects(fresh);
  }();
  return objects;
}

// What is derived from the ledger: two tables, one of which says what the other has, and the migration that makes them
// and nothing else.
struct Derived {
  std::uint32_t migration;
  std::array<const char*, 2> tables;
};
constexpr std::array derived = {Derived{2, {"posting", "text_index"}}, Derived{3, {"embedding", "model"}}};

bool is_derived(const std::string& object) {
  return std::ranges::any_of(derived, [&](const auto& each) {
    return std::ranges::any_of(each.tables, [&](const auto* table) { return object == "table " + std::string(table); });
  });
}

const Derived& made_by(const migrations::Migration& migration) {
  return *std::ranges::find(derived, migration.version, &Derived::migration);
}

}  // namespace

std::vector<migrations::Migration> lost_migrations(Database& database, std::span<const migrations::Applied> applied) {
  std::vector<migrations::Migration> lost;
  for (const auto& [migration, tables] : derived) {
    const bool whole = std::ranges::all_of(tables, [&](const auto* table) { return has_table(database, table); });
    if (!whole && applied.size() >= migration) lost.push_back(migrations::sqlite()[migration - 1]);
  }
  return lost;
}

std::string schema_damage(Database& database) {
  const auto found = schema_objects(database);
  std::string damage_of_derived;
  // With a table goes all that hangs on it: tables first.
  for (const bool tables : {true, false}) {
    for (const auto& [name, text] : sound_objects()) {
      if (name.starts_with("table ") != tables) continue;
      const auto here = found.find(name);
      if (here == found.end()) {
        if (!is_derived(name)) return "the " + name + " is missing from the schema";
        damage_of_derived = "the " + name + " is missing from the schema; " + way_to_make_derived;
        continue;
      }
      if (here->second != text) return "the " + name + " reads otherwise than it was made";
    }
  }
  // Somebody's own tables and views, and what hangs on them, change no answer; nor does an index that forbids nothing.
  for (const auto& [name, text] : found) {
    const bool ours = sound_objects().contains("table " + text.substr(0, text.find('\n')));
    const bool meddles = name.starts_with("trigger ") || text.find("CREATE UNIQUE") != std::string::npos;
    if (ours && meddles && !sound_objects().contains(name)) return "the " + name + " is not of our making";
  }
  return damage_of_derived;
}

std::string tree_damage(Database& database) {
  const auto found = database.pragma("integrity_check(1)");
  return found == "ok" ? "" : "the database is damaged: " + found;
}

std::string label(std::uint32_t version, std::string_view name) {
  const auto number = std::to_string(version);
  return std::string(4 - std::min<std::size_t>(number.size(), 4), '0') + number + "_" + std::string(name);
}

std::vector<migrations::Applied> applied_migrations(Database& database) {
  std::vector<migrations::Applied> applied;
  Run row(database, Query::migrations_applied);
  while (row.next()) {
    applied.push_back({static_cast<std::uint32_t>(row.integer(0)), std::string(row.text(1)), std::string(row.text(2))});
  }
  return applied;
}

void apply_migrations(Database& database, std::span<const migrations::Migration> pending) {
  for (const auto& migration : pending) {
    Transaction transaction(database, Query::begin_write);
    database.execute("PRAGMA application_id = " + std::to_string(application_id));
    if (database.pragma("journal_mode") != "wal") set_mark(database);
    Run(database, Query::create_migrations).once();
    // Another process may have applied it meanwhile.
    if (applied_migrations(database).size() >= migration.version) continue;
    database.execute(std::string(migration.sql));
    Run(database, Query::add_migration, std::int64_t{migration.version}, migration.name,
        migrations::checksum(migration.sql))
        .once();
    transaction.commit();
  }
}

// An index whose postings are gone says that they are there, so that one table goes with the other.
void apply_again(Database& database) {
  Transaction transaction(database, Query::begin_write);
  const auto lost = lost_migrations(database, applied_migrations(database));
  if (lost.empty()) return;  // another process was faster
  if (database.pragma("journal_mode") != "wal") set_mark(database);
  for (const auto& migration : lost) {
    for (const auto* table : made_by(migration).tables) database.execute("DROP TABLE IF EXISTS " + std::string(table));
    database.execute(std::string(migration.sql));
  }
  if (const auto damage = schema_damage(database); !damage.empty()) corrupt("migrate", damage + "; restore a backup");
  transaction.commit();
}

}  // namespace claimledger::sqlite
