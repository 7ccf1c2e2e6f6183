#include "file_identity.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "claimledger/failure.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void unreachable(const char* operation, const std::string& path, const std::string& why) {
  throw StoreFailure(FailureKind::unreachable, operation, path + ": " + why);
}

bool has_no_entry(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) != 0 && errno == ENOENT;
}

// The new name is there after a crash only once its folder was flushed. Some file systems have no flush for folders.
void flush_folder_of(const std::string& path, const char* operation) {
  const auto folder = folder_of(path);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  const int error = fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (error == 0 || error == EINVAL || error == ENOTSUP || error == EROFS) return;
  throw StoreFailure(FailureKind::exhausted, operation, folder + ": " + std::strerror(error));
}

// 0, or what errno says. Never takes the place of what is there, wherever the system can promise that.
int rename_to_free_name(const std::string& from, const std::string& to) {
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  if (!has_no_entry(to)) return EEXIST;
  return std::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto end = path.find_last_not_of('/');  // a folder may have a slash behind it
  const auto folder = fs::path(path.substr(0, end == std::string::npos ? 1 : end + 1)).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string behind_links(const std::string& path) {
  constexpr int most_links = 40;  // as Linux has it
  fs::path file = path;
  std::error_code error;
  for (int i = 0; i < most_links; ++i) {
    if (!fs::is_symlink(file, error)) {
      if (i > 0 && has_no_entry(file.string())) {
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
  const auto file = behind_links(path);
  struct stat status {};
  if (stat(file.c_str(), &status) == 0) return true;
  const int error = errno;
  if (error != ENOENT) unreachable("open", path, std::strerror(error));
  const auto folder = folder_of(file);
  if (stat(folder.c_str(), &status) != 0) unreachable("open", folder, "there is no such folder");
  return false;
}

void make_file(const std::string& path, const char* operation) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0 && errno == EEXIST) unreachable(operation, path, "exists already; give a path that does not");
  if (file < 0) unreachable(operation, path, std::strerror(errno));
  ::close(file);
}

bool put_in_place(const std::string& from, const std::string& to, const char* operation) {
  const int error = rename_to_free_name(from, to);
  if (error == EEXIST) return false;
  if (error != 0) unreachable(operation, to, std::strerror(error));
  flush_folder_of(to, operation);
  return true;
}

}  // namespace claimledger::sqlite
