#include "cli/json_lines.hpp"

#include <filesystem>
#include <iostream>

#include "claimledger/failure.hpp"

namespace claimledger::cli {

JsonLines::JsonLines(const std::string& path, std::size_t longest) : in_(&std::cin), longest_(longest) {
  if (path == "-") {
    std::ios::sync_with_stdio(false);
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw InvalidInput("file", "is a directory: " + path);
  file_.open(path, std::ios::binary);
  if (!file_) throw InvalidInput("file", "cannot be read: " + path);
  in_ = &file_;
  if (std::filesystem::is_regular_file(path, error)) size_ = std::filesystem::file_size(path, error);
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

// Not std::getline: an endless line must not take all memory.
bool JsonLines::read(std::string& line) {
  line.clear();
  auto& buffer = *in_->rdbuf();
  for (;;) {
    const auto byte = buffer.sbumpc();
    if (byte == std::istream::traits_type::eof()) return !line.empty();
    ++bytes_;
    if (byte == '\n') return true;
    if (line.size() == longest_) {
      ++number_;
      in_long_line_ = true;
      throw InvalidInput("line", "is longer than " + std::to_string(longest_) + " bytes");
    }
    line += static_cast<char>(byte);
  }
}

void JsonLines::skip_rest() {
  auto& buffer = *in_->rdbuf();
  for (in_long_line_ = false;;) {
    const auto byte = buffer.sbumpc();
    if (byte == std::istream::traits_type::eof()) return;
    ++bytes_;
    if (byte == '\n') return;
  }
}

}  // namespace claimledger::cli
