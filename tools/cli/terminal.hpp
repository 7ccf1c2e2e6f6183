#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wiring/hidden.hpp"

// Output for the user: standard output for answers, standard error for progress.
namespace claimledger::cli {

enum class Tone { plain, strong, good, bad, faint };

// `text` in a colour, where standard output is a terminal and NO_COLOR is not set; otherwise `text`.
std::string toned(Tone tone, std::string_view text);

// One line, or several, to standard output. Failure: OutputFailure when it cannot be written (a full disk).
void print(std::string_view text);
// Everything printed so far is with the reader: after an acknowledgement, and at the end.
void flush_output();
// A remark to standard error that is not part of the answer.
void note(std::string_view text);

struct OutputFailure {};

// Text that somebody else wrote, safe to show; with a width, cut after about so many characters.
using wiring::printable;
std::string printable(std::string_view text, std::size_t width);
// How many columns UTF-8 text takes, one a code point.
std::size_t columns(std::string_view text);
std::string padded(std::string text, std::size_t width);
// "1 batch", "2 batches".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

// "90 s": rounded down.
std::string seconds(std::chrono::microseconds length);

// A bar on standard error for what takes longer than two seconds, only on a terminal.
class Progress {
 public:
  explicit Progress(std::string label);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total` absent: how much there is is not known.
  void at(std::uint64_t done, std::optional<std::uint64_t> total);

 private:
  std::string label_;
  bool wanted_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point drawn_at_;
};

}  // namespace claimledger::cli
