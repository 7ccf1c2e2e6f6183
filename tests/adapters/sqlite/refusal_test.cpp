#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "support.hpp"

// A file that is no ledger, or a newer one, is refused with advice and keeps every byte.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> all_migrations = {"0001_ledger", "0002_terms", "0003_vectors"};
const auto from_the_future = "INSERT INTO schema_migrations VALUES (" + std::to_string(all_migrations.size() + 1) +
                             ", 'from the future', 'x', 0)";

// Every file of a folder with its bytes.
std::map<std::string, std::string> contents(const Folder& folder) {
  std::map<std::string, std::string> files;
  for (const auto& file : fs::directory_iterator(folder.path())) {
    files[file.path().filename().string()] = file.is_regular_file() ? bytes_of(file.path().string()) : "";
  }
  return files;
}

void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

void expect_refused(const Folder& folder, const std::string& name, FailureKind kind, const std::string& advice) {
  const auto before = contents(folder);

  for (int twice = 0; twice < 2; ++twice) {
    const auto failure = failure_of([&] { open({.path = folder / name}); });
    EXPECT_EQ(failure.kind(), kind) << failure.what();
    EXPECT_NE(failure.detail().find(advice), std::string::npos) << failure.detail();
    EXPECT_NE(failure.detail().find(folder / name), std::string::npos) << "says which file: " << failure.detail();
  }

  EXPECT_TRUE(contents(folder) == before) << "something was written, or a file was left behind";
}

void make_ledger(const std::string& path) {
  const auto store = open({.path = path});
  write(*store, alice, one_of_each(1));
}

// As another version would leave it: one file, no log.
void change(const std::string& path, const std::string& sql) {
  Raw raw(path);
  raw.run(sql);
  raw.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace

TEST(Refusal, ATextIsNoLedger) {
  const Folder folder;
  put(folder / "notes.txt", "Dear diary,\n" + std::string(5000, 'x'));

  expect_refused(folder, "notes.txt", FailureKind::incompatible, "not a database");
}

TEST(Refusal, AShortFileIsNoLedger) {
  const Folder folder;
  put(folder / "short", "SQLite format 3");

  expect_refused(folder, "short", FailureKind::incompatible, "not a database");
}

TEST(Refusal, ADatabaseOfAnotherProgramIsLeftAlone) {
  const Folder folder;
  Raw(folder / "other.db").run("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  Raw(folder / "wal.db").run("PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t (x)");
  change(folder / "wal.db", "INSERT INTO t VALUES (1)");

  expect_refused(folder, "other.db", FailureKind::incompatible, "another program");
  expect_refused(folder, "wal.db", FailureKind::incompatible, "another program");
}

TEST(Refusal, ADatabaseOfAnotherProgramIsNotEvenRecovered) {
  const Folder folder;
  // Its journal stays beside it, with a header of zeros: to us it must not look like a crash of ours.
  Raw(folder / "persist.db").run("PRAGMA journal_mode = PERSIST; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  ASSERT_GT(fs::file_size(folder / "persist.db-journal"), 0U);

  expect_refused(folder, "persist.db", FailureKind::incompatible, "another program");
}

// As `.dump` and reading it in again leave it.
TEST(Refusal, ADumpSaysThatItsIdIsMissing) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  backup(folder / "agent.db", folder / "dump.db");
  Raw(folder / "dump.db").run("PRAGMA application_id = 0; PRAGMA user_version = 0");

  expect_refused(folder, "dump.db", FailureKind::incompatible, "PRAGMA application_id = 1129072466");

  Raw(folder / "dump.db").run("PRAGMA application_id = 1129072466");
  const auto store = open({.path = folder / "dump.db"});
  EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
  write(*store, alice, one_of_each(100));
  EXPECT_EQ(store->head(alice, unlimited).position, Position{8});
}

TEST(Refusal, WhereNoDescriptorIsLeftThatIsSaid) {
  const Folder folder;
  make_ledger(folder / "agent.db");

  const auto child = fork();
  if (child == 0) {
    const auto store = open({.path = folder / "agent.db"});
    const int next = dup(0);
    const rlimit limit{static_cast<rlim_t>(next), static_cast<rlim_t>(next)};
    close(next);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(3);
    for (const auto& failure : {failure_of([&] { store->head(alice, unlimited); }),
                                failure_of([&] { open({.path = folder / "agent.db"}); })}) {
      if (failure.detail().find("Too many open files") == std::string::npos) _exit(4);
      if (failure.kind() != FailureKind::exhausted) _exit(5);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Refusal, ANewerSchemaIsLeftAlone) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  change(folder / "agent.db", from_the_future);

  expect_refused(folder, "agent.db", FailureKind::incompatible, "newer");
}

TEST(Refusal, ANewerSchemaThatIsInUseIsLeftAlone) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  Raw newer(folder / "agent.db");
  newer.run(from_the_future);
  ASSERT_GT(fs::file_size(folder / "agent.db-wal"), 0U);
  const auto database = bytes_of(folder / "agent.db");
  const auto log = bytes_of(folder / "agent.db-wal");

  EXPECT_EQ(failure_of([&] { open({.path = folder / "agent.db"}); }).kind(), FailureKind::incompatible);

  EXPECT_EQ(bytes_of(folder / "agent.db"), database);
  EXPECT_EQ(bytes_of(folder / "agent.db-wal"), log);
}

TEST(Refusal, AnEditedMigrationIsLeftAlone) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  change(folder / "agent.db", "UPDATE schema_migrations SET checksum = 'edited'");

  expect_refused(folder, "agent.db", FailureKind::incompatible, "another text");
}

TEST(Refusal, ALedgerWithoutItsTablesIsCorrupt) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  change(folder / "agent.db", "DROP TABLE schema_migrations");

  expect_refused(folder, "agent.db", FailureKind::corrupt, "restore a backup");
}

TEST(Refusal, ALedgerCutShortIsCorrupt) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  fs::resize_file(folder / "agent.db", 4096 + 1000);

  const auto failure = failure_of([&] { open({.path = folder / "agent.db"})->head(alice, unlimited); });

  EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
}

TEST(Refusal, AFolderThatIsNotThereIsUnreachable) {
  const Folder folder;

  EXPECT_EQ(failure_of([&] { open({.path = folder / "no/agent.db"}); }).kind(), FailureKind::unreachable);
  EXPECT_EQ(failure_of([&] { open({.path = folder / "no/such/"}); }).kind(), FailureKind::unreachable);
  EXPECT_EQ(failure_of([&] { open({.path = ""}); }).kind(), FailureKind::unreachable);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

// Permissions mean nothing to root, so a child gives them up first. It reports by its exit code.
TEST(Refusal, ALedgerIsNotMadeWhereNothingMayBeWritten) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  const auto before = contents(folder);
  fs::permissions(folder / "agent.db", fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                     fs::perms::others_read | fs::perms::others_exec);

  const auto child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(3);
    const auto failure = failure_of([&] { open({.path = folder / "new.db"}); });
    const bool says_so = failure.detail().find(folder.path() + ": Permission denied") != std::string::npos;
    _exit(failure.kind() == FailureKind::unreachable && says_so ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(contents(folder) == before);
}

TEST(Refusal, AFileThatCannotBeReadIsUnreachable) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  fs::permissions(folder / "agent.db", fs::perms::none);
  fs::permissions(folder.path(), fs::perms::all);

  const auto child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(3);
    const auto failure = failure_of([&] { open({.path = folder / "agent.db"}); });
    const bool says_so = failure.detail().find("cannot be read") != std::string::npos;
    _exit(failure.kind() == FailureKind::unreachable && says_so ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Refusal, AnOlderSchemaMayBeRefusedInsteadOfMigrated) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  // A ledger as it was before its first migration.
  fs::remove(folder / "agent.db");
  Raw(folder / "old.db")
      .run(
          "PRAGMA application_id = 1129072466; CREATE TABLE schema_migrations (version INTEGER PRIMARY "
          "KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");

  const auto failure = failure_of([&] { open({.path = folder / "old.db", .migrate = Migrate::require_current}); });
  EXPECT_EQ(failure.kind(), FailureKind::incompatible);
  EXPECT_NE(failure.detail().find("migrate"), std::string::npos);
  EXPECT_EQ(pending_migrations(folder / "old.db").pending, all_migrations);

  EXPECT_EQ(migrate(folder / "old.db").pending, all_migrations);

  EXPECT_TRUE(pending_migrations(folder / "old.db").pending.empty());
  EXPECT_EQ(pending_migrations(folder / "old.db").applied, all_migrations);
  const auto store = open({.path = folder / "old.db", .migrate = Migrate::require_current});
  write(*store, alice, one_of_each(1));
}

// SQLite reads what is missing of the last page as zeros.
TEST(Refusal, ADatabaseThatWasCutIsNotTakenForAWholeOne) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  const auto size = fs::file_size(folder / "agent.db");
  for (const auto cut : {std::uintmax_t{1}, std::uintmax_t{4096}, std::uintmax_t{4097}}) {
    SCOPED_TRACE(cut);
    fs::resize_file(folder / "agent.db", size - cut);
    expect_refused(folder, "agent.db", FailureKind::corrupt, "it was cut");
  }
}

TEST(Refusal, AnEmptyFileIsWhatIsLeftOfALedger) {
  const Folder folder;
  put(folder / "agent.db", "");

  expect_refused(folder, "agent.db", FailureKind::corrupt, "is empty");
  EXPECT_EQ(failure_of([&] { open({.path = folder / "agent.db", .create = false}); }).kind(), FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { pending_migrations(folder / "agent.db"); }).kind(), FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { backup(folder / "agent.db", folder / "copy.db"); }).kind(), FailureKind::corrupt);
  EXPECT_FALSE(fs::exists(folder / "copy.db"));
}

// A process that dies while it makes a ledger, wherever it dies, leaves nothing under the ledger's name.
TEST(Refusal, WhatACrashLeftUnfinishedIsMadeAnew) {
  const Folder folder;
  for (const auto* left : {"", "half a database", "SQLite format 3"}) {
    put(folder / "agent.db-unfinished", left);
    put(folder / "agent.db-unfinished-journal", std::string(600, 'j'));

    EXPECT_EQ(failure_of([&] { open({.path = folder / "agent.db", .create = false}); }).kind(),
              FailureKind::unreachable);
    EXPECT_FALSE(is_there(folder / "agent.db"));
    write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));

    EXPECT_EQ(open({.path = folder / "agent.db"})->head(alice, unlimited).position, Position{4});
    EXPECT_FALSE(fs::exists(folder / "agent.db-unfinished"));
    EXPECT_FALSE(fs::exists(folder / "agent.db-unfinished-journal"));
    for (const auto* ending : {"", "-wal", "-shm"}) fs::remove(folder / ("agent.db" + std::string(ending)));
  }
}

// "Not there" is said of nothing else.
TEST(Refusal, OnlyWhatIsNotThereIsNotThere) {
  const Folder folder;
  make_ledger(folder / "agent.db");
  put(folder / "notes.txt", "hello");
  fs::create_symlink("nowhere/agent.db", folder / "link.db");
  fs::create_symlink("circle.db", folder / "circle.db");
  const auto too_long = std::string(300, 'x') + ".db";

  EXPECT_TRUE(is_there(folder / "agent.db"));
  EXPECT_TRUE(is_there(folder.path()));
  EXPECT_FALSE(is_there(folder / "no.db"));
  EXPECT_FALSE(is_there(folder / "no/"));
  const std::vector<std::pair<std::string, std::string>> others = {
      {"notes.txt/agent.db", "Not a directory"},
      {"no/agent.db", folder / "no: there is no such folder"},
      {"link.db", "is a link to " + folder / "nowhere/agent.db"},
      {"circle.db", "circle"},
      {too_long, "too long"}};
  for (const auto& [name, words] : others) {
    const auto path = folder / name;
    for (const auto& failure : {failure_of([&] { is_there(path); }), failure_of([&] { open({.path = path}); }),
                                failure_of([&] { open({.path = path, .create = false}); })}) {
      EXPECT_EQ(failure.kind(), FailureKind::unreachable) << name;
      EXPECT_NE(failure.detail().find(words), std::string::npos) << failure.detail();
    }
  }
  const auto missing = failure_of([&] { open({.path = folder / "no.db", .create = false}); });
  EXPECT_EQ(missing.kind(), FailureKind::unreachable);
  EXPECT_NE(missing.detail().find("there is no ledger here"), std::string::npos);
}

// Permissions mean nothing to root, so a child gives them up first. It reports by its exit code.
TEST(Refusal, AFolderThatMayNotBeEnteredSaysNothingOfWhatIsInIt) {
  const Folder folder;
  fs::create_directory(folder / "private");
  make_ledger(folder / "private/agent.db");
  fs::permissions(folder / "private", fs::perms::owner_all);
  fs::permissions(folder.path(), fs::perms::all);
  if (geteuid() != 0) fs::permissions(folder / "private", fs::perms::none);

  const auto child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(3);
    const auto denied = [](const StoreFailure& failure) {
      return failure.kind() == FailureKind::unreachable &&
             failure.detail().find("Permission denied") != std::string::npos;
    };
    for (const auto* name : {"private/agent.db", "private/no.db"}) {
      if (!denied(failure_of([&] { is_there(folder / name); }))) _exit(4);
      if (!denied(failure_of([&] { open({.path = folder / name, .create = false}); }))) _exit(5);
      if (!denied(failure_of([&] { open({.path = folder / name}); }))) _exit(6);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  fs::permissions(folder / "private", fs::perms::owner_all);

  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Refusal, AStoreOfAnEarlierBuildSaysWhatItIs) {
  const Folder folder;
  const auto path = folder / "agent.db";
  open({.path = path});
  Raw(path).run("UPDATE schema_migrations SET checksum = 'of an earlier text'");

  const auto failure = failure_of([&] { open({.path = path}); });

  EXPECT_EQ(failure.kind(), FailureKind::incompatible);
  EXPECT_NE(failure.detail().find("made by an earlier build"), std::string::npos) << failure.detail();
}

}  // namespace claimledger::sqlite::test
