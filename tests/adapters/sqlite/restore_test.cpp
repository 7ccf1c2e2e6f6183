#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <set>

#include "file_identity.hpp"
#include "support.hpp"
#include "writer_lock.hpp"

// A backup takes the place of a ledger: killed at any moment, nothing is lost and nothing is mixed.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

std::string sound(const std::string& copy) {
  return open({.path = copy, .create = false})->agents({}, 10, unlimited).empty() ? "it is empty" : "";
}

// From here on these system calls of the process fail.
void forbid(const std::vector<int>& calls) {
  std::vector<sock_filter> program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const auto call : calls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    throw std::runtime_error("no filter");
}

#ifdef SYS_link
const std::vector<int> second_names = {SYS_link, SYS_linkat};
const std::vector<int> to_replace = {SYS_rename, SYS_renameat};
#else
const std::vector<int> second_names = {SYS_linkat};
const std::vector<int> to_replace = {SYS_renameat};
#endif

// Calls that change names, or who may use what they name.
bool changes_files(const __ptrace_syscall_info& info) {
  static const std::set<std::uint64_t> calls = {
#ifdef SYS_link
      SYS_link,   SYS_rename,   SYS_unlink,    SYS_chmod,    SYS_chown,
#endif
      SYS_linkat, SYS_renameat, SYS_renameat2, SYS_unlinkat, SYS_fchmodat, SYS_fchmod, SYS_fchown, SYS_ftruncate,
  };
  return calls.contains(info.entry.nr) || (info.entry.nr == SYS_openat && (info.entry.args[2] & O_CREAT) != 0);
}

enum class Ended { killed, done, untraced };

// Runs in a child that is killed right before its n-th call that changes files.
Ended run_killed(int n, const std::function<void()>& work) {
  const auto child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(98);
    raise(SIGSTOP);
    try {
      work();
      _exit(0);
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
      _exit(99);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) return Ended::untraced;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
  for (int calls = 0, signal = 0;;) {
    ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(status, 0) << "it ended otherwise than by itself";
      return Ended::done;
    }
    signal = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
    if (signal != 0) continue;
    struct __ptrace_syscall_info info {};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
      continue;
    if (!changes_files(info) || ++calls < n) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return Ended::killed;
  }
}

// A ledger of `entries`; left by a process that was killed, so that its log has the last of them.
void make_ledger(const std::string& path, int entries, bool closed) {
  const int exit = run_in_child([&] {
    auto store = open({.path = path});
    for (int i = 0; i < entries; ++i) write(*store, alice, {claim_entry(static_cast<std::uint64_t>(i))});
    if (closed) store.reset();
    _exit(0);
    return 0;
  });
  ASSERT_EQ(exit, 0);
}

constexpr std::uint64_t old_entries = 5;
constexpr std::uint64_t new_entries = 2;

// How many entries the ledger at a path has; 0: it is refused, for `why`.
std::uint64_t entries_at(const std::string& path, std::string* why = nullptr) {
  try {
    return open({.path = path, .create = false})->head(alice, unlimited).position.value;
  } catch (const StoreFailure& failure) {
    if (why) *why = failure.detail();
    return 0;
  }
}

// What is set aside, by how many entries it has; 0: is no ledger.
std::multiset<std::uint64_t> set_aside_at(const std::string& path) {
  std::multiset<std::uint64_t> found;
  for (const auto& [number, name] : numbered(path, aside_word)) found.insert(entries_at(name));
  return found;
}

struct Start {
  const char* name;
  bool closed;      // the ledger that is there has an empty log
  bool lost;        // its database is gone, and its log is not
  bool hard_links;  // the file system has them
};

class KilledRestore : public testing::TestWithParam<Start> {};

TEST_P(KilledRestore, LosesNothingAndMixesNothing) {
  const auto start = GetParam();
  const Folder folder;
  fs::create_directory(folder / "as-it-was");
  make_ledger(folder / "backup.db", new_entries, true);
  make_ledger(folder / "as-it-was/a.db", old_entries, start.closed);
  if (start.lost) fs::remove(folder / "as-it-was/a.db");
  ASSERT_EQ(log_holds_anything(folder / "as-it-was/a.db"), !start.closed);
  const auto place = folder / "now/a.db";

  int absent = 0;
  for (int n = 1;; ++n) {
    SCOPED_TRACE(n);
    fs::remove_all(folder / "now");
    fs::copy(folder / "as-it-was", folder / "now");
    const auto ended = run_killed(n, [&] {
      if (!start.hard_links) forbid(second_names);
      restore(folder / "backup.db", place, {.check = sound});
    });
    if (ended == Ended::untraced) GTEST_SKIP() << "a process may not be traced here";

    std::string why;
    const auto found = entries_at(place, &why);
    absent += is_there(place) ? 0 : 1;
    const bool untouched = set_aside_at(place).empty();
    EXPECT_TRUE(found == 0 || found == old_entries || found == new_entries) << found;
    EXPECT_TRUE(ended != Ended::done || found == new_entries) << why;
    EXPECT_TRUE(start.lost || !untouched || found == old_entries) << why;
    const bool told =
        why.find("a restore broke off; then repeat it, or restore " + place + ".set-aside-1 to") != std::string::npos;
    EXPECT_TRUE(found != 0 || told || start.lost || !start.hard_links) << why;
    if (told && n % 2 == 0) {  // the other way out
      restore(place + ".set-aside-1", place, {.check = sound});
      EXPECT_EQ(entries_at(place, &why), old_entries) << why;
      EXPECT_TRUE(set_aside_at(place).empty());
    }

    restore(folder / "backup.db", place, {.check = sound});

    EXPECT_EQ(entries_at(place, &why), new_entries) << why;
    const auto aside = set_aside_at(place);
    EXPECT_EQ(aside.count(old_entries), start.lost ? 0U : 1U) << "with its log";
    EXPECT_TRUE(!start.lost || log_holds_anything(place + ".set-aside-1"));
    EXPECT_EQ(aside.count(0), start.lost ? 1U : 0U);
    EXPECT_TRUE(numbered(place, restoring_word).empty()) << "what was left of the copy is gone";
    EXPECT_FALSE(log_holds_anything(place));
    if (ended == Ended::done || HasFailure()) break;
  }
  EXPECT_LE(absent, start.hard_links ? 0 : 1) << "a new ledger could begin there";
}

INSTANTIATE_TEST_SUITE_P(Starts, KilledRestore,
                         testing::Values(Start{"closed", true, false, true}, Start{"killed", false, false, true},
                                         Start{"lost", false, true, true}, Start{"closed_no_links", true, false, false},
                                         Start{"killed_no_links", false, false, false},
                                         Start{"lost_no_links", false, true, false}),
                         [](const auto& each) { return each.param.name; });

// Of a restore that exchanged the names of the two: the old database is named like a copy, and its log is not beside
// it.
TEST(Restore, FindsTheDatabaseThatALogWasPartedFrom) {
  for (const auto* word : {".restoring-4711", ".set-aside-7"}) {
    const Folder folder;
    make_ledger(folder / "a.db", old_entries, false);
    make_ledger(folder / "backup.db", new_entries, true);
    fs::rename(folder / "a.db", folder / ("a.db" + std::string(word)));
    backup(folder / "backup.db", folder / "new.db");
    fs::rename(folder / "new.db", folder / "a.db");
    EXPECT_EQ(entries_at(folder / "a.db"), 0U) << "refused";

    restore(folder / "backup.db", folder / "a.db", {.check = sound});

    EXPECT_EQ(entries_at(folder / "a.db"), new_entries);
    EXPECT_EQ(set_aside_at(folder / "a.db"), (std::multiset<std::uint64_t>{new_entries, old_entries})) << word;
    EXPECT_TRUE(numbered(folder / "a.db", restoring_word).empty());
  }
}

// The log of a database that nobody has any more goes by itself, not with one that it does not belong to.
TEST(Restore, NeverSetsAForeignLogAsideWithADatabase) {
  const Folder folder;
  make_ledger(folder / "other.db", old_entries, false);
  make_ledger(folder / "a.db", 3, true);
  make_ledger(folder / "backup.db", new_entries, true);
  fs::remove(folder / "a.db-wal");
  fs::remove(folder / "a.db-shm");
  fs::rename(folder / "other.db-wal", folder / "a.db-wal");

  restore(folder / "backup.db", folder / "a.db", {.check = sound});

  EXPECT_EQ(entries_at(folder / "a.db"), new_entries);
  EXPECT_EQ(set_aside_at(folder / "a.db"), (std::multiset<std::uint64_t>{0, 3}));
  EXPECT_TRUE(log_holds_anything(folder / "a.db.set-aside-1"));
  EXPECT_FALSE(fs::exists(folder / "a.db.set-aside-1"));
}

// A journal that is played into another database destroys it.
TEST(Restore, SetsAJournalAsideWithItsDatabase) {
  const Folder folder;
  make_ledger(folder / "a.db", old_entries, true);
  make_ledger(folder / "backup.db", new_entries, true);
  std::ofstream(folder / "a.db-journal") << "what was before";

  restore(folder / "backup.db", folder / "a.db", {.check = sound});

  EXPECT_FALSE(fs::exists(folder / "a.db-journal"));
  EXPECT_EQ(bytes_of(folder / "a.db.set-aside-1-journal"), "what was before");
}

TEST(Restore, TakesAwayWhatIsLeftOfACopyAndNothingElse) {
  const Folder folder;
  make_ledger(folder / "a.db", old_entries, true);
  make_ledger(folder / "backup.db", new_entries, true);
  for (const auto* left : {"a.db.restoring-4711", "a.db.restoring-4711-unfinished", "a.db.restoring-12-unfinished",
                           "a.db.restoring-12-unfinished-journal", "a.db.restoring-9-wal"})
    std::ofstream(folder / left) << "half";
  for (const auto* other : {"a.db.restoring-notes", "b.db.restoring-1", "a.db.restoring-1.txt"})
    std::ofstream(folder / other) << "not ours";

  // Meanwhile another one is at work.
  std::string other_copy;
  restore(folder / "backup.db", folder / "a.db", {.check = [&](const std::string& copy) {
            other_copy = copy;
            restore(folder / "backup.db", folder / "a.db", {.check = sound});
            return fs::exists(copy) ? "" : "it was taken away";
          }});

  EXPECT_TRUE(numbered(folder / "a.db", restoring_word).empty());
  EXPECT_EQ(numbered(folder / "b.db", restoring_word).size(), 1U);
  EXPECT_TRUE(fs::exists(folder / "a.db.restoring-notes"));
  EXPECT_TRUE(fs::exists(folder / "a.db.restoring-1.txt"));
  EXPECT_EQ(set_aside_at(folder / "a.db"), (std::multiset<std::uint64_t>{new_entries, old_entries}));
  EXPECT_FALSE(other_copy.empty());
}

// As in a folder with the sticky bit, where the database belongs to somebody else.
TEST(Restore, TakesBackWhatItCannotFinish) {
  for (const bool hard_links : {true, false}) {
    const Folder folder;
    const auto place = folder / "a.db";
    make_ledger(folder / "backup.db", new_entries, true);
    make_ledger(place, old_entries, false);
    const auto log = bytes_of(place + "-wal");

    const int exit = run_in_child([&] {
      forbid(to_replace);
      if (!hard_links) forbid(second_names);
      return failure_of([&] { restore(folder / "backup.db", place, {.check = sound}); }).kind() ==
                     FailureKind::unreachable
                 ? 0
                 : 1;
    });

    EXPECT_EQ(exit, 0);
    EXPECT_EQ(bytes_of(place + "-wal"), log);
    EXPECT_EQ(entries_at(place), old_entries);
    EXPECT_TRUE(numbered(place, aside_word).empty());
    EXPECT_TRUE(numbered(place, restoring_word).empty());
  }
}

TEST(Restore, ChangesNothingWhereTheCopyIsRefused) {
  const Folder folder;
  const auto place = folder / "a.db";
  make_ledger(folder / "backup.db", new_entries, true);
  make_ledger(place, old_entries, true);

  const auto restore_it = [&](const auto& check) { return restore(folder / "backup.db", place, {.check = check}); };
  EXPECT_EQ(restore_it([](const std::string&) { return "a fault"; }).fault, "a fault");
  const auto stopped = failure_of([&] {
    restore_it([](const std::string& copy) -> std::string {
      EXPECT_EQ(fs::status(copy).permissions(), fs::perms::owner_read | fs::perms::owner_write) << "nobody reads it";
      throw StoreFailure(FailureKind::cancelled, "verify", "enough");
    });
  });

  EXPECT_STREQ(stopped.what(), "cancelled during restore: enough");
  EXPECT_EQ(entries_at(place), old_entries);
  EXPECT_TRUE(numbered(place, aside_word).empty());
  EXPECT_TRUE(numbered(place, restoring_word).empty());
}

TEST(Restore, ThatWaitsForTheTurnCanBeStopped) {
  const Folder folder;
  const auto place = folder / "a.db";
  make_ledger(folder / "backup.db", new_entries, true);
  make_ledger(place, old_entries, true);
  WriterLock another(place);
  const auto turn = another.acquire({}, "test", std::chrono::seconds{1});
  std::stop_source stop;

  const auto stopped = failure_of([&] {
    restore(folder / "backup.db", place,
            {.check =
                 [&](const std::string& copy) {
                   stop.request_stop();  // the last that happens before the turn is asked for
                   return sound(copy);
                 },
             .call = {.stop = stop.get_token()}});
  });

  EXPECT_EQ(stopped.kind(), FailureKind::cancelled) << stopped.what();
  EXPECT_TRUE(numbered(place, aside_word).empty());
  EXPECT_TRUE(numbered(place, restoring_word).empty());
}

// The names are in place, but the disk does not say that they stay.
TEST(Restore, ThatTheDiskDoesNotConfirmIsInDoubtAndSaysWhereAllIs) {
  const Folder folder;
  const auto place = folder / "a.db";
  make_ledger(folder / "backup.db", new_entries, true);
  make_ledger(place, old_entries, true);

  const int exit = run_in_child([&] {
    const auto check = [](const std::string& copy) {
      const auto fault = sound(copy);
      forbid({SYS_fsync});  // folders; SQLite takes fdatasync for its files
      return fault;
    };
    const auto failure = failure_of([&] { restore(folder / "backup.db", place, {.check = check}); });
    const bool said = failure.detail().find("what was there is " + place + ".set-aside-1") != std::string::npos;
    return failure.kind() == FailureKind::in_doubt && said ? 0 : 1;
  });

  EXPECT_EQ(exit, 0);
  EXPECT_EQ(entries_at(place), new_entries);
  EXPECT_EQ(set_aside_at(place), std::multiset<std::uint64_t>{old_entries});
}

}  // namespace

}  // namespace claimledger::sqlite::test
