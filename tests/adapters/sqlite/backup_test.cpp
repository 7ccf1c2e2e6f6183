#include "support.hpp"
#include "writer_lock.hpp"

// A copy of a ledger in use.
namespace claimledger::sqlite::test {

TEST(Backup, IsTheWholeLedgerInOneFile) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  for (std::uint64_t i = 0; i < 20; ++i) write(*store, alice, one_of_each(10 * i));
  std::uint64_t last_done = 0;
  std::uint64_t last_total = 0;

  const auto fault = backup(folder / "agent.db", folder / "copy.db",
                            {.check =
                                 [&](const std::string& copy) {
                                   EXPECT_EQ(open({.path = copy, .create = false})->head(alice, unlimited).position,
                                             store->head(alice, unlimited).position);
                                   EXPECT_FALSE(std::filesystem::exists(folder / "copy.db")) << "it is nobody's yet";
                                   return "as it was told";
                                 },
                             .progress =
                                 [&](std::uint64_t done, std::uint64_t total) {
                                   EXPECT_GE(done, last_done);
                                   last_done = done;
                                   last_total = total;
                                 }});

  EXPECT_EQ(fault, "as it was told");

  EXPECT_EQ(last_done, last_total);
  EXPECT_GT(last_total, 0U);
  EXPECT_FALSE(std::filesystem::exists(folder / "copy.db-wal"));
  const auto copy = open({.path = folder / "copy.db"});
  EXPECT_EQ(copy->batches(alice, {}, 100, unlimited), store->batches(alice, {}, 100, unlimited));
  EXPECT_EQ(describe(*copy, "journal_mode"), "delete") << "it stays one file until it is written";
  write(*copy, alice, {claim_entry(1'000)});
  EXPECT_EQ(describe(*copy, "journal_mode"), "wal") << "a copy is written on like any ledger";
}

// Two that would give it one at the same time can fail each other.
TEST(Backup, GetsItsWriteAheadLogInTheWritersTurn) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));
  backup(folder / "agent.db", folder / "copy.db");
  WriterLock lock(folder / "copy.db");
  std::optional<WriterLock::Turn> turn(lock.acquire(unlimited, "test", std::chrono::milliseconds{0}));

  const auto copy = open({.path = folder / "copy.db", .busy_timeout = std::chrono::milliseconds{0}});
  const auto next = commit_after(copy->head(alice, unlimited), alice, {claim_entry(1'000)});
  EXPECT_EQ(failure_of([&] { append(*copy, next); }).kind(), FailureKind::busy);
  EXPECT_EQ(describe(*copy, "journal_mode"), "delete");
  turn.reset();

  EXPECT_EQ(append(*copy, next).outcome, AppendOutcome::done);
  EXPECT_EQ(describe(*copy, "journal_mode"), "wal");
}

TEST(Backup, DoesNotWaitForAnOpenWriteAndLeavesItOut) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  Raw other(folder / "agent.db");
  other.run("BEGIN IMMEDIATE; INSERT INTO agent (name) VALUES ('half')");

  backup(folder / "agent.db", folder / "copy.db");

  EXPECT_EQ(names_of(open({.path = folder / "copy.db"})->agents({}, 10, unlimited)), std::vector<AgentId>{alice});
}

TEST(Backup, AnExistingTargetIsLeftAlone) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));
  open({.path = folder / "other.db"});
  const auto before = bytes_of(folder / "other.db");

  EXPECT_EQ(failure_of([&] { backup(folder / "agent.db", folder / "other.db"); }).kind(), FailureKind::unreachable);

  EXPECT_EQ(bytes_of(folder / "other.db"), before);
}

TEST(Backup, WhatStandsBesideTheTargetIsLeftAlone) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, {claim_entry(1)});
  for (const auto* ending : {"-wal", "-shm", "-journal"}) {
    const auto theirs = folder / ("copy.db" + std::string(ending));
    std::filesystem::copy_file(folder / "agent.db", theirs);
    const auto before = bytes_of(theirs);

    const auto failure = failure_of([&] { backup(folder / "agent.db", folder / "copy.db"); });

    EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    EXPECT_EQ(bytes_of(theirs), before) << ending;
    EXPECT_FALSE(std::filesystem::exists(folder / "copy.db"));
    std::filesystem::remove(theirs);
  }
}

TEST(Backup, ATargetThatLeadsNowhereIsLeftAlone) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));
  // Not there for who follows the link, there for who would make it.
  std::filesystem::create_symlink(folder / "theirs", folder / "copy.db");

  EXPECT_EQ(failure_of([&] { backup(folder / "agent.db", folder / "copy.db"); }).kind(), FailureKind::unreachable);

  EXPECT_TRUE(std::filesystem::is_symlink(folder / "copy.db"));
  EXPECT_FALSE(std::filesystem::exists(folder / "theirs"));
}

TEST(Backup, IntoAFolderThatIsNotThereIsUnreachable) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));

  const auto failure = failure_of([&] { backup(folder / "agent.db", folder / "no/copy.db"); });

  EXPECT_EQ(failure.kind(), FailureKind::unreachable);
  EXPECT_NE(failure.detail().find(folder / "no/copy.db"), std::string::npos) << failure.detail();
}

// A process that dies while it copies leaves nothing that could be taken for a copy.
TEST(Backup, IsThereAsAWholeOrNotAtAll) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));
  int steps = 0;
  backup(folder / "agent.db", folder / "copy.db", {.progress = [&](std::uint64_t, std::uint64_t) {
           ++steps;
           EXPECT_FALSE(std::filesystem::exists(folder / "copy.db"));
           // Nor does another one meanwhile.
           const auto failure = failure_of([&] { backup(folder / "agent.db", folder / "copy.db"); });
           EXPECT_EQ(failure.kind(), FailureKind::unreachable);
           EXPECT_NE(failure.detail().find("is what somebody is making"), std::string::npos) << failure.detail();
         }});

  EXPECT_GT(steps, 0);
  EXPECT_EQ(open({.path = folder / "copy.db"})->head(alice, unlimited).position, Position{4});
  EXPECT_FALSE(std::filesystem::exists(folder / "copy.db-unfinished"));
}

TEST(Backup, OfNothingLeavesNothing) {
  const Folder folder;

  EXPECT_EQ(failure_of([&] { backup(folder / "no.db", folder / "copy.db"); }).kind(), FailureKind::unreachable);

  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Backup, AProgressThatThrowsLeavesNothing) {
  const Folder folder;
  write(*open({.path = folder / "agent.db"}), alice, one_of_each(1));

  EXPECT_THROW(backup(folder / "agent.db", folder / "copy.db",
                      {.progress = [](std::uint64_t, std::uint64_t) { throw std::runtime_error("enough"); }}),
               std::runtime_error);

  EXPECT_FALSE(std::filesystem::exists(folder / "copy.db"));
  EXPECT_FALSE(std::filesystem::exists(folder / "copy.db-unfinished"));
}

}  // namespace claimledger::sqlite::test
