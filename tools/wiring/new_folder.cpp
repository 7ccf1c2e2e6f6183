#include "wiring/new_folder.hpp"

#include <filesystem>
#include <system_error>

#include "claimledger/failure.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::wiring {
namespace {

namespace fs = std::filesystem;

std::string without_slash(const std::string& path) { return path.substr(0, path.find_last_not_of('/') + 1); }

}  // namespace

void require_nothing_at(const std::string& to) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(to, error)))
    throw InvalidInput("to", to + " is there already; name what does not exist yet");
  const auto folder = fs::path(without_slash(to)).parent_path();  // also of "copies/"
  if (!folder.empty() && !fs::is_directory(folder, error))
    throw InvalidInput("to", "there is no folder " + folder.string() + "; make it first");
}

void require_place_for_folder(const std::string& to) {
  if (to == "-") throw InvalidInput("to", "- is no name of a folder here; ./- is");
  require_nothing_at(to);
  const auto name = without_slash(to);
  if (const auto what = side_file_named(name); !what.empty())
    throw InvalidInput("to", to + " has the name of " + what + "; give another one");
  if (name.ends_with(".db")) throw InvalidInput("to", to + " has the name of a database; give another one");
  const auto folder = fs::path(name).parent_path().string();
  if (sqlite::is_directory_of_ledgers(folder.empty() ? "." : folder))
    throw InvalidInput("to", to + " lies in a folder of ledgers, which is for these alone; name a place outside");
}

NewFolder::NewFolder(const std::string& to, const char* operation)
    : name_(without_slash(to)), path_(name_ + unfinished), operation_(operation) {
  if (!sqlite::make_directory(path_, operation_))
    throw StoreFailure(FailureKind::refused, operation_,
                       path_ + " is what somebody is making, or what a crash left of it; then remove it");
}

NewFolder::~NewFolder() {
  std::error_code error;
  if (!in_place_) fs::remove_all(path_, error);
}

void NewFolder::put_in_place() {
  if (!sqlite::put_directory_in_place(path_, name_, operation_))
    throw StoreFailure(FailureKind::refused, operation_, name_ + ": is there already");
  in_place_ = true;
}

}  // namespace claimledger::wiring
