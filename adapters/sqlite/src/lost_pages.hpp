#pragma once

#include <cstdint>
#include <optional>
#include <string>

// Whether a database lacks what it had, as its bytes and those of its log say. Both are read as they stand, also while
// others write them.
namespace claimledger::sqlite {

// A file that ends too early, in bytes.
struct CutFile {
  std::int64_t has = 0;
  std::int64_t should_have = 0;
  bool operator==(const CutFile&) const = default;
};

// Nothing: each page of the database is in its file, or in a commit of its log. Where a journal lies beside it this is
// not asked: what that undoes may be longer than the file.
std::optional<CutFile> cut_file(const std::string& path);

// Whether the log beside a file, which need be no database any more, holds a commit of a ledger.
bool log_holds_ledger(const std::string& path);

}  // namespace claimledger::sqlite
