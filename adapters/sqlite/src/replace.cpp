#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "agent_files.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "file_identity.hpp"
#include "writer_lock.hpp"

// Puts a database in the place of another.
namespace claimledger::sqlite {

namespace {

constexpr const char* operation = "restore";
constexpr std::chrono::seconds lock_timeout{5};

[[noreturn]] void failed(const std::string& path) {
  throw StoreFailure(FailureKind::unreachable, operation, path + ": " + std::strerror(errno));
}

// The first name for what is set aside that nothing has, with any of its companions.
std::string free_name(const std::string& path) {
  for (int number = 1;; ++number) {
    const auto name = path + ".set-aside-" + std::to_string(number);
    if (!has_name(name) && !has_name(name + "-wal") && !has_name(name + "-journal")) return name;
  }
}

void move_aside(const std::string& from, const std::string& to, std::vector<std::string>& moved) {
  if (!has_name(from)) return;
  if (rename(from.c_str(), to.c_str()) != 0) failed(from);
  moved.push_back(to);
}

// Whoever could use the old file can use the new one. Of the owner only as far as we may give files away.
void take_over_access(const std::string& fresh, const std::string& old) {
  struct stat status {};
  if (stat(old.c_str(), &status) != 0) return;
  if (chown(fresh.c_str(), status.st_uid, status.st_gid) != 0 &&
      chown(fresh.c_str(), static_cast<uid_t>(-1), status.st_gid) != 0) {
    // It stays ours, and its mode is what others have.
  }
  if (chmod(fresh.c_str(), status.st_mode & 07777U) != 0) failed(fresh);
}

}  // namespace

std::string database_name(const AgentId& agent) { return file_name(agent); }

// At each moment a crash leaves the one database or the other under the name, whole, or one that a log beside it does
// not belong to, which is refused by name. The journal goes first, since SQLite would play it into whatever it finds;
// the log goes last.
std::vector<std::string> replace(const std::string& path, const std::string& with) {
  const auto place = behind_links(path);
  WriterLock lock(place);
  const auto turn = lock.acquire(Call{}, operation, lock_timeout);
  const auto aside = free_name(place);
  std::vector<std::string> moved;
  move_aside(place + "-journal", aside + "-journal", moved);
  if (has_name(place)) {
    take_over_access(with, place);
    if (exchange_names(with, place) == 0) {
      move_aside(with, aside, moved);
    } else {  // a file system that cannot exchange two names
      move_aside(place, aside, moved);
      if (rename(with.c_str(), place.c_str()) != 0) failed(with);
    }
  } else if (rename(with.c_str(), place.c_str()) != 0) {
    failed(with);
  }
  move_aside(place + "-wal", aside + "-wal", moved);
  move_aside(place + "-shm", aside + "-shm", moved);
  flush_folder_of(place, operation);
  return moved;
}

}  // namespace claimledger::sqlite
