#pragma once

#include <string>

namespace claimledger::wiring {

// Failure: InvalidInput{"to"} where something is at a path already, or the folder around it is not there.
void require_nothing_at(const std::string& to);
// The same, and where a folder may not be: under a name that a store has for a file, or in a folder of ledgers.
void require_place_for_folder(const std::string& to);

// A folder that has another name, `to` with "-unfinished", until all is in it: who is killed over it leaves nothing
// that could be taken for it. Unless it was put in place it is gone with this, and all that is in it.
class NewFolder {
 public:
  // Failure: StoreFailure of this operation: refused where the unfinished one is there, which somebody is making or a
  // crash has left; unreachable.
  NewFolder(const std::string& to, const char* operation);
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  static constexpr auto unfinished = "-unfinished";

  // Its name in the end, without a slash behind it.
  const std::string& name() const { return name_; }
  // Where it is so far.
  const std::string& path() const { return path_; }
  // For good. Failure: StoreFailure: refused where something has its name; unreachable, exhausted.
  void put_in_place();

 private:
  std::string name_;
  std::string path_;
  const char* operation_;
  bool in_place_ = false;
};

}  // namespace claimledger::wiring
