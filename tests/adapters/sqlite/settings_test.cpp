#include "support.hpp"

// How a database is opened and what an operator sees of it.
namespace claimledger::sqlite::test {

TEST(Settings, AreThoseOfALedger) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});

  EXPECT_EQ(describe(*store, "backend"), "sqlite");
  EXPECT_EQ(describe(*store, "path"), folder / "agent.db");
  EXPECT_EQ(describe(*store, "journal_mode"), "wal");
  EXPECT_EQ(describe(*store, "synchronous"), "2") << "FULL";
  EXPECT_EQ(describe(*store, "foreign_keys"), "1");
  EXPECT_EQ(describe(*store, "recursive_triggers"), "1");
  EXPECT_EQ(describe(*store, "application_id"), std::to_string(0x434C4752)) << "CLGR";
  EXPECT_EQ(describe(*store, "wal_autocheckpoint"), "0") << "no connection checkpoints by itself";
  EXPECT_EQ(describe(*store, "sqlite_version"), sqlite3_libversion());
  EXPECT_EQ(describe(*store, "schema_version"), "3");
}

// In a process of its own each: what SQLite counts is settled when it is first used.
TEST(Settings, MemoryIsCountedUnlessTheProgramForgoesIt) {
  const auto memory_used = [](bool early) {
    sqlite3_shutdown();
    if (!early) sqlite3_initialize();
    const bool forgone = forgo_memory_statistics();
    const auto store = open({.path = ":memory:"});
    std::exit(forgone != early ? 2 : sqlite3_memory_used() > 0 ? 1 : 0);
  };
  EXPECT_EXIT(memory_used(true), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(memory_used(false), testing::ExitedWithCode(1), "");
}

TEST(Settings, TheCacheIsAsLargeAsAsked) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .cache_kib = 1234});

  EXPECT_EQ(describe(*store, "cache_size"), "-1234");
}

TEST(Settings, TheSizesAreThoseOfTheFiles) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  write(*store, bob, {claim_entry(1)});

  EXPECT_EQ(describe(*store, "entries"), "5");
  EXPECT_EQ(describe(*store, "agents"), "2");
  EXPECT_EQ(describe(*store, "file_bytes"), std::to_string(std::filesystem::file_size(folder / "agent.db")));
  EXPECT_EQ(describe(*store, "wal_bytes"), std::to_string(std::filesystem::file_size(folder / "agent.db-wal")));
}

TEST(Settings, EveryTableIsStrict) {
  const Folder folder;
  open({.path = folder / "agent.db"});

  Raw raw(folder / "agent.db");
  EXPECT_EQ(raw.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0"),
            std::vector<std::string>{"sqlite_schema"});
}

TEST(Settings, AMissingFileIsMadeOnlyWhenAsked) {
  const Folder folder;

  const auto failure = failure_of([&] { open({.path = folder / "agent.db", .create = false}); });

  EXPECT_EQ(failure.kind(), FailureKind::unreachable);
  EXPECT_FALSE(std::filesystem::exists(folder / "agent.db"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Settings, AStoreInMemoryDeclaresThatItForgets) {
  const auto store = open({.path = ":memory:"});
  write(*store, alice, one_of_each(1));

  for (const auto& capability : store->capabilities()) {
    if (capability.name == "durable" || capability.name == "multi_process") {
      EXPECT_FALSE(capability.available);
      EXPECT_NE(capability.reason, "");
    }
  }
  EXPECT_EQ(open({.path = ":memory:"})->head(alice, unlimited).position, Position{0});
}

}  // namespace claimledger::sqlite::test
