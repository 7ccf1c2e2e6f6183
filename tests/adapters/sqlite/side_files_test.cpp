#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "faulty_disk.hpp"
#include "support.hpp"

// What lies beside a ledger: a lock goes where no ledger came to be, and what cannot be used says so, with its remedy.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const Folder& folder) {
  std::vector<std::string> names;
  for (const auto& each : fs::directory_iterator(folder.path())) names.push_back(each.path().filename().string());
  return names;
}

// Fails each write of `work` in turn, until there is a ledger; it has to leave the folder as it was.
template <class Work>
void expect_nothing_left(const Folder& folder, Work work) {
  const auto before = names_in(folder);
  FaultyDisk disk;
  int failed = 0;
  for (int n = 1;; ++n, ++failed) {
    disk.fail(n % 2 == 0 ? DiskFault::full : DiskFault::short_write, n, true);
    try {
      work();
      break;
    } catch (const StoreFailure&) {
      disk.mend();
      if (fs::exists(folder / "agent.db")) break;
      ASSERT_EQ(names_in(folder), before) << "write " << n;
    }
  }
  EXPECT_GT(failed, 3);
  EXPECT_NE(names_in(folder), before);
}

}  // namespace

TEST(FilesBeside, OfALedgerThatCouldNotBeMadeAreRemoved) {
  const Folder folder;
  expect_nothing_left(folder, [&] { open({.path = folder / "agent.db"}); });
}

TEST(FilesBeside, OfALedgerThatCouldNotBeMadeInADirectoryAreRemoved) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  expect_nothing_left(folder, [&] {
    const auto outcome = append(*store, commit_after(store->head(alice, unlimited), alice, one_of_each(1)));
    EXPECT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
  });
}

TEST(FilesBeside, OfARestoreThatFailedAreRemoved) {
  const Folder from;
  write(*open({.path = from / "agent.db"}), alice, one_of_each(1));
  const Folder folder;
  expect_nothing_left(folder, [&] {
    restore(from / "agent.db", folder / "agent.db", {.check = [](const std::string&) { return ""; }});
  });
}

TEST(FilesBeside, OfSomebodyElseStay) {
  const Folder folder;
  std::ofstream(folder / "agent.db-lock");
  {
    FaultyDisk disk;
    disk.fail(DiskFault::full, 1, true);
    failure_of([&] { open({.path = folder / "agent.db"}); });
  }
  EXPECT_EQ(names_in(folder), std::vector<std::string>{"agent.db-lock"}) << "it was there before";

  const int file = ::open((folder / "agent.db-lock").c_str(), O_RDWR);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  const auto failure =
      failure_of([&] { open({.path = folder / "agent.db", .busy_timeout = std::chrono::milliseconds{10}}); });
  EXPECT_EQ(failure.kind(), FailureKind::busy);
  EXPECT_EQ(names_in(folder), std::vector<std::string>{"agent.db-lock"});
  close(file);
}

// SQLite says "unable to open database file".
TEST(FilesBeside, ThatAreNoFilesAreNamed) {
  for (const bool there : {true, false}) {
    for (const std::string ending : {"-wal", "-shm", "-journal"}) {
      const Folder folder;
      const auto path = folder / "agent.db";
      if (there) write(*open({.path = path}), alice, one_of_each(1));
      for (const auto* each : {"-wal", "-shm"}) fs::remove(path + each);
      const auto expect = [&](const std::string& words) {
        const auto before = names_in(folder);
        const auto failure = failure_of([&] { open({.path = path}); });
        EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
        EXPECT_NE(failure.detail().find(path + ending + words), std::string::npos) << failure.detail();
        const auto migrated = failure_of([&] { migrate(path); });
        EXPECT_EQ(migrated.detail(), failure.detail());
        EXPECT_EQ(names_in(folder), before) << "nothing was made";
      };
      fs::create_symlink("nowhere", path + ending);
      expect(" is a link");
      fs::remove(path + ending);
      std::ofstream(folder / "elsewhere");
      fs::create_symlink("elsewhere", path + ending);
      expect(" is a link");
      fs::remove(path + ending);
      fs::create_directory(path + ending);
      expect(" is no file");
      fs::remove(path + ending);
      mkfifo((path + ending).c_str(), 0600);  // to open it waits for somebody who writes
      expect(" is no file");
    }
  }
}

TEST(FilesBeside, ThatMayNotGrowNameTheLimit) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));
  const auto code = run_in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const auto store = open({.path = folder / "agent.db"});
    const rlimit limit{50'000, 50'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 3;
    const std::string words = "no file longer than 50000 bytes: raise that limit (ulimit -f)";
    try {
      open({.path = folder / "new.db"});
      return 4;
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::exhausted || failure.detail().find(words) == std::string::npos) return 5;
    }
    try {
      for (std::uint64_t i = 1; i < 100; ++i) write(*store, alice, one_of_each(10 * i));
    } catch (const StoreFailure& failure) {
      return failure.detail().find(words) == std::string::npos ? 6 : 0;
    }
    return 7;
  });
  EXPECT_EQ(code, 0);
  EXPECT_FALSE(fs::exists(folder / "new.db-lock"));
  EXPECT_EQ(open({.path = folder / "agent.db"})->inventory(alice, unlimited).problem, "");
}

}  // namespace claimledger::sqlite::test
