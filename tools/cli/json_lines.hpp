#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace claimledger::cli {

class Stopping;

// The lines of a file, or of standard input for "-", one at a time. Blank lines are passed over but counted.
// Failure: InvalidInput where the file cannot be opened or read, or a line is longer than `longest`; after the latter
// the next call goes on behind that line.
class JsonLines {
 public:
  static constexpr std::size_t claim_line = 16 * 1024 * 1024;  // a value of 1 MiB, escaped, and all its fields
  static constexpr std::size_t batch_line = std::size_t{4} * 1024 * 1024 * 1024;

  // What InvalidInput calls the file as a whole, where it can be read no further.
  static constexpr const char* unreadable = "file";

  // With `stopping` a requested stop ends the input, also while it waits for more.
  explicit JsonLines(const std::string& path, std::size_t longest = claim_line, const Stopping* stopping = nullptr);
  ~JsonLines();
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;

  // False at the end.
  bool next(std::string& line);

  std::uint64_t number() const { return number_; }             // of the line last read, from 1
  std::uint64_t bytes() const { return bytes_; }               // read so far
  std::optional<std::uint64_t> size() const { return size_; }  // of a regular file

 private:
  bool read(std::string& line);
  void skip_rest();
  bool refill();

  int file_ = -1;
  std::string name_;
  std::size_t longest_;
  const Stopping* stopping_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;  // what is left of the buffer
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<std::uint64_t> size_;
  bool in_long_line_ = false;
};

}  // namespace claimledger::cli
