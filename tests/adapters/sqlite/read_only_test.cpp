#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <set>

#include "claimledger/ports/vectors.hpp"
#include "support.hpp"

// What may only be read can be read, and is left as it was.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

const EmbeddingModel model{"small", 1, "weights 1"};

void make_ledger(const std::string& path) {
  const auto store = open({.path = path});
  write(*store, alice, one_of_each(1));
  const std::vector<NewVector> first = {{{1}, "ashe"}};
  ASSERT_TRUE(store->vectors()->file_vectors(alice, model, {}, {4}, first, unlimited));
}

// Vectors, too; 0: all is well.
int read_vectors_and_fail_to_file(Store& store, const std::string& why) {
  if (vectors(store, alice, model) != std::vector<std::string>{"1 1 ashe"}) return 20;
  if (standing(store, alice, model) != "up to 4, 1 filed, 0 erased") return 21;
  if (store.vectors()->models(alice, unlimited).size() != 1) return 22;
  const std::vector<std::uint8_t> kinds = {claim_entry(1).kind};
  if (store.vectors()->without_vector(alice, model, kinds, {}, anywhere, 10, unlimited) != std::vector{Position{2}})
    return 23;
  for (const auto& failure : {failure_of([&] { store.vectors()->file_vectors(alice, model, {}, {}, {}, unlimited); }),
                              failure_of([&] { store.vectors()->drop_vectors(alice, model, unlimited); })}) {
    if (failure.kind() != FailureKind::unreachable) return 24;
    if (failure.detail().find("may only be read: " + why) == std::string::npos) return 25;
  }
  return standing(store, alice, model) == "up to 4, 1 filed, 0 erased" ? 0 : 26;
}

// Permissions mean nothing to root, so a child gives them up first. Its exit code is the answer; 77: it could not.
int as_nobody(const std::function<int()>& work) {
  return run_in_child([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 77;
    return work();
  });
}

enum class Protect { file, folder, both };

void protect(const Folder& folder, Protect what) {
  const bool files = what != Protect::folder;
  for (const auto& file : fs::directory_iterator(folder.path())) chmod(file.path().c_str(), files ? 0444 : 0666);
  chmod(folder.path().c_str(), what == Protect::file ? 0777 : 0555);
}

void unprotect(const Folder& folder) { chmod(folder.path().c_str(), 0777); }

std::set<std::string> names_in(const Folder& folder) {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(folder.path())) names.insert(file.path().filename().string());
  return names;
}

// Reads all, and can write nothing; 0: all is well.
int read_and_fail_to_write(const std::string& path, std::uint64_t entries, const std::string& why) {
  const auto store = open({.path = path});
  const auto head = store->head(alice, unlimited);
  if (head.position != Position{entries}) return 1;
  if (store->batches(alice, {}, 100, unlimited).empty()) return 2;
  if (!store->inventory(alice, unlimited).problem.empty()) return 3;
  if (describe(*store, "access").find("read only, because " + why) == std::string::npos) return 4;
  const auto commit = commit_after(head, alice, {claim_entry(1'000)});
  for (const auto& failure :
       {failure_of([&] { append(*store, commit); }), failure_of([&] { store->begin_write({{alice}}, unlimited); })}) {
    if (failure.kind() != FailureKind::unreachable) return 5;
    if (failure.detail().find("may only be read: " + why) == std::string::npos) return 6;
  }
  if (store->head(alice, unlimited) != head) return 7;
  return entries == 4 ? read_vectors_and_fail_to_file(*store, why) : 0;
}

// Appends in a process that is killed then: the log is a part of the ledger.
void append_and_die(const std::string& path) {
  const auto child = fork();
  if (child == 0) {
    const auto store = open({.path = path});
    write(*store, alice, one_of_each(100));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

}  // namespace

TEST(ReadOnly, AClosedLedgerIsReadAndLeftAsItWas) {
  for (const auto what : {Protect::file, Protect::folder, Protect::both}) {
    for (const bool alone : {true, false}) {
      SCOPED_TRACE(static_cast<int>(what));
      const Folder folder;
      make_ledger(folder / "agent.db");
      if (alone) {
        for (const auto* ending : {"-wal", "-shm", "-lock"}) fs::remove(folder / ("agent.db" + std::string(ending)));
      }
      const auto names = names_in(folder);
      const auto before = bytes_of(folder / "agent.db");
      protect(folder, what);

      const int answer = as_nobody([&] {
        return read_and_fail_to_write(
            folder / "agent.db", 4,
            (what == Protect::folder ? folder.path() : folder / "agent.db") + ": Permission denied");
      });

      unprotect(folder);
      if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
      EXPECT_EQ(answer, 0);
      EXPECT_EQ(names_in(folder), names);
      EXPECT_EQ(bytes_of(folder / "agent.db"), before);
    }
  }
}

TEST(ReadOnly, ABackupIsReadCopiedAndListed) {
  const Folder folder;
  const Folder copies;
  chmod(copies.path().c_str(), 0777);
  make_ledger(folder / "agent.db");
  backup(folder / "agent.db", folder / "alice.db");
  for (const auto* ending : {"", "-wal", "-shm", "-lock"}) fs::remove(folder / ("agent.db" + std::string(ending)));
  protect(folder, Protect::both);

  const int answer = as_nobody([&] {
    const int read = read_and_fail_to_write(folder / "alice.db", 4, folder / "alice.db: Permission denied");
    if (read != 0) return read;
    backup(folder / "alice.db", copies / "copy.db");
    if (open({.path = copies / "copy.db"})->head(alice, unlimited).position != Position{4}) return 10;
    const auto store = open({.path = folder.path()});
    if (store->agents({}, 10, unlimited) != std::vector<AgentHead>{{alice, Position{4}}}) return 11;
    if (store->head(alice, unlimited).position != Position{4}) return 12;
    if (describe(*store, "access").find("read only") == std::string::npos) return 13;
    const auto first = commit_after({{}, {}, genesis_hash(bob)}, bob, {claim_entry(1)});
    if (failure_of([&] { append(*store, first); }).kind() != FailureKind::unreachable) return 14;
    if (!pending_migrations(folder / "alice.db").pending.empty()) return 15;
    return 0;
  });

  unprotect(folder);
  if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
  EXPECT_EQ(answer, 0);
  EXPECT_EQ(names_in(folder), std::set<std::string>{"alice.db"});
}

// An answer without the log would be an older one.
TEST(ReadOnly, TheLogIsHonoured) {
  for (const auto what : {Protect::file, Protect::folder, Protect::both}) {
    SCOPED_TRACE(static_cast<int>(what));
    const Folder folder;
    make_ledger(folder / "agent.db");
    append_and_die(folder / "agent.db");
    const auto log = bytes_of(folder / "agent.db-wal");
    protect(folder, what);

    const int answer = as_nobody([&] {
      return read_and_fail_to_write(folder / "agent.db", 8,
                                    what == Protect::folder ? folder.path() : folder / "agent.db");
    });

    unprotect(folder);
    if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
    EXPECT_EQ(answer, 0);
    EXPECT_EQ(bytes_of(folder / "agent.db-wal"), log);
  }
}

TEST(ReadOnly, ALogThatCannotBeHonouredIsSaid) {
  const Folder folder;
  const Folder elsewhere;
  chmod(elsewhere.path().c_str(), 0777);
  make_ledger(folder / "agent.db");
  append_and_die(folder / "agent.db");
  fs::remove(folder / "agent.db-shm");
  protect(folder, Protect::both);

  const int answer = as_nobody([&] {
    const auto path = folder / "agent.db";
    for (const auto& failure :
         {failure_of([&] { open({.path = path}); }), failure_of([&] { backup(path, elsewhere / "copy.db"); })}) {
      if (failure.kind() != FailureKind::unreachable) return 1;
      if (failure.detail().find("copy the database and its -wal together") == std::string::npos) return 2;
    }
    // The remedy.
    for (const auto* ending : {"", "-wal"}) {
      fs::copy_file(path + ending, elsewhere / ("agent.db" + std::string(ending)));
      chmod((elsewhere / ("agent.db" + std::string(ending))).c_str(), 0644);
    }
    return open({.path = elsewhere / "agent.db"})->head(alice, unlimited).position == Position{8} ? 0 : 3;
  });

  unprotect(folder);
  if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
  EXPECT_EQ(answer, 0);
}

// It would be his, and its owner could not write any more.
TEST(ReadOnly, WhoMayNotWriteMakesNoIndexOfTheLog) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a writer with other rights than the reader";
  const Folder folder;
  make_ledger(folder / "alice.db");
  append_and_die(folder / "alice.db");
  fs::remove(folder / "alice.db-shm");
  chmod(folder.path().c_str(), 01777);
  const auto names = names_in(folder);

  EXPECT_EQ(as_nobody([&] {
              const Folder elsewhere;
              const auto path = folder / "alice.db";
              const auto listed = open({.path = folder.path()})->agents({}, 10, unlimited).at(0).problem;
              for (const auto& said : {failure_of([&] { open({.path = path}); }).detail(),
                                       failure_of([&] { backup(path, elsewhere / "copy.db"); }).detail(), listed}) {
                if (said.find("the index of that, " + path + "-shm, is gone") == std::string::npos) return 1;
                if (said.find("let one of them open it, or copy the database and its -wal") == std::string::npos)
                  return 2;
              }
              return 0;
            }),
            0);

  EXPECT_EQ(names_in(folder), names);
  const auto store = open({.path = folder / "alice.db"});  // the remedy
  EXPECT_EQ(as_nobody([&] {
              return open({.path = folder / "alice.db"})->head(alice, unlimited).position == Position{8} ? 0 : 1;
            }),
            0);
}

// A ledger without a log, as a backup is, gets one when it is first written, and for that moment it has a journal.
TEST(ReadOnly, AJournalOfSomebodyAtWorkIsNotTakenForWhatACrashLeft) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a writer with other rights than the reader";
  for (const bool crashed : {false, true}) {
    const Folder folder;
    make_ledger(folder / "agent.db");
    backup(folder / "agent.db", folder / "alice.db");
    int ready[2], go[2];
    ASSERT_EQ(pipe(ready), 0);
    ASSERT_EQ(pipe(go), 0);
    const auto writer = fork();  // before this process opens anything
    if (writer == 0) {
      char dot = '.';
      close(go[1]);
      Raw work(folder / "alice.db");
      work.run("BEGIN; CREATE TABLE t (x)");
      if (crashed) {
        // More pages than are kept in memory: some are in the file.
        work.run("PRAGMA cache_size = 1; INSERT INTO t VALUES (randomblob(100000))");
        kill(getpid(), SIGKILL);
      }
      if (::write(ready[1], &dot, 1) != 1 || ::read(go[0], &dot, 1) > 0) _exit(3);
      _exit(0);
    }
    close(ready[1]);
    char dot = 0;
    EXPECT_EQ(::read(ready[0], &dot, 1), crashed ? 0 : 1);
    ASSERT_TRUE(fs::file_size(folder / "alice.db-journal") > 0);
    chmod((folder / "alice.db").c_str(), 0444);
    chmod((folder / "alice.db-journal").c_str(), 0444);
    chmod(folder.path().c_str(), 0755);

    const int answer = as_nobody([&] {
      if (!crashed) return open({.path = folder / "alice.db"})->head(alice, unlimited).position == Position{4} ? 0 : 1;
      const auto failure = failure_of([&] { open({.path = folder / "alice.db"}); });
      return failure.detail().find("what a crash left half done in") == std::string::npos ? 2 : 0;
    });

    close(go[1]);
    int status = 0;
    waitpid(writer, &status, 0);
    EXPECT_EQ(answer, 0) << crashed;
  }
}

TEST(ReadOnly, ALogThatMayNotBeReadIsNotTakenForNone) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  append_and_die(folder / "agent.db");
  fs::remove(folder / "agent.db-shm");
  protect(folder, Protect::both);
  chmod((folder / "agent.db-wal").c_str(), 0);

  const int answer = as_nobody([&] {
    const auto failure = failure_of([&] { open({.path = folder / "agent.db"}); });
    if (failure.kind() != FailureKind::unreachable) return 1;
    return failure.detail().find("agent.db-wal: cannot be read: Permission denied") == std::string::npos ? 2 : 0;
  });

  unprotect(folder);
  if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
  EXPECT_EQ(answer, 0);
}

TEST(ReadOnly, ALiveWriterIsSeen) {
  const Folder folder;
  const auto writer = open({.path = folder / "agent.db"});
  write(*writer, alice, one_of_each(1));
  protect(folder, Protect::both);
  int ready[2], go[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(go), 0);

  const auto child = fork();
  if (child == 0) {
    char dot = '.';
    if (geteuid() == 0 && setuid(65534) != 0) _exit(77);
    const auto store = open({.path = folder / "agent.db"});
    const bool first = store->head(alice, unlimited).position == Position{4};
    if (::write(ready[1], &dot, 1) != 1 || ::read(go[0], &dot, 1) != 1) _exit(3);
    _exit(first && store->head(alice, unlimited).position == Position{8} ? 0 : 1);
  }
  close(ready[1]);
  char dot = 0;
  if (::read(ready[0], &dot, 1) == 1) write(*writer, alice, one_of_each(100));
  EXPECT_EQ(::write(go[1], ".", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  unprotect(folder);
  if (WEXITSTATUS(status) == 77 || geteuid() != 0) GTEST_SKIP() << "needs a writer with other rights than the reader";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Who reads without a log would read pages in the middle of being written.
TEST(ReadOnly, AWriterThatComesLaterEndsIt) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a writer with other rights than the reader";
  const Folder folder;
  make_ledger(folder / "agent.db");
  for (const auto* ending : {"-wal", "-shm"}) fs::remove(folder / ("agent.db" + std::string(ending)));
  protect(folder, Protect::both);
  int ready[2], go[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(go), 0);

  const auto child = fork();
  if (child == 0) {
    char dot = '.';
    if (setuid(65534) != 0) _exit(77);
    const auto store = open({.path = folder / "agent.db"});
    const bool first = store->head(alice, unlimited).position == Position{4};
    if (::write(ready[1], &dot, 1) != 1 || ::read(go[0], &dot, 1) != 1) _exit(3);
    const auto failure = failure_of([&] { store->head(alice, unlimited); });
    const bool said = failure.detail().find("is being written by somebody") != std::string::npos;
    _exit(first && said && failure.kind() == FailureKind::unreachable ? 0 : 1);
  }
  close(ready[1]);
  char dot = 0;
  std::unique_ptr<Store> writer;
  if (::read(ready[0], &dot, 1) == 1) {
    writer = open({.path = folder / "agent.db"});
    write(*writer, alice, one_of_each(100));
  }
  EXPECT_EQ(::write(go[1], ".", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  unprotect(folder);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ReadOnly, AMountThatMayOnlyBeReadIsReadByRootToo) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  append_and_die(folder / "agent.db");
  make_ledger(folder / "alone.db");
  for (const auto* ending : {"-wal", "-shm", "-lock"}) fs::remove(folder / ("alone.db" + std::string(ending)));
  fs::create_directory(folder / "mount");

  const auto child = fork();
  if (child == 0) {
    const auto at = folder / "mount";
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount(folder.path().c_str(), at.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        mount("none", at.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      _exit(77);
    }
    int answer = 50;
    try {
      answer = read_and_fail_to_write(at + "/agent.db", 8, at + "/agent.db: Read-only file system");
      if (answer == 0) answer = read_and_fail_to_write(at + "/alone.db", 4, at + "/alone.db: Read-only file system");
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
    }
    _exit(answer);
  }
  int status = 0;
  waitpid(child, &status, 0);

  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "nothing can be mounted here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ReadOnly, AnOlderSchemaCannotBeBroughtUpToDate) {
  const Folder folder;
  Raw(folder / "old.db")
      .run(
          "PRAGMA application_id = 1129072466; CREATE TABLE schema_migrations (version INTEGER PRIMARY "
          "KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
  protect(folder, Protect::both);

  const int answer = as_nobody([&] {
    const auto failure = failure_of([&] { open({.path = folder / "old.db"}); });
    if (failure.kind() != FailureKind::incompatible) return 1;
    return failure.detail().find("cannot be brought up to date") == std::string::npos ? 2 : 0;
  });

  unprotect(folder);
  if (answer == 77) GTEST_SKIP() << "this process cannot give up its rights";
  EXPECT_EQ(answer, 0);
}

}  // namespace claimledger::sqlite::test
