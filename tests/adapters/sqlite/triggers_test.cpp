#include <algorithm>

#include "support.hpp"

// The database itself refuses to change a ledger, whoever connects and whatever settings he chose.
namespace claimledger::sqlite::test {

namespace {

const std::vector<std::string> ledger_tables = {"agent",   "batch", "line",        "entry",  "claim",
                                                "content", "edge",  "idempotency", "served", "erased"};

class Guarded : public testing::TestWithParam<std::string> {
 protected:
  Guarded() {
    const auto store = open({.path = path_});
    write(*store, alice, one_of_each(1));
    write(*store, alice, {tombstone(Position{2})});
  }

  // Everything in a table, and how it looks.
  std::string all(const std::string& table) {
    std::string text;
    for (const auto& row :
         raw_->rows("SELECT quote(t.agent_id), (SELECT COUNT(*) FROM " + table + ") FROM " + table + " AS t")) {
      text += row + "\n";
    }
    return text;
  }
  std::vector<std::string> columns(const std::string& table) {
    return raw_->rows("SELECT name FROM pragma_table_info('" + table + "')");
  }

  Folder folder_;
  std::string path_ = folder_ / "agent.db";
  std::unique_ptr<Raw> raw_ = [this] {
    open({.path = path_});
    return std::make_unique<Raw>(path_);
  }();
};

}  // namespace

TEST_P(Guarded, NoRowIsUpdated) {
  for (const auto& column : columns(GetParam())) {
    EXPECT_NE(raw_->try_run("UPDATE " + GetParam() + " SET " + column + " = " + column), "") << column;
    EXPECT_NE(raw_->try_run("UPDATE OR REPLACE " + GetParam() + " SET " + column + " = " + column), "") << column;
  }
}

TEST_P(Guarded, NoRowIsDeleted) {
  const auto before = all(GetParam());
  ASSERT_NE(before, "") << "the table is empty: nothing would be tested";

  EXPECT_NE(raw_->try_run("DELETE FROM " + GetParam()), "");

  EXPECT_EQ(all(GetParam()), before);
}

TEST_P(Guarded, NoKeyIsInsertedAgain) {
  const auto before = all(GetParam());
  const auto again = " INTO " + GetParam() + " SELECT * FROM " + GetParam() + " LIMIT 1";

  EXPECT_NE(raw_->try_run("INSERT" + again), "");
  EXPECT_NE(raw_->try_run("INSERT OR REPLACE" + again), "");
  EXPECT_NE(raw_->try_run("REPLACE" + again), "");

  EXPECT_EQ(all(GetParam()), before);
}

INSTANTIATE_TEST_SUITE_P(Tables, Guarded, testing::ValuesIn(ledger_tables),
                         [](const auto& table) { return table.param; });

class Trigger : public testing::Test {
 protected:
  Trigger() : store_(open({.path = path_})) { write(*store_, alice, one_of_each(1)); }
  std::string refused(const std::string& sql) { return Raw(path_).try_run(sql); }

  Folder folder_;
  std::string path_ = folder_ / "agent.db";
  std::unique_ptr<Store> store_;
};

TEST_F(Trigger, EveryTableOfTheLedgerIsTried) {
  auto tables = ledger_tables;
  std::sort(tables.begin(), tables.end());
  EXPECT_EQ(
      Raw(path_).rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> "
                      "'schema_migrations' ORDER BY name"),
      tables);
}

TEST_F(Trigger, ASecondKeyOfAnExistingRowReplacesNothing) {
  EXPECT_NE(refused("INSERT OR REPLACE INTO agent VALUES (99, 'alice')"), "");
  EXPECT_NE(refused("INSERT OR REPLACE INTO batch SELECT agent_id, 5, 5, batch_id, recorded_at, clock, actor, format "
                    "FROM batch"),
            "");
  EXPECT_NE(refused("INSERT OR REPLACE INTO line SELECT agent_id, 99, subject, predicate, 1 FROM line"), "");
  EXPECT_NE(
      refused("INSERT OR REPLACE INTO entry SELECT agent_id, 5, batch_seq, recorded_at, kind, disposition, line_no, "
              "claim_id, handle, body, hash FROM entry WHERE handle IS NOT NULL"),
      "");
  EXPECT_EQ(store_->batches(alice, {}, 10, unlimited).at(0).entries.size(), 4U);
}

TEST_F(Trigger, EntriesAreNumberedWithoutGaps) {
  const auto entry = [](int seq) {
    return "INSERT INTO entry SELECT agent_id, " + std::to_string(seq) +
           ", batch_seq, recorded_at, 'Served', NULL, NULL, NULL, NULL, body, hash FROM entry WHERE stream_seq = 3";
  };

  EXPECT_NE(refused(entry(6)), "");
  EXPECT_NE(refused(entry(0)), "");
  EXPECT_EQ(refused(entry(5)), "");
}

TEST_F(Trigger, ContentGoesOnlyWithATombstoneThatNamesIt) {
  const std::string erase = "UPDATE content SET salt = NULL, body = NULL, lookup = NULL WHERE stream_seq = ";
  EXPECT_NE(refused(erase + "1"), "");

  write(*store_, alice, {tombstone(Position{1})});

  EXPECT_NE(refused(erase + "2"), "") << "the tombstone names another";
  EXPECT_EQ(Raw(path_).value("SELECT salt, body, lookup FROM content WHERE stream_seq = 1"), "NULL|NULL|NULL");
}

TEST_F(Trigger, ContentGoesWholeOrNotAtAll) {
  write(*store_, alice, {tombstone(Position{1})});
  Raw raw(path_);
  // A tombstone that has not erased yet.
  raw.run(
      "INSERT INTO entry SELECT agent_id, 6, batch_seq, recorded_at, 'Tombstone', NULL, NULL, NULL, NULL, body, hash "
      "FROM entry WHERE stream_seq = 5");
  raw.run("INSERT INTO erased SELECT agent_id, 2, 6 FROM agent");

  EXPECT_NE(raw.try_run("UPDATE content SET lookup = NULL WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE content SET salt = NULL WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE content SET body = x'00' WHERE stream_seq = 2"), "");
  EXPECT_NE(
      raw.try_run("UPDATE content SET salt = NULL, body = NULL, lookup = NULL, stream_seq = 4 WHERE stream_seq = 2"),
      "");
  EXPECT_EQ(raw.try_run("UPDATE content SET salt = NULL, body = NULL, lookup = NULL WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE content SET salt = zeroblob(16), body = x'00' WHERE stream_seq = 2"), "")
      << "what is gone does not come back";
}

TEST_F(Trigger, OnlyATombstoneErases) {
  EXPECT_NE(refused("INSERT INTO erased SELECT agent_id, 1, 4 FROM agent"), "") << "entry 4 is no tombstone";
  EXPECT_NE(refused("INSERT INTO content SELECT agent_id, 4, NULL, NULL, NULL FROM agent"), "") << "born erased";
}

TEST_F(Trigger, ALinesNameGoesOnceAllThatWasSaidOnItIsErased) {
  const std::string unname = "UPDATE line SET subject = NULL, predicate = NULL WHERE predicate = 'mood'";
  write(*store_, alice, {claim_entry(3, {"alice", "mood"})});
  EXPECT_NE(refused(unname), "");

  write(*store_, alice, {tombstone(Position{5})});
  EXPECT_NE(refused(unname), "") << "entry 2 is still said";
  write(*store_, alice, {tombstone(Position{2})});

  EXPECT_NE(refused("UPDATE line SET subject = NULL WHERE predicate = 'mood'"), "");
  EXPECT_NE(refused("UPDATE line SET subject = 'x', predicate = 'y' WHERE predicate = 'mood'"), "");
  EXPECT_NE(refused("UPDATE line SET subject = NULL, predicate = NULL, first_seq = 1 WHERE predicate = 'mood'"), "");
  EXPECT_NE(refused("UPDATE line SET subject = NULL, predicate = NULL WHERE predicate = 'likes'"), "") << "still said";
  EXPECT_EQ(refused(unname), "");
}

TEST_F(Trigger, WhatWasErasedReadsAsErased) {
  write(*store_, alice, {tombstone(Position{1})});

  const auto line = store_->line(alice, {"alice", "likes"}, anywhere, unlimited);
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].content_state, ContentState::erased);
  EXPECT_EQ(line[0].content, StoredContent{});
  EXPECT_TRUE(store_->entries(alice, {.lookup = "diary"}, Order::ascending, 10, anywhere, unlimited).size() == 1);
}

}  // namespace claimledger::sqlite::test
