#include "faulty_disk.hpp"
#include "support.hpp"

// The disk fails at the n-th write or flush, for every n: a batch lands whole or not at all, what was acknowledged
// stays, and the handle works on.
namespace claimledger::sqlite::test {

namespace {

struct Case {
  const char* name;
  DiskFault fault;
  bool broken;  // from then on, until mended
};

// The head that a new process finds after a crash of this one: it opens a copy of the files as they are.
Head head_after_crash(const Folder& folder) {
  const Folder crashed;
  for (const auto* ending : {"", "-wal"}) {
    std::filesystem::copy_file(folder / ("agent.db" + std::string(ending)),
                               crashed / ("agent.db" + std::string(ending)));
  }
  return open({.path = crashed / "agent.db"})->head(alice, unlimited);
}

class Disk : public testing::TestWithParam<Case> {
 protected:
  // Fails in the n-th place of one append, and of closing after it. True while there is an n-th place.
  bool append_with_fault(int n, std::uint32_t checkpoint_pages, bool close) {
    SCOPED_TRACE("n = " + std::to_string(n));
    const Folder folder;
    auto store = open({.path = folder / "agent.db", .checkpoint_pages = checkpoint_pages});
    const auto acknowledged = write(*store, alice, one_of_each(1));
    const auto commit = commit_after(head_of(acknowledged), alice, one_of_each(11));

    disk_.fail(GetParam().fault, n, GetParam().broken);
    std::optional<FailureKind> thrown;
    try {
      EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);
    } catch (const StoreFailure& failure) {
      thrown = failure.kind();
    }
    if (close) store.reset();
    const bool struck = disk_.failed();
    disk_.mend();
    if (close) store = open({.path = folder / "agent.db"});

    EXPECT_TRUE(!thrown || thrown == FailureKind::exhausted || (thrown == FailureKind::in_doubt && may_leave_doubt()))
        << text(*thrown);
    if (!thrown) {
      EXPECT_EQ(store->head(alice, unlimited), head_of(commit)) << "acknowledged";
    }
    if (thrown == FailureKind::exhausted) {
      EXPECT_EQ(store->head(alice, unlimited), head_of(acknowledged)) << "not written";
      EXPECT_EQ(head_after_crash(folder), head_of(acknowledged)) << "not written, whoever recovers the log";
    }
    check(std::move(store), folder, thrown, acknowledged, commit);
    return struck;
  }

  // A write that finds no room leaves half a batch in the log, and that is none.
  static bool may_leave_doubt() {
    return GetParam().fault != DiskFault::full && GetParam().fault != DiskFault::filled_up;
  }

  void check(std::unique_ptr<Store> store, const Folder& folder, std::optional<FailureKind> thrown, const Commit& first,
             const Commit& second) {
    const auto again = append(*store, second).outcome;
    if (!thrown) {
      EXPECT_EQ(again, AppendOutcome::already_there);
    }
    if (thrown == FailureKind::exhausted) {
      EXPECT_EQ(again, AppendOutcome::done);
    }
    EXPECT_TRUE(again == AppendOutcome::done || again == AppendOutcome::already_there)
        << "in doubt: ask by appending again";
    const auto third = write(*store, alice, {claim_entry(99)});
    store.reset();

    store = open({.path = folder / "agent.db"});
    const auto batches = store->batches(alice, {}, 10, unlimited);
    ASSERT_EQ(batches.size(), 3U);
    EXPECT_EQ(batches[0].header.id, first.header.id);
    EXPECT_EQ(batches[1].header.id, second.header.id);
    EXPECT_EQ(batches[2].header.id, third.header.id);
    EXPECT_EQ(Raw(folder / "agent.db").value("PRAGMA integrity_check"), "ok");
  }

  FaultyDisk disk_;
};

}  // namespace

TEST_P(Disk, AnAppendIsAllOrNothing) {
  int n = 1;
  while (append_with_fault(n, 4'000, false)) ASSERT_LT(++n, 200);
  EXPECT_GT(n, 1) << "nothing failed";
}

TEST_P(Disk, ACheckpointThatFailsLosesNothing) {
  int n = 1;
  while (append_with_fault(n, 1, true)) ASSERT_LT(++n, 200);
  EXPECT_GT(n, 1) << "nothing failed";
}

INSTANTIATE_TEST_SUITE_P(Faults, Disk,
                         testing::Values(Case{"full", DiskFault::full, false},
                                         Case{"full_for_good", DiskFault::full, true},
                                         Case{"filled_up", DiskFault::filled_up, false},
                                         Case{"filled_up_for_good", DiskFault::filled_up, true},
                                         Case{"short_write", DiskFault::short_write, false},
                                         Case{"short_writes_for_good", DiskFault::short_write, true},
                                         Case{"sync_error", DiskFault::sync_error, false},
                                         Case{"sync_errors_for_good", DiskFault::sync_error, true}),
                         [](const auto& each) { return std::string(each.param.name); });

// A process that dies after a failed commit must not find the batch in the log later: it was said not to be written.
TEST(DiskInDoubt, AFailedFlushIsSettledBeforeAnybodyIsTold) {
  FaultyDisk disk;
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  const auto acknowledged = write(*store, alice, one_of_each(1));
  disk.fail(DiskFault::sync_error, 1);

  const auto failure = failure_of([&] { append(*store, commit_after(head_of(acknowledged), alice, one_of_each(11))); });

  EXPECT_EQ(failure.kind(), FailureKind::exhausted) << failure.what();
  EXPECT_EQ(head_after_crash(folder), head_of(acknowledged));
}

// A batch that was never flushed can be read all the same. Nobody is told that it landed while the disk does not work.
TEST(DiskInDoubt, WhatWasNotFlushedIsNotSaidToBeThere) {
  FaultyDisk disk;
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  const auto acknowledged = write(*store, alice, one_of_each(1));
  const auto commit = commit_after(head_of(acknowledged), alice, one_of_each(11));
  disk.fail(DiskFault::sync_error, 1, true);
  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::in_doubt);

  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::in_doubt) << "the disk is still broken";

  disk.mend();
  const auto outcome = append(*store, commit).outcome;
  EXPECT_TRUE(outcome == AppendOutcome::done || outcome == AppendOutcome::already_there);
  EXPECT_EQ(head_after_crash(folder), head_of(commit));
}

// What was written before the cut is gone, and the rest of the log with it or not: nobody knows.
TEST(DiskInUse, ALogThatIsCutDuringTheCommitLeavesDoubt) {
  const Folder folder;
  FaultyDisk disk;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  const auto commit = commit_after(store->head(alice, unlimited), alice, {claim_entry(100)});
  disk.before_next_flush([&] { std::filesystem::resize_file(folder / "agent.db-wal", 0); });

  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::in_doubt);
  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::unreachable);
}

}  // namespace claimledger::sqlite::test
