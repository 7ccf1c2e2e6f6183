#include <algorithm>
#include <map>

#include "support.hpp"

// The database itself refuses to change a ledger, whoever connects and whatever settings he chose.
namespace claimledger::sqlite::test {

namespace {

const std::vector<std::string> ledger_tables = {"agent", "derivation", "entry", "line", "served"};
// Whose rows are their own keys, so that replacing one changes nothing.
const std::vector<std::string> keys_only = {"derivation", "served"};

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
  if (std::ranges::find(keys_only, GetParam()) == keys_only.end()) {
    EXPECT_NE(raw_->try_run("INSERT OR REPLACE" + again), "");
    EXPECT_NE(raw_->try_run("REPLACE" + again), "");
  } else {
    raw_->try_run("REPLACE" + again);
  }

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
  tables.insert(tables.end(), {"embedding", "model", "posting", "text_index"});  // derived, and guarded by nothing
  std::sort(tables.begin(), tables.end());
  EXPECT_EQ(
      Raw(path_).rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> "
                      "'schema_migrations' ORDER BY name"),
      tables);
}

// A row like entry `from`, at another place and with these columns otherwise.
std::string copy_of(int from, int seq, const std::map<std::string, std::string>& otherwise) {
  std::string names;
  std::string values;
  for (const auto* name :
       {"agent_id",    "stream_seq", "batch_offset", "recorded_at", "kind",  "disposition", "line_no", "claim_id",
        "begins",      "handle",     "key_digest",   "erases",      "hash",  "body",        "salt",    "content",
        "search_text", "batch_id",   "batch_size",   "clock",       "actor", "format"}) {
    const auto changed = otherwise.find(name);
    names += (names.empty() ? "" : ", ") + std::string(name);
    values += (values.empty() ? "" : ", ") + (std::string(name) == "stream_seq" ? std::to_string(seq)
                                              : changed != otherwise.end()      ? changed->second
                                                                                : name);
  }
  return "INTO entry (" + names + ") SELECT " + values + " FROM entry WHERE stream_seq = " + std::to_string(from);
}

// The columns to change so that a copy of an entry shares no unique key with it.
const std::map<std::string, std::string> plain = {{"batch_offset", "0"}, {"batch_id", "randomblob(16)"},
                                                  {"batch_size", "1"},   {"clock", "0"},
                                                  {"actor", "''"},       {"format", "1"},
                                                  {"begins", "0"},       {"key_digest", "NULL"},
                                                  {"handle", "NULL"}};

std::map<std::string, std::string> but(const std::string& column) {
  auto changed = plain;
  changed.erase(column);
  return changed;
}

TEST_F(Trigger, ASecondKeyOfAnExistingRowReplacesNothing) {
  EXPECT_NE(refused("INSERT OR REPLACE INTO agent VALUES (99, 'alice')"), "");
  EXPECT_NE(refused("INSERT OR REPLACE INTO line SELECT agent_id, subject, predicate, 9 FROM line"), "");
  EXPECT_NE(refused("INSERT OR REPLACE " + copy_of(1, 5, but("batch_id"))), "") << "the id of a batch";
  EXPECT_NE(refused("INSERT OR REPLACE " + copy_of(1, 5, but("begins"))), "") << "the id of a claim";
  EXPECT_NE(refused("INSERT OR REPLACE " + copy_of(1, 5, but("key_digest"))), "") << "an idempotency key";
  EXPECT_NE(refused("INSERT OR REPLACE " + copy_of(4, 5, but("handle"))), "") << "a handle";
  EXPECT_EQ(store_->batches(alice, {}, 10, unlimited).at(0).entries.size(), 4U);
  EXPECT_EQ(refused("INSERT OR REPLACE " + copy_of(1, 5, plain)), "") << "without them it could be written";
}

// Columns that no guard looks at and no hash covers are held by constraints.
TEST_F(Trigger, ARowThatSaysMoreOrLessThanItsPlaceIsNotInserted) {
  const auto with = [](const std::string& column, const std::string& value) {
    auto changed = plain;
    changed[column] = value;
    return changed;
  };
  for (const auto* column : {"batch_id", "batch_size", "clock", "actor", "format"})
    EXPECT_NE(refused("INSERT " + copy_of(1, 5, with(column, "NULL"))), "")
        << "the first of a batch, without " << column;
  auto later = plain;
  later["batch_offset"] = "1";
  for (const auto* column : {"batch_id", "batch_size", "clock", "actor", "format"}) later[column] = "NULL";
  for (const auto* column : {"batch_id", "batch_size", "clock", "actor", "format"}) {
    auto changed = later;
    changed[column] = plain.at(column);
    EXPECT_NE(refused("INSERT " + copy_of(1, 5, changed)), "") << "not the first of a batch, with " << column;
  }
  EXPECT_NE(refused("INSERT " + copy_of(1, 5, with("erases", "2"))), "") << "no tombstone";
  EXPECT_NE(refused("INSERT " + copy_of(1, 5, with("search_text", "''"))), "");
  EXPECT_NE(refused("INSERT INTO agent (name) VALUES ('')"), "");
  EXPECT_EQ(refused("INSERT " + copy_of(1, 5, later)), "");
}

TEST_F(Trigger, EntriesAreNumberedWithoutGaps) {
  EXPECT_NE(refused("INSERT " + copy_of(3, 6, plain)), "");
  EXPECT_NE(refused("INSERT " + copy_of(3, 0, plain)), "");
  EXPECT_EQ(refused("INSERT " + copy_of(3, 5, plain)), "");
}

const std::string erase_entry =
    "UPDATE entry SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL WHERE stream_seq = ";

TEST_F(Trigger, ContentGoesOnlyWithATombstoneThatNamesIt) {
  EXPECT_NE(refused(erase_entry + "1"), "");

  write(*store_, alice, {tombstone(Position{1})});

  EXPECT_NE(refused(erase_entry + "2"), "") << "the tombstone names another";
  EXPECT_EQ(Raw(path_).value("SELECT salt, content, search_text, key_digest FROM entry WHERE stream_seq = 1"),
            "NULL|NULL|NULL|NULL");
}

TEST_F(Trigger, ContentGoesWholeOrNotAtAll) {
  write(*store_, alice, {tombstone(Position{1})});
  Raw raw(path_);
  // A tombstone that has not erased yet.
  auto tombstone_of_two = plain;
  tombstone_of_two["erases"] = "2";
  tombstone_of_two["kind"] = "31";
  raw.run("INSERT " + copy_of(5, 6, tombstone_of_two));

  EXPECT_NE(raw.try_run("UPDATE entry SET search_text = NULL WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE entry SET salt = NULL, content = NULL WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE entry SET content = x'00' WHERE stream_seq = 2"), "");
  EXPECT_NE(raw.try_run("UPDATE entry SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL, body = "
                        "x'00' WHERE stream_seq = 2"),
            "");
  EXPECT_NE(raw.try_run("UPDATE entry SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL, subject "
                        "= NULL, predicate = NULL WHERE stream_seq = 2"),
            "")
      << "the line still has its name";
  EXPECT_EQ(raw.try_run(erase_entry + "2"), "");
  EXPECT_NE(raw.try_run("UPDATE entry SET salt = zeroblob(16), content = x'00' WHERE stream_seq = 2"), "")
      << "what is gone does not come back";
}

TEST_F(Trigger, ALinesNameGoesOnceAllThatWasSaidOnItIsErased) {
  const std::string unname = "DELETE FROM line WHERE predicate = 'mood'";
  const std::string unname_entry = "UPDATE entry SET subject = NULL, predicate = NULL WHERE stream_seq = 2";
  write(*store_, alice, {claim_entry(3, {"alice", "mood"})});
  EXPECT_NE(refused(unname), "");

  write(*store_, alice, {tombstone(Position{5})});
  EXPECT_NE(refused(unname), "") << "entry 2 is still said";
  write(*store_, alice, {tombstone(Position{2})});

  EXPECT_NE(refused(unname_entry), "") << "the line still has it";
  EXPECT_NE(refused("UPDATE line SET subject = 'x' WHERE predicate = 'mood'"), "");
  EXPECT_NE(refused("DELETE FROM line WHERE predicate = 'likes'"), "") << "still said";
  write(*store_, alice, {claim_entry(4, {"alice", "likes"})});
  write(*store_, alice, {tombstone(Position{1})});
  EXPECT_NE(refused("DELETE FROM line WHERE predicate = 'likes'"), "") << "its second claim is still said";
  EXPECT_EQ(refused(unname), "");
  EXPECT_NE(refused("UPDATE entry SET subject = 'x', predicate = 'y' WHERE stream_seq = 2"), "");
  EXPECT_EQ(refused(unname_entry), "");
}

TEST_F(Trigger, WhatWasErasedReadsAsErased) {
  write(*store_, alice, {tombstone(Position{1})});

  const auto line = store_->line(alice, {"alice", "likes"}, anywhere, unlimited);
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].content_state, ContentState::erased);
  EXPECT_EQ(line[0].content, StoredContent{});
  EXPECT_EQ(store_->entries(alice, {.key = key::Text{"diary"}, .limit = 10}, anywhere, unlimited).size(), 1U);
}

}  // namespace claimledger::sqlite::test
