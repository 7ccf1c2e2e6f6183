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
  EXPECT_EQ(describe(*store, "wal_autocheckpoint"), "0") << "only the holder of the writer's turn checkpoints";
  EXPECT_EQ(describe(*store, "sqlite_version"), sqlite3_libversion());
  EXPECT_EQ(describe(*store, "schema_version"), "1");
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

TEST(Settings, TheLogIsEmptyAfterClosing) {
  const Folder folder;
  {
    const auto store = open({.path = folder / "agent.db"});
    write(*store, alice, one_of_each(1));
    EXPECT_GT(std::filesystem::file_size(folder / "agent.db-wal"), 0U);
  }

  EXPECT_EQ(std::filesystem::file_size(folder / "agent.db-wal"), 0U);
  std::filesystem::copy_file(folder / "agent.db", folder / "copy.db");
  EXPECT_EQ(open({.path = folder / "copy.db"})->head(alice, unlimited).position, Position{4})
      << "one file is the ledger";
}

TEST(Settings, ALongLogIsCopiedIntoTheDatabase) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .checkpoint_pages = 50});
  for (std::uint64_t i = 0; i < 100; ++i) write(*store, alice, one_of_each(10 * i));

  constexpr std::uintmax_t frame = 4096 + 24;
  EXPECT_LT(std::filesystem::file_size(folder / "agent.db-wal"), 120 * frame);
}

TEST(Settings, ALogThatAReaderHoldsIsCopiedLater) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .checkpoint_pages = 20});
  write(*store, alice, one_of_each(1));
  {
    Raw reader(folder / "agent.db");
    reader.run("BEGIN");
    ASSERT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "4");
    for (std::uint64_t i = 1; i < 30; ++i) write(*store, alice, one_of_each(10 * i));
    EXPECT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "4");
    reader.run("COMMIT");
  }
  const auto held = std::filesystem::file_size(folder / "agent.db-wal");
  for (std::uint64_t i = 30; i < 90; ++i) write(*store, alice, one_of_each(10 * i));

  constexpr std::uintmax_t frame = 4096 + 24;
  EXPECT_LT(std::filesystem::file_size(folder / "agent.db-wal"), held + 50 * frame) << "the log started over";
  EXPECT_EQ(store->head(alice, unlimited).position, Position{360});
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
