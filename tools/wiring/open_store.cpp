#include "wiring/open_store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "claimledger/failure.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "wiring/new_folder.hpp"
#include "wiring/postgres.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::wiring {
namespace {

namespace fs = std::filesystem;

struct Address {
  enum class Scheme { sqlite, memory, postgres } scheme;
  std::string rest;  // a path, a connection string, or nothing
};

// A path is a path: what SQLite, a URL or a shell would read into it is refused, with what would be right.
void require_plain_path(std::string_view path) {
  const auto refuse = [](const std::string& why) { throw InvalidInput("store", "sqlite: takes a path; " + why); };
  if (path.empty()) refuse("sqlite:agent.db, or sqlite:ledgers/ for one database an agent");
  if (path == ":memory:") refuse("a store that forgets is memory:");
  if (path.front() == ':')
    refuse("names that begin with a colon are SQLite's own; sqlite:./" + std::string(path) + " is a file");
  if (path.starts_with("file:"))
    refuse("file: begins a URI; sqlite:./" + std::string(path) + " is a file of this name");
  if (path.starts_with("//")) refuse("two slashes begin a URL; one is the root: sqlite:/data/agent.db");
  if (path == "-") refuse("- is no file name here; sqlite:./- is");
  if (path.front() == '~')
    refuse("no shell expands ~ behind a colon; write sqlite:$HOME/agent.db, or sqlite:./~ for that name");
}

Address parse_address(std::string_view text) {
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const auto rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (scheme == "sqlite") {
    require_plain_path(rest);
    return {Address::Scheme::sqlite, std::string(rest)};
  }
  if (scheme == "memory") {
    if (!rest.empty()) throw InvalidInput("store", "memory: takes no path");
    return {Address::Scheme::memory, {}};
  }
  // Nothing behind the colon is a connection string too: the environment, or a service file, then says it all.
  if (scheme == "postgres" || scheme == "postgresql")
    return {Address::Scheme::postgres, std::string(rest.starts_with("//") ? text : rest)};
  throw InvalidInput("store",
                     "must be sqlite:PATH (one database), sqlite:DIR/ (one for each agent), postgres:CONNECTION, "
                     "postgres://… or memory:" +
                         (scheme.empty() ? "" : ", not " + std::string(scheme) + ":"));
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return path.ends_with('/') || fs::is_directory(path, error);
}

// A name that another database has for a file beside it: what is kept under it is destroyed when that one is written.
void require_own_name(const char* field, const std::string& path) {
  if (const auto what = side_file_named(path); !what.empty())
    throw InvalidInput(field, path + " is a name for " + what +
                                  ", and is overwritten or removed with it; give a name that ends otherwise, as in "
                                  "agent.db");
}

// One that is there goes on under the name that it has.
void require_name_of_store(const std::string& path) {
  std::error_code error;
  if (side_file_named(path).empty() || fs::is_directory(path, error) || is_database(path)) return;
  require_own_name("store", path);
}

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// In a folder of ledgers each file is an agent's, by its name.
void require_no_folder_of_ledgers(const char* field, const std::string& path) {
  if (sqlite::is_directory_of_ledgers(folder_of(path)))
    throw InvalidInput(field, path +
                                  " would lie in a folder of ledgers, which has a file for each agent; name that "
                                  "folder as the store (sqlite:" +
                                  folder_of(path) + "/ and --agent), or a file elsewhere");
}

std::unique_ptr<Store> open_database(const std::string& path) {
  sqlite::Options options;
  options.path = path;
  options.create = false;
  options.migrate = sqlite::Migrate::require_current;  // a backup stays as it is
  return sqlite::open(std::move(options));
}

// Where a copy is to be made.
void require_free_place(const std::string& to, const std::string& store) {
  require_own_name("to", to);
  if (to == "-")
    throw InvalidInput("to", "- is no file name here, since a database cannot be written as a stream; ./- is");
  require_nothing_at(to);
  fs::path place = to;
  if (!place.has_filename()) place = place.parent_path();  // "copies/"
  const auto folder = place.parent_path();
  if (!is_folder(store)) {
    if (to.ends_with('/'))
      throw InvalidInput("to", to + " is the name of a folder, and the store is one file: name a file");
    require_no_folder_of_ledgers("to", to);
    return;
  }
  std::error_code error;
  const auto ledgers = fs::weakly_canonical(store + "/", error);
  const auto copies = fs::weakly_canonical(folder.empty() ? "./" : folder / "", error);
  const auto [rest, unused] = std::mismatch(ledgers.begin(), ledgers.end(), copies.begin(), copies.end());
  if (rest == ledgers.end() || rest->empty())
    throw InvalidInput("to", to + " lies in the folder of the store, which is for ledgers; name a place outside");
}

}  // namespace

std::unique_ptr<Store> open_store(std::string_view text, Opening opening, std::shared_ptr<spdlog::logger> logger,
                                  const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      return memory::open();
    case Address::Scheme::postgres:
      return open_postgres(address.rest, opening, settings, std::move(logger));
    case Address::Scheme::sqlite:
      break;
  }
  if (opening == Opening::existing && !store_exists(text)) return nullptr;
  if (opening == Opening::make) {
    require_name_of_store(address.rest);
    if (!is_folder(address.rest) && !store_exists(text)) require_no_folder_of_ledgers("store", address.rest);
  }
  sqlite::Options options;
  options.path = address.rest;
  options.create = opening == Opening::make;
  options.migrate = opening == Opening::make ? sqlite::Migrate::apply : sqlite::Migrate::require_current;
  options.log = std::move(logger);
  return sqlite::open(std::move(options));
}

void prepare_process() { sqlite::forgo_memory_statistics(); }

bool store_exists(std::string_view text, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      return true;
    case Address::Scheme::postgres:
      return postgres_exists(address.rest, settings);
    case Address::Scheme::sqlite:
      break;
  }
  return sqlite::is_there(address.rest);
}

bool is_folder_store(std::string_view text) {
  const auto address = parse_address(text);
  return address.scheme == Address::Scheme::sqlite && is_folder(address.rest);
}

namespace {

using FileNumber = std::pair<dev_t, ino_t>;

// Of a store, or of its databases: what stays the same whatever they are called.
std::set<FileNumber> files_of(const std::string& path) {
  std::set<FileNumber> files;
  const auto add = [&](const std::string& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) == 0) files.emplace(status.st_dev, status.st_ino);
  };
  add(path);
  std::error_code error;
  if (is_folder(path)) {
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".db") add(it->path().string());
  }
  return files;
}

}  // namespace

bool share_a_ledger(const StoreAddress& one, const StoreAddress& other) {
  const auto here = parse_address(one.text);
  const auto there = parse_address(other.text);
  if (here.scheme != there.scheme || here.scheme == Address::Scheme::memory) return false;
  if (here.scheme == Address::Scheme::postgres) {
    const auto identity = identity_of_postgres(here.rest, one.settings);
    return !identity.empty() && identity == identity_of_postgres(there.rest, other.settings);
  }
  const auto files = files_of(here.rest);
  return std::ranges::any_of(files_of(there.rest), [&](const auto& file) { return files.contains(file); });
}

std::string refusal_of(std::string_view text, const AgentId& agent) {
  const auto address = parse_address(text);
  if (address.scheme != Address::Scheme::sqlite || is_folder(address.rest)) return "";
  return sqlite::refusal_of(address.rest, agent);
}

bool is_on_a_server(std::string_view text) { return parse_address(text).scheme == Address::Scheme::postgres; }

std::string display_name(std::string_view text, const PostgresSettings& settings) {
  if (!is_on_a_server(text)) return std::string(text);
  return "postgres: (schema " + settings.schema + ")";
}

namespace {

// Adds the copy to the report, under the name that it has in the end.
void copy_file(const std::string& file, const std::string& place, const std::string& in_the_end, const Copying& how,
               BackupReport& report) {
  const auto check = [&](const std::string& made) { return how.verify(open_database(made)); };
  const auto fault = sqlite::backup(
      file, place, {.check = how.verify ? sqlite::Check(check) : sqlite::Check(), .progress = how.progress});
  report.files.push_back(in_the_end);
  if (!fault.empty()) report.problems.push_back(in_the_end + " was copied as it is, and is not whole: " + fault);
}

// What cannot be read is copied all the same.
bool is_known_to_have_no_ledger(const std::string& database) {
  try {
    return open_database(database)->agents({}, 1, Call{}).empty();
  } catch (const StoreFailure&) {
    return false;
  }
}

constexpr const char* unfinished_backup =
    "is what is left of a backup that was broken off, or is being made: not whole";

BackupReport copy_folder(const std::vector<sqlite::DatabaseFile>& databases, const std::string& to,
                         const Copying& how) {
  NewFolder made(to, "backup");
  BackupReport report;
  sqlite::mark_directory(made.path());
  for (const auto& [file, problem] : databases) {
    const auto name = fs::path(file).filename();
    try {
      if (!problem.empty()) throw StoreFailure(FailureKind::unreachable, "backup", problem);
      copy_file(file, (fs::path(made.path()) / name).string(), (fs::path(made.name()) / name).string(), how, report);
    } catch (const StoreFailure& failure) {
      // Where there is no more room, or no more time, there is none for the others.
      if (failure.kind() == FailureKind::exhausted || failure.kind() == FailureKind::cancelled) throw;
      report.problems.push_back("not copied: " + failure.detail());
    }
  }
  made.put_in_place();
  return report;
}

}  // namespace

BackupReport copy_store(std::string_view text, const std::string& to, const Copying& how) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw StoreFailure(FailureKind::unsupported, "backup", "this store is kept in no file");
    case Address::Scheme::postgres:
      throw StoreFailure(FailureKind::unsupported, "backup",
                         "a ledger in Postgres is backed up with its server: pg_dump for a copy of this moment, "
                         "pg_basebackup and archived WAL for every moment; `claimledger copy` carries ledgers to "
                         "another store");
    case Address::Scheme::sqlite:
      break;
  }
  const auto& path = address.rest;
  require_free_place(to, path);
  const bool is_one = !is_folder(path);
  const auto databases = is_one ? std::vector<sqlite::DatabaseFile>() : sqlite::databases(path);
  // As where nothing is mounted. Restore would not take it.
  if (is_one ? is_known_to_have_no_ledger(path) : databases.empty())
    return {.files = {}, .problems = {"there is no ledger in " + path + ", and nothing was copied"}};
  if (is_one) {
    BackupReport report;
    copy_file(path, to, to, how, report);
    return report;
  }
  return copy_folder(databases, to, how);
}

namespace {

// A database of a folder that shows by its owner and mode who uses the folder.
std::string any_database_in(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".db" && it->is_regular_file(error)) found.push_back(it->path().string());
  return found.empty() ? "" : *std::min_element(found.begin(), found.end());
}

// A database that a restore has half set aside has two names, and may be restored from the second.
bool is_same(const std::string& from, const std::string& to) {
  std::error_code error;
  return fs::equivalent(from, to, error) && fs::path(from).filename().string().find(".set-aside-") == std::string::npos;
}

// Whether it is what was to be restored that is wrong, and not the store or the machine.
bool is_fault(FailureKind kind) { return kind == FailureKind::corrupt || kind == FailureKind::incompatible; }

// The name that a database has to have in a folder, by whose ledger it holds.
std::string name_in_folder(const std::string& from) {
  const auto agents = open_database(from)->agents({}, 2, Call{});
  if (agents.size() != 1)
    throw InvalidInput("from", from + " holds the ledgers of " + (agents.empty() ? "no agent" : "several agents") +
                                   "; a folder has a database for each: claimledger copy splits them");
  return sqlite::database_name(agents.front().agent);
}

std::set<AgentId> agents_in(Store& store) {
  constexpr std::size_t page_size = 1'000;
  std::set<AgentId> found;
  for (std::optional<AgentId> after;;) {
    const auto page = store.agents(after, page_size, Call{});
    for (const auto& each : page) found.insert(each.agent);
    if (page.size() < page_size) return found;
    after = page.back().agent;
  }
}

// Whose ledgers a backup would set aside. A database that cannot be read says nothing, and may be why it is restored.
std::set<AgentId> agents_at(const std::string& database) {
  try {
    return agents_in(*open_database(database));
  } catch (const StoreFailure&) {
    return {};
  }
}

// Nobody means to put one agent's ledger in the place of another's.
std::string fault_of_agents(const std::set<AgentId>& given, const std::set<AgentId>& there, const std::string& to) {
  const auto is_there = [&](const auto& agent) { return there.contains(agent); };
  if (given.empty() || there.empty() || std::any_of(given.begin(), given.end(), is_there)) return "";
  return "it holds the ledger of '" + given.begin()->value + "', and " + to + " that of '" + there.begin()->value +
         "': move that file away first if this is meant";
}

// In a folder of ledgers a file has the name of its agent.
void require_name_of_agent(const std::set<AgentId>& given, const std::string& to) {
  const bool fits = given.size() == 1 && sqlite::database_name(*given.begin()) == fs::path(to).filename();
  if (fits || !sqlite::is_directory_of_ledgers(folder_of(to))) return;
  throw InvalidInput("store", to + " lies in a folder of ledgers, which has a file for each agent, and is not the one "
                                   "for what the backup holds: restore into that folder, or into a file elsewhere");
}

// `like`: whose owner and mode it gets where nothing is; empty: nobody's.
RestoredDatabase restore_one(const std::string& from, const std::string& to, const std::string& like,
                             const Restoring& how) {
  if (is_same(from, to)) throw InvalidInput("from", from + " is the store itself");
  RestoredDatabase restored{.from = from, .to = to};
  const auto check = [&](const std::string& copy) {
    sqlite::Options options;
    options.path = copy;
    options.create = false;
    return how.verify(sqlite::open(std::move(options)));
  };
  try {
    auto done = sqlite::restore(from, to, {.check = check, .progress = how.progress, .like = like, .call = how.call});
    restored.fault = std::move(done.fault);
    restored.set_aside = std::move(done.set_aside);
    restored.access = std::move(done.access);
  } catch (const StoreFailure& failure) {
    if (!is_fault(failure.kind())) throw;
    restored.fault = failure.detail();
  }
  return restored;
}

RestoredDatabase restore_file(const std::string& path, const std::string& from, const Restoring& how) {
  auto checked = how;
  checked.verify = [&, there = agents_at(path)](std::unique_ptr<Store> copy) {
    const auto given = agents_in(*copy);
    require_name_of_agent(given, path);
    auto fault = fault_of_agents(given, there, path);
    return fault.empty() ? how.verify(std::move(copy)) : fault;
  };
  return restore_one(from, path, "", checked);
}

RestoredDatabase restore_into_folder(const std::string& path, const std::string& from, const Restoring& how) {
  std::string name;
  try {
    name = name_in_folder(from);
  } catch (const StoreFailure& failure) {
    if (!is_fault(failure.kind())) throw StoreFailure(failure.kind(), "restore", failure.detail());
    return {.from = from, .to = path, .fault = failure.detail()};
  }
  sqlite::make_directory(path, "restore");
  sqlite::mark_directory(path);
  return restore_one(from, (fs::path(path) / name).string(), any_database_in(path), how);
}

std::vector<RestoredDatabase> restore_folder(const std::string& path, const std::string& from, const Restoring& how) {
  if (is_same(from, path)) throw InvalidInput("from", from + " is the store itself");
  sqlite::make_directory(path, "restore");
  sqlite::mark_directory(path);
  std::vector<RestoredDatabase> restored;
  auto like = any_database_in(path);
  for (const auto& [file, problem] : sqlite::databases(from)) {
    const auto to = (fs::path(path) / fs::path(file).filename()).string();
    const auto skip = [&, from = file](const std::string& why) { restored.push_back({from, to, why}); };
    try {
      if (!problem.empty())
        skip(problem);
      else
        restored.push_back(restore_one(file, to, like, how));
      if (like.empty() && restored.back().fault.empty()) like = to;
    } catch (const InvalidInput& bad) {
      skip(bad.why());
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::cancelled) throw;
      skip(failure.detail());
    }
  }
  // What a backup that was killed leaves of a ledger is not passed over.
  for (const auto& left : fs::directory_iterator(from)) {
    const auto file = left.path().string();
    if (file.ends_with(".db" + std::string(NewFolder::unfinished)))
      restored.push_back({file, (fs::path(path) / left.path().stem()).string() + ".db", unfinished_backup});
  }
  return restored;
}

}  // namespace

std::vector<RestoredDatabase> restore_store(std::string_view text, const std::string& from, const Restoring& how) {
  const auto address = parse_address(text);
  if (address.scheme == Address::Scheme::memory)
    throw StoreFailure(FailureKind::unsupported, "restore", "this store is kept in no file");
  if (address.scheme == Address::Scheme::postgres)
    throw StoreFailure(FailureKind::unsupported, "restore",
                       "a ledger in Postgres is restored with its server: pg_restore; adapters/postgres/README.md has "
                       "the steps");
  const auto& path = address.rest;
  std::error_code error;
  if (!fs::exists(from, error)) {
    if (error) throw StoreFailure(FailureKind::unreachable, "restore", from + ": " + error.message());
    throw InvalidInput("from", from + ": there is nothing");
  }
  if (!fs::is_regular_file(from, error) && !fs::is_directory(from, error))
    throw InvalidInput("from", from + " is neither a file nor a folder");
  if (fs::canonical(from, error).string().ends_with(NewFolder::unfinished))
    throw InvalidInput("from", from + " " + unfinished_backup);
  require_name_of_store(path);
  if (is_folder(path) && is_folder(from)) return restore_folder(path, from, how);
  if (is_folder(path)) return {restore_into_folder(path, from, how)};
  if (is_folder(from)) throw InvalidInput("from", from + " is a folder, and the store is one file");
  return {restore_file(path, from, how)};
}

std::vector<SchemaReport> migrate_store(std::string_view text, Migration migration, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw StoreFailure(FailureKind::unsupported, "migrate", "this store is kept in no file");
    case Address::Scheme::postgres: {
      auto report = migrate_postgres(address.rest, migration, settings);
      report.database = display_name(text, settings);
      return {std::move(report)};
    }
    case Address::Scheme::sqlite:
      break;
  }
  std::vector<SchemaReport> reports;
  for (const auto& each : sqlite::databases(address.rest)) {
    const auto& file = each.path;
    try {
      auto report = migration == Migration::look ? sqlite::pending_migrations(file) : sqlite::migrate(file);
      reports.push_back({file, std::move(report.applied), std::move(report.pending)});
    } catch (const StoreFailure& failure) {
      if (!is_folder(address.rest)) throw;
      reports.push_back({file, {}, {}, failure.detail()});
    }
  }
  if (!is_folder(address.rest)) return reports;
  // Only of a database whose schema is current is it known what else is wrong with it.
  std::map<std::string, std::string> problems;
  for (auto& each : sqlite::databases(address.rest)) problems[each.path] = std::move(each.problem);
  for (auto& report : reports)
    if (report.problem.empty() && (report.pending.empty() || migration == Migration::apply))
      report.problem = problems[report.database];
  return reports;
}

namespace {

void refuse_what_files_lack(const Initialisation& what, const PostgresSettings& settings) {
  const auto refuse = [](const char* option, const char* why) {
    throw InvalidInput(option, std::string("is for a store in Postgres; ") + why);
  };
  if (what.roles) refuse("--roles", "who may read and write a file, the file system says");
  if (what.partitions != 0) refuse("--partitions", "sqlite:DIR/ keeps a database for each agent");
  if (!settings.tenancy.empty()) refuse("--tenancy", "a file has no login roles");
  if (!what.tenants.empty()) refuse("--tenant", "a file has no login roles");
}

}  // namespace

InitialisationReport init_store(std::string_view text, const Initialisation& what, const PostgresSettings& settings) {
  const auto address = parse_address(text);
  InitialisationReport report;
  switch (address.scheme) {
    case Address::Scheme::memory:
      throw InvalidInput("--store", "memory: keeps nothing that could be made");
    case Address::Scheme::postgres:
      report = init_postgres(address.rest, what, settings);
      report.databases.front().database = display_name(text, settings);
      return report;
    case Address::Scheme::sqlite:
      break;
  }
  refuse_what_files_lack(what, settings);
  require_name_of_store(address.rest);
  if (store_exists(text)) {
    report.databases = migrate_store(text, Migration::apply);
    return report;
  }
  open_store(text, Opening::make, nullptr);
  report.databases = migrate_store(text, Migration::look);
  for (auto& database : report.databases) std::swap(database.applied, database.pending);
  return report;
}

}  // namespace claimledger::wiring
