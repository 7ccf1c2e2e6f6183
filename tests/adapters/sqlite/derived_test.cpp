#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"
#include "support.hpp"

// The tables of the words may be thrown away, and are made anew: empty, so that nothing wrong is found by them. The
// ledger's own tables are not.
namespace claimledger::sqlite::test {

namespace {

const std::vector<std::string> dropped = {"DROP TABLE posting", "DROP TABLE text_index",
                                          "DROP TABLE posting; DROP TABLE text_index"};
const std::string terms = "0002_terms";

std::vector<StoredEntry> said(std::uint64_t number, const std::string& word) {
  return {with_terms(claim_entry(number), {word})};
}

// A ledger with a word in it, closed; what `sql` does to it is in its one file.
std::string make_without(const Folder& folder, const std::string& sql) {
  const auto path = folder / "agent.db";
  {
    const auto store = open({.path = path});
    auto commit = commit_after(store->head(alice, unlimited), alice, said(1, "pear"));
    commit.recipe = "r";
    EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);
    EXPECT_EQ(found(*store, alice, "r", "pear"), (std::vector<Position>{Position{1}}));
  }
  Raw raw(path);
  raw.run(sql);
  raw.run("PRAGMA wal_checkpoint(TRUNCATE)");
  return path;
}

// Whether the ledger goes on with an index that says that it has nothing.
void expect_empty_index(const std::string& path) {
  const auto store = open({.path = path, .migrate = Migrate::require_current});
  EXPECT_EQ(store->search_index()->text_index(alice, unlimited), TextIndex{});
  EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
  EXPECT_EQ(describe(*store, "schema"), "whole");
  write(*store, alice, said(2, "plum"));
  EXPECT_TRUE(store->search_index()->extend(alice, {}, {"r", Position{2}},
                                            std::vector<ContentTerms>{{Position{1}, {{"pear", 1}}}}, unlimited));
  EXPECT_EQ(found(*store, alice, "r", "pear"), (std::vector<Position>{Position{1}}));
}

}  // namespace

TEST(Derived, TablesAreMadeAnewByMigrate) {
  for (const auto& sql : dropped) {
    SCOPED_TRACE(sql);
    const Folder folder;
    const auto path = make_without(folder, sql);
    EXPECT_EQ(pending_migrations(path).pending, std::vector<std::string>{terms});
    EXPECT_EQ(pending_migrations(path).applied, (std::vector<std::string>{"0001_ledger", "0003_vectors"}));

    EXPECT_EQ(migrate(path).pending, std::vector<std::string>{terms});

    EXPECT_TRUE(migrate(path).pending.empty());
    expect_empty_index(path);
  }
}

TEST(Derived, TablesAreMadeAnewByWhoeverBringsASchemaUpToDate) {
  for (const auto& sql : dropped) {
    SCOPED_TRACE(sql);
    const Folder folder;
    const auto path = make_without(folder, sql);

    open({.path = path});

    expect_empty_index(path);
  }
}

TEST(Derived, TablesAreMadeAnewBesideALogThatIsInUse) {
  const Folder folder;
  const auto path = make_without(folder, "SELECT 1");
  const auto another = open({.path = path});
  write(*another, alice, said(2, "plum"));
  Raw(path).run("DROP TABLE posting");

  EXPECT_EQ(migrate(path).pending, std::vector<std::string>{terms});

  write(*another, alice, said(3, "fig"));
  EXPECT_EQ(another->search_index()->text_index(alice, unlimited), TextIndex{});
  EXPECT_EQ(open({.path = path})->head(alice, unlimited).position, Position{3});
}

// Otherwise it says that words are filed which nobody finds.
TEST(Derived, AnIndexWithoutItsPostingsIsNone) {
  for (const auto& sql : dropped) {
    const Folder folder;
    const auto path = make_without(folder, sql);
    const auto store = open({.path = path, .migrate = Migrate::require_current});
    const auto failure = failure_of([&] { store->search_index()->text_index(alice, unlimited); });
    EXPECT_EQ(failure.kind(), FailureKind::incompatible) << sql;
    EXPECT_NE(failure.detail().find("`claimledger migrate`"), std::string::npos) << failure.detail();
  }
}

// What models are there says how far their vectors reach: one goes with the other, and neither with the words.
TEST(Derived, TablesOfVectorsAreMadeAnew) {
  for (const std::string sql : {"DROP TABLE embedding", "DROP TABLE model", "DROP TABLE embedding; DROP TABLE model",
                                "DROP TABLE embedding; DROP TABLE posting"}) {
    SCOPED_TRACE(sql);
    const Folder folder;
    const auto path = folder / "agent.db";
    const EmbeddingModel model{"m", 1};
    {
      const auto store = open({.path = path});
      auto commit = commit_after(store->head(alice, unlimited), alice, said(1, "pear"));
      commit.recipe = "r";
      commit.model = model;
      commit.every_vector = true;
      commit.entries.front().content.vector = "1234";
      ASSERT_EQ(append(*store, commit).outcome, AppendOutcome::done);
    }
    Raw(path).run(sql);
    {
      const auto store = open({.path = path, .migrate = Migrate::require_current});
      for (const auto& failure :
           {failure_of([&] { store->vectors()->read_vectors(alice, model, 0, 1, {}, unlimited); }),
            failure_of([&] { store->vectors()->models(alice, unlimited); })})
        EXPECT_NE(failure.detail().find("`claimledger migrate`"), std::string::npos) << failure.detail();
    }
    const bool words_too = sql.find("posting") != std::string::npos;
    EXPECT_EQ(migrate(path).pending,
              words_too ? (std::vector<std::string>{terms, "0003_vectors"}) : std::vector<std::string>{"0003_vectors"});

    const auto store = open({.path = path, .migrate = Migrate::require_current});
    EXPECT_TRUE(store->vectors()->models(alice, unlimited).empty());
    EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
    EXPECT_EQ(store->search_index()->text_index(alice, unlimited), words_too ? TextIndex{} : (TextIndex{"r", {1}}));
    EXPECT_TRUE(
        store->vectors()->file_vectors(alice, model, {}, {1}, std::vector<NewVector>{{{1}, "5678"}}, unlimited));
  }
}

// A copy without a log that is changed is another than it was.
TEST(Derived, TablesThatAreMadeAnewInABackupGiveItAMarkOfItsOwn) {
  const Folder folder;
  const auto path = make_without(folder, "SELECT 1");
  backup(path, folder / "copy.db");
  Raw(folder / "copy.db").run("PRAGMA journal_mode = DELETE; DROP TABLE posting");
  const auto before = Raw(folder / "copy.db").value("PRAGMA user_version");

  migrate(folder / "copy.db");

  EXPECT_NE(Raw(folder / "copy.db").value("PRAGMA user_version"), before);
}

TEST(Derived, TablesThatAreGoneNameTheirRemedyAndKeepNobodyFromReading) {
  for (const auto& sql : dropped) {
    SCOPED_TRACE(sql);
    const Folder folder;
    const auto path = make_without(folder, sql);
    const auto store = open({.path = path, .migrate = Migrate::require_current});
    EXPECT_EQ(store->head(alice, unlimited).position, Position{1});
    auto commit = commit_after(store->head(alice, unlimited), alice, said(2, "plum"));
    commit.recipe = "r";
    const std::vector<TermQuery> queries = {{TermQuery::Kind::term, "pear"}};

    for (const auto& failure : {failure_of([&] { append(*store, commit); }), failure_of([&] {
                                  store->search_index()->postings(
                                      alice, "r", queries, {}, anywhere, [](const Posting&) {}, unlimited);
                                })}) {
      EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
      EXPECT_NE(failure.detail().find("`claimledger migrate`"), std::string::npos) << failure.detail();
    }
    EXPECT_NE(store->inventory(alice, unlimited).problem.find("`claimledger migrate`"), std::string::npos);
  }
}

TEST(Derived, TablesAreNotMadeAnewWhereTheLedgerHasLostSomething) {
  for (const std::string lost :
       {"DROP INDEX entry_by_line", "DROP TRIGGER entry_update", "DROP TABLE served", "DROP TABLE line"}) {
    SCOPED_TRACE(lost);
    const Folder folder;
    const auto path = make_without(folder, "DROP TABLE posting; " + lost);
    const auto before = bytes_of(path);

    for (const auto& failure : {failure_of([&] { migrate(path); }), failure_of([&] { open({.path = path}); })}) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
      const auto object = lost.substr(lost.rfind(' ') + 1);
      EXPECT_NE(failure.detail().find(object), std::string::npos) << failure.detail();
      EXPECT_EQ(failure.detail().find("migrate"), std::string::npos) << failure.detail();
    }
    EXPECT_TRUE(bytes_of(path) == before);
    const auto store = open({.path = path, .migrate = Migrate::require_current});
    EXPECT_EQ(describe(*store, "schema").find("migrate"), std::string::npos) << "the ledger's loss comes first";
  }
}

TEST(Derived, WordsThatCannotBeReadAreAllTakenAwayByATombstone) {
  const Folder folder;
  const auto path = make_without(folder, "UPDATE posting SET others = x'80'");
  const auto store = open({.path = path});
  const auto failure = failure_of([&] { found(*store, alice, "r", "pear"); });
  EXPECT_EQ(failure.kind(), FailureKind::corrupt);
  EXPECT_NE(failure.detail().find("`claimledger reindex --anew`"), std::string::npos) << failure.detail();

  auto commit = commit_after(store->head(alice, unlimited), alice, {tombstone(Position{1})});
  commit.recipe = "r";
  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);

  EXPECT_EQ(Raw(path).rows("SELECT * FROM posting"), std::vector<std::string>{});
  EXPECT_EQ(store->search_index()->text_index(alice, unlimited), TextIndex{}) << "and no search relies on it";
}

}  // namespace claimledger::sqlite::test
