#pragma once

#include <vector>

#include "claimledger/migrations/migration.hpp"
#include "database.hpp"
#include "routines.hpp"

namespace claimledger::postgres {

// The objects found in a schema.
struct Found {
  bool schema_exists = false;
  bool exists = false;  // there is a ledger, of whatever version
  std::vector<migrations::Applied> applied;
  std::vector<migrations::Migration> pending;
  // Applied, and a table that it made is gone: only what is derived from the ledger, words and vectors, is made again.
  std::vector<migrations::Migration> lost;
  bool lost_vectors = false;
  std::int32_t routines = 0;  // their revision; 0: there are none
  // The schema that the ledger's functions look into, where it is another: this one was renamed, or its dump edited.
  std::string made_as;
  bool may_compare = false;  // they have none, and could have
  bool unlogged = false;     // a crash of the server empties a table

  // Whether this program finds all that it needs to read and write a ledger.
  bool current() const { return pending.empty() && routines >= routines::revision && made_as.empty(); }
};

// One transaction that changes a schema, on a connection of the pool; uncommitted, it is rolled back with the
// connection. Of several at once, in any process, one works and the others wait.
class Migrator {
 public:
  // Takes a connection; does not begin.
  Migrator(const Database& database, const char* operation);
  ~Migrator();
  Migrator(const Migrator&) = delete;
  Migrator& operator=(const Migrator&) = delete;

  // Inspects the schema. Failure: StoreFailure{incompatible} for one of a newer version or of an earlier build.
  Found look();
  // Waits for another migration, as long as a request may take; later steps may take longer.
  void begin();
  // Applies what is pending, and what is lost again, each with its row in schema_migrations, makes the routines where
  // there are none or older ones, lets the functions of a schema that was renamed look into it again, and gives vectors
  // a column of pgvector's type where that has come. `partitions` counts only for a ledger that is not there yet. Gives
  // the migrations that it applied.
  std::vector<migrations::Migration> apply(std::size_t partitions);
  void commit();

  Rows run(Query query, const Parameters& parameters);
  void execute(const std::string& sql);

 private:
  void look_at_routines(Found& found);
  void make_routines();

  const Database& database_;
  const char* operation_;
  ConnectionPool::Lease session_;
  bool begun_ = false;
};

// Brings a schema up to date. Returns the migrations that it applied.
std::vector<migrations::Migration> apply_migrations(const Database& database, const char* operation);

// "0001_ledger"
std::string label(std::uint32_t version, std::string_view name);

// The applied and the pending migrations of a schema, by label, and its search_path where that is another's.
MigrationReport report(const Found& found);

}  // namespace claimledger::postgres
