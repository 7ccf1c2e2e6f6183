#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::sqlite {

// The databases in a directory, their agents and their heads. A file that cannot be read is listed with its problem and
// is in nobody's way. Files that do not end in ".db" or begin with a dot are none of ours.
// Threads: any method from any thread.
class LedgerDirectory {
 public:
  // `found_new` is called, from any thread, after a look into a database found something else than the last one.
  LedgerDirectory(std::string path, std::chrono::milliseconds busy_timeout, std::function<void()> found_new)
      : path_(std::move(path)), busy_timeout_(busy_timeout), found_new_(std::move(found_new)) {}

  // Every database by its agent, bytewise; by the name of the file where the agent cannot be told. The problem is that
  // of such a one: the others were not looked into. Failure: StoreFailure, for the directory.
  std::map<AgentId, DatabaseFile> list(const Call& call);

  // Every database, looked into. Failure: StoreFailure, for the directory.
  std::vector<DatabaseFile> files(const Call& call);

  // As Store::agents().
  std::vector<AgentHead> heads(const std::optional<AgentId>& after, std::size_t limit, const Call& call);

 private:
  // Identity, sizes and times of a database and its log.
  struct Stamp {
    std::array<std::uintmax_t, 2> files{};
    std::array<std::uintmax_t, 2> sizes{};
    std::array<std::chrono::nanoseconds, 2> times{};
    // Old enough that a later write has another time: the clock of a file system ticks coarsely.
    bool stable = true;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Seen {
    Stamp stamp;
    AgentHead head;
  };

  static Stamp stamp_of(const std::string& path);
  // The agent and the head of a database, without keeping it open; nothing if it was removed meanwhile. Feeds call this
  // often, so a database is read only if its files have changed since the last look. The agent is the one whose file
  // this is, where there is a problem. Failure: StoreFailure, only {timeout | cancelled}.
  std::optional<AgentHead> look_inside(const std::string& path, const AgentId& listed_as, const Call& call);
  // The same, where another agent's ledger is a problem.
  std::optional<AgentHead> look_inside_as(const AgentId& agent, const std::string& path, const Call& call);
  std::optional<AgentHead> read_head(const std::string& path, const AgentId& listed_as, const Call& call) const;

  std::string path_;
  std::chrono::milliseconds busy_timeout_;
  std::function<void()> found_new_;
  std::mutex mutex_;
  std::unordered_map<std::string, Seen> seen_;  // by path
};

}  // namespace claimledger::sqlite
