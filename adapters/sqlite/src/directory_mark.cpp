#include "directory_mark.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "file_identity.hpp"

namespace claimledger::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark_text =
    "The databases in this folder are ledgers of claimledger, each of the agent that its name says: sqlite:FOLDER/\n";

std::string mark_of(const std::string& directory) { return (fs::path(directory) / directory_mark).string(); }

// Nobody else's file of that name says anything.
bool has_mark(const std::string& directory) {
  const int file = ::open(mark_of(directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  std::string text(mark_text.size() + 1, '\0');
  const auto size = ::read(file, text.data(), text.size());
  ::close(file);
  return size == static_cast<ssize_t>(mark_text.size()) && text.compare(0, mark_text.size(), mark_text) == 0;
}

// One that may not be listed is not taken for empty.
bool has_databases(const std::string& directory) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".db" && it->is_regular_file(error)) return true;
  }
  if (error) throw StoreFailure(FailureKind::unreachable, "open", directory + ": " + error.message());
  return false;
}

}  // namespace

bool make_directory(const std::string& path, const char* operation) {
  if (mkdir(path.c_str(), 0777) != 0) {
    const int why = errno;
    std::error_code error;
    if (fs::is_directory(path, error)) return false;
    throw StoreFailure(FailureKind::unreachable, operation, path + ": " + std::strerror(why));
  }
  const auto name = path.substr(0, path.find_last_not_of('/') + 1);
  const int made = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (made < 0) return true;  // somebody took it away: the next call says so
  give_to_owner_of_folder(made, path);
  ::close(made);
  return true;
}

bool put_directory_in_place(const std::string& made, const std::string& to, const char* operation) {
  const int error = rename_to_free_name(made, to);
  if (error == EEXIST) return false;
  if (error != 0) throw StoreFailure(FailureKind::unreachable, operation, to + ": " + std::strerror(error));
  flush_folder_of(to, operation);
  return true;
}

void mark_directory(const std::string& path) {
  const auto mark = mark_of(path);
  if (has_name(mark)) return;
  const int file = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return;
  [[maybe_unused]] const auto written = ::write(file, mark_text.data(), mark_text.size());
  give_to_owner_of_folder(file, mark);
  ::close(file);
}

void forget_directory(const std::string& path) {
  if (has_mark(path) && !has_databases(path)) unlink(mark_of(path).c_str());
}

// An emptied one is free for anything.
bool is_directory_of_ledgers(const std::string& path) { return has_mark(path) && has_databases(path); }

}  // namespace claimledger::sqlite
