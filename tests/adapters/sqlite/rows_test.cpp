#include "errors.hpp"
#include "support.hpp"

// An impossible value in a row is corrupt, never skipped; every result code of SQLite has one failure kind.
namespace claimledger::sqlite::test {

namespace {

// A ledger whose guards are gone.
class Damaged : public testing::Test {
 protected:
  Damaged() {
    const auto store = open({.path = path_});
    write(*store, alice, one_of_each(1));
  }

  void damage(const std::string& sql) {
    Raw raw(path_);
    for (const auto& trigger : raw.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
      raw.run("DROP TRIGGER " + trigger);
    }
    raw.run("PRAGMA ignore_check_constraints = ON");
    raw.run(sql);
  }
  FailureKind line() {
    return failure_of([&] { open({.path = path_})->line(alice, {"alice", "likes"}, anywhere, unlimited); }).kind();
  }
  FailureKind batches() {
    return failure_of([&] { open({.path = path_})->batches(alice, {}, 10, unlimited); }).kind();
  }

  Folder folder_;
  std::string path_ = folder_ / "agent.db";
};

}  // namespace

TEST_F(Damaged, ANumberThatIsNoneIsCorrupt) {
  damage("UPDATE entry SET kind = 1600 WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
  EXPECT_EQ(batches(), FailureKind::corrupt);
}

TEST_F(Damaged, ADispositionThatIsNoneIsCorrupt) {
  damage("UPDATE entry SET disposition = -1 WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
}

TEST_F(Damaged, AnUnknownClockIsCorrupt) {
  damage("UPDATE entry SET clock = 9 WHERE batch_offset = 0");
  EXPECT_EQ(batches(), FailureKind::corrupt);
}

TEST_F(Damaged, BytesOfAnotherLengthAreCorrupt) {
  damage("UPDATE entry SET hash = x'0102' WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
}

TEST_F(Damaged, AnIdOfAnotherLengthIsCorrupt) {
  damage("UPDATE entry SET claim_id = x'01' WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
}

TEST_F(Damaged, ASaltOfAnotherLengthIsCorrupt) {
  damage("UPDATE entry SET salt = x'01' WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
}

TEST_F(Damaged, ContentGoneInPartIsCorrupt) {
  damage("UPDATE entry SET content = NULL WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt);
}

TEST_F(Damaged, ContentGoneWithoutATombstoneIsReportedAsNone) {
  damage("UPDATE entry SET salt = NULL, content = NULL, search_text = NULL WHERE stream_seq = 1");
  const auto entries = open({.path = path_})->line(alice, {"alice", "likes"}, anywhere, unlimited);
  EXPECT_EQ(entries.at(0).content_state, ContentState::none) << "that it was due, core reads in the body";
}

TEST_F(Damaged, AMissingEntryIsCorruptWhereverItIsNamed) {
  damage("DELETE FROM entry WHERE stream_seq = 1");
  const auto store = open({.path = path_});
  EXPECT_EQ(failure_of([&] { store->batches(alice, {}, 10, unlimited); }).kind(), FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { store->claims(alice, std::vector{claim_id(1)}, anywhere, unlimited); }).kind(),
            FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { store->by_idempotency_key(alice, digest(1), anywhere, unlimited); }).kind(),
            FailureKind::corrupt);
}

TEST_F(Damaged, ALineWithoutItsFirstEntryIsCorrupt) {
  damage("DELETE FROM entry WHERE stream_seq = 1");
  EXPECT_EQ(line(), FailureKind::corrupt) << "entry 4 is there and does not hide it";
}

TEST_F(Damaged, APageOfEverythingHasNoGap) {
  damage("DELETE FROM entry WHERE stream_seq = 2");
  const auto store = open({.path = path_});
  const auto page = [&](Order order, std::size_t limit) {
    store->entries(alice, {.order = order, .limit = limit}, anywhere, unlimited);
  };
  EXPECT_EQ(failure_of([&] { page(Order::ascending, 10); }).kind(), FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { page(Order::descending, 10); }).kind(), FailureKind::corrupt);
  EXPECT_NO_THROW(page(Order::ascending, 1)) << "whoever does not need it is served";
  EXPECT_NO_THROW(page(Order::descending, 2));
}

TEST_F(Damaged, AMissingLastEntryDoesNotMoveTheHeadBack) {
  damage("DELETE FROM entry WHERE stream_seq = 4");
  EXPECT_EQ(failure_of([&] { open({.path = path_})->head(alice, unlimited); }).kind(), FailureKind::corrupt);
}

TEST_F(Damaged, AMissingNameOfALineIsCorrupt) {
  damage("UPDATE entry SET subject = NULL, predicate = NULL");
  const auto store = open({.path = path_});
  EXPECT_EQ(failure_of([&] { store->claims(alice, std::vector{claim_id(1)}, anywhere, unlimited); }).kind(),
            FailureKind::corrupt);
}

TEST(Errors, EveryCodeSaysWhatTheCallerCanDo) {
  struct Row {
    int code;
    FailureKind kind;
  };
  for (const auto& [code, kind] :
       {Row{SQLITE_BUSY, FailureKind::busy}, Row{SQLITE_BUSY_SNAPSHOT, FailureKind::busy},
        Row{SQLITE_LOCKED_SHAREDCACHE, FailureKind::busy}, Row{SQLITE_CANTOPEN, FailureKind::unreachable},
        Row{SQLITE_CANTOPEN_ISDIR, FailureKind::unreachable}, Row{SQLITE_READONLY_DIRECTORY, FailureKind::unreachable},
        Row{SQLITE_FULL, FailureKind::exhausted}, Row{SQLITE_NOMEM, FailureKind::exhausted},
        Row{SQLITE_IOERR_FSYNC, FailureKind::exhausted}, Row{SQLITE_IOERR_NOMEM, FailureKind::exhausted},
        Row{SQLITE_IOERR_CORRUPTFS, FailureKind::corrupt}, Row{SQLITE_CORRUPT_INDEX, FailureKind::corrupt},
        Row{SQLITE_NOTADB, FailureKind::corrupt}, Row{SQLITE_CONSTRAINT_TRIGGER, FailureKind::refused},
        Row{SQLITE_CONSTRAINT_FOREIGNKEY, FailureKind::refused}, Row{SQLITE_ERROR, FailureKind::refused}}) {
    EXPECT_EQ(kind_of(code), kind) << code;
  }
}

}  // namespace claimledger::sqlite::test
