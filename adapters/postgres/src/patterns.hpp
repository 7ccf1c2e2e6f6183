#pragma once

#include <regex>

namespace claimledger::postgres {

// What is looked for in connection strings and in what servers say. All are made at once, by whoever needs the first:
// libstdc++ fills a table of the locale while it makes one, and does so without a lock.
struct Patterns {
  std::regex option{"[A-Za-z_]+"};
  std::regex option_behind_password{R"(password\s*=\s*[^'\s]\S*\s+(\S+?)\s*=)", std::regex::icase};
  std::regex password_in_address{R"(((?:postgres|postgresql)://[^:@/\s]*):[^@/\s]*@)"};
  std::regex password{R"(((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+))", std::regex::icase};
  std::regex state{R"((:  )([0-9A-Z]{5}): )"};
  std::regex place_in_source{R"(\n[^\n:]+:  \w+, [^\n:, ]+:[0-9]+(?=\n|$))"};
};

inline const Patterns& patterns() {
  static const Patterns all;
  return all;
}

}  // namespace claimledger::postgres
