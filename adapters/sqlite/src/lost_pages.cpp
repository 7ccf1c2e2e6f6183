#include "lost_pages.hpp"

#include <functional>
#include <set>
#include <vector>

#include "database.hpp"
#include "file_identity.hpp"
#include "log_frames.hpp"

namespace claimledger::sqlite {

namespace {

// Visits the frames that a recovery would read, until one is not wanted.
void visit_frames(const Bytes& log, const LogHeader& header, const std::function<bool(const Frame&)>& wants_next) {
  if (!header.is_whole()) return;
  LogFrames frames(log, header.page_size());
  auto before = header.sum();
  while (const auto frame = frames.next()) {
    if (!frame->follows(header.salts(), before, header.first_byte_first()) || !wants_next(*frame)) return;
    before = frame->sum();
  }
}

// What a recovery would find.
struct Committed {
  std::uint32_t database_pages = 0;  // how many the database has by the last commit; 0: there is none
  std::set<std::uint32_t> pages;     // that are in the log
};

Committed committed_in(const Bytes& log, const LogHeader& header) {
  Committed found;
  std::vector<std::uint32_t> since_commit;
  visit_frames(log, header, [&](const Frame& frame) {
    since_commit.push_back(frame.page_number());
    if (!frame.commits()) return true;
    found.pages.insert(since_commit.begin(), since_commit.end());
    found.database_pages = frame.database_pages();
    since_commit.clear();
    return true;
  });
  return found;
}

// SQLite locks these bytes and never writes the page that they are in.
std::int64_t locked_page(std::int64_t page_size) { return 0x40000000 / page_size + 1; }

// What the database should have is read first: its file only grows meanwhile. A checkpoint may have made the header say
// more than the file has yet; what is missing is in the log then, which is emptied only behind that.
std::optional<CutFile> look(const std::string& path) {
  if (has_journal(path)) return std::nullopt;
  const Bytes log(path + "-wal");
  const auto header = log_header(log);
  const auto committed = committed_in(log, header);
  const auto database_header = Bytes(path).read(0, database_header_size).value_or("");
  const bool by_log = committed.database_pages != 0;
  const auto page_size = static_cast<std::int64_t>(by_log ? header.page_size() : page_size_in(database_header));
  if (database_header.empty() || page_size == 0) return std::nullopt;
  const std::int64_t pages = by_log ? committed.database_pages : pages_in(database_header);
  const auto file = file_at(path);
  if (!file) return std::nullopt;
  for (auto page = file->size / page_size + 1; page <= pages; ++page) {
    if (page == locked_page(page_size) || committed.pages.contains(static_cast<std::uint32_t>(page))) continue;
    return CutFile{file->size, pages * page_size};
  }
  return std::nullopt;
}

}  // namespace

// Who makes it shorter meanwhile (VACUUM) may be met between log and file, but not at the same place again.
std::optional<CutFile> cut_file(const std::string& path) {
  const auto file = behind_links(path);
  std::optional<CutFile> before;
  constexpr int tries = 100;
  for (int i = 0; i < tries; ++i) {
    const auto found = look(file);
    if (!found || found == before) return found;
    before = found;
  }
  return std::nullopt;
}

bool log_holds_ledger(const std::string& path) {
  const Bytes log(behind_links(path) + "-wal");
  bool of_ledger = false;
  bool committed = false;
  visit_frames(log, log_header(log), [&](const Frame& frame) {
    of_ledger = of_ledger || (frame.page_number() == 1 && application_id_in(frame.page) == application_id);
    committed = of_ledger && frame.commits();
    return !committed;
  });
  return committed;
}

}  // namespace claimledger::sqlite
