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

// The databases in a directory, their agents and their heads. Threads: any method from any thread.
class LedgerDirectory {
 public:
  // `found_new` is called, from any thread, after a database was read because its files had changed.
  LedgerDirectory(std::string path, std::chrono::milliseconds busy_timeout, std::function<void()> found_new)
      : path_(std::move(path)), busy_timeout_(busy_timeout), found_new_(std::move(found_new)) {}

  // The path of every database by its agent, bytewise. Failure: StoreFailure.
  std::map<AgentId, std::string> list(const Call& call);

  // The agent and the head of a database, without keeping it open; nothing before its first batch. Feeds call this
  // often, so a database is read only if its files have changed since the last look. Failure: StoreFailure.
  std::optional<AgentHead> look_inside(const std::string& path, const Call& call);

 private:
  // Sizes and times of a database and its log.
  struct Stamp {
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
  std::vector<AgentHead> read_heads(const std::string& path, const Call& call) const;

  std::string path_;
  std::chrono::milliseconds busy_timeout_;
  std::function<void()> found_new_;
  std::mutex mutex_;
  std::unordered_map<std::string, Seen> seen_;  // by path
};

}  // namespace claimledger::sqlite
