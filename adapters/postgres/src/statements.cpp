#include "statements.hpp"

namespace claimledger::postgres {

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + '"';
}

Statements::Statements(const std::string& schema) {
  constexpr std::string_view mark = ":\"schema\"";
  const auto name_of_schema = quoted(schema);
  for (std::size_t i = 0; i < query_count; ++i) {
    std::string_view rest = statements[i].text;
    for (auto at = rest.find(mark); at != std::string_view::npos; at = rest.find(mark)) {
      texts_[i] += rest.substr(0, at);
      texts_[i] += name_of_schema;
      rest.remove_prefix(at + mark.size());
    }
    texts_[i] += rest;
  }
}

}  // namespace claimledger::postgres
