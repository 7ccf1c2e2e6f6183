#include "agent_files.hpp"

#include <algorithm>

#include "claimledger/domain/digest.hpp"

namespace claimledger::sqlite {

namespace {

constexpr std::string_view ending = ".db";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t longest_spelling = 120;
constexpr char digest_mark = '=';  // a spelled name holds none

// Lower-case letters, digits, '-' and '_' stand for themselves; every other byte is %xx.
bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

}  // namespace

std::string file_name(const AgentId& agent) {
  std::string spelled;
  for (const char c : agent.value) {
    if (plain(c)) {
      spelled += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      spelled += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  if (spelled.size() > longest_spelling) spelled = digest_mark + sha256({agent.value}).hex();
  return spelled.append(ending);
}

std::optional<FileName> read_file_name(const std::string& name) {
  if (!name.ends_with(ending)) return {};
  const std::string_view stem(name.data(), name.size() - ending.size());
  if (stem.size() == 65 && stem.front() == digest_mark) return FileName{};
  AgentId agent;
  for (std::size_t i = 0; i < stem.size(); ++i) {
    if (stem[i] != '%') {
      agent.value += stem[i];
      continue;
    }
    if (i + 2 >= stem.size()) return {};
    const auto high = digits.find(stem[i + 1]);
    const auto low = digits.find(stem[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    agent.value += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (agent.value.empty() || file_name(agent) != name) return {};
  return FileName{std::move(agent)};
}

}  // namespace claimledger::sqlite
