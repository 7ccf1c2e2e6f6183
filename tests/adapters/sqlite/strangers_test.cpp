#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "support.hpp"

// Another program on a ledger in use: SQLite as everybody has it, which copies and deletes the write-ahead log when it
// closes as the last one. That we are still inside it knows by our locks, and those a process loses on a file, whoever
// took them, as soon as it closes any descriptor of that file.
namespace claimledger::sqlite::test {

namespace {

// A process that works when it is told to. Made before this one opens the database: SQLite does not survive a fork.
class Later {
 public:
  explicit Later(const std::function<bool()>& work) {
    int ends[2] = {};
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0) {
      close(ends[1]);
      char go = 0;
      _exit(::read(ends[0], &go, 1) == 1 && work() ? 0 : 1);
    }
    close(ends[0]);
    go_ = ends[1];
  }
  ~Later() { run(); }
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;

  // Whether the work went well.
  bool run() {
    if (child_ <= 0) return false;
    int status = 1;
    if (::write(go_, "!", 1) == 1) waitpid(child_, &status, 0);
    close(go_);
    child_ = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t child_ = 0;
  int go_ = -1;
};

// Opens, reads and closes as any program would; how many entries it saw.
int entries_seen_by_a_stranger(const std::string& path) {
  sqlite3* connection = nullptr;
  int seen = -1;
  if (sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_exec(
        connection, "SELECT COUNT(*) FROM entry",
        [](void* out, int, char** values, char**) {
          *static_cast<int*>(out) = std::atoi(values[0]);
          return 0;
        },
        &seen, nullptr);
  }
  sqlite3_close(connection);
  return seen;
}

// `touch` is what this process does to a ledger that it has open already, with an empty log or a full one.
void expect_nothing_is_lost(const std::function<void(const Folder&)>& touch, bool with_empty_log) {
  SCOPED_TRACE(with_empty_log ? "before the first commit" : "after it");
  const Folder folder;
  const auto path = folder / "alice.db";
  Later stranger([&] { return entries_seen_by_a_stranger(path) == 4; });
  Later third([&] { return entries_seen_by_a_stranger(path) == 8; });
  const auto store = open({.path = path});

  if (with_empty_log) touch(folder);
  write(*store, alice, one_of_each(1));
  if (!with_empty_log) touch(folder);
  EXPECT_TRUE(stranger.run());
  write(*store, alice, one_of_each(10));

  EXPECT_TRUE(third.run()) << "a commit was acknowledged and is lost";
}

void expect_nothing_is_lost(const std::function<void(const Folder&)>& touch) {
  for (const bool with_empty_log : {true, false}) expect_nothing_is_lost(touch, with_empty_log);
}

}  // namespace

TEST(Strangers, DoNotTakeTheLogFromAHandle) {
  expect_nothing_is_lost([](const Folder&) {});
}

TEST(Strangers, DoNotTakeTheLogWhenAnotherHandleWasOpened) {
  expect_nothing_is_lost([](const Folder& folder) { open({.path = folder / "alice.db"}); });
}

TEST(Strangers, DoNotTakeTheLogWhenTheLedgerWasCopied) {
  expect_nothing_is_lost([](const Folder& folder) { backup(folder / "alice.db", folder / "copy.db"); });
}

TEST(Strangers, DoNotTakeTheLogWhenTheMigrationsWereLookedAt) {
  expect_nothing_is_lost([](const Folder& folder) { pending_migrations(folder / "alice.db"); });
  expect_nothing_is_lost([](const Folder& folder) { migrate(folder / "alice.db"); });
}

TEST(Strangers, DoNotTakeTheLogWhenTheDirectoryWasListed) {
  expect_nothing_is_lost([](const Folder& folder) { open({.path = folder.path()})->agents({}, 10, unlimited); });
}

TEST(Strangers, DoNotTakeTheLogWhenItsDirectoryOpenedItAndClosedIt) {
  expect_nothing_is_lost([](const Folder& folder) {
    const auto store = open({.path = folder.path(), .max_open = 1});
    try {
      store->head(alice, unlimited);
    } catch (const StoreFailure&) {
      // Without an entry it is none of a directory's.
    }
    write(*store, bob, {claim_entry(1)});
    store->describe(unlimited);
  });
}

}  // namespace claimledger::sqlite::test
