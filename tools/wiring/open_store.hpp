#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/ports/store.hpp"

namespace spdlog {
class logger;
}

// Stores by their address: "sqlite:path/agent.db" is one database, "sqlite:dir/" one for each agent, "memory:" is
// forgotten at the end; "postgres:CONNECTION" takes any libpq connection string, and one that is an address itself,
// "postgres://…", stands alone.
// Failure: InvalidInput{"store"} for an address that names no store; the message quotes no more of it than the scheme,
//          for it may hold a password. StoreFailure as the adapter's.
namespace claimledger::wiring {

// Settings that a connection string can't hold. Stores other than Postgres pay no attention to it.
struct PostgresSettings {
  std::string schema = "claimledger";
  std::string tenancy = {};            // "scoped" or "enforced"; empty: scoped
  std::string bouncer = "automatic";   // or "yes", "no"
  std::string pgvector = "automatic";  // or "required", "never"
  std::size_t pool_size = 8;
};

enum class Opening {
  make,      // made if absent, save its folder; an older schema is brought up to date
  existing,  // in the schema of this program, and nullptr where there is none
};
std::unique_ptr<Store> open_store(std::string_view address, Opening opening, std::shared_ptr<spdlog::logger> logger,
                                  const PostgresSettings& settings = {});

// Settings of the whole process by which stores cost less: first thing in main, while it has one thread.
void prepare_process();

// Whether there is something at this address that open_store would not have to make.
bool store_exists(std::string_view address, const PostgresSettings& settings = {});

// Whether the store is a folder with a file for each agent.
bool is_folder_store(std::string_view address);

// Whether the store is kept by a server, which may be away for a while and come back. A file that was taken away does
// not.
bool is_on_a_server(std::string_view address);

// A store by its address, and the settings that go with it.
struct StoreAddress {
  std::string text;
  PostgresSettings settings = {};
};
// Whether two addresses lead to one ledger, by whatever names. False where this cannot be known, as to a role in
// Postgres that may not know its server.
bool share_a_ledger(const StoreAddress& one, const StoreAddress& other);

// Why the store that is there takes no batch of an agent: it is another's ledger in a folder of ledgers, named by its
// own path. Empty: it may take one.
std::string refusal_of(std::string_view address, const AgentId& agent);

// The address for people and logs, without what may be a password.
std::string display_name(std::string_view address, const PostgresSettings& settings = {});

// Looks at a copy before it is put in its place, and names its fault; empty: it has none.
using Verify = std::function<std::string(std::unique_ptr<Store>)>;
// Hears (done, in all) for each file.
using CopyProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// Copies a store that may be in use to a file, or folder, that does not exist yet. A database of a folder that cannot
// be copied keeps none of the others from it. A copy with a fault is kept: nobody may have a better one. Failure:
// StoreFailure{unsupported} for a store that is in no file, InvalidInput{"to"} where something is there already, or in
// the place of a ledger. What `verify` and `progress` throw is passed on, and nothing is left.
struct Copying {
  Verify verify = {};  // absent: not looked at
  CopyProgress progress = {};
};
struct BackupReport {
  std::vector<std::string> files;     // that it made
  std::vector<std::string> problems;  // each database of a folder that is not among them, and each fault of a copy
};
BackupReport copy_store(std::string_view address, const std::string& to, const Copying& how);

// Puts what copy_store() made in the place of a store, database by database: copies each, has `verify` look at the
// copy, and sets aside what was there. Where `verify` finds a fault, which it names, or `from` is no ledger that can be
// read, nothing of that database is touched. `from` is a file, or a folder where the store is one; a file for a folder
// is the ledger of one agent. A database of a folder that cannot be restored keeps none of the others from it. Where a
// store of one file can be read and has ledgers, and none of them is of an agent of the backup, that is a fault too.
// Failure: StoreFailure{unsupported} for a store that is in no file; {unreachable | busy | exhausted | cancelled |
//          timeout | in_doubt} where the store is one file; InvalidInput{"from"} where it is of another layout, or the
//          store itself. What `verify` and `progress` throw is passed on.
struct RestoredDatabase {
  std::string from, to;
  std::string fault = {};                   // empty: it is in place
  std::vector<std::string> set_aside = {};  // what was there before
  std::string access = {};                  // what there is to know about its owner; empty: nothing
};
struct Restoring {
  Verify verify;
  CopyProgress progress = {};
  Call call = {};
};
std::vector<RestoredDatabase> restore_store(std::string_view address, const std::string& from, const Restoring& how);

// The schema of each database of a store that is there.
struct SchemaReport {
  std::string database;
  std::vector<std::string> applied;
  std::vector<std::string> pending;
  std::string problem = {};  // of one in a folder: what is wrong with it, or why it could not be looked at or changed
};
enum class Migration { look, apply };
std::vector<SchemaReport> migrate_store(std::string_view address, Migration migration,
                                        const PostgresSettings& settings = {});

// Makes a store, or brings it up to date; done again it changes nothing. Failure: InvalidInput for what the store has
// nothing of, before anything is made.
struct Tenant {
  std::string role;
  AgentId agent;
};
struct Initialisation {
  bool roles = false;
  std::size_t partitions = 0;
  std::vector<Tenant> tenants = {};
};
struct InitialisationReport {
  std::vector<SchemaReport> databases;  // `pending` is what they were given now
  std::vector<std::string> roles;       // owner, writer, reader; empty unless asked for
};
InitialisationReport init_store(std::string_view address, const Initialisation& what,
                                const PostgresSettings& settings = {});

}  // namespace claimledger::wiring
