#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "agent_files.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "copying.hpp"
#include "file_identity.hpp"
#include "inspecting.hpp"
#include "log_file.hpp"
#include "writer_lock.hpp"

// Puts a copy of a database in the place of another.
//
// The old database gets its second name first, by a hard link. From then on nobody opens it by the first: a file with
// two names is refused. So its log and its journal can follow it one by one, and in the end the copy takes the first
// name. A crash in between is seen by the two names, and the next restore goes on from there.
namespace claimledger::sqlite {

namespace {

constexpr const char* operation = "restore";
constexpr std::chrono::seconds lock_timeout{5};
constexpr std::array side_files = {"-journal", "-wal", "-shm"};

[[noreturn]] void failed(const std::string& path, int error) {
  throw StoreFailure(FailureKind::unreachable, operation, path + ": " + std::strerror(error));
}

// The first name for what is set aside that nothing has, with any of its side files.
std::string free_name(const std::string& place) {
  const auto taken = numbered(place, aside_word);
  std::uint64_t number = 1;
  while (taken.contains(number)) ++number;
  return place + std::string(aside_word) + std::to_string(number);
}

bool is_empty_file(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

void remove_all_of(const std::string& copy) {
  for (const auto* ending : {"-unfinished-journal", "-unfinished", "-journal", "-wal", "-shm", "-lock", ""})
    unlink((copy + ending).c_str());
}

// --- Who may use it -------------------------------------------------------------------------------------------------

struct Rights {
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0;
  std::string model = {};  // the file or folder that has them
  bool guessed = false;    // it is not the one that was there
};

// Those of the first file that is there.
Rights rights_at(const std::string& place, const std::string& like, const std::string& from) {
  struct stat status {};
  for (const auto& path : {place, place + "-wal", like}) {
    if (path.empty() || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    return {status.st_uid, status.st_gid, status.st_mode & 0777U, path, path != place};
  }
  if (stat(from.c_str(), &status) != 0) failed(from, errno);
  Rights rights{geteuid(), getegid(), (status.st_mode & 0666U) | S_IRUSR | S_IWUSR, folder_of(place)};
  if (stat(rights.model.c_str(), &status) != 0) failed(rights.model, errno);
  if ((status.st_mode & S_ISGID) != 0 || geteuid() == 0) rights.group = status.st_gid;
  if (geteuid() == 0) rights.user = status.st_uid;
  if (is_shared_by_group(status.st_mode)) rights.mode |= group_of(rights.mode);
  rights.guessed = true;
  return rights;
}

// As far as we may. Another group than the one that may use it gets nothing. By the open file: in a folder that is
// somebody else's a name may lead elsewhere by now.
void give(int file, const std::string& path, const Rights& rights) {
  auto mode = rights.mode;
  struct stat own {};
  if (fstat(file, &own) != 0) failed(path, errno);
  const bool same = own.st_uid == rights.user && own.st_gid == rights.group;
  if (!same && fchown(file, rights.user, rights.group) != 0 && own.st_gid != rights.group &&
      fchown(file, static_cast<uid_t>(-1), rights.group) != 0)
    mode &= ~mode_t{S_IRWXG};
  if (fchmod(file, mode) != 0) failed(path, errno);
}

std::string owner_of(uid_t user, gid_t group) {
  return "user " + std::to_string(user) + " and group " + std::to_string(group);
}

// What is not as it was, or as whoever restores would expect it.
std::string describe(const std::string& path, const Rights& wanted) {
  struct stat own {};
  if (stat(path.c_str(), &own) != 0) return "";
  const auto owner = "belongs to " + owner_of(own.st_uid, own.st_gid);
  if (own.st_uid != wanted.user || own.st_gid != wanted.group)
    return owner + ", not to " + owner_of(wanted.user, wanted.group) + " as " + wanted.model +
           (wanted.guessed ? " does" : " did") + ": give it to them";
  if (!wanted.guessed || (own.st_uid == geteuid() && own.st_gid == getegid())) return "";
  return owner + ", as " + wanted.model + " does";
}

// --- The copy -------------------------------------------------------------------------------------------------------

// Whether nobody else has a lock on an open file, and a path still names it. It is locked then.
bool lock_as_named(int file, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &open) == 0 && lstat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

// An empty file of a name of its own beside a place, for nobody else to read. It is locked: what is not is left over.
class Copy {
 public:
  explicit Copy(const std::string& place) {
    for (std::uint64_t number = 1; file_ < 0; ++number) {
      path_ = place + std::string(restoring_word) + std::to_string(number);
      file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
      if (file_ < 0 && errno == EEXIST) continue;
      if (file_ < 0) failed(folder_of(place), errno);
      if (flock(file_, LOCK_EX | LOCK_NB) != 0 && errno != EWOULDBLOCK) failed(path_, errno);
      if (!lock_as_named(file_, path_)) close(std::exchange(file_, -1));  // somebody took it for left over
    }
  }
  ~Copy() {
    if (!path_.empty()) remove_all_of(path_);
    let_go();
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  const std::string& path() const { return path_; }

  void give_to(const Rights& rights) { give(file_, path_, rights); }

  // Brings it into one file, after somebody has looked at it.
  void finish() {
    make_one_file(path_, operation);
    for (const auto* ending : {"-journal", "-wal", "-shm", "-lock"}) unlink((path_ + ending).c_str());
  }

  // Puts it in its place. Before that it is no longer locked, since to close a database that somebody has opened takes
  // his locks away: the caller has the turn of the place, and so nobody removes it.
  void move_to(const std::string& place) {
    let_go();
    const int error = rename(path_.c_str(), place.c_str()) == 0 ? 0 : errno;
    if (error != 0) remove_all_of(path_);
    path_.clear();
    if (error != 0) failed(place, error);
  }

 private:
  void let_go() {
    if (file_ >= 0) close(std::exchange(file_, -1));
  }

  std::string path_;
  int file_ = -1;
};

// Copies that a restore has left which was ended from outside. One that the log of the place belongs to is no copy, but
// the database that was there: it stays. Needs the turn of the place.
void remove_left_copies(const std::string& place) {
  for (const auto& [number, copy] : numbered(place, restoring_word)) {
    const int file = ::open(copy.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 && errno != ENOENT) continue;
    const bool left = file < 0 || lock_as_named(file, copy);
    const bool was_there = left && log_in_use(place) && log_belongs(copy, place + "-wal");
    if (left && !was_there) remove_all_of(copy);
    if (file >= 0) close(file);
  }
}

// --- What was there -------------------------------------------------------------------------------------------------

// Names that were given, and are taken back unless all came off well.
class Moves {
 public:
  Moves() = default;
  ~Moves() {
    for (auto move = done_.rbegin(); move != done_.rend(); ++move) {
      if (move->from.empty())
        unlink(move->to.c_str());
      else
        rename_to_free_name(move->to, move->from);
    }
  }
  Moves(const Moves&) = delete;
  Moves& operator=(const Moves&) = delete;

  void move(const std::string& from, const std::string& to) {
    const int error = rename_to_free_name(from, to);
    if (error != 0) failed(from, error);
    done_.push_back({from, to});
  }
  // False where the file system has no second names.
  bool name_twice(const std::string& from, const std::string& to) {
    if (link(from.c_str(), to.c_str()) != 0) return false;
    done_.push_back({"", to});
    return true;
  }
  // An empty file is what is left of a ledger: nobody begins a new one in it.
  void hold(const std::string& place, const Rights& rights) {
    const int file = ::open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) failed(place, errno);
    done_.push_back({"", place});
    try {
      give(file, place, rights);
    } catch (...) {
      close(file);
      throw;
    }
    close(file);
  }
  void keep() { done_.clear(); }

 private:
  struct Move {
    std::string from, to;  // from nothing: the name is new
  };
  std::vector<Move> done_;
};

// The database that the log of a place belongs to and was parted from, by a crash on a file system without hard links.
std::string parted_from(const std::string& place) {
  for (const auto word : {aside_word, restoring_word}) {
    for (const auto& [number, name] : numbered(place, word))
      if (has_name(name) && !log_in_use(name) && log_belongs(name, place + "-wal")) return name;
  }
  return "";
}

// A log without content, and the index of a log.
void remove_empty_log(const std::string& path) {
  if (log_in_use(path)) return;
  for (const auto* ending : {"-wal", "-shm"}) unlink((path + ending).c_str());
}

// To the side of what is set aside; to a name of its own where that has such a file.
void move_side_file(const char* ending, const std::string& place, const std::string& aside, Moves& moves,
                    std::vector<std::string>& names) {
  if (!has_name(place + ending)) return;
  const auto to = (has_name(aside + ending) ? free_name(place) : aside) + ending;
  moves.move(place + ending, to);
  names.push_back(to);
}

// A log of another database than the one at the place, which may be none, goes to its own.
void set_foreign_log_aside(const std::string& place, const Rights& rights, Moves& moves,
                           std::vector<std::string>& names) {
  if (!log_in_use(place) || log_belongs(place)) return;
  if (!has_name(place)) moves.hold(place, rights);
  auto aside = parted_from(place);
  if (const bool is_aside = aside.starts_with(place + std::string(aside_word)); !is_aside) {
    const auto name = free_name(place);
    if (!aside.empty()) moves.move(aside, name);
    aside = name;
  }
  if (has_name(aside)) names.push_back(aside);
  remove_empty_log(aside);  // somebody has looked at it meanwhile
  move_side_file("-wal", place, aside, moves, names);
}

void set_database_aside(const std::string& place, const Rights& rights, Moves& moves, std::vector<std::string>& names) {
  if (!has_name(place) || is_empty_file(place)) remove_empty_log(place);
  const bool side_files_only = !has_name(place);
  if (side_files_only &&
      std::none_of(side_files.begin(), side_files.end(), [&](const char* ending) { return has_name(place + ending); }))
    return;
  if (side_files_only) moves.hold(place, rights);
  auto aside = half_set_aside(place);
  if (!aside.empty()) {  // a restore broke off: some may have been moved
    for (const auto* ending : {"", "-journal", "-wal", "-shm"})
      if (has_name(aside + ending)) names.push_back(aside + ending);
  } else {
    aside = free_name(place);
    if (!is_empty_file(place)) {
      if (!moves.name_twice(place, aside)) {
        moves.move(place, aside);
        moves.hold(place, rights);
      }
      names.push_back(aside);
    }
  }
  for (const auto* ending : side_files) move_side_file(ending, place, aside, moves, names);
}

// The new names are on disk.
void flush_names(const std::string& place, const std::vector<std::string>& set_aside) {
  try {
    flush_folder_of(place, operation);
  } catch (const StoreFailure& failure) {
    std::string why = failure.detail() + ": the copy is in place, but a crash of the machine may yet undo it";
    for (const auto& name : set_aside) why += (&name == &set_aside.front() ? "; what was there is " : ", ") + name;
    throw StoreFailure(FailureKind::in_doubt, operation, why);
  }
}

// Needs the turn of the place.
std::vector<std::string> put_in_place(Copy& copy, const std::string& place, const Rights& rights) {
  std::vector<std::string> names;
  Moves moves;
  set_foreign_log_aside(place, rights, moves, names);
  set_database_aside(place, rights, moves, names);
  copy.move_to(place);
  moves.keep();
  remove_empty_log(place);  // which a connection to the old one has made meanwhile
  flush_names(place, names);
  return names;
}

// Gives a database that a restore has half set aside its one name back, with all that lies beside it.
void take_back(const std::string& place, const std::string& aside) {
  Moves moves;
  for (const auto* ending : side_files)
    if (has_name(aside + ending)) moves.move(aside + ending, place + ending);
  if (unlink(aside.c_str()) != 0) failed(aside, errno);
  moves.keep();
  flush_folder_of(place, operation);
}

bool is_same_file(const std::string& one, const std::string& other) {
  const auto first = file_at(one);
  const auto second = file_at(other);
  return first && second && first->is(*second);
}

Restored restore_at(const std::string& from, const std::string& place, const Restoring& how) {
  struct stat status {};
  if (stat(place.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    throw StoreFailure(FailureKind::unreachable, operation, place + ": is no file");
  require_side_files(place);
  WriterLock lock(place);
  if (is_same_file(from, place)) {
    const auto turn = lock.acquire(how.call, operation, lock_timeout);
    remove_left_copies(place);
    const auto aside = half_set_aside(place);
    if (aside.empty()) throw StoreFailure(FailureKind::refused, operation, from + " is the database itself");
    take_back(place, aside);
    return {};
  }
  if (!inspect(from).exists)
    throw StoreFailure(FailureKind::unreachable, operation, from + ": there is no ledger here");
  if (!numbered(place, restoring_word).empty()) {
    if (const auto turn = lock.try_acquire()) remove_left_copies(place);
  }
  Copy copy(place);
  copy_database(from, copy.path(), operation, how.progress);
  Restored restored;
  restored.fault = how.check(copy.path());
  if (restored.fault.empty()) restored.fault = integrity_fault(copy.path());
  if (!restored.fault.empty()) return restored;
  copy.finish();
  const auto turn = lock.acquire(how.call, operation, lock_timeout);
  const auto rights = rights_at(place, how.like, from);
  copy.give_to(rights);
  restored.set_aside = put_in_place(copy, place, rights);
  restored.access = describe(place, rights);
  WriterLock another(place);
  another.try_acquire();  // in vain, but the lock gets the rights of the database that is there now
  return restored;
}

}  // namespace

std::string database_name(const AgentId& agent) { return file_name(agent); }

Restored restore(const std::string& from, const std::string& to, const Restoring& how) {
  try {
    return restore_at(from, behind_links(to), how);
  } catch (const StoreFailure& failure) {
    throw StoreFailure(failure.kind(), operation, failure.detail());
  }
}

}  // namespace claimledger::sqlite
