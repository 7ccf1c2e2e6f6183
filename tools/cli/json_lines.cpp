#include "cli/json_lines.hpp"

#include <fcntl.h>
#include <sys/poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "claimledger/failure.hpp"
#include "cli/stopping.hpp"

namespace claimledger::cli {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

[[noreturn]] void fail_to_read(const std::string& name) {
  throw InvalidInput(JsonLines::unreadable, "cannot be read: " + name + ": " + std::strerror(errno));
}

}  // namespace

JsonLines::JsonLines(const std::string& path, std::size_t longest, const Stopping* stopping)
    : name_(path == "-" ? "standard input" : path), longest_(longest), stopping_(stopping), buffer_(buffer_size) {
  file_ = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file_ < 0 || fstat(file_, &status) != 0) fail_to_read(name_);
  if (S_ISDIR(status.st_mode)) throw InvalidInput(unreadable, "is a directory: " + name_);
  if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
}

JsonLines::~JsonLines() {
  if (file_ > STDIN_FILENO) close(file_);
}

bool JsonLines::next(std::string& line) {
  if (in_long_line_) skip_rest();
  while (read(line)) {
    ++number_;
    if (number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") != std::string::npos) return true;
  }
  return false;
}

// An endless line must not take all memory.
bool JsonLines::read(std::string& line) {
  line.clear();
  if (stopping_ != nullptr && stopping_->requested()) return false;
  while (at_ < end_ || refill()) {
    const auto* begin = buffer_.data() + at_;
    const auto* newline = static_cast<const char*>(std::memchr(begin, '\n', end_ - at_));
    const auto count = newline == nullptr ? end_ - at_ : static_cast<std::size_t>(newline - begin);
    const auto room = longest_ - line.size();
    line.append(begin, std::min(count, room));
    at_ += std::min(count, room);
    bytes_ += std::min(count, room);
    if (count > room) {
      ++number_;
      in_long_line_ = true;
      throw InvalidInput("line", "is longer than " + std::to_string(longest_) + " bytes");
    }
    if (newline == nullptr) continue;
    ++at_;
    ++bytes_;
    return true;
  }
  // What was read of a line when a stop came is no line.
  return !line.empty() && (stopping_ == nullptr || !stopping_->requested());
}

void JsonLines::skip_rest() {
  in_long_line_ = false;
  while (at_ < end_ || refill()) {
    const bool last = buffer_[at_++] == '\n';
    ++bytes_;
    if (last) return;
  }
}

// False at the end, and where a stop is requested.
bool JsonLines::refill() {
  for (;;) {
    if (stopping_ != nullptr) {
      pollfd watched[] = {{file_, POLLIN, 0}, {stopping_->descriptor(), POLLIN, 0}};
      if (poll(watched, 2, -1) < 0 && errno != EINTR) fail_to_read(name_);
      if (watched[1].revents != 0) return false;
    }
    const auto count = ::read(file_, buffer_.data(), buffer_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_to_read(name_);
    at_ = 0;
    end_ = static_cast<std::size_t>(count);
    return count > 0;
  }
}

}  // namespace claimledger::cli
