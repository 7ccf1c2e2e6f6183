#include "file_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "claimledger/failure.hpp"
#include "database.hpp"
#include "log_file.hpp"
#include "log_frames.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void unreachable(const char* operation, const std::string& path, const std::string& why) {
  throw StoreFailure(FailureKind::unreachable, operation, path + ": " + why);
}

}  // namespace

bool has_journal(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path + "-journal", error);
  return !error && size > 0;
}

std::int64_t size_in_header(const std::string& path) {
  const auto header = Bytes(path).read(0, database_header_size).value_or("");
  if (header.empty()) return std::numeric_limits<std::int64_t>::max();
  return std::int64_t{pages_in(header)} * static_cast<std::int64_t>(page_size_in(header));
}

bool has_name(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 || errno != ENOENT;
}

std::string folder_of(const std::string& path) {
  const auto end = path.find_last_not_of('/');  // a folder may have a slash behind it
  const auto folder = fs::path(path.substr(0, end == std::string::npos ? 1 : end + 1)).parent_path().string();
  return folder.empty() ? "." : folder;
}

// By the open file: in somebody else's folder the name may lead elsewhere by now.
void give_to_owner_of_folder(int file, const std::string& path) {
  struct stat around {};
  struct stat own {};
  if (geteuid() != 0 || stat(folder_of(path).c_str(), &around) != 0 || fstat(file, &own) != 0) return;
  [[maybe_unused]] const int given = fchown(file, around.st_uid, around.st_gid);
  if (is_shared_by_group(around.st_mode)) fchmod(file, (own.st_mode & 07777U) | group_of(own.st_mode));
}

bool is_shared_by_group(mode_t folder) { return (folder & S_ISGID) != 0 && (folder & S_IWGRP) != 0; }

mode_t group_of(mode_t mode) { return S_IRGRP | S_IWGRP | (S_ISDIR(mode) ? S_IXGRP | S_ISGID : 0); }

// Some file systems have no flush for folders.
void flush_folder_of(const std::string& path, const char* operation) {
  const auto folder = folder_of(path);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  const int error = fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (error == 0 || error == EINVAL || error == ENOTSUP || error == EROFS) return;
  throw StoreFailure(FailureKind::exhausted, operation, folder + ": " + std::strerror(error));
}

std::string behind_links(const std::string& path) {
  constexpr int most_links = 40;  // as Linux has it
  fs::path file = path;
  std::error_code error;
  for (int i = 0; i < most_links; ++i) {
    if (!fs::is_symlink(file, error)) {
      if (i > 0 && !has_name(file.string())) {
        unreachable("open", path, "is a link to " + file.string() + ", and nothing is there");
      }
      return file.string();
    }
    file = file.parent_path() / fs::read_symlink(file, error);
    if (error) break;
  }
  unreachable("open", path, "is a link that leads nowhere: it leads in a circle, or cannot be read");
}

bool is_there(const std::string& path) {
  // With a slash behind it a link is followed before anybody can see that it is one.
  const auto end = path.find_last_not_of('/');
  const auto file = behind_links(end == std::string::npos ? path : path.substr(0, end + 1));
  struct stat status {};
  if (stat(file.c_str(), &status) == 0) return true;
  const int error = errno;
  if (error != ENOENT) unreachable("open", path, std::strerror(error));
  const auto folder = folder_of(file);
  if (stat(folder.c_str(), &status) != 0) unreachable("open", folder, "there is no such folder");
  return log_in_use(file);  // what is left of a ledger: to open it says so
}

std::map<std::uint64_t, std::string> numbered(const std::string& path, std::string_view word) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::size_t most_digits = 18;
  std::map<std::uint64_t, std::string> found;
  const auto beginning = fs::path(path).filename().string() + std::string(word);
  std::error_code error;
  for (fs::directory_iterator it(folder_of(path), error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.starts_with(beginning)) continue;
    const auto rest = name.substr(beginning.size());
    const auto count = std::min(rest.find_first_not_of(digits), rest.size());
    if (count == 0 || count > most_digits || (count < rest.size() && rest[count] != '-')) continue;
    found.emplace(std::stoull(rest.substr(0, count)), path + std::string(word) + rest.substr(0, count));
  }
  if (error && error != std::errc::no_such_file_or_directory) unreachable("open", folder_of(path), error.message());
  return found;
}

std::string half_set_aside(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink < 2) return "";
  for (const auto& [number, name] : numbered(path, aside_word)) {
    struct stat other {};
    if (lstat(name.c_str(), &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino) return name;
  }
  return "";
}

void require_one_name(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return;
  if (S_ISREG(status.st_mode) && status.st_nlink > 1) {
    const auto place = path.substr(0, path.rfind(aside_word));
    if (const auto aside = half_set_aside(place); !aside.empty()) {
      unreachable("open", place,
                  "is being restored, or a restore broke off; then repeat it, or restore " + aside +
                      " to have back what was here");
    }
    unreachable("open", path,
                "has " + std::to_string(status.st_nlink) +
                    " names (hard links), and who comes by another one does not see this log and lock; remove the "
                    "other name, or make a copy and use that");
  }
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx more {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &more) == 0 &&
      (more.stx_attributes_mask & more.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
    unreachable("open", path,
                "is mounted by itself, and who comes by its other name does not see this log and lock; mount its "
                "folder, never the file");
  }
#endif
}

void require_side_files(const std::string& path) {
  for (const auto* ending : {"-wal", "-shm", "-journal"}) {
    struct stat status {};
    const auto name = path + ending;
    if (lstat(name.c_str(), &status) != 0 || S_ISREG(status.st_mode)) continue;
    unreachable("open", path,
                S_ISLNK(status.st_mode) ? name +
                                              " is a link, which SQLite does not follow there; while nobody has the "
                                              "ledger open, put what it leads to in its place, or remove it if it "
                                              "leads to nothing"
                                        : name + " is no file, as what lies beside a ledger has to be; move it away");
  }
}

std::string why_not_writable(const std::string& path) {
  for (const auto& each : {path, folder_of(path)}) {
    if (faccessat(AT_FDCWD, each.c_str(), W_OK, AT_EACCESS) != 0) return each + ": " + std::strerror(errno);
  }
  for (const auto& each : {path + "-shm", path + "-wal"}) {
    if (faccessat(AT_FDCWD, each.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT) continue;
    return each + ": " + std::strerror(errno) + whose(each);
  }
  return "";
}

std::string whose(const std::string& side_file) {
  struct stat status {};
  if (stat(side_file.c_str(), &status) != 0) return "";
  return "; it belongs to user " + std::to_string(status.st_uid) +
         ": give it the owner, group and mode of the database";
}

void share_side_files(const std::string& path) {
  struct stat database {};
  struct stat status {};
  if (stat(path.c_str(), &database) != 0) return;
  for (const auto& each : {path + "-shm", path + "-wal"}) {
    if (stat(each.c_str(), &status) != 0 || status.st_gid == database.st_gid || status.st_uid != geteuid()) continue;
    if (chown(each.c_str(), static_cast<uid_t>(-1), database.st_gid) != 0) return;  // it is for all, as the database
  }
}

std::optional<FileAt> file_at(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileAt{status.st_dev, status.st_ino, status.st_size};
}

int rename_to_free_name(const std::string& from, const std::string& to) {
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  if (has_name(to)) return EEXIST;
  std::error_code error;
  fs::rename(from, to, error);
  return error.value();
}

void Unfinished::remove_left(const std::string& to) {
  for (const auto* ending : {"-journal", "-wal", "-shm", ""}) unlink((path_for(to) + ending).c_str());
}

Unfinished::Unfinished(std::string to, const char* operation, Owner owner, mode_t most)
    : to_(std::move(to)), path_(path_for(to_)), operation_(operation) {
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, most & 0666U);
  if (file >= 0) {
    struct stat given {};
    if (owner == Owner::of_folder) give_to_owner_of_folder(file, path_);
    if (fstat(file, &given) == 0 && (given.st_mode & 07777U & ~most) != 0) fchmod(file, given.st_mode & most);
    ::close(file);
    return;
  }
  const int error = errno;
  if (error == ENOENT) unreachable(operation, to_, "there is no folder " + folder_of(to_));
  if (error != EEXIST) unreachable(operation, folder_of(to_), std::strerror(error));
  unreachable(operation, path_, "is what somebody is making, or what a crash left of it; then remove it");
}

Unfinished::~Unfinished() {
  if (!finished_) remove_left(to_);
}

bool Unfinished::put_in_place() {
  for (const auto* ending : {"-wal", "-shm"}) unlink((path_ + ending).c_str());
  const int error = rename_to_free_name(path_, to_);
  if (error == EEXIST) return false;
  if (error != 0) unreachable(operation_, to_, std::strerror(error));
  finished_ = true;
  flush_folder_of(to_, operation_);
  return true;
}

}  // namespace claimledger::sqlite
