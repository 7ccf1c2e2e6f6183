#include "cli/terminal.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace claimledger::cli {
namespace {

using namespace std::chrono_literals;

bool colour_wanted() {
  static const bool wanted = [] {
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) != 0;
  }();
  return wanted;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

std::string toned(Tone tone, std::string_view text) {
  if (!colour_wanted() || tone == Tone::plain) return std::string(text);
  const char* begin = "";
  switch (tone) {
    case Tone::plain:
      break;
    case Tone::strong:
      begin = "\033[1m";
      break;
    case Tone::good:
      begin = "\033[32m";
      break;
    case Tone::bad:
      begin = "\033[31m";
      break;
    case Tone::faint:
      begin = "\033[2m";
      break;
  }
  return begin + std::string(text) + "\033[0m";
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw OutputFailure{};
}

void flush_output() {
  // Also what failed before, between two answers.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw OutputFailure{};
}

void note(std::string_view text) {
  std::fflush(stdout);  // so that the two streams come in order on a terminal; a failure shows at the next print
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string printable(std::string_view text, std::size_t width) {
  std::size_t characters = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (is_continuation(text[end])) continue;
    if (characters++ == width) break;
  }
  return end == text.size() ? printable(text) : printable(text.substr(0, end)) + "…";
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += is_continuation(byte) ? 0 : 1;
  return count;
}

std::string padded(std::string text, std::size_t width) {
  const auto used = columns(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::string seconds(std::chrono::microseconds length) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(length).count()) + " s";
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

Progress::Progress(std::string label)
    : label_(std::move(label)), wanted_(isatty(STDERR_FILENO) != 0), begun_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::at(std::uint64_t done, std::optional<std::uint64_t> total) {
  if (!wanted_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - begun_ < 2s || now - drawn_at_ < 100ms) return;
  drawn_at_ = now;
  drawn_ = true;
  if (!total || *total == 0) {
    std::fprintf(stderr, "\r\033[K%s %llu", label_.c_str(), static_cast<unsigned long long>(done));
  } else {
    constexpr std::uint64_t width = 30;
    const auto filled = static_cast<int>(done * width / *total);
    std::fprintf(stderr, "\r\033[K%s [%.*s%*s] %llu%%", label_.c_str(), filled, "##############################",
                 static_cast<int>(width) - filled, "", static_cast<unsigned long long>(done * 100 / *total));
  }
  std::fflush(stderr);
}

}  // namespace claimledger::cli
