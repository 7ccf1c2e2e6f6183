#include "agent_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "claimledger/domain/digest.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "file_identity.hpp"

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

namespace {

namespace fs = std::filesystem;

std::string mark_of(const std::string& directory) { return (fs::path(directory) / ".claimledger").string(); }

constexpr std::string_view mark_text =
    "The databases in this folder are ledgers of claimledger, each of the agent that its name says: sqlite:FOLDER/\n";

}  // namespace

void mark_directory(const std::string& path) {
  const auto mark = mark_of(path);
  if (has_name(mark)) return;
  const int file = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return;
  [[maybe_unused]] const auto written = ::write(file, mark_text.data(), mark_text.size());
  give_to_owner_of_folder(file, mark);
  ::close(file);
}

namespace {

// Nobody else's file of that name says anything.
bool has_mark(const std::string& directory) {
  const int file = ::open(mark_of(directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  std::string text(mark_text.size() + 1, '\0');
  const auto size = ::read(file, text.data(), text.size());
  ::close(file);
  return size == static_cast<ssize_t>(mark_text.size()) && text.compare(0, mark_text.size(), mark_text) == 0;
}

}  // namespace

void forget_directory(const std::string& path) {
  if (has_mark(path) && !is_directory_of_ledgers(path)) unlink(mark_of(path).c_str());
}

// An emptied one is free for anything.
bool is_directory_of_ledgers(const std::string& path) {
  if (!has_mark(path)) return false;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ending && it->is_regular_file(error)) return true;
  }
  return false;
}

}  // namespace claimledger::sqlite
