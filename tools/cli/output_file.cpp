#include "cli/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "cli/commands.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = 256 * 1024;
constexpr auto own_descriptors = "/proc/self/fd/";

[[noreturn]] void refuse(const char* option, const std::string& path, const std::string& why) {
  throw InvalidInput(option, path + " " + why);
}

// Where a path leads to through links, also where nothing is there yet.
std::string behind_links(const std::string& path, const char* option) {
  constexpr int most_links = 40;  // as Linux has it
  fs::path file = path;
  std::error_code error;
  for (int i = 0; i < most_links; ++i) {
    if (!fs::is_symlink(file, error)) return file.string();
    file = file.parent_path() / fs::read_symlink(file, error);
    if (error) break;
  }
  refuse(option, path, "is a link that leads nowhere");
}

// The descriptor that a path is the name of.
std::optional<int> descriptor_named(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", own_descriptors}) {
    if (!path.starts_with(folder)) continue;
    const auto number = std::string_view(path).substr(folder.size());
    int descriptor = 0;
    const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), descriptor);
    if (error == std::errc() && rest == number.data() + number.size()) return descriptor;
  }
  return std::nullopt;
}

// The system refuses to have such a file written; replaced it would be gone all the same.
bool is_running(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno == ETXTBSY;
  close(file);
  return false;
}

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

OutputFile::OutputFile(const Session& session, const std::string& path, const char* option, Meanwhile meanwhile)
    : path_(path) {
  if (path == "-") refuse(option, path, "is no file name here; ./- is");
  if (const auto descriptor = descriptor_named(path)) {
    target_ = path;
    refuse_stores(session, option);
    file_ = fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (file_ < 0) refuse(option, path, "cannot be written: " + std::string(std::strerror(errno)));
    return;
  }
  target_ = behind_links(path, option);
  refuse_stores(session, option);
  struct stat status {};
  const bool there = stat(target_.c_str(), &status) == 0;
  if (!there && errno != ENOENT) refuse(option, path, "cannot be written: " + std::string(std::strerror(errno)));
  if (there && S_ISDIR(status.st_mode)) refuse(option, path, "is a folder");
  if (there && access(target_.c_str(), W_OK) != 0)
    refuse(option, path, "may not be written: " + std::string(std::strerror(errno)));
  if (there && !S_ISREG(status.st_mode)) {
    file_ = open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file_ < 0) refuse(option, path, "cannot be written: " + std::string(std::strerror(errno)));
    return;
  }
  if (there && is_running(target_)) refuse(option, path, "is a program that is running");
  make_new(option);
  must_not_be_there_ = !there && meanwhile == Meanwhile::kept;
  if (!there) {
    wiring::give_to_owner_of_folder(file_, target_);
    return;
  }
  // It stays with whom it belonged to, as far as we may give files away.
  [[maybe_unused]] const auto given = fchown(file_, status.st_uid, status.st_gid);
  fchmod(file_, status.st_mode & 07777U);
}

bool OutputFile::is_standard_output(const std::string& path) { return descriptor_named(path) == STDOUT_FILENO; }

OutputFile::~OutputFile() {
  if (file_ >= 0) close(file_);
  if (!beside_.empty()) unlink(beside_.c_str());
}

void OutputFile::refuse_stores(const Session& session, const char* option) const {
  for (const std::string ending : {"", not_whole})
    if (const auto what = wiring::store_file_at(target_ + ending, session.store_address()); !what.empty())
      refuse(option, path_ + ending, "is " + what + "; give another path");
  if (const auto what = wiring::side_file_named(target_); !what.empty())
    refuse(option, path_, "has the name of " + what + "; give another one");
  if (target_.ends_with(".db"))  // a folder of ledgers would take it for one
    refuse(option, path_, "has the name of a database; give another one");
}

template <class Take>
bool OutputFile::take_name(Take take) {
  const auto stem = folder_of(target_) + "/.claimledger-" + std::to_string(getpid()) + "-";
  for (int number = 0;; ++number) {
    beside_ = stem + std::to_string(number);
    if (take(beside_.c_str())) return true;
    if (errno == EEXIST) continue;
    beside_.clear();
    return false;
  }
}

// Two runs that write one place do not disturb each other, and the last is there at the end.
void OutputFile::make_new(const char* option) {
  is_new_ = true;
  const auto folder = folder_of(target_);
  // Not every file system has files without a name, and it is by /proc that one is given a name later.
  if (access(own_descriptors, X_OK) == 0) file_ = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  const bool made = file_ >= 0 || take_name([&](const char* name) {
                      file_ = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                      return file_ >= 0;
                    });
  if (!made) refuse(option, path_, "cannot be written: " + folder + ": " + std::strerror(errno));
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_size) drain();
}

void OutputFile::drain() {
  std::string_view left = buffer_;
  while (!left.empty()) {
    const auto written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) failed(errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

// Nobody has named this file: what has its name may be an earlier one, kept for what is in it.
bool OutputFile::take_free_place(const std::string& ending) {
  for (int number = 1;; ++number) {
    const auto suffix = ending + (number == 1 ? "" : "-" + std::to_string(number));
    if (link(beside_.c_str(), (target_ + suffix).c_str()) == 0) {
      unlink(beside_.c_str());
      beside_.clear();
      named_ = path_ + suffix;
      return true;
    }
    if (errno != EEXIST) return false;  // a file system without second names
  }
}

void OutputFile::take_place(const std::string& ending) {
  if (!ending.empty() && take_free_place(ending)) return;
  const auto place = target_ + ending;
  // A file system without second names cannot tell, and replaces.
  const bool linked = must_not_be_there_ && link(beside_.c_str(), place.c_str()) == 0;
  const bool taken = must_not_be_there_ && !linked && errno == EEXIST;
  const auto name = taken ? place + "." + std::to_string(getpid()) : place;
  if (linked)
    unlink(beside_.c_str());
  else if (rename(beside_.c_str(), name.c_str()) != 0)
    failed(errno, ending);
  beside_.clear();
  if (taken)
    throw CommandFailure{ExitCode::store_failed,
                         {.kind = "output", .why = path_ + ": somebody made it meanwhile; this one is " + name}};
}

void OutputFile::commit(const std::string& ending) {
  named_ = path_ + (is_new_ ? ending : "");
  drain();
  if (!is_new_) return;
  if (fsync(file_) != 0) failed(errno);
  const auto without_name = own_descriptors + std::to_string(file_);
  const bool named = !beside_.empty() || take_name([&](const char* name) {
    return linkat(AT_FDCWD, without_name.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
  });
  if (!named) failed(errno);
  take_place(ending);
  // Its new name is on disk too.
  const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

void OutputFile::failed(int error, const std::string& ending) {
  wiring::Failure failure{.kind = "output", .why = path_ + ending + ": " + std::strerror(error)};
  if (is_new_) failure.why += "; nothing of it is kept, and nothing there was changed";
  throw CommandFailure{ExitCode::store_failed, std::move(failure)};
}

}  // namespace claimledger::cli
