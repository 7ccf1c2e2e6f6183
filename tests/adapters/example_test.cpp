#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "claimledger/domain/entry_number.hpp"
#include "file_store.hpp"

// The example in conformance/example on a disk that can fail: this program's fsync and ftruncate are those below.

namespace {

namespace fs = std::filesystem;

struct Disk {
  std::vector<std::string> synced;  // names of files and folders, in order
  int failing_syncs = 0;            // so many next ones fail
  bool cuts = true;
} disk;

std::string name_of(int file) { return fs::read_symlink("/proc/self/fd/" + std::to_string(file)).filename().string(); }

}  // namespace

extern "C" {
int __real_fsync(int file);
int __wrap_fsync(int file) {
  errno = EIO;
  if (disk.failing_syncs > 0) return --disk.failing_syncs, -1;
  disk.synced.push_back(name_of(file));
  return __real_fsync(file);
}
int __real_ftruncate(int file, off_t size);
int __wrap_ftruncate(int file, off_t size) {
  errno = EIO;
  return disk.cuts ? __real_ftruncate(file, size) : -1;
}
}

namespace claimledger::example {

namespace {

class FileStore : public testing::Test {
 protected:
  FileStore() {
    root_ = mkdtemp(root_.data());
    disk = {};
    store = open();
  }
  ~FileStore() override { fs::remove_all(root_); }

  std::unique_ptr<Store> open() { return open_folder(root_ + "/folder"); }
  std::string root() { return fs::path(root_).filename().string(); }
  static std::string file_of(const AgentId& agent) { return sha256({agent.value}).hex() + ".ledger"; }
  fs::path path_of(const AgentId& agent) { return root_ + "/folder/" + file_of(agent); }

  // The next batch of an agent: one entry, which may erase another.
  Commit next(const AgentId& agent, std::optional<Position> erases = {}) {
    Commit commit{store->head(agent, {}), {}, {}};
    const auto seq = Position{commit.after.position.value + 1};
    commit.header.agent = agent;
    commit.header.id.value.data[0] = static_cast<std::uint8_t>(seq.value);
    commit.header.recorded_at.value += std::chrono::seconds{seq.value};
    commit.header.entries = 1;
    auto& entry = commit.entries.emplace_back();
    entry.seq = seq;
    entry.recorded_at = commit.header.recorded_at;
    if (erases) entry.kind = kind_number<Tombstone>;
    entry.erases = erases;
    return commit;
  }
  Outcome append(const Commit& commit) { return store->append(std::span(&commit, 1), {}).front(); }

  const AgentId ada{"ada"}, bob{"bob"};
  std::unique_ptr<Store> store;

 private:
  std::string root_ = (fs::temp_directory_path() / "claimledger-example-XXXXXX").string();
};

using Names = std::vector<std::string>;

}  // namespace

TEST_F(FileStore, SaysThatItIsDoneOnceFileAndNameAreSynced) {
  EXPECT_EQ(disk.synced, Names{root()}) << "where the new folder has its name";

  for (const auto& expected : {Names{file_of(ada), "folder"}, Names{file_of(ada)}}) {
    disk.synced.clear();
    EXPECT_EQ(append(next(ada)), Outcome{});
    EXPECT_EQ(disk.synced, expected);
  }
  disk.synced.clear();
  EXPECT_EQ(append(next(ada, Position{1})), Outcome{});
  EXPECT_EQ(disk.synced, (Names{file_of(ada) + ".new", "folder"})) << "written anew";
}

TEST_F(FileStore, AFailedSyncIsAFailedWrite) {
  EXPECT_EQ(append(next(ada)), Outcome{});
  const auto size = fs::file_size(path_of(ada));
  const auto commit = next(ada);
  disk.failing_syncs = 1;

  const auto outcome = append(commit);

  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::unreachable);
  EXPECT_EQ(store->head(ada, {}), commit.after);
  EXPECT_EQ(fs::file_size(path_of(ada)), size);
  EXPECT_EQ(append(commit), Outcome{});
}

TEST_F(FileStore, WhatCannotBeCutOffIsInDoubtUntilTheFolderIsOpenedAgain) {
  EXPECT_EQ(append(next(ada)), Outcome{});
  const auto commit = next(ada);
  disk.failing_syncs = 1;
  disk.cuts = false;

  for (const bool works : {false, true}) {
    disk.cuts = works;
    const auto outcome = append(commit);
    EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
    EXPECT_EQ(outcome.failure, FailureKind::in_doubt);
    EXPECT_EQ(store->head(ada, {}), commit.after) << "nobody reads what is in doubt";
  }
  EXPECT_EQ(append(next(bob)), Outcome{}) << "nobody else is";
  store.reset();
  store = open();
  EXPECT_EQ(append(commit).outcome, AppendOutcome::already_there);
}

}  // namespace claimledger::example
