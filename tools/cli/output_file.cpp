#include "cli/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = 256 * 1024;

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

std::string folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

OutputFile::OutputFile(const Session& session, const std::string& path, const char* option)
    : path_(path), target_(behind_links(path, option)) {
  for (const std::string ending : {"", not_whole})
    if (const auto what = wiring::store_file_at(target_ + ending, session.store_address()); !what.empty())
      refuse(option, path + ending, "is " + what + "; give another path");
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
  make_beside(option, there ? std::optional<unsigned>(status.st_mode & 07777U) : std::nullopt);
}

OutputFile::~OutputFile() {
  if (file_ >= 0) close(file_);
  if (!beside_.empty()) unlink(beside_.c_str());
}

// Under a name of its own: two runs that write one place do not disturb each other, and the last is there at the end.
void OutputFile::make_beside(const char* option, std::optional<unsigned> mode) {
  const auto stem = folder_of(target_) + "/.claimledger-" + std::to_string(getpid()) + "-";
  for (int number = 0; file_ < 0; ++number) {
    beside_ = stem + std::to_string(number);
    file_ = open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ >= 0 || errno == EEXIST) continue;
    const std::string why = std::strerror(errno);
    beside_.clear();
    refuse(option, path_, "cannot be written: " + folder_of(target_) + ": " + why);
  }
  if (mode) fchmod(file_, static_cast<mode_t>(*mode));
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

void OutputFile::commit(const std::string& ending) {
  drain();
  if (beside_.empty()) return;
  if (fsync(file_) != 0) failed(errno);
  if (rename(beside_.c_str(), (target_ + ending).c_str()) != 0) failed(errno);
  beside_.clear();
  // Its new name is on disk too.
  const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

void OutputFile::failed(int error) {
  wiring::Failure failure{.kind = "output", .why = path_ + ": " + std::strerror(error)};
  if (!beside_.empty()) failure.why += "; nothing there was changed";
  throw CommandFailure{ExitCode::store_failed, std::move(failure)};
}

}  // namespace claimledger::cli
