#include <atomic>
#include <bit>
#include <fstream>
#include <map>
#include <thread>

#include "log_frames.hpp"
#include "support.hpp"

// A database that was cut, or has lost its beginning, beside a log in use: what the log has is not lost, and the rest
// is not passed over.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_size = 4096;
constexpr std::size_t frame_size = frame_header_size + page_size;

std::string four_bytes(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

// The newest page of each number, up to the last commit.
std::map<std::uint32_t, std::string> pages_of(const std::string& log) {
  std::map<std::uint32_t, std::string> pages;
  std::map<std::uint32_t, std::string> since_commit;
  const auto salts = log.substr(16, 8);
  for (auto at = log_header_size; at + frame_size <= log.size() && log.substr(at + 8, 8) == salts; at += frame_size) {
    since_commit[number_at(log, at)] = log.substr(at + frame_header_size, page_size);
    if (number_at(log, at + 4) == 0) continue;
    for (auto& [number, page] : since_commit) pages[number] = std::move(page);
    since_commit.clear();
  }
  return pages;
}

// A log with all pages of a database, in one commit or before it came.
std::string log_of_all(const std::string& database, bool committed = true) {
  const bool first_byte_first = std::endian::native == std::endian::big;
  const auto with_sum = [](Checksum sum) { return four_bytes(sum.a) + four_bytes(sum.b); };
  std::string log = four_bytes(0x377F0682U + (first_byte_first ? 1 : 0)) + four_bytes(3'007'000) +
                    four_bytes(page_size) + four_bytes(0) + "saltsalt";
  Checksum sum;
  sum.add(log, first_byte_first);
  log += with_sum(sum);
  const auto pages = static_cast<std::uint32_t>(database.size() / page_size);
  for (std::uint32_t page = 1; page <= pages; ++page) {
    const auto header = four_bytes(page) + four_bytes(committed && page == pages ? pages : 0);
    const auto content = database.substr((page - 1) * page_size, page_size);
    sum.add(header, first_byte_first);
    sum.add(content, first_byte_first);
    log.append(header).append("saltsalt").append(with_sum(sum)).append(content);
  }
  return log;
}

// A ledger as a crash leaves it: some batches are in the database alone, and some in the log alone.
class LostPages : public testing::Test {
 protected:
  LostPages() {
    for (std::uint64_t i = 0; i < 20; ++i) write(*open({.path = living_}), alice, wide(i));
    const auto store = open({.path = living_});
    for (std::uint64_t i = 20; i < 30; ++i) write(*store, alice, wide(i));
    head_ = store->head(alice, unlimited);
    database_ = bytes_of(living_);
    log_ = bytes_of(living_ + "-wal");
  }

  static std::vector<StoredEntry> wide(std::uint64_t number) {
    return {with_content(claim_entry(number), std::string(3'000, static_cast<char>('a' + number % 26)), "diary")};
  }

  const std::string& put(const std::string& database, const std::string& log) {
    fs::remove(path_ + "-shm");
    fs::remove(path_ + "-wal");
    std::ofstream(path_, std::ios::binary) << database;
    if (!log.empty()) std::ofstream(path_ + "-wal", std::ios::binary) << log;
    return path_;
  }

  void expect_whole(const std::string& database, const std::string& log) {
    const auto store = open({.path = put(database, log)});
    EXPECT_EQ(store->head(alice, unlimited), head_);
    EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
  }

  void expect_refused(const std::string& database, const std::string& log, const std::string& words) {
    put(database, log);
    for (const auto& failure :
         {failure_of([&] { open({.path = path_}); }), failure_of([&] { backup(path_, folder_ / "copy.db"); })}) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
      EXPECT_NE(failure.detail().find(words), std::string::npos) << failure.detail();
    }
    EXPECT_TRUE(bytes_of(path_) == database && bytes_of(path_ + "-wal") == log) << "it stays as it is";
  }

  // As a checkpoint makes it.
  std::string with_all_of_log() const {
    auto database = database_;
    for (const auto& [number, page] : pages_of(log_)) {
      database.resize(std::max(database.size(), number * page_size));
      database.replace((number - 1) * page_size, page_size, page);
    }
    return database;
  }

  // What SQLite itself finds.
  std::string integrity(const std::string& database, const std::string& log) {
    Raw raw(put(database, log));
    if (const auto error = raw.try_run("PRAGMA integrity_check(1)"); !error.empty()) return error;
    return raw.value("PRAGMA integrity_check(1)");
  }

  Folder folder_;
  std::string living_ = folder_ / "living.db";
  std::string path_ = folder_ / "agent.db";
  Head head_;
  std::string database_;
  std::string log_;
};

}  // namespace

TEST_F(LostPages, AreThoseThatNeitherFileNorLogHas) {
  int lost = 0;
  int kept = 0;
  const auto database = with_all_of_log();
  for (auto size = database.size() - 1'000; size > 2 * page_size; size -= 1'000) {
    SCOPED_TRACE(size);
    const auto cut = database.substr(0, size);
    // What is left of a page is taken for one with zeros behind it.
    const bool whole = integrity(cut.substr(0, size / page_size * page_size), log_) == "ok";
    ++(whole ? kept : lost);
    whole ? expect_whole(cut, log_) : expect_refused(cut, log_, "it was cut");
  }
  EXPECT_GT(lost, 0);
  EXPECT_GT(kept, 0);
}

TEST_F(LostPages, AreNotThoseThatACheckpointHasNotWrittenYet) {
  auto database = database_;
  for (const auto& [number, page] : pages_of(log_)) {
    SCOPED_TRACE(number);
    const auto place = (number - 1) * page_size;
    database.resize(std::max(database.size(), place + page_size));
    database.replace(place, page_size, page.substr(0, 512).append(database, place + 512, page_size - 512));
    expect_whole(database, log_);
    database.replace(place, page_size, page);
    expect_whole(database, log_);
  }
  EXPECT_GT(database.size(), database_.size());
  expect_whole(database, "");
}

TEST_F(LostPages, AreNoneWhereTheLogHasAll) {
  const auto all = with_all_of_log();
  const auto log = log_of_all(all);

  expect_whole(all.substr(0, page_size), log);
  expect_whole(all.substr(0, 100), log);
  expect_refused(all.substr(0, page_size), log.substr(0, log.size() - 1), "it was cut");
  expect_refused(all.substr(0, page_size), log_of_all(all, false), "it was cut");
}

TEST_F(LostPages, AreNotThoseThatWereGivenUp) {
  {
    Raw raw(living_);
    raw.run(
        "PRAGMA secure_delete = OFF; CREATE TABLE notes (x); INSERT INTO notes SELECT zeroblob(200000) FROM (VALUES "
        "(1), (2), (3))");
    raw.run("PRAGMA wal_checkpoint(TRUNCATE); DROP TABLE notes");
    raw.run("VACUUM");
  }
  database_ = bytes_of(living_);
  log_ = bytes_of(living_ + "-wal");
  ASSERT_GT(database_.size(), 600'000U);

  expect_whole(database_, log_);
  expect_whole(database_.substr(0, database_.size() / 2), log_);
  Raw(living_).run("PRAGMA wal_checkpoint(PASSIVE)");
  ASSERT_LT(fs::file_size(living_), 600'000U);
  expect_whole(bytes_of(living_), log_);
}

TEST_F(LostPages, AreNoneOfALedgerThatSomebodyMakesLongerAndShorter) {
  std::atomic<bool> done = false;
  std::thread another([&] {
    Raw raw(living_);
    for (int i = 0; i < 40; ++i) {
      raw.try_run("CREATE TABLE notes (x); INSERT INTO notes SELECT zeroblob(100000) FROM (VALUES (1), (2), (3))");
      raw.try_run(i % 3 == 0 ? "PRAGMA wal_checkpoint(PASSIVE)" : "PRAGMA wal_checkpoint(TRUNCATE)");
      raw.try_run("DROP TABLE notes; VACUUM");
      raw.try_run(i % 2 == 0 ? "PRAGMA wal_checkpoint(PASSIVE)" : "PRAGMA wal_checkpoint(TRUNCATE)");
    }
    done = true;
  });
  while (!done) {
    try {
      if (open({.path = living_})->head(alice, unlimited) != head_) ADD_FAILURE() << "it has another head";
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::corrupt) ADD_FAILURE() << failure.what();
    }
  }
  another.join();
}

TEST_F(LostPages, AreNoneWhereALogWasEmptied) {
  open({.path = living_});
  write(*open({.path = living_}), bob, wide(1));
  const auto emptied = bytes_of(living_ + "-wal");
  const auto whole = bytes_of(living_);
  ASSERT_EQ(emptied.substr(0, 4), std::string(4, '\0'));

  expect_whole(whole, emptied);
  expect_refused(whole.substr(0, whole.size() - page_size), emptied, "it was cut");
}

TEST_F(LostPages, MayBeTheFirstBesideALogOfALedger) {
  const std::string words = "a ledger was here";
  expect_refused(std::string(100, '\0') + database_.substr(100), log_, words);
  expect_refused(std::string(page_size, '\0') + database_.substr(page_size), log_, words);
  expect_refused("Dear diary,\n" + database_.substr(12), log_, words);
  for (const auto bytes : {std::size_t{1}, std::size_t{16}, std::size_t{99}})
    expect_refused(database_.substr(0, bytes), log_, words);

  // Nothing says so: the log is empty, or not of a ledger.
  put(std::string(page_size, '\0'), std::string(log_header_size, '\0') + log_.substr(log_header_size));
  EXPECT_EQ(failure_of([&] { open({.path = path_}); }).kind(), FailureKind::incompatible);
  put(std::string(page_size, '\0'), log_of_all(std::string(2 * page_size, 'x')));
  EXPECT_EQ(failure_of([&] { open({.path = path_}); }).kind(), FailureKind::incompatible);
}

TEST_F(LostPages, OfTheBeginningAreHadBackByARestore) {
  backup(living_, folder_ / "backup.db");
  put(std::string(50, '\0'), log_);

  const auto restored = restore(folder_ / "backup.db", path_, {.check = [](const std::string&) { return ""; }});

  EXPECT_EQ(restored.fault, "");
  EXPECT_EQ(open({.path = path_})->head(alice, unlimited), head_);
}

}  // namespace claimledger::sqlite::test
