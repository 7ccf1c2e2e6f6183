#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "checkpoints.hpp"
#include "support.hpp"
#include "writer_lock.hpp"

// A database has one name, and a handle knows whether that still is what it has open. Who may write it may lock it.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds no_time{0};

void make_ledger(const std::string& path, std::uint64_t first = 1) {
  write(*open({.path = path}), alice, one_of_each(first));
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

bool gave_up_rights(uid_t user, gid_t group) {
  return setresgid(group, group, group) == 0 && setresuid(user, user, user) == 0;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(umask(mask)) {}
  ~Umask() { umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

// What takes a database from under those who have it open.
struct Loss {
  const char* name;
  std::function<void(const Folder&)> happen;
};

const std::vector<Loss> losses = {
    {"database and side files deleted",
     [](const Folder& folder) {
       for (const auto* ending : {"", "-wal", "-shm", "-lock"}) fs::remove(folder / ("agent.db" + std::string(ending)));
     }},
    {"database deleted", [](const Folder& folder) { fs::remove(folder / "agent.db"); }},
    {"database replaced", [](const Folder& folder) { fs::rename(folder / "other.db", folder / "agent.db"); }},
    {"log deleted", [](const Folder& folder) { fs::remove(folder / "agent.db-wal"); }},
    {"log replaced",
     [](const Folder& folder) {
       fs::copy_file(folder / "agent.db-wal", folder / "copy");
       fs::rename(folder / "copy", folder / "agent.db-wal");
     }},
    {"index of the log deleted", [](const Folder& folder) { fs::remove(folder / "agent.db-shm"); }},
    {"moved away", [](const Folder& folder) { fs::rename(folder / "agent.db", folder / "moved.db"); }},
    {"moved away, and a link put in its place",
     [](const Folder& folder) {
       fs::rename(folder / "agent.db", folder / "moved.db");
       fs::create_symlink("moved.db", folder / "agent.db");
     }},
};

void expect_gone(const StoreFailure& failure) {
  EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
  EXPECT_NE(failure.detail().find("was removed or replaced while it was open; open the store again"), std::string::npos)
      << failure.detail();
}

}  // namespace

TEST(Identity, ASecondNameIsRefusedForEveryUse) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  const auto before = bytes_of(folder / "agent.db");
  fs::create_hard_link(folder / "agent.db", folder / "other.db");

  for (const auto* name : {"agent.db", "other.db"}) {
    for (const auto& failure :
         {failure_of([&] { open({.path = folder / name}); }), failure_of([&] { pending_migrations(folder / name); }),
          failure_of([&] { backup(folder / name, folder / "copy.db"); })}) {
      EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
      EXPECT_NE(failure.detail().find("2 names"), std::string::npos) << failure.detail();
      EXPECT_NE(failure.detail().find("remove the other name"), std::string::npos) << failure.detail();
    }
  }
  EXPECT_NE(open({.path = folder.path()})->agents({}, 10, unlimited).front().problem.find("2 names"),
            std::string::npos);
  EXPECT_EQ(bytes_of(folder / "agent.db"), before);

  fs::remove(folder / "other.db");
  EXPECT_EQ(open({.path = folder / "agent.db"})->head(alice, unlimited).position, Position{4});
}

TEST(Identity, AFileThatIsMountedByItselfIsRefused) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  fs::create_directory(folder / "elsewhere");
  std::ofstream(folder / "elsewhere/agent.db").flush();

  const int answer = run_in_child([&] {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    const auto to = folder / "elsewhere/agent.db";
    if (mount((folder / "agent.db").c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    const auto failure = failure_of([&] { open({.path = to}); });
    if (failure.kind() != FailureKind::unreachable) return 1;
    if (failure.detail().find("mount its folder, never the file") == std::string::npos) return 2;
    // A folder may be mounted.
    fs::create_directory(folder / "third");
    if (mount((folder / "elsewhere").c_str(), (folder / "third").c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    make_ledger(folder / "third/new.db");
    return 0;
  });

  if (answer == 77) GTEST_SKIP() << "nothing can be mounted here";
  EXPECT_EQ(answer, 0);
}

TEST(Identity, EveryNameOfALinkSharesTheTurn) {
  const Folder folder;
  fs::create_directory(folder / "alias");
  make_ledger(folder / "agent.db");
  fs::create_symlink("../agent.db", folder / "alias/x.db");
  fs::create_symlink("x.db", folder / "alias/y.db");
  const int file = ::open((folder / "agent.db-lock").c_str(), O_RDWR);
  ASSERT_EQ(flock(file, LOCK_EX), 0);

  const auto store = open({.path = folder / "alias/y.db", .busy_timeout = no_time});
  const auto commit = commit_after(store->head(alice, unlimited), alice, {claim_entry(100)});
  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::busy);
  close(file);
  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);

  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "alias"), {}), 2) << "nothing is left beside a link";
}

TEST(Identity, ALinkToNothingSaysWhereItLeads) {
  const Folder folder;
  fs::create_symlink("nowhere.db", folder / "x.db");

  for (const bool create : {true, false}) {
    const auto failure = failure_of([&] { open({.path = folder / "x.db", .create = create}); });
    EXPECT_EQ(failure.kind(), FailureKind::unreachable);
    EXPECT_NE(failure.detail().find("is a link to " + folder / "nowhere.db"), std::string::npos) << failure.detail();
  }
  EXPECT_FALSE(fs::exists(folder / "nowhere.db"));
}

// SQLite reads some names in its own way.
TEST(Identity, APathIsAPath) {
  const Folder folder;
  EXPECT_EQ(run_in_child([&] {
              fs::current_path(folder.path());
              for (const auto* name : {"file:x.db", "file:y.db?mode=memory", "x%41.db", "a?b#c.db"}) {
                make_ledger(name);
                if (!fs::exists(folder / name)) return 1;
                fs::remove(std::string(name) + "-shm");
                fs::remove(std::string(name) + "-wal");
                if (open({.path = name, .create = false})->head(alice, unlimited).position != Position{4}) return 2;
              }
              return 0;
            }),
            0);
}

TEST(Identity, WhoWritesNoticesThatHisFilesAreGoneAndAcknowledgesNothing) {
  for (const auto& loss : losses) {
    SCOPED_TRACE(loss.name);
    const Folder folder;
    make_ledger(folder / "other.db", 500);
    auto store = open({.path = folder / "agent.db"});
    const auto known = head_of(write(*store, alice, one_of_each(1)));
    loss.happen(folder);
    const auto kept = bytes_of(folder / "agent.db");

    const auto commit = commit_after(known, alice, {claim_entry(100)});
    expect_gone(failure_of([&] { append(*store, commit); }));
    expect_gone(failure_of([&] { store->begin_write({{alice}}, unlimited); }));
    expect_gone(failure_of([&] { append(*store, commit); }));
    store.reset();

    EXPECT_EQ(bytes_of(folder / "agent.db"), kept) << "closing copied the log of another file into it";
    EXPECT_EQ(fs::exists(folder / "agent.db-lock"), loss.name != std::string("database and side files deleted"))
        << "a lock for what is not there";
  }
}

TEST(Identity, WhoReadsOrWaitsNoticesThatHisFilesAreGone) {
  for (const auto& loss : losses) {
    for (const bool written : {true, false}) {
      SCOPED_TRACE(std::string(loss.name) + (written ? ", by a writer" : ", by a reader"));
      const Folder folder;
      make_ledger(folder / "other.db", 500);
      make_ledger(folder / "agent.db");
      const auto store = open({.path = folder / "agent.db"});
      if (written) write(*store, alice, one_of_each(1'000));
      const auto seen = store->await_append(alice, 0, unlimited);
      loss.happen(folder);

      expect_gone(failure_of([&] { store->await_append(alice, seen, unlimited); }));
      expect_gone(failure_of([&] { store->head(alice, unlimited); }));
      expect_gone(failure_of([&] { store->batches(alice, {}, 10, unlimited); }));
    }
  }
}

namespace {

// The file stays the same, and is cut or overwritten in place.
const std::vector<Loss> damages = {
    {"log emptied", [](const Folder& folder) { fs::resize_file(folder / "agent.db-wal", 0); }},
    {"log cut by its last frame",
     [](const Folder& folder) {
       const auto bytes = bytes_of(folder / "agent.db-wal");
       const auto end = bytes.find_last_not_of('\0');  // behind that it is only made longer
       fs::resize_file(folder / "agent.db-wal", end - 4096);
     }},
    {"log overwritten with zeros",
     [](const Folder& folder) {
       const auto size = fs::file_size(folder / "agent.db-wal");
       std::ofstream(folder / "agent.db-wal") << std::string(size, '\0');
     }},
    {"log overwritten by another's",
     [](const Folder& folder) {
       const auto other = open({.path = folder / "other.db"});
       for (std::uint64_t i = 0; i < 9; ++i) write(*other, alice, one_of_each(600 + 10 * i));
       std::ofstream(folder / "agent.db-wal") << bytes_of(folder / "other.db-wal");
     }},
    {"database overwritten by an older copy",
     [](const Folder& folder) { std::ofstream(folder / "agent.db") << bytes_of(folder / "older.db"); }},
    {"database emptied", [](const Folder& folder) { fs::resize_file(folder / "agent.db", 0); }},
    {"database cut", [](const Folder& folder) { fs::resize_file(folder / "agent.db", 8'192); }},
};

}  // namespace

TEST(Identity, WhoWritesNoticesThatHisFilesWereCutOrOverwrittenInPlace) {
  for (const auto& damage : damages) {
    SCOPED_TRACE(damage.name);
    const Folder folder;
    make_ledger(folder / "agent.db");
    make_ledger(folder / "other.db", 500);
    backup(folder / "agent.db", folder / "older.db");
    write(*open({.path = folder / "agent.db"}), alice, {with_content(claim_entry(50), std::string(50'000, 'x'))});
    auto store = open({.path = folder / "agent.db"});
    write(*store, alice, one_of_each(1'000));
    const auto known = head_of(write(*store, alice, one_of_each(2'000)));
    auto other = open({.path = folder / "agent.db"});  // has read nothing of it
    damage.happen(folder);
    const auto kept = bytes_of(folder / "agent.db");

    const auto commit = commit_after(known, alice, {claim_entry(100)});
    expect_gone(failure_of([&] { append(*other, commit); }));
    other.reset();
    expect_gone(failure_of([&] { append(*store, commit); }));
    expect_gone(failure_of([&] { append(*store, commit); }));
    expect_gone(failure_of([&] { store->begin_write({{alice}}, unlimited); }));
    store.reset();

    EXPECT_EQ(bytes_of(folder / "agent.db"), kept) << "closing copied a log with a hole into it";
  }
}

// As long as the one that was there it is noticed when the log is next begun or copied.
TEST(Identity, ADatabaseThatWasOverwrittenInPlaceGetsNoLogThatIsNotItsOwn) {
  for (const bool log_empty : {true, false}) {
    SCOPED_TRACE(log_empty);
    const Folder folder;
    make_ledger(folder / "agent.db");
    fs::copy_file(folder / "agent.db", folder / "older.db");
    write(*open({.path = folder / "agent.db"}), alice, {claim_entry(50)});
    ASSERT_EQ(fs::file_size(folder / "agent.db"), fs::file_size(folder / "older.db"));
    auto store = open({.path = folder / "agent.db"});
    auto known = store->head(alice, unlimited);
    if (!log_empty) known = head_of(write(*store, alice, {claim_entry(60)}));
    const auto older = bytes_of(folder / "older.db");
    std::ofstream(folder / "agent.db") << older;

    if (log_empty) expect_gone(failure_of([&] { append(*store, commit_after(known, alice, {claim_entry(100)})); }));
    store.reset();  // copies the log

    EXPECT_EQ(bytes_of(folder / "agent.db"), older);
  }
}

// In a turn nothing is known to have happened until the commit.
TEST(Identity, ALogThatIsCutDuringATurnIsNoticedBeforeTheCommit) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  auto turn = store->begin_write({{alice}}, unlimited);
  const auto commit = commit_after(turn->snapshots.front().head, alice, {claim_entry(100)});
  fs::resize_file(folder / "agent.db-wal", 0);

  const auto outcome = turn->append(std::span(&commit, 1)).front().outcome;

  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::unreachable) << outcome.detail;
}

// Neither is a loss: another program copied the whole log into the database, or made that shorter.
TEST(Identity, AnEmptiedLogAndACleanedDatabaseAreNoLoss) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  Raw other(folder / "agent.db");
  other.run("CREATE TABLE t (x)");
  other.run("INSERT INTO t VALUES (randomblob(200000)); PRAGMA wal_checkpoint(TRUNCATE)");
  write(*store, alice, one_of_each(1'000));
  other.run("DROP TABLE t; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(fs::file_size(folder / "agent.db-wal"), 0U);

  write(*store, alice, one_of_each(2'000));

  EXPECT_EQ(store->head(alice, unlimited).position, Position{12});
}

// Opening a connection would find the new file.
TEST(Identity, WhatWasReplacedStaysReplacedForTheHandle) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  const auto store = open({.path = folder / "agent.db"});
  store->head(alice, unlimited);
  fs::rename(folder / "agent.db", folder / "aside.db");
  expect_gone(failure_of([&] { store->head(alice, unlimited); }));

  fs::rename(folder / "aside.db", folder / "agent.db");

  expect_gone(failure_of([&] { store->head(alice, unlimited); }));
  EXPECT_EQ(open({.path = folder / "agent.db"})->head(alice, unlimited).position, Position{4});
}

// It may be anybody's: a connection that looks at it would undo what its owner left half done.
TEST(Identity, WhatTookItsPlaceIsNotTouched) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  Raw other(folder / "other.db");
  other.run(
      "CREATE TABLE t (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
      "INSERT INTO t SELECT randomblob(1000) FROM n");
  other.run("PRAGMA cache_size = 1; BEGIN; UPDATE t SET x = randomblob(1000)");
  fs::copy_file(folder / "other.db", folder / "new.db");
  fs::copy_file(folder / "other.db-journal", folder / "agent.db-journal");
  fs::rename(folder / "new.db", folder / "agent.db");
  const auto kept = bytes_of(folder / "agent.db");

  expect_gone(failure_of([&] { store->head(alice, unlimited); }));

  EXPECT_TRUE(bytes_of(folder / "agent.db") == kept);
  EXPECT_TRUE(fs::exists(folder / "agent.db-journal"));
}

// Whoever copies the log into the database: at the close, in the background, after a failure.
TEST(Identity, NoCheckpointTouchesFilesThatAreNotThoseThatWereOpened) {
  for (const auto& loss : losses) {
    SCOPED_TRACE(loss.name);
    const Folder folder;
    make_ledger(folder / "other.db", 500);
    const Options options{.path = folder / "agent.db"};
    const auto store = open(options);
    write(*store, alice, one_of_each(1));
    WriterLock lock(options.path);
    OpenFiles files(options.path);
    const auto connection = open_to_write(options.path, no_time, 64);
    files.note_database(false);
    files.note_log();
    Checkpoints checkpoints(options, lock, files);
    loss.happen(folder);
    const auto kept = bytes_of(folder / "agent.db");

    EXPECT_FALSE(checkpoints.empty(*connection, no_time));

    EXPECT_EQ(bytes_of(folder / "agent.db"), kept);
  }
}

TEST(Identity, InADirectoryItIsTheOneAgentsLoss) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  write(*store, alice, {claim_entry(1)});
  write(*store, bob, {claim_entry(1)});
  fs::remove(folder / "alice.db");

  expect_gone(failure_of([&] { store->head(alice, unlimited); }));
  EXPECT_EQ(store->head(bob, unlimited).position, Position{1});
}

// A batch that is committed as the file goes is neither acknowledged nor denied.
TEST(Identity, AFileThatGoesDuringTheCommitLeavesDoubt) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  auto turn = store->begin_write({{alice}}, unlimited);
  const auto commit = commit_after(turn->snapshots.front().head, alice, {claim_entry(100)});
  fs::rename(folder / "agent.db", folder / "moved.db");

  const auto outcome = turn->append(std::span(&commit, 1)).front().outcome;

  EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
  EXPECT_EQ(outcome.failure, FailureKind::in_doubt);
  EXPECT_NE(outcome.detail.find("removed or replaced"), std::string::npos) << outcome.detail;
}

TEST(WriterLock, IsMadeAnewWhenSomebodyRemovedIt) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  WriterLock one(folder / "agent.db");
  WriterLock other(folder / "agent.db");
  EXPECT_TRUE(one.try_acquire());
  fs::remove(folder / "agent.db-lock");

  const auto turn = other.try_acquire();

  EXPECT_TRUE(turn);
  EXPECT_FALSE(one.try_acquire()) << "a lock on the file that is gone excludes nobody";
  EXPECT_EQ(mode_of(folder / "agent.db-lock"), 0600U);
}

TEST(WriterLock, WhoOnlyReadsMakesNone) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  backup(folder / "agent.db", folder / "backup.db");
  fs::remove(folder / "agent.db-lock");
  for (const auto* name : {"agent.db", "backup.db"}) {
    const auto store = open({.path = folder / name});
    store->head(alice, unlimited);
    store->describe(unlimited);
    store->await_append(alice, store->await_append(alice, 0, unlimited), unlimited);
  }
  open({.path = folder.path()})->agents({}, 10, unlimited);

  EXPECT_FALSE(fs::exists(folder / "agent.db-lock"));
  for (const auto* ending : {"-lock", "-wal", "-shm", "-journal"})
    EXPECT_FALSE(fs::exists(folder / ("backup.db" + std::string(ending)))) << ending;
}

TEST(WriterLock, IsForThoseWhoMayWriteTheDatabase) {
  for (const auto& [database, lock] :
       {std::pair<mode_t, mode_t>{0644, 0600}, {0664, 0660}, {0660, 0660}, {0600, 0600}, {0666, 0666}, {0640, 0600}}) {
    const Folder folder;
    make_ledger(folder / "agent.db");
    fs::remove(folder / "agent.db-lock");
    ASSERT_EQ(chmod((folder / "agent.db").c_str(), database), 0);
    write(*open({.path = folder / "agent.db"}), alice, {claim_entry(100)});

    EXPECT_EQ(mode_of(folder / "agent.db-lock"), lock) << std::oct << database;

    ASSERT_EQ(chmod((folder / "agent.db-lock").c_str(), 0644), 0);
    write(*open({.path = folder / "agent.db"}), alice, {claim_entry(200)});
    EXPECT_EQ(mode_of(folder / "agent.db-lock"), lock) << "also one that was there, " << std::oct << database;
  }
}

TEST(WriterLock, AndTheDatabaseHaveTheRightsThatTheProcessGives) {
  for (const auto& [mask, database, lock] :
       {std::tuple<mode_t, mode_t, mode_t>{0002, 0664, 0660}, {0022, 0644, 0600}, {0077, 0600, 0600}}) {
    const Folder folder;
    const Umask umask(mask);
    make_ledger(folder / "agent.db");
    backup(folder / "agent.db", folder / "backup.db");

    EXPECT_EQ(mode_of(folder / "agent.db"), database) << std::oct << mask;
    EXPECT_EQ(mode_of(folder / "backup.db"), database) << std::oct << mask;
    EXPECT_EQ(mode_of(folder / "agent.db-lock"), lock) << std::oct << mask;
    EXPECT_EQ(mode_of(folder / "agent.db-wal"), database) << std::oct << mask;
  }
}

TEST(WriterLock, ThatRootMakesIsOfTheDatabasesOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Folder folder;
  make_ledger(folder / "agent.db");
  for (const auto* ending : {"", "-wal", "-shm"})
    ASSERT_EQ(chown((folder / ("agent.db" + std::string(ending))).c_str(), 65534, 65533), 0);
  ASSERT_EQ(chown(folder.path().c_str(), 65534, 65533), 0);
  fs::remove(folder / "agent.db-lock");

  write(*open({.path = folder / "agent.db"}), alice, {claim_entry(100)});

  struct stat status {};
  ASSERT_EQ(stat((folder / "agent.db-lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 65534U);
  EXPECT_EQ(status.st_gid, 65533U);
  EXPECT_EQ(run_in_child([&] {
              if (!gave_up_rights(65534, 65533)) return 1;
              write(*open({.path = folder / "agent.db"}), alice, {claim_entry(200)});
              return 0;
            }),
            0);
}

// Who writes after him could otherwise not.
TEST(SideFiles, HaveTheGroupOfTheDatabaseWhoeverMakesThem) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  constexpr uid_t owner = 65531;
  constexpr uid_t colleague = 65534;
  constexpr gid_t team = 65532;
  const std::vector<std::function<void(const Folder&)>> uses = {
      [](const Folder& folder) { open({.path = folder / "alice.db"})->head(alice, unlimited); },
      [](const Folder& folder) { write(*open({.path = folder / "alice.db"}), alice, {claim_entry(100)}); },
      [](const Folder& folder) { open({.path = folder.path()})->agents({}, 10, unlimited); },
      [](const Folder& folder) { backup(folder / "alice.db", folder / "copy"); }};
  for (std::size_t i = 0; i < uses.size(); ++i) {
    SCOPED_TRACE(i);
    const Folder folder;
    make_ledger(folder / "alice.db");
    for (const auto* ending : {"-wal", "-shm", "-lock"}) fs::remove(folder / ("alice.db" + std::string(ending)));
    ASSERT_EQ(chown((folder / "alice.db").c_str(), owner, team), 0);
    ASSERT_EQ(chmod((folder / "alice.db").c_str(), 0664), 0);
    ASSERT_EQ(chmod(folder.path().c_str(), 0777), 0);  // without the bit that gives files the group of the folder
    const auto as_member = [&](uid_t user, const std::function<int()>& work) {
      return run_in_child([&] {
        if (setgroups(1, &team) != 0 || !gave_up_rights(user, user)) return 1;
        return work();
      });
    };

    EXPECT_EQ(as_member(colleague,
                        [&] {
                          uses[i](folder);
                          return 0;
                        }),
              0);

    EXPECT_TRUE(fs::exists(folder / "alice.db-shm"));
    EXPECT_EQ(as_member(owner,
                        [&] {
                          write(*open({.path = folder / "alice.db"}), alice, {claim_entry(200)});
                          return 0;
                        }),
              0);
  }
}

TEST(SideFiles, ThatThisUserMayNotUseAreNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  for (const auto& [ending, mode, words] :
       {std::tuple<const char*, mode_t, const char*>{"-shm", 0644, "may only be read: "},
        {"-shm", 0600, "the index of its log cannot be read: "},
        {"-wal", 0644, "may only be read: "}}) {
    SCOPED_TRACE(std::string(ending) + words);
    const Folder folder;
    make_ledger(folder / "agent.db");
    for (const auto* each : {"", "-wal", "-shm", "-lock"})
      ASSERT_EQ(chown((folder / ("agent.db" + std::string(each))).c_str(), 65534, 65534), 0);
    ASSERT_EQ(chown(folder.path().c_str(), 65534, 65534), 0);
    const auto side_file = folder / ("agent.db" + std::string(ending));
    ASSERT_EQ(chown(side_file.c_str(), 0, 0), 0);
    ASSERT_EQ(chmod(side_file.c_str(), mode), 0);
    const auto expected =
        words + side_file +
        ": Permission denied; it belongs to user 0: give it the owner, group and mode of the database";

    EXPECT_EQ(run_in_child([&] {
                if (!gave_up_rights(65534, 65534)) return 1;
                const auto failure = failure_of([&] {
                  const auto store = open({.path = folder / "agent.db"});
                  append(*store, commit_after(store->head(alice, unlimited), alice, {claim_entry(200)}));
                });
                std::fprintf(stderr, "%s", failure.kind() == FailureKind::unreachable ? "" : failure.what());
                return failure.detail().find(expected) == std::string::npos ? 2 : 0;
              }),
              0);
  }
}

// As an earlier version, or somebody's root shell, left it.
TEST(WriterLock, OfAnotherIsOpenedToReadAndElseSaysWhoseItIs) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Folder folder;
  make_ledger(folder / "agent.db");
  for (const auto* ending : {"", "-wal", "-shm"})
    ASSERT_EQ(chown((folder / ("agent.db" + std::string(ending))).c_str(), 65534, 65534), 0);
  ASSERT_EQ(chown(folder.path().c_str(), 65534, 65534), 0);
  const auto as_service = [&](const std::function<int()>& work) {
    return run_in_child([&] { return gave_up_rights(65534, 65534) ? work() : 1; });
  };

  ASSERT_EQ(chmod((folder / "agent.db-lock").c_str(), 0644), 0);
  EXPECT_EQ(as_service([&] {
              write(*open({.path = folder / "agent.db"}), alice, {claim_entry(100)});
              return 0;
            }),
            0);

  ASSERT_EQ(chmod((folder / "agent.db-lock").c_str(), 0600), 0);
  EXPECT_EQ(as_service([&] {
              const auto store = open({.path = folder / "agent.db"});
              const auto commit = commit_after(store->head(alice, unlimited), alice, {claim_entry(200)});
              const auto failure = failure_of([&] { append(*store, commit); });
              if (failure.kind() != FailureKind::unreachable) return 2;
              for (const auto& words : {folder / "agent.db-lock: Permission denied", std::string("belongs to user 0"),
                                        std::string("remove it while nobody writes")}) {
                if (failure.detail().find(words) == std::string::npos) return 3;
              }
              return 0;
            }),
            0);
}

}  // namespace claimledger::sqlite::test
