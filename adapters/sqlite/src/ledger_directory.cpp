#include "ledger_directory.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "agent_files.hpp"
#include "database.hpp"
#include "file_identity.hpp"
#include "inspecting.hpp"
#include "log_file.hpp"
#include "reading.hpp"

namespace claimledger::sqlite {

namespace fs = std::filesystem;

namespace {

bool over(const StoreFailure& failure) {
  return failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled;
}

bool may_be_ledger(const std::string& name) { return name.ends_with(".db") && !name.starts_with('.'); }

constexpr std::string_view log_ending = "-wal";

// Whether this is the log of a database that is not there, with batches that are nowhere else.
bool lost_its_database(const std::string& path) {
  if (!path.ends_with(log_ending)) return false;
  const auto database = path.substr(0, path.size() - log_ending.size());
  return may_be_ledger(fs::path(database).filename().string()) && !has_name(database) && log_in_use(database);
}

std::string misnamed(const AgentId& agent) {
  return "holds the ledger of '" + agent.value + "', which is kept under the name " + file_name(agent) + " here";
}

}  // namespace

std::map<AgentId, DatabaseFile> LedgerDirectory::list(const Call& call) {
  std::map<AgentId, DatabaseFile> files;
  std::vector<std::pair<AgentId, DatabaseFile>> misfits;  // after the others: their names may be those of agents
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    auto path = it->path().string();
    if (lost_its_database(path)) path.resize(path.size() - log_ending.size());
    const auto name = fs::path(path).filename().string();
    if (!may_be_ledger(name)) continue;
    const auto read = read_file_name(name);
    if (read && read->agent) {
      files.emplace(*read->agent, DatabaseFile{path, ""});
      continue;
    }
    // Only what is inside says whose it is.
    const AgentId by_file{name};
    auto inside = look_inside(path, by_file, call);
    if (!inside) continue;
    if (inside->problem.empty() && file_name(inside->agent) != name) {
      inside = AgentHead{by_file, {}, path + ": " + misnamed(inside->agent)};
    }
    misfits.emplace_back(std::move(inside->agent), DatabaseFile{path, std::move(inside->problem)});
  }
  if (error) throw StoreFailure(FailureKind::unreachable, "agents", path_ + ": " + error.message());
  for (auto& [agent, file] : misfits) {
    while (files.contains(agent)) agent.value += " (the file)";
    files.emplace(std::move(agent), std::move(file));
  }
  return files;
}

std::vector<AgentHead> LedgerDirectory::heads(const std::optional<AgentId>& after, std::size_t limit,
                                              const Call& call) {
  std::vector<AgentHead> found;
  for (auto& [agent, file] : list(call)) {
    if (found.size() >= limit) break;
    if (after && agent <= *after) continue;
    if (!file.problem.empty()) {
      found.push_back({agent, {}, std::move(file.problem)});
      continue;
    }
    if (auto head = look_inside_as(agent, file.path, call)) found.push_back(std::move(*head));
  }
  return found;
}

std::vector<DatabaseFile> LedgerDirectory::files(const Call& call) {
  std::vector<DatabaseFile> found;
  for (auto& [agent, file] : list(call)) {
    if (file.problem.empty()) {
      const auto head = look_inside_as(agent, file.path, call);
      if (head) file.problem = head->problem;
    }
    found.push_back(std::move(file));
  }
  return found;
}

std::optional<AgentHead> LedgerDirectory::look_inside_as(const AgentId& agent, const std::string& path,
                                                         const Call& call) {
  auto head = look_inside(path, agent, call);
  if (head && head->problem.empty() && file_name(head->agent) != fs::path(path).filename())
    *head = {agent, {}, path + ": " + misnamed(head->agent)};
  return head;
}

std::optional<AgentHead> LedgerDirectory::look_inside(const std::string& path, const AgentId& listed_as,
                                                      const Call& call) {
  const auto stamp = stamp_of(path);
  std::optional<AgentHead> last;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto seen = seen_.find(path); seen != seen_.end()) {
      // What kept it from being read may be over, and leave no trace in the file.
      if (seen->second.stamp == stamp && seen->second.head.problem.empty()) return seen->second.head;
      last = seen->second.head;
    }
  }
  auto head = read_head(path, listed_as, call);
  if (!head) return {};
  if (head != last) found_new_();
  const std::scoped_lock lock(mutex_);
  if (stamp.stable || !head->problem.empty()) seen_.insert_or_assign(path, Seen{stamp, *head});
  return head;
}

std::optional<AgentHead> LedgerDirectory::read_head(const std::string& path, const AgentId& listed_as,
                                                    const Call& call) const {
  try {
    read_header(path);  // a foreign database must not even be recovered
    Database database(path, access_to(path), busy_timeout_);
    database.set_call(&call, "agents");
    auto heads = reading::agents(database, {}, 2);
    share_side_files(behind_links(path));
    if (heads.empty()) return AgentHead{listed_as, {}, path + ": " + no_entries};
    if (heads.size() > 1) {
      return AgentHead{listed_as, {}, path + ": holds the ledgers of several agents; it is a store of its own"};
    }
    return std::move(heads.front());
  } catch (const StoreFailure& failure) {
    if (over(failure)) throw;
    if (!has_name(path) && !log_in_use(path)) return {};  // removed meanwhile
    const auto& detail = failure.detail();
    return AgentHead{listed_as, {}, detail.starts_with(path) ? detail : path + ": " + detail};
  }
}

LedgerDirectory::Stamp LedgerDirectory::stamp_of(const std::string& path) {
  Stamp stamp;
  const auto stable_before = std::chrono::system_clock::now().time_since_epoch() - std::chrono::seconds{1};
  for (std::size_t i = 0; i < 2; ++i) {
    struct stat status {};
    if (stat((i == 0 ? path : path + "-wal").c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    stamp.files[i] = status.st_ino;
    stamp.sizes[i] = static_cast<std::uintmax_t>(status.st_size);
    stamp.times[i] = std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::nanoseconds{status.st_mtim.tv_nsec};
    if (stamp.times[i] > stable_before) stamp.stable = false;
  }
  return stamp;
}

}  // namespace claimledger::sqlite
