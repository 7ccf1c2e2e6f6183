#include <algorithm>
#include <regex>

#include "support.hpp"

// Every statement finds its rows by an index: no verb reads a whole ledger.
namespace claimledger::sqlite::test {

namespace {

struct Named {
  std::string name;
  std::string sql;
};

std::vector<Named> statements() {
  const auto file = bytes_of(CLAIMLEDGER_SOURCE_DIR "/adapters/sqlite/queries.sql");
  std::vector<Named> found;
  const std::string marker = "-- name: ";
  for (auto at = file.find(marker); at != std::string::npos;) {
    const auto end_of_line = file.find('\n', at);
    const auto next = file.find(marker, end_of_line);
    found.push_back({file.substr(at + marker.size(), end_of_line - at - marker.size()),
                     file.substr(end_of_line + 1, next == std::string::npos ? next : next - end_of_line - 1)});
    at = next;
  }
  return found;
}

bool reads(const Named& statement) {
  return std::regex_search(statement.sql, std::regex("^ *(SELECT|UPDATE)", std::regex::multiline));
}

bool finds(const Named& statement) {
  return reads(statement) || std::regex_search(statement.sql, std::regex("^ *DELETE", std::regex::multiline));
}

// Statements that look at every row of something small, and why.
const std::vector<std::pair<std::string, std::string>> allowed = {
    {"entry_count", "SCAN a"},                                    // describe: every agent, each by its last batch
    {"migrations_applied", "SCAN schema_migrations"},             // a handful
    {"without_vector", "SCAN json_each VIRTUAL TABLE INDEX 1:"},  // kinds of statements
};

// Whether only verify uses the statement. Such a one may read a whole ledger, or the whole schema.
bool of_verify(const Named& statement) {
  static const std::vector<std::string> names = {"inventory", "erasures", "misfit", "stray_agent", "schema_objects"};
  return std::ranges::find(names, statement.name) != names.end();
}

class Plans : public testing::Test {
 protected:
  Plans() { open({.path = path_}); }

  Folder folder_;
  std::string path_ = folder_ / "agent.db";
};

}  // namespace

TEST_F(Plans, EveryReadingStatementUsesAnIndex) {
  Raw raw(path_);
  int read = 0;
  for (const auto& statement : statements()) {
    if (!finds(statement) || of_verify(statement)) continue;
    ++read;
    SCOPED_TRACE(statement.name);
    const auto plan = raw.rows("EXPLAIN QUERY PLAN " + statement.sql);
    ASSERT_FALSE(plan.empty());
    for (const auto& row : plan) {
      const auto step = row.substr(row.rfind('|') + 1);
      const bool may = std::any_of(allowed.begin(), allowed.end(), [&](const auto& each) {
        return each.first == statement.name && each.second == step;
      });
      EXPECT_TRUE(!step.starts_with("SCAN ") || may) << step;
      EXPECT_EQ(step.find("AUTOMATIC"), std::string::npos) << step;
    }
  }
  EXPECT_GT(read, 30) << "is this the file?";
}

TEST_F(Plans, OnlyAQuestionsTwoEntriesAreSorted) {
  Raw raw(path_);
  for (const auto& statement : statements()) {
    if (!reads(statement) || of_verify(statement) || statement.name.starts_with("seqs_of_handle")) continue;
    for (const auto& row : raw.rows("EXPLAIN QUERY PLAN " + statement.sql)) {
      EXPECT_EQ(row.find("TEMP B-TREE"), std::string::npos) << statement.name << ": " << row;
    }
  }
}

// On an index that is almost right a search would still walk through a whole ledger.
TEST_F(Plans, EveryKeyIsSearchedByAllItsColumns) {
  Raw raw(path_);
  for (const auto& statement : statements()) {
    if (!reads(statement) || of_verify(statement) || statement.name == "entry_count" ||
        statement.sql.find("agent_id = ?1") == std::string::npos) {
      continue;
    }
    const auto plan = raw.rows("EXPLAIN QUERY PLAN " + statement.sql);
    // The models of an agent are a handful, and to erase words all of an agent's are read.
    const bool by_agent = statement.name == "head" || statement.name == "text_index" || statement.name == "models" ||
                          statement.name == "postings_of_agent";
    for (const auto& row : plan) {
      if (row.find("SEARCH") == std::string::npos || by_agent) continue;
      EXPECT_NE(row.find(" AND "), std::string::npos) << statement.name << " by the agent alone: " << row;
    }
  }
}

// A range of positions is a page where it is the only condition; beside another it would be the whole ledger. Whoever
// asks what has no vector walks through it once, from where the last page ended.
TEST_F(Plans, OnlyPagesOfEverythingWalkByPosition) {
  Raw raw(path_);
  const std::vector<std::string> pages = {"seqs_up", "seqs_down", "entries_from", "without_vector"};
  for (const auto& statement : statements()) {
    if (!reads(statement) || std::ranges::find(pages, statement.name) != pages.end()) continue;
    for (const auto& row : raw.rows("EXPLAIN QUERY PLAN " + statement.sql)) {
      EXPECT_EQ(row.find("PRIMARY KEY (agent_id=? AND stream_seq>"), std::string::npos)
          << statement.name << ": " << row;
      EXPECT_EQ(row.find("PRIMARY KEY (agent_id=? AND stream_seq<"), std::string::npos)
          << statement.name << ": " << row;
    }
  }
}

TEST_F(Plans, ReadsStayCheapInALargeLedger) {
  const auto store = open({.path = path_});
  std::vector<StoredEntry> noise;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    noise.push_back(claim_entry(1'000 + i, {"noise", std::to_string(i % 100)}));
  write(*store, alice, one_of_each(1));
  write(*store, alice, std::move(noise));
  write(*store, alice, {claim_entry(5)});

  // A deadline so near that a walk through the ledger would miss it would be a bet on the machine; the virtual
  // machine's steps are not.
  Raw raw(path_);
  const auto steps = [&](const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    EXPECT_EQ(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) sqlite3_bind_int64(statement, i, 1);
    sqlite3_bind_int64(statement, 3, 1'000'000);
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    const int taken = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return taken;
  };
  for (const auto& statement : statements()) {
    if (statement.name == "line") {
      EXPECT_LT(steps(statement.sql), 500);
    }
    if (statement.name == "seqs_of_kind_up") {
      EXPECT_LT(steps(statement.sql), 500);
    }
    if (statement.name == "head") {
      EXPECT_LT(steps(statement.sql), 500);
    }
    if (statement.name == "seqs_of_claim_up") {
      EXPECT_LT(steps(statement.sql), 500);
    }
  }
}

}  // namespace claimledger::sqlite::test
