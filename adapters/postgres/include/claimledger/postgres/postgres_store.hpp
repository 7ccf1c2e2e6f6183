#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace spdlog {
class logger;
}

namespace claimledger::postgres {

enum class Migrate {
  apply,            // bring an older schema up to date, make one that is not there
  require_current,  // change nothing: StoreFailure{incompatible} unless it is current
};

enum class Tenancy {
  scoped,    // requests name their agent; a policy hides other agents from a statement that forgot to filter
  enforced,  // policies limit a login role to its agents. open() refuses unless the database is set up so
};

// Whether a PgBouncer in transaction mode stands between this process and the server.
enum class Bouncer { automatic, yes, no };

// Whether vectors are compared in the database, by the extension pgvector, or read and compared here. The answers are
// the same.
enum class Pgvector {
  automatic,  // there, where it can
  required,   // open() refuses a database that cannot, and a search to read all of many vectors instead
  never,      // here
};

struct Options {
  // Any libpq connection string, "postgres://…" or "host=… dbname=…", also with several hosts and
  // target_session_attrs=read-write.
  std::string connection;
  std::string schema = "claimledger";
  Migrate migrate = Migrate::apply;
  Tenancy tenancy = Tenancy::scoped;
  Bouncer bouncer = Bouncer::automatic;
  std::string application_name = "claimledger";  // unless the connection string names one
  std::size_t pool_size = 8;  // connections for requests; see README.md for the two more that there can be
  // How long a request waits for a connection. A new one has the rest of it to connect, but at least libpq's minimum of
  // two seconds for each address.
  std::chrono::milliseconds acquire_timeout{5'000};
  std::chrono::milliseconds lock_timeout{5'000};        // how long a writer waits for another of the same agent
  std::chrono::milliseconds statement_timeout{30'000};  // how long a request may take; 0: as long as its call
  Pgvector pgvector = Pgvector::automatic;
  std::size_t pgvector_from = 20'000;             // vectors of an agent by one model; fewer are as soon read
  bool notify = true;                             // tell other processes of appends
  std::chrono::milliseconds slow{1'000};          // a statement slower than this is logged by name
  std::shared_ptr<spdlog::logger> log = nullptr;  // absent: nothing is logged
  // Counts statements sent, each of which is one round trip; for tests and metrics. May be absent.
  std::shared_ptr<std::atomic<std::uint64_t>> round_trips = nullptr;
  // Counts questions that the database compared with vectors; likewise.
  std::shared_ptr<std::atomic<std::uint64_t>> compared = nullptr;
};

// Opens a store. Any number of stores and processes may use one database: writers of one agent take turns, writers of
// different agents and readers never wait for each other, other than for a connection. No message, no log line and no
// description ever holds a password.
// Threads:  as the port says. The store starts threads of its own when first needed: one cancels calls whose deadline
//           has passed (with one more for each such call, which asks the server), one sends notifications of appends,
//           one receives them. If the first cannot start, a call with a deadline or a stop token fails as exhausted;
//           if the others cannot, that is logged.
// Failure:  StoreFailure: unreachable (no server, no permission, a standby), incompatible (no UTF-8, no ledger and none
//           may be made, an older schema under require_current, a newer one, one that was renamed since), busy
//           (somebody else migrates). An append of 1 GiB or more is unsupported.
std::unique_ptr<Store> open(const Options& options);
// The same under require_current, and nullptr where the schema holds no ledger.
std::unique_ptr<Store> open_existing(Options options);

// Migrations by name, as "0001_ledger": those applied before, and those missing or just applied.
struct MigrationReport {
  std::vector<std::string> applied;
  std::vector<std::string> pending;
};
// Changes nothing.
// Threads:  any.
// Failure:  StoreFailure: unreachable, incompatible (no UTF-8, a newer schema, one made from other migrations).
MigrationReport pending_migrations(const Options& options);
// What a ledger has and no other, by whatever connection string it is reached, also through a standby. Empty: there is
// none, or this role may not know.
//
// Threads:  any.
// Failure:  StoreFailure, as above.
std::string identity(const Options& options);

// Makes the schema or brings it up to date; one that was renamed can be used again then. Of several processes that
// begin at once, one does it and the others wait.
//
// Threads:  any.
// Failure:  StoreFailure, as above; busy (somebody else migrates, or holds what is to be changed, for longer than
//           statement_timeout). Nothing was changed, unless the connection was lost at the very end: check again then.
MigrationReport migrate(const Options& options);

}  // namespace claimledger::postgres
