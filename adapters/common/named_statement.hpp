#pragma once

#include <string_view>

namespace claimledger::common {

// The statement that follows the line `-- name: <name>` in a file of SQL, up to the next such line. A name that is not
// there does not compile.
consteval std::string_view named_statement(std::string_view file, std::string_view name) {
  constexpr std::string_view marker = "-- name: ";
  for (auto at = file.find(marker); at != std::string_view::npos; at = file.find(marker, at + 1)) {
    const auto begin = at + marker.size();
    const auto end_of_line = file.find('\n', begin);
    if (file.substr(begin, end_of_line - begin) != name) continue;
    const auto next = file.find(marker, end_of_line);
    return file.substr(end_of_line + 1, next == std::string_view::npos ? next : next - end_of_line - 1);
  }
  throw "no statement of this name";
}

}  // namespace claimledger::common
