#pragma once

#include <cstdint>
#include <fstream>
#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace claimledger::cli {

// The lines of a file, or of standard input for "-", one at a time. Blank lines are passed over but counted.
// Failure: InvalidInput where the file cannot be opened or a line is longer than `longest`; the next call goes on
// behind that line.
class JsonLines {
 public:
  static constexpr std::size_t claim_line = 16 * 1024 * 1024;  // a value of 1 MiB, escaped, and all its fields
  static constexpr std::size_t batch_line = std::size_t{4} * 1024 * 1024 * 1024;

  explicit JsonLines(const std::string& path, std::size_t longest = claim_line);

  // False at the end.
  bool next(std::string& line);

  std::uint64_t number() const { return number_; }             // of the line last read, from 1
  std::uint64_t bytes() const { return bytes_; }               // read so far
  std::optional<std::uint64_t> size() const { return size_; }  // of a regular file

 private:
  bool read(std::string& line);
  void skip_rest();

  std::ifstream file_;
  std::istream* in_;
  std::size_t longest_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<std::uint64_t> size_;
  bool in_long_line_ = false;
};

}  // namespace claimledger::cli
