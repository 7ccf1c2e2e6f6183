#include "wiring/store_files.hpp"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::wiring {
namespace {

namespace fs = std::filesystem;

constexpr const char* database = "a database";
constexpr const char* mark = "the mark of a folder of ledgers";

// What lies beside a database, by the end of its name.
constexpr std::array<std::pair<std::string_view, const char*>, 5> companions = {
    {{"-wal", "the log of a database"},
     {"-shm", "the index of a database's log"},
     {"-lock", "the lock of a database"},
     {"-journal", "the journal of a database"},
     {"-unfinished", "a database that is being made"}}};

std::string beginning(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return "";
  std::array<char, 16> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  return {bytes.data(), static_cast<std::size_t>(file.gcount())};
}

// As https://sqlite.org/walformat.html has it: 0x377F0682, or plus 1.
bool is_log(const std::string& path) {
  const auto bytes = beginning(path);
  return bytes.starts_with("\x37\x7F\x06\x82") || bytes.starts_with("\x37\x7F\x06\x83");
}

using Identity = std::pair<dev_t, ino_t>;
std::optional<Identity> identity(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

// Where a store in files is; empty: it is in none.
std::string path_of(std::string_view address) {
  constexpr std::string_view scheme = "sqlite:";
  return address.starts_with(scheme) ? std::string(address.substr(scheme.size())) : "";
}

// The databases of the store, whether they are there or not.
std::vector<std::string> databases_of(std::string_view address) {
  const auto path = path_of(address);
  if (path.empty()) return {};
  std::error_code error;
  if (!path.ends_with('/') && !fs::is_directory(path, error)) return {path};
  std::vector<std::string> found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".db") found.push_back(it->path().string());
  return found;
}

std::string behind_links(const std::string& path) {
  std::error_code error;
  const auto real = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? path : real.string();
}

// "agent.db.restoring-1", the copy that restore makes beside a database.
bool is_being_restored(std::string_view name) {
  constexpr std::string_view word = ".restoring-";
  const auto at = name.rfind(word);
  if (at == std::string_view::npos || at == 0) return false;
  const auto number = name.substr(at + word.size());
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool is_database(const std::string& path) { return beginning(path) == std::string_view("SQLite format 3\0", 16); }

void give_to_owner_of_folder(int file, const std::string& path) { sqlite::give_to_owner_of_folder(file, path); }

void make_folders(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return;
  const auto around = fs::path(path).parent_path();
  if (around.has_relative_path()) make_folders(around.string());
  sqlite::make_directory(path, "open");
}

std::string side_file_named(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  const std::string_view name(path.data(), end == std::string::npos ? 0 : end + 1);
  for (const auto& [ending, what] : companions)
    if (name.ends_with(ending)) return what;
  if (fs::path(name).filename() == sqlite::directory_mark) return mark;
  return is_being_restored(name) ? "a copy that is being restored" : "";
}

std::string store_file_at(const std::string& path, std::string_view address) {
  if (is_database(path)) return database;
  if (is_log(path)) return companions[0].second;
  const auto real = behind_links(path);
  if (fs::path(real).filename() == sqlite::directory_mark) return mark;
  for (const auto& [ending, what] : companions)
    if (real.ends_with(ending) && is_database(real.substr(0, real.size() - ending.size()))) return what;
  const auto wanted = identity(path);
  for (const auto& name : databases_of(address)) {
    const auto one = behind_links(name);
    if (one == real || (wanted && identity(one) == wanted)) return database;
    for (const auto& [ending, what] : companions) {
      const auto beside = one + std::string(ending);
      if (beside == real || (wanted && identity(beside) == wanted)) return what;
    }
  }
  return "";
}

}  // namespace claimledger::wiring
