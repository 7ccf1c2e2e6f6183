#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "faulty_disk.hpp"
#include "support.hpp"

// What was committed and flushed is never taken for what a crash has broken off.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::size_t frame_size = frame_header_size + 4096;
constexpr std::uint64_t batches = 8;

// A ledger as a crash leaves it: all that it holds is in its log, or a part of it is in the database.
class DamagedLog : public testing::Test {
 protected:
  DamagedLog() {
    const auto store = open({.path = folder_ / "living.db"});
    for (std::uint64_t i = 0; i < batches; ++i) {
      last_ = write(*store, alice, one_of_each(10 * i));
      commits_.push_back(frames_in(bytes_of(folder_ / "living.db-wal")));
    }
    database_ = bytes_of(folder_ / "living.db");
    log_ = bytes_of(folder_ / "living.db-wal");
  }

  // Up to the first that was never written.
  static std::size_t frames_in(const std::string& log) {
    std::size_t frames = 0;
    while (at(frames + 2) <= log.size() && log.compare(at(frames + 1), 4, std::string(4, '\0')) != 0) ++frames;
    return frames;
  }
  static std::size_t at(std::size_t frame) { return header_size + (frame - 1) * frame_size; }

  std::string put(const std::string& log) {
    const auto path = folder_ / "agent.db";
    fs::remove(path + "-shm");
    std::ofstream(path, std::ios::binary) << database_;
    std::ofstream(path + "-wal", std::ios::binary) << log;
    return path;
  }

  void expect_refused(const std::string& log, const std::string& place) {
    const auto path = put(log);
    const auto failure = failure_of([&] { open({.path = path}); });
    EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
    EXPECT_NE(failure.detail().find(path + "-wal, is damaged (" + place), std::string::npos) << failure.detail();
    EXPECT_TRUE(bytes_of(path) == database_);
    EXPECT_TRUE(bytes_of(path + "-wal") == log) << "it stays as it is";
  }

  void expect_batches(const std::string& log, std::uint64_t count) {
    const auto store = open({.path = put(log)});
    EXPECT_EQ(store->head(alice, unlimited).position.value, 4 * count);
  }

  std::string with(std::size_t place, std::size_t count, char byte) const {
    auto log = log_;
    for (std::size_t i = place; i < place + count; ++i) log[i] = byte;
    return log;
  }
  std::string flipped(std::size_t byte, int bit = 0) const {
    auto log = log_;
    log[byte] = static_cast<char>(log[byte] ^ 1 << bit);
    return log;
  }

  Folder folder_;
  Commit last_;
  std::string database_;
  std::string log_;
  std::vector<std::size_t> commits_;  // the last frame of each batch
};

}  // namespace

TEST_F(DamagedLog, IsRefusedWhateverInAFrameIsDamaged) {
  expect_batches(log_, batches);
  for (const std::size_t frame : {std::size_t{1}, std::size_t{2}, commits_[2], commits_[2] + 1, commits_[5]}) {
    const auto place = "frame " + std::to_string(frame) + ")";
    for (const std::size_t byte : {3U, 7U, 8U, 15U, 16U, 23U, 24U, 2'000U, 4'119U}) {
      SCOPED_TRACE(place + ", byte " + std::to_string(byte));
      expect_refused(flipped(at(frame) + byte), place);
    }
    expect_refused(with(at(frame), frame_size, '\0'), place);
    expect_refused(with(at(frame), frame_size, '\x5A'), place);
  }
  expect_refused(flipped(at(commits_[6]) + 24), "frame " + std::to_string(commits_[6]) + ")");
}

TEST_F(DamagedLog, IsRefusedWhenABlockOfItIsGone) {
  const auto place = [&](std::size_t first) {
    return first < header_size ? "header)" : "frame " + std::to_string((first - header_size) / frame_size + 1) + ")";
  };
  constexpr std::size_t block = 4096;
  for (std::size_t first = 0; first + 4 * block < at(commits_[6]); first += block) {
    SCOPED_TRACE(first);
    expect_refused(with(first, block, '\0'), place(first));
    expect_refused(with(first, 4 * block, '\0'), place(first));
  }
}

TEST_F(DamagedLog, IsRefusedWhateverInItsHeaderIsDamaged) {
  for (std::size_t byte = 0; byte < header_size; ++byte) {
    SCOPED_TRACE(byte);
    expect_refused(flipped(byte), "header)");
  }
  for (const std::size_t bytes : {4U, 16U, 32U}) expect_refused(with(0, bytes, '\0'), "header)");
}

// Damage to the last batch, or to the sum of the last commit before it, looks as a crash does.
TEST_F(DamagedLog, ShortensALedgerByItsLastBatchesAtMost) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    const auto byte = random() % at(commits_[7] + 1);
    const auto path = put(flipped(byte, static_cast<int>(random() % 8)));
    std::uint64_t left = 0;
    try {
      left = open({.path = path})->head(alice, unlimited).position.value;
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
      continue;
    }
    EXPECT_GE(byte, at(commits_[6]) + 16);
    EXPECT_EQ(left, 4 * (byte < at(commits_[6] + 1) ? batches - 2 : batches - 1)) << "byte " << byte;
  }
}

TEST_F(DamagedLog, IsRefusedToWhoMayOnlyReadAndToBackupAndRestore) {
  const auto path = put(flipped(at(3)));
  EXPECT_EQ(failure_of([&] { backup(path, folder_ / "backup.db"); }).kind(), FailureKind::corrupt);
  EXPECT_FALSE(fs::exists(folder_ / "backup.db"));
  EXPECT_EQ(failure_of([&] { restore(path, folder_ / "new.db", {}); }).kind(), FailureKind::corrupt);
  EXPECT_FALSE(fs::exists(folder_ / "new.db"));
}

TEST_F(DamagedLog, IsNamedByAFolder) {
  fs::create_directory(folder_ / "ledgers");
  open({.path = folder_ / "ledgers/"});
  put(flipped(at(3)));
  for (const auto* ending : {"", "-wal"})
    fs::copy_file(folder_ / "agent.db" + ending, folder_ / "ledgers/alice.db" + ending);

  const auto listed = open({.path = folder_ / "ledgers"})->agents({}, 10, unlimited);

  ASSERT_EQ(names_of(listed), std::vector<AgentId>{alice});
  EXPECT_NE(listed[0].problem.find("is damaged (frame 3)"), std::string::npos) << listed[0].problem;
}

TEST_F(DamagedLog, MovedAwayLeavesWhatTheDatabaseHas) {
  const auto path = put(flipped(at(3)));
  ASSERT_EQ(failure_of([&] { open({.path = path}); }).kind(), FailureKind::corrupt);
  fs::rename(path + "-wal", folder_ / "kept-wal");

  const auto store = open({.path = path});
  EXPECT_EQ(store->head(alice, unlimited).position, Position{});
  write(*store, alice, one_of_each(1));
}

// The last batch may land as a part, in any order of its blocks.
TEST_F(DamagedLog, IsNotWhatACrashBreaksOff) {
  const auto first = at(commits_[6] + 1);
  const auto end = at(commits_[7] + 1);
  for (auto size = at(commits_[5] + 1); size < end; size += 1'000) {
    SCOPED_TRACE(size);
    const auto whole =
        std::count_if(commits_.begin(), commits_.end(), [&](auto frame) { return at(frame + 1) <= size; });
    expect_batches(log_.substr(0, size), static_cast<std::uint64_t>(whole));
  }
  for (auto place = first; place + 512 < end; place += 512) {
    SCOPED_TRACE(place);
    expect_batches(with(place, 512, '\x5A'), batches - 1);
  }
  // The log begins, and its header is not there yet.
  expect_batches(std::string(header_size, '\0') + log_.substr(header_size, commits_[0] * frame_size), 0);
}

// A mark is committed without a flush: a crash may leave it out and keep what was written behind it.
TEST_F(DamagedLog, IsNotAMarkThatACrashLeftOut) {
  FaultyDisk disk;
  const auto path = folder_ / "copied.db";
  const auto store = open({.path = path, .checkpoint_pages = 20});
  disk.hold_database();
  write(*store, alice, one_of_each(1));
  write(*store, alice, one_of_each(11));
  disk.await_held_write();  // the marks of the copy are in the log
  const auto marked = frames_in(bytes_of(path + "-wal"));
  write(*store, alice, one_of_each(21));
  database_ = bytes_of(path);
  log_ = bytes_of(path + "-wal");
  disk.let_go();
  ASSERT_EQ(log_.substr(at(marked), 4), std::string("\0\0\0\1", 4)) << "a mark is the last frame";
  ASSERT_GT(frames_in(log_), marked);

  expect_batches(with(at(marked), frame_size, '\0'), 2);
  expect_batches(with(at(marked - 1), frame_size, '\0'), 2);
}

// All of it is in the database.
TEST_F(DamagedLog, IsNotOneThatWasEmptied) {
  const auto path = folder_ / "living.db";
  for (std::uint64_t i = 0; i < 3; ++i) write(*open({.path = path}), alice, one_of_each(100 + 10 * i));  // shorter ones
  database_ = bytes_of(path);
  log_ = bytes_of(path + "-wal");
  ASSERT_EQ(log_.substr(0, header_size), std::string(header_size, '\0'));
  expect_batches(log_, batches + 3);
  // The disk failed in the middle of the header.
  expect_batches(log_.substr(0, 16) + log_.substr(header_size + 8, 8) + log_.substr(24), batches + 3);
  // A crash in the middle of overwriting what was erased.
  for (auto kept = log_.size(); kept > 40'000; kept -= 40'000) {
    expect_batches(log_.substr(0, kept) + std::string(log_.size() - kept, '\0'), batches + 3);
  }
}

TEST_F(DamagedLog, IsNoLossWhenTheDatabaseHasAll) {
  const auto path = folder_ / "living.db";
  for (std::uint64_t i = 0; i < 3; ++i) {  // each log begins over the one before
    const auto store = open({.path = path});
    write(*store, alice, one_of_each(100 + 20 * i));
    write(*store, alice, one_of_each(110 + 20 * i));
    Raw(path).run("PRAGMA wal_checkpoint(PASSIVE)");
    database_ = bytes_of(path);
    log_ = bytes_of(path + "-wal");
    ASSERT_NE(log_.substr(0, header_size), std::string(header_size, '\0'));
    expect_batches(with(0, header_size, '\0'), batches + 2 * (i + 1));
    expect_batches(with(0, 4096, '\0'), batches + 2 * (i + 1));
  }
}

// Another program began the log, with a page that is not the first, and older frames lie behind what it wrote.
TEST_F(DamagedLog, IsNotOneThatAnotherProgramBegan) {
  const auto path = folder_ / "living.db";
  for (int i = 0; i < 3; ++i) {
    {
      const auto store = open({.path = path});
      Raw(path).run("INSERT OR REPLACE INTO text_index VALUES (1, 'x', " + std::to_string(i) + ")");
      EXPECT_EQ(append(*store, last_).outcome, AppendOutcome::already_there);  // writes nothing, and has had its turn
    }
    database_ = bytes_of(path);
    log_ = bytes_of(path + "-wal");
    ASSERT_EQ(log_.substr(0, header_size), std::string(header_size, '\0'));
    expect_batches(log_, batches);
  }
}

// Who looks may meet a frame half written.
TEST_F(DamagedLog, IsNotOneThatSomebodyIsWriting) {
  const auto path = folder_ / "busy.db";
  auto store = open({.path = path, .checkpoint_pages = 100});
  write(*store, alice, one_of_each(1));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::uint64_t i = 1; i < 300; ++i) write(*store, alice, one_of_each(10 * i));
    done = true;
  });
  while (!done) {
    const auto head = open({.path = path})->head(alice, unlimited).position.value;
    if (head == 0 || head % 4 != 0) ADD_FAILURE() << head;
  }
  writer.join();
}

}  // namespace claimledger::sqlite::test
