#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/ports/vectors.hpp"
#include "faulty_disk.hpp"
#include "support.hpp"

// The write-ahead log keeps its size and never its content, belongs to one database, and is copied into it beside those
// who write.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::size_t mark_at = 60;
constexpr std::uintmax_t mebibyte = 1024 * 1024;

// More than any test needs: what a thread does beside this one comes after some appends, nobody knows how many.
constexpr std::uint64_t many = 1'000;

std::string log_of(const std::string& path) { return bytes_of(path + "-wal"); }
std::string salts_of(const std::string& path) { return log_of(path).substr(16, 8); }

std::uint64_t entries_in(const std::string& path) {
  return open({.path = path})->head(alice, unlimited).position.value;
}

// Of a ledger of its own that was closed.
void make_ledger(const std::string& path, std::uint64_t batches, std::uint64_t first = 1) {
  const auto store = open({.path = path});
  for (std::uint64_t i = 0; i < batches; ++i) write(*store, alice, one_of_each(first + 10 * i));
}

void replace(const std::string& path, const std::string& by) {
  fs::copy_file(by, path, fs::copy_options::overwrite_existing);
}

// Appends in a process that is killed then.
void append_and_die(const std::string& path, std::uint64_t batches, std::uint32_t checkpoint_pages = 1'000) {
  const auto child = fork();
  if (child == 0) {
    const auto store = open({.path = path, .checkpoint_pages = checkpoint_pages});
    const auto first = store->head(alice, unlimited).position.value * 10 + 1'000;
    for (std::uint64_t i = 0; i < batches; ++i) write(*store, alice, one_of_each(first + 10 * i));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

// Writes to databases wait during the lifetime of this.
class Held {
 public:
  explicit Held(FaultyDisk& disk) : disk_(disk) { disk_.hold_database(); }
  ~Held() { disk_.let_go(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  FaultyDisk& disk_;
};

void expect_refused(const std::string& path) {
  const auto database = bytes_of(path);
  const auto log = log_of(path);

  const auto failure = failure_of([&] { open({.path = path}); });

  EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
  EXPECT_NE(failure.detail().find("does not belong to the log"), std::string::npos) << failure.detail();
  EXPECT_TRUE(bytes_of(path) == database);
  EXPECT_TRUE(log_of(path) == log);
}

void expect_sound(const std::string& path, std::uint64_t entries) {
  EXPECT_EQ(entries_in(path), entries);
  EXPECT_EQ(Raw(path).value("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(Raw(path).value("SELECT COUNT(*) FROM entry"), std::to_string(entries));
}

}  // namespace

TEST(Log, KeepsItsSizeWhenTheStoreIsClosed) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 5);
  const auto size = fs::file_size(path + "-wal");
  EXPECT_GT(size, 0U);
  EXPECT_FALSE(log_holds_anything(path));

  {
    const auto store = open({.path = path});
    write(*store, alice, one_of_each(1'000));
    EXPECT_TRUE(log_holds_anything(path));
    EXPECT_EQ(fs::file_size(path + "-wal"), size) << "it is written over";
  }

  EXPECT_EQ(fs::file_size(path + "-wal"), size);
  EXPECT_FALSE(log_holds_anything(path));
  fs::copy_file(path, folder / "copy.db");
  expect_sound(folder / "copy.db", 24);
}

// SQLite keeps the log beside the file that a link leads to.
TEST(Log, IsOneWhateverTheNameOfTheDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 1);
  fs::create_directory(folder / "elsewhere");
  fs::create_symlink("../agent.db", folder / "elsewhere/link.db");
  const auto link = folder / "elsewhere/link.db";
  {
    const auto store = open({.path = link});
    write(*store, alice, one_of_each(100));
    EXPECT_FALSE(fs::exists(link + "-lock")) << "there is one lock, too";
  }
  EXPECT_FALSE(log_holds_anything(path)) << "it was emptied at the close";
  fs::copy_file(path, folder / "copy.db");
  expect_sound(folder / "copy.db", 8);

  fs::create_symlink("circle.db", folder / "circle.db");
  try {
    open({.path = folder / "circle.db"});
    ADD_FAILURE() << "was opened";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unreachable);
  }
}

// The batches that it holds would be lost, and nobody would know.
TEST(Log, WithoutItsDatabaseIsNotTakenForNothing) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path});
  write(*store, alice, one_of_each(1));
  fs::create_directory(folder / "crashed");
  const auto there = folder / "crashed/agent.db";
  fs::copy_file(path + "-wal", there + "-wal");
  const auto log = log_of(there);
  for (const auto* what : {"missing", "empty"}) {
    SCOPED_TRACE(what);
    if (std::string(what) == "empty") std::ofstream(there).flush();
    try {
      open({.path = there});
      ADD_FAILURE() << "was opened";
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::incompatible) << failure.what();
    }
    EXPECT_TRUE(log_of(there) == log);
  }
}

TEST(Log, OfAStoreThatOnlyReadsIsLeftAlone) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 5);
  const auto log = log_of(path);
  const auto database = bytes_of(path);

  EXPECT_EQ(entries_in(path), 20U);

  EXPECT_TRUE(log_of(path) == log);
  EXPECT_TRUE(bytes_of(path) == database);
}

TEST(Log, IsMadeLongerAheadOfWhatIsWritten) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path, .checkpoint_pages = 100'000});
  EXPECT_LT(fs::file_size(path + "-wal"), mebibyte / 4) << "not beside a small ledger";

  std::uint64_t i = 0;
  while (i < many && (i == 0 || fs::file_size(path + "-wal") % mebibyte != 0))
    write(*store, alice, one_of_each(10 * i++));

  EXPECT_LT(i, many);
}

TEST(Log, IsNoLongerThanItHasToBeOnceItWasEmptied) {
  FaultyDisk disk;
  const Folder folder;
  const auto path = folder / "agent.db";
  {
    const auto store = open({.path = path});
    const Held held(disk);  // or the copier may be done before the look
    std::vector<StoredEntry> entries;
    for (std::uint64_t i = 0; i < 80'000; ++i) entries.push_back(claim_entry(i));
    write(*store, alice, std::move(entries));
    EXPECT_GT(fs::file_size(path + "-wal"), 11 * mebibyte);
  }

  EXPECT_EQ(fs::file_size(path + "-wal"), 11 * mebibyte);
  expect_sound(path, 80'000);
}

TEST(Log, IsCopiedBesideThoseWhoWrite) {
  FaultyDisk disk;
  const Folder folder;
  const auto path = folder / "agent.db";
  {
    const auto store = open({.path = path, .busy_timeout = std::chrono::seconds{1}, .checkpoint_pages = 50});
    const Held held(disk);
    for (std::uint64_t i = 0; i < 20; ++i) write(*store, alice, one_of_each(10 * i));
    disk.await_held_write();

    for (std::uint64_t i = 20; i < 40; ++i) write(*store, alice, one_of_each(10 * i));
    EXPECT_EQ(store->head(alice, unlimited).position, Position{160});
  }
  EXPECT_FALSE(log_holds_anything(path));
  expect_sound(path, 160);
}

// It would start over with the next commit, maybe while another process begins a checkpoint.
TEST(Log, IsNotCopiedAsAWholeWithoutTheTurn) {
  FaultyDisk disk;
  const Folder folder;
  const auto path = folder / "agent.db";
  auto store = open({.path = path, .checkpoint_pages = 50});
  const int index = ::open((path + "-shm").c_str(), O_RDONLY);
  const int turn = ::open((path + "-lock").c_str(), O_RDWR);
  const auto frames_at = [&](off_t at) {
    std::uint32_t frames = 0;
    return ::pread(index, &frames, sizeof frames, at) == sizeof frames ? frames : 0;
  };
  const auto in_the_log = [&] { return frames_at(16); };
  const auto copied = [&] { return frames_at(96); };
  {
    const Held held(disk);
    for (std::uint64_t i = 0; in_the_log() < 50; ++i) write(*store, alice, one_of_each(10 * i));
    disk.await_held_write();
    ASSERT_EQ(flock(turn, LOCK_EX), 0);
  }

  for (int i = 0; i < 10'000'000 && copied() == 0; ++i) std::this_thread::yield();

  EXPECT_GE(copied(), 50U);
  EXPECT_LT(copied(), in_the_log());
  EXPECT_EQ(flock(turn, LOCK_UN), 0);
  store.reset();
  close(index);
  close(turn);
  EXPECT_EQ(Raw(path).value("PRAGMA integrity_check"), "ok");
}

TEST(Log, StartsOverWhenItWasCopied) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path, .checkpoint_pages = 50});
  write(*store, alice, one_of_each(1));
  const auto salts = salts_of(path);

  std::uint64_t i = 1;
  while (i < many && salts_of(path) == salts) write(*store, alice, one_of_each(10 * i++));

  EXPECT_LT(i, many);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{4 * i});
}

TEST(Log, ThatAReaderHoldsIsCopiedLater) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path, .checkpoint_pages = 20});
  write(*store, alice, one_of_each(1));
  const auto salts = salts_of(path);
  {
    Raw reader(path);
    reader.run("BEGIN");
    ASSERT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "4");
    for (std::uint64_t i = 1; i < 60; ++i) write(*store, alice, one_of_each(10 * i));
    EXPECT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "4");
    EXPECT_EQ(salts_of(path), salts);
    reader.run("COMMIT");
  }

  std::uint64_t i = 60;
  while (i < many && salts_of(path) == salts) write(*store, alice, one_of_each(10 * i++));

  EXPECT_LT(i, many);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{4 * i});
}

TEST(Log, BeginsWithTheMarkOfItsDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  std::vector<std::string> marks;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const auto store = open({.path = path});
    const auto mark = bytes_of(path).substr(mark_at, 4);
    EXPECT_EQ(std::count(marks.begin(), marks.end(), mark), 0) << "a new one when the log was emptied";
    marks.push_back(mark);
    for (std::uint64_t j = 0; j < 3; ++j) write(*store, alice, one_of_each(100 * i + 10 * j));

    const auto log = log_of(path);
    EXPECT_EQ(log.substr(header_size, 4), std::string("\0\0\0\1", 4)) << "the first page";
    EXPECT_EQ(log.substr(header_size + frame_header_size + mark_at, 4), mark);
  }
}

// A reader of the database alone keeps the log from being emptied, not from starting over.
TEST(Log, ThatAnotherProgramCopiedStartsOverWithTheMarkOfItsDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  auto store = open({.path = path});
  write(*store, alice, one_of_each(1));
  const auto salts = salts_of(path);
  Raw other(path);
  other.run("PRAGMA wal_checkpoint(PASSIVE)");
  other.run("BEGIN");
  ASSERT_EQ(other.value("SELECT COUNT(*) FROM entry"), "4");

  store.reset();

  EXPECT_TRUE(log_holds_anything(path));
  EXPECT_NE(salts_of(path), salts);
  EXPECT_EQ(entries_in(path), 4U);
}

TEST(Log, IsNotReadIntoAnotherDatabaseThatWasPutThereAfterClosing) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 50);
  make_ledger(folder / "other.db", 3, 100'000);

  replace(path, folder / "other.db");

  expect_sound(path, 12);
  write(*open({.path = path}), alice, one_of_each(5));
  expect_sound(path, 16);
}

TEST(LogAfterACrash, IsReadIntoItsDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);

  append_and_die(path, 30);
  EXPECT_TRUE(log_holds_anything(path));
  expect_sound(path, 132);
  append_and_die(path, 400, 20);
  expect_sound(path, 1'732);
}

TEST(LogAfterACrash, IsNotReadIntoAnotherDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);
  make_ledger(folder / "other.db", 3, 100'000);
  append_and_die(path, 30);
  fs::copy_file(path, folder / "kept.db");

  replace(path, folder / "other.db");
  expect_refused(path);

  replace(path, folder / "kept.db");
  expect_sound(path, 132);
}

TEST(LogAfterACrash, IsNotReadIntoAnotherDatabaseByADirectory) {
  const Folder folder;
  make_ledger(folder / "other.db", 3, 100'000);
  fs::create_directory(folder / "ledgers");
  const auto path = folder / "ledgers/alice.db";
  append_and_die(path, 30);

  replace(path, folder / "other.db");
  const auto store = open({.path = folder / "ledgers"});

  const auto listed = store->agents({}, 10, unlimited);
  ASSERT_EQ(names_of(listed), std::vector<AgentId>{alice});
  EXPECT_NE(listed[0].problem.find("does not belong to the log"), std::string::npos) << listed[0].problem;
  EXPECT_EQ(failure_of([&] { store->head(alice, unlimited); }).kind(), FailureKind::incompatible);
}

TEST(LogAfterACrash, IsNotReadIntoAnOlderCopyOfItsDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);
  fs::copy_file(path, folder / "copy.db");
  backup(path, folder / "backup.db");
  make_ledger(path, 3, 500);
  append_and_die(path, 2);

  for (const auto* older : {"copy.db", "backup.db"}) {
    replace(path, folder / older);
    expect_refused(path);
  }

  fs::remove(path + "-wal");
  expect_sound(path, 12);
}

TEST(LogAfterACrash, OfABackupIsNotReadIntoTheDatabaseThatWasCopied) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  backup(folder / "agent.db", folder / "backup.db");
  append_and_die(folder / "backup.db", 2);

  // Without its log it has nothing of what the backup begins with.
  replace(folder / "backup.db", folder / "agent.db");

  expect_refused(folder / "backup.db");
}

TEST(LogAfterACrash, IsNotReadIntoAnOlderCopyWhenItStartedOverInOneProcess) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);
  fs::copy_file(path, folder / "copy.db");
  const auto first = bytes_of(path).substr(mark_at, 4);
  int status = 0;
  const auto child = fork();
  if (child == 0) {
    const auto store = open({.path = path, .checkpoint_pages = 50});
    write(*store, alice, one_of_each(1'000));
    const auto salts = salts_of(path);
    for (std::uint64_t i = 0; i < many && salts_of(path) == salts; ++i)
      write(*store, alice, one_of_each(2'000 + 10 * i));
    write(*store, alice, one_of_each(1'010));
    kill(getpid(), SIGKILL);
  }
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  fs::copy_file(path, folder / "kept.db");

  replace(path, folder / "copy.db");
  expect_refused(path);

  replace(path, folder / "kept.db");
  EXPECT_EQ(Raw(path).value("PRAGMA integrity_check"), "ok");
  EXPECT_NE(bytes_of(path).substr(mark_at, 4), first);
  EXPECT_GE(entries_in(path), 20U);
}

TEST(LogAfterACrash, ThatNeverGotAWholeFrameIsOfNoDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);
  append_and_die(path, 1);
  std::fstream log(path + "-wal", std::ios::in | std::ios::out | std::ios::binary);
  log.seekp(header_size + frame_header_size + mark_at);
  log.write("torn", 4);
  log.close();

  expect_sound(path, 12);
}

// Permissions mean nothing to root, so a child gives them up first. It reports by its exit code.
TEST(Log, OfAClosedLedgerDoesNotKeepItFromBeingReadWhereNothingCanBeWritten) {
  const Folder folder;
  const auto path = folder / "agent.db";
  make_ledger(path, 3);
  for (const auto& file : fs::directory_iterator(folder.path())) {
    fs::permissions(file.path(), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  }
  constexpr auto entered = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read | entered);

  const auto child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(3);
    for (const auto& [name, flags] :
         {std::pair(path, SQLITE_OPEN_READONLY),
          std::pair("file:" + path + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)}) {
      sqlite3* connection = nullptr;
      int entries = 0;
      const auto count = [](void* out, int, char** values, char**) {
        *static_cast<int*>(out) = std::atoi(values[0]);
        return 0;
      };
      if (sqlite3_open_v2(name.c_str(), &connection, flags, nullptr) != SQLITE_OK) _exit(4);
      if (sqlite3_exec(connection, "SELECT COUNT(*) FROM entry", count, &entries, nullptr) != SQLITE_OK) _exit(5);
      if (entries != 12) _exit(6);
      sqlite3_close(connection);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  fs::permissions(folder.path(), fs::perms::owner_all);

  EXPECT_EQ(WEXITSTATUS(status), 0);
}

namespace {

const std::string secret = "what nobody may read any more";
const std::string secret_term = "quicksilv";

const std::string secret_vector = "points at a secret";
const EmbeddingModel model{"small", 1, "weights 1"};

// Of any size: longer ones have pages of their own.
Bytes vector_of(const std::string& text, std::size_t size) {
  Bytes vector;
  while (vector.size() < size) vector += text;
  return vector.substr(0, size);
}

bool says(const std::string& path, const std::string& text) {
  return bytes_of(path).find(text) != std::string::npos || log_of(path).find(text) != std::string::npos;
}
bool says_secret(const std::string& path) { return says(path, secret); }

// The commit of the tombstone, after some others.
Commit erase_secret(Store& store) {
  const auto say = [&](StoredEntry entry, const std::string& term, const std::string& vector) {
    entry = with_vector(with_terms(std::move(entry), {term}), vector_of(vector, 1'536));
    auto commit = made_by(commit_after(store.head(alice, unlimited), alice, {std::move(entry)}), model);
    commit.recipe = "words";
    EXPECT_EQ(append(store, commit).outcome, AppendOutcome::done);
  };
  say(with_content(claim_entry(1), "first"), "lead", "north");
  say(with_content(claim_entry(2, {"alice", "secret"}), secret + " 1", secret + " 2"), secret_term, secret_vector);
  say(with_content(claim_entry(3), "third"), "tin", "south");
  return commit_after(store.head(alice, unlimited), alice, {tombstone({2})});
}

}  // namespace

TEST(Erasure, LeavesNoByteInTheLogNorInTheDatabase) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path});
  const auto commit = erase_secret(*store);
  ASSERT_TRUE(says_secret(path));
  ASSERT_TRUE(says(path, secret_term));
  ASSERT_TRUE(says(path, secret_vector));

  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);

  EXPECT_FALSE(says_secret(path));
  EXPECT_FALSE(says(path, secret_term));
  EXPECT_FALSE(says(path, secret_vector));
  EXPECT_EQ(log_of(path).find_first_not_of('\0'), std::string::npos) << "the log is overwritten";
  EXPECT_EQ(store->head(alice, unlimited), head_of(commit));
  write(*store, alice, {claim_entry(4)});
  EXPECT_EQ(store->head(alice, unlimited).position, Position{5});
}

// However long it is, by whatever model, filed with its batch or later, and also where it was dropped and filed anew.
TEST(Erasure, LeavesNoByteOfAVector) {
  const EmbeddingModel other{"large", 1, "weights 1"};
  for (const std::size_t size : {32U, 1'536U, 4'096U, 16'384U}) {
    for (const bool anew : {false, true}) {
      SCOPED_TRACE(std::to_string(size) + (anew ? " bytes, filed anew" : " bytes"));
      const Folder folder;
      const auto path = folder / "agent.db";
      const auto store = open({.path = path});
      auto& filed = *store->vectors();
      std::vector<StoredEntry> entries;
      std::vector<NewVector> later;
      std::vector<StoredEntry> tombstones;
      for (std::uint64_t seq = 1; seq <= 40; ++seq) {
        const bool is_secret = seq % 4 == 2;
        const auto text = is_secret ? secret_vector : "points north";
        entries.push_back(with_vector(with_content(claim_entry(seq), "content"), vector_of(text, size)));
        later.push_back({{seq}, vector_of(is_secret ? "likewise " + secret_vector : text, size)});
        if (is_secret) tombstones.push_back(tombstone({seq}));
      }
      const auto head = store->head(alice, unlimited);
      ASSERT_EQ(append(*store, made_by(commit_after(head, alice, std::move(entries)), model)).outcome,
                AppendOutcome::done);
      ASSERT_TRUE(filed.file_vectors(alice, other, {}, {40}, later, unlimited));
      if (anew) {
        filed.drop_vectors(alice, model, unlimited);
        filed.drop_vectors(alice, other, unlimited);
        ASSERT_TRUE(filed.file_vectors(alice, other, {}, {20}, std::span(later).first(20), unlimited));
      }
      ASSERT_TRUE(says(path, secret_vector));

      write(*store, alice, std::move(tombstones));

      EXPECT_FALSE(says(path, secret_vector));
      EXPECT_TRUE(says(path, "points north")) << "the others stay";
      EXPECT_EQ(vectors(*store, alice, other).size(), anew ? 15U : 30U);
    }
  }
}

TEST(Erasure, OfWhatAReaderHoldsIsDoneWhenTheStoreIsClosed) {
  const Folder folder;
  const auto path = folder / "agent.db";
  auto store = open({.path = path, .busy_timeout = std::chrono::milliseconds{20}});
  const auto commit = erase_secret(*store);
  {
    Raw reader(path);
    reader.run("BEGIN");
    ASSERT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "3");

    EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);

    EXPECT_TRUE(says_secret(path)) << "the reader's snapshot needs it";
    reader.run("COMMIT");
  }
  store.reset();

  EXPECT_FALSE(says_secret(path));
  EXPECT_FALSE(says(path, secret_term));
  EXPECT_FALSE(says(path, secret_vector));
}

TEST(Erasure, IsDoneByWhoeverAppendsTheSameAgain) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto one = open({.path = path, .busy_timeout = std::chrono::milliseconds{20}});
  const auto other = open({.path = path});
  const auto commit = erase_secret(*one);
  {
    Raw reader(path);
    reader.run("BEGIN");
    ASSERT_EQ(reader.value("SELECT COUNT(*) FROM entry"), "3");
    EXPECT_EQ(append(*one, commit).outcome, AppendOutcome::done);
    reader.run("COMMIT");
  }
  ASSERT_TRUE(says_secret(path));

  EXPECT_EQ(append(*other, commit).outcome, AppendOutcome::already_there);

  EXPECT_FALSE(says_secret(path));
  EXPECT_FALSE(says(path, secret_term));
  EXPECT_FALSE(says(path, secret_vector));
}

namespace {

// A ledger with so many words that they fill pages of several levels, every tenth statement a secret; by whom its words
// were filed, and whether they were filed anew since, which frees pages.
class ErasureOfWords : public testing::TestWithParam<std::string> {
 protected:
  static constexpr std::uint64_t statements = 400;
  // No other statement has it in its words.
  static std::string name_of(std::uint64_t number) {
    std::string name = "q";
    for (auto left = number + 1'000; left > 0; left /= 20) name += static_cast<char>('b' + left % 20);
    return name;
  }
  // Of most of them stems are filed.
  static std::string words_of(std::uint64_t number) {
    const auto name = name_of(number);
    return "Silver" + name + "ing zinnober" + name + "ational vault" + name + "@" + name + "bank.example";
  }
  static bool is_secret(std::uint64_t number) { return number % 10 == 3; }

  Engine engine(Config config = {}) {
    return Engine({.store = open({.path = path}), .clock = clock, .ids = ids}, std::move(config));
  }
  void say(Config config, std::uint64_t from, std::uint64_t to) {
    auto speaker = engine(std::move(config));
    while (from < to) {
      std::vector<Statement> batch;
      for (const auto end = std::min(to, from + 20); from < end; ++from)
        batch.push_back({.subject = "s", .predicate = "p" + std::to_string(from), .value = Value(words_of(from))});
      speaker.ingest({.agent = alice, .statements = std::move(batch)});
    }
  }
  void file_words() {
    const auto& how = GetParam();
    const Config silent{.index_words = false};
    const Config otherwise{.search_language = "none"};
    say(how == "whole" || how == "anew"          ? Config{}
        : how == "stale" || how == "stale, anew" ? otherwise
                                                 : silent,
        0, statements / 2);
    if (how == "reindexed in part") engine().reindex({.agent = alice});
    say(how == "reindexed in part" ? silent : Config{}, statements / 2, statements);
    if (how == "reindexed" || how == "stale, anew") engine().reindex({.agent = alice});
    if (how == "anew") engine().reindex({.agent = alice, .anew = true});
  }

  const Folder folder;
  const std::string path = folder / "agent.db";
  const std::shared_ptr<Clock> clock = std::make_shared<conformance::ManualClock>(Instant{});
  const std::shared_ptr<IdSource> ids = std::make_shared<conformance::SeededIds>(1);
};

}  // namespace

TEST_P(ErasureOfWords, LeavesNeitherTermNorStem) {
  file_words();
  std::vector<std::string> terms;
  std::vector<StoredEntry> tombstones;
  {
    Raw raw(path);
    for (std::uint64_t number = 0; number < statements; ++number) {
      if (!is_secret(number)) continue;
      const auto mine = "instr(term, '" + name_of(number) + "') AND stream_seq = " + std::to_string(number + 1);
      for (auto& term : raw.rows("SELECT term FROM posting WHERE " + mine)) terms.push_back(std::move(term));
      terms.push_back("Silver" + name_of(number));
      tombstones.push_back(tombstone({number + 1}));
    }
    ASSERT_EQ(terms.size() > statements / 10 * 3, GetParam() != "missing") << terms.size();
    ASSERT_EQ(raw.value("SELECT COUNT(*) FROM entry WHERE content IS NOT NULL"), std::to_string(statements));
  }
  const auto store = open({.path = path});
  for (const auto& term : terms) ASSERT_TRUE(says(path, term)) << term;

  write(*store, alice, std::move(tombstones));

  const auto bytes = bytes_of(path) + log_of(path);
  for (const auto& term : terms) EXPECT_EQ(bytes.find(term), std::string::npos) << term;
  EXPECT_NE(bytes.find(words_of(4)), std::string::npos) << "the others stay";
}

INSTANTIATE_TEST_SUITE_P(Log, ErasureOfWords,
                         testing::Values("whole", "anew", "stale", "stale, anew", "missing", "reindexed",
                                         "reindexed in part"));

// A store that is never closed, while its thread works.
TEST(Log, MayBeCopiedWhileTheProcessEnds) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto child = fork();
  if (child == 0) {
    auto* const store = open({.path = path, .checkpoint_pages = 20}).release();
    for (std::uint64_t i = 0; i < 30; ++i) write(*store, alice, one_of_each(10 * i));
    _Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  expect_sound(path, 120);
}

}  // namespace claimledger::sqlite::test
