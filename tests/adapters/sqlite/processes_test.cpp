#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <stop_token>
#include <thread>

#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"
#include "support.hpp"

// Several processes, handles and threads on one database.
namespace claimledger::sqlite::test {

namespace {

using std::chrono::milliseconds;

const std::string recipe = "words";
const EmbeddingModel model{"small", 1, "weights 1"};
constexpr std::size_t vector_bytes = 1'536;

StoredEntry worded_entry(std::uint64_t number) {
  const auto entry = with_terms(with_content(claim_entry(number), "content"), {"each", "n" + std::to_string(number)});
  return with_vector(entry, Bytes(vector_bytes, 'v'));
}

// Appends `count` batches of the agent, deciding again after every conflict. False when something went wrong.
bool write_batches(Store& store, const AgentId& agent, std::uint64_t first_claim, int count) {
  for (int written = 0; written < count;) {
    auto commit = commit_after(store.head(agent, unlimited), agent,
                               {worded_entry(first_claim + static_cast<std::uint64_t>(written)),
                                worded_entry(first_claim + 500'000 + static_cast<std::uint64_t>(written))});
    commit.recipe = recipe;
    commit = made_by(std::move(commit), model);
    commit.header.id = {uuid(first_claim * 1'000 + static_cast<std::uint64_t>(written))};
    const auto outcome = append(store, commit);
    if (outcome.outcome == AppendOutcome::refused || outcome.outcome == AppendOutcome::already_there) return false;
    if (outcome.outcome == AppendOutcome::done) ++written;
  }
  return true;
}

// Runs in a child; its answer is the exit code.
pid_t in_child(const std::function<bool()>& work) {
  const auto child = fork();
  if (child != 0) return child;
  try {
    _exit(work() ? 0 : 1);
  } catch (...) {
    _exit(2);
  }
}

int exit_code(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// The index has the words of all entries up to where it reaches, and of no other.
void expect_filed(Store& store, const AgentId& agent, Position up_to) {
  EXPECT_EQ(store.search_index()->text_index(agent, unlimited), (TextIndex{recipe, up_to}));
  std::vector<Position> all;
  for (std::uint64_t seq = 1; seq <= up_to.value; ++seq) all.push_back({seq});
  EXPECT_EQ(found(store, agent, recipe, "each"), all);
}

// The model has the vectors of all entries up to where it reaches, whole, and no other.
void expect_vectors(Store& store, const AgentId& agent, std::uint64_t up_to) {
  std::set<Position> entries;
  std::uint64_t last = 0;
  const auto note = [&](const FiledVector& each) {
    EXPECT_TRUE(entries.insert(each.seq).second) << each.seq.value;
    EXPECT_GT(each.number, last);
    EXPECT_EQ(each.vector, Bytes(vector_bytes, 'v'));
    last = each.number;
  };
  const auto filed = store.vectors()->read_vectors(agent, model, 0, 1'000'000, note, unlimited);
  ASSERT_TRUE(filed || up_to == 0);
  if (!filed) return;
  EXPECT_EQ(filed->up_to, Position{up_to});
  // Numbers go on behind those that were dropped.
  EXPECT_TRUE(filed->filed == last || entries.empty()) << filed->filed << " " << last;
  EXPECT_EQ(filed->filed - filed->erased, up_to);
  EXPECT_EQ(entries.size(), up_to);
  EXPECT_EQ(entries.empty() ? 0 : entries.rbegin()->value, up_to);
}

void expect_whole(Store& store, const AgentId& agent, std::uint64_t batches) {
  expect_filed(store, agent, {2 * batches});
  expect_vectors(store, agent, 2 * batches);
  EXPECT_EQ(store.head(agent, unlimited).position, Position{2 * batches});
  const auto all = store.batches(agent, {}, 1'000'000, unlimited);
  ASSERT_EQ(all.size(), batches);
  std::uint64_t next = 1;
  TxTime last{Instant::min()};
  for (const auto& batch : all) {
    EXPECT_EQ(batch.first, Position{next});
    EXPECT_LT(last, batch.header.recorded_at);
    last = batch.header.recorded_at;
    next += batch.entries.size();
  }
}

}  // namespace

TEST(Processes, TwoWriteOneLedgerWithoutLossOrGap) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto work = [&](std::uint64_t first) {
    return [&path, first] { return write_batches(*open({.path = path, .checkpoint_pages = 30}), alice, first, 60); };
  };

  const auto one = in_child(work(1'000'000));
  const auto two = in_child(work(2'000'000));
  EXPECT_EQ(exit_code(one), 0);
  EXPECT_EQ(exit_code(two), 0);

  expect_whole(*open({.path = path}), alice, 120);
  EXPECT_EQ(Raw(path).value("PRAGMA integrity_check"), "ok");
}

TEST(Processes, ManyMakeOneLedgerTogether) {
  const Folder folder;
  const auto path = folder / "agent.db";
  std::vector<pid_t> children;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    children.push_back(in_child([&path, i] {
      return write_batches(*open({.path = path}), AgentId{"agent " + std::to_string(i)}, i * 1'000'000, 3);
    }));
  }
  for (const auto child : children) EXPECT_EQ(exit_code(child), 0);

  const auto store = open({.path = path});
  EXPECT_EQ(store->agents({}, 10, unlimited).size(), 5U);
  for (int i = 1; i <= 5; ++i) expect_whole(*store, AgentId{"agent " + std::to_string(i)}, 3);
}

TEST(Processes, HandlesOfOneProcessTakeTurnsToo) {
  const Folder folder;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint64_t t = 1; t <= 3; ++t) {
    threads.emplace_back([&, t] {
      const auto store = open({.path = folder / "agent.db", .checkpoint_pages = 20});
      if (!write_batches(*store, alice, t * 1'000'000, 20)) ++wrong;
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
  expect_whole(*open({.path = folder / "agent.db"}), alice, 60);
}

TEST(Processes, AReaderDoesNotWaitForAnOpenWrite) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .busy_timeout = milliseconds{0}});
  write(*store, alice, one_of_each(1));
  Raw other(folder / "agent.db");
  other.run("BEGIN IMMEDIATE; INSERT INTO agent (name) VALUES ('half')");

  EXPECT_EQ(store->head(alice, unlimited).position, Position{4});
  EXPECT_EQ(store->line(alice, {"alice", "likes"}, anywhere, unlimited).size(), 2U);
  EXPECT_EQ(names_of(store->agents({}, 10, unlimited)), std::vector<AgentId>{alice})
      << "what is not committed is not there";
  EXPECT_EQ(open({.path = folder / "agent.db", .busy_timeout = milliseconds{0}})->head(alice, unlimited).position,
            Position{4})
      << "nor does opening wait";
}

TEST(Processes, AWriterWaitsForAWhileAndIsThenBusy) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .busy_timeout = milliseconds{30}});
  const auto commit = commit_after(store->head(alice, unlimited), alice, one_of_each(1));
  {
    Raw other(folder / "agent.db");
    other.run("BEGIN IMMEDIATE");
    EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::busy);
  }

  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done) << "the handle works on";
}

// The lock file is what keeps two processes from checkpointing at once.
TEST(Processes, TheWritersTurnIsTheLockFile) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .busy_timeout = milliseconds{30}});
  const auto commit = commit_after(store->head(alice, unlimited), alice, one_of_each(1));
  const int file = ::open((folder / "agent.db-lock").c_str(), O_RDWR | O_CREAT, 0666);
  ASSERT_EQ(flock(file, LOCK_EX), 0);

  EXPECT_EQ(failure_of([&] { append(*store, commit); }).kind(), FailureKind::busy);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{0}) << "readers take no turn";

  close(file);
  EXPECT_EQ(append(*store, commit).outcome, AppendOutcome::done);
}

TEST(Processes, WhoHasNoTurnDoesNotCheckpointNotEvenByClosing) {
  const Folder folder;
  auto store = open({.path = folder / "agent.db"});
  write(*store, alice, one_of_each(1));
  const auto log = bytes_of(folder / "agent.db-wal");
  const auto database = bytes_of(folder / "agent.db");
  const int file = ::open((folder / "agent.db-lock").c_str(), O_RDWR);
  ASSERT_EQ(flock(file, LOCK_EX), 0);

  store.reset();
  open({.path = folder / "agent.db"})->head(alice, unlimited);

  EXPECT_TRUE(bytes_of(folder / "agent.db-wal") == log);
  EXPECT_TRUE(bytes_of(folder / "agent.db") == database);
  close(file);
  EXPECT_EQ(open({.path = folder / "agent.db"})->head(alice, unlimited).position, Position{4});
}

TEST(Processes, ADeadlineEndsTheWait) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .busy_timeout = std::chrono::seconds{20}});
  const auto commit = commit_after(store->head(alice, unlimited), alice, one_of_each(1));
  Raw other(folder / "agent.db");
  other.run("BEGIN IMMEDIATE");

  const Call call{.deadline = std::chrono::steady_clock::now() + milliseconds{30}};
  EXPECT_EQ(failure_of([&] { append(*store, commit, call); }).kind(), FailureKind::timeout);
}

TEST(Processes, AStopTokenEndsTheWait) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db", .busy_timeout = std::chrono::seconds{20}});
  const auto commit = commit_after(store->head(alice, unlimited), alice, one_of_each(1));
  Raw other(folder / "agent.db");
  other.run("BEGIN IMMEDIATE");
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });

  const auto failure = failure_of([&] { append(*store, commit, {.stop = stop.get_token()}); });
  stopper.join();

  EXPECT_EQ(failure.kind(), FailureKind::cancelled);
}

TEST(Processes, ALongReadEndsWithItsDeadline) {
  const Folder folder;
  const auto store = open({.path = folder / "agent.db"});
  std::vector<StoredEntry> many;
  for (std::uint64_t i = 0; i < 50'000; ++i) many.push_back(claim_entry(i));
  write(*store, alice, std::move(many));

  // Far less than the read takes on any machine.
  const Call call{.deadline = std::chrono::steady_clock::now() + milliseconds{1}};
  const auto failure = failure_of([&] { store->line(alice, {"alice", "likes"}, anywhere, call); });

  EXPECT_EQ(failure.kind(), FailureKind::timeout);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{50'000}) << "the handle works on";
}

TEST(Processes, AKilledWriterLeavesWholeBatches) {
  const Folder folder;
  const auto path = folder / "agent.db";
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const auto child = fork();
  if (child == 0) {
    const auto store = open({.path = path});
    for (std::uint64_t i = 0;; ++i) {
      if (!write_batches(*store, alice, 1'000 + i, 1)) _exit(1);
      const char acknowledged = '.';
      if (::write(pipe_ends[1], &acknowledged, 1) != 1) _exit(1);
    }
  }
  close(pipe_ends[1]);
  std::uint64_t acknowledged = 0;
  std::unique_ptr<Store> beside;
  for (char dot = 0; acknowledged < 25 && ::read(pipe_ends[0], &dot, 1) == 1;) {
    if (++acknowledged == 1) beside = open({.path = path});
    EXPECT_GE(found(*beside, alice, recipe, "each").size(), 2 * acknowledged) << "not found by another process at once";
  }
  beside.reset();
  kill(child, SIGKILL);
  exit_code(child);
  for (char dot = 0; ::read(pipe_ends[0], &dot, 1) == 1;) ++acknowledged;
  close(pipe_ends[0]);

  const auto store = open({.path = path});
  const auto batches = store->batches(alice, {}, 1'000'000, unlimited).size();
  EXPECT_GE(batches, acknowledged);
  EXPECT_LE(batches, acknowledged + 1) << "one more may have landed unheard";
  expect_whole(*store, alice, batches);
}

// Somebody files the words of a ledger again and again, page by page, and is killed.
TEST(Processes, AKilledReindexLeavesAnIndexThatReachesAsFarAsItSays) {
  const Folder folder;
  const auto path = folder / "agent.db";
  constexpr std::uint64_t entries = 60;
  std::vector<StoredEntry> worded;
  for (std::uint64_t i = 1; i <= entries; ++i) worded.push_back(worded_entry(i));
  write(*open({.path = path}), alice, worded);
  bool broken_off = false;
  for (int round = 1; round <= 12; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const auto child = fork();
    if (child == 0) {
      const auto store = open({.path = path});
      auto& index = *store->search_index();
      for (;;) {
        const auto before = index.text_index(alice, unlimited);
        const auto from = before.up_to.value == entries ? 0 : before.up_to.value;
        std::vector<ContentTerms> page;
        for (auto seq = from + 1; seq <= from + 5; ++seq) page.push_back({{seq}, worded[seq - 1].content.terms});
        if (!index.extend(alice, before, {recipe, {from + 5}}, page, unlimited)) _exit(1);
        const char extended = '.';
        if (::write(pipe_ends[1], &extended, 1) != 1) _exit(1);
      }
    }
    close(pipe_ends[1]);
    int extensions = 0;
    for (char dot = 0; extensions < round && ::read(pipe_ends[0], &dot, 1) == 1;) ++extensions;
    kill(child, SIGKILL);
    exit_code(child);
    close(pipe_ends[0]);

    const auto store = open({.path = path});
    const auto reach = store->search_index()->text_index(alice, unlimited).up_to;
    EXPECT_EQ(reach.value % 5, 0U);
    expect_filed(*store, alice, reach);
    broken_off = broken_off || reach != Position{entries};
  }
  EXPECT_TRUE(broken_off);
}

// Somebody files the vectors of a ledger again and again, page by page, and is killed.
TEST(Processes, AKilledEmbedLeavesAModelThatReachesAsFarAsItSays) {
  const Folder folder;
  const auto path = folder / "agent.db";
  constexpr std::uint64_t entries = 60;
  std::vector<StoredEntry> said;
  for (std::uint64_t i = 1; i <= entries; ++i) said.push_back(worded_entry(i));
  write(*open({.path = path}), alice, said);
  bool broken_off = false;
  for (int round = 1; round <= 12; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const auto child = fork();
    if (child == 0) {
      const auto store = open({.path = path});
      auto& filed = *store->vectors();
      for (;;) {
        const auto models = filed.models(alice, unlimited);
        auto from = models.empty() ? 0 : models.front().up_to.value;
        if (from == entries) filed.drop_vectors(alice, model, unlimited);
        from %= entries;
        std::vector<NewVector> page;
        for (auto seq = from + 1; seq <= from + 5; ++seq) page.push_back({{seq}, said[seq - 1].content.vector});
        if (!filed.file_vectors(alice, model, {from}, {from + 5}, page, unlimited)) _exit(1);
        const char extended = '.';
        if (::write(pipe_ends[1], &extended, 1) != 1) _exit(1);
      }
    }
    close(pipe_ends[1]);
    int pages = 0;
    for (char dot = 0; pages < round && ::read(pipe_ends[0], &dot, 1) == 1;) ++pages;
    EXPECT_EQ(pages, round);
    kill(child, SIGKILL);
    exit_code(child);
    close(pipe_ends[0]);

    const auto store = open({.path = path});
    const auto models = store->vectors()->models(alice, unlimited);
    ASSERT_EQ(models.size(), 1U);
    EXPECT_EQ(models.front().up_to.value % 5, 0U);
    expect_vectors(*store, alice, models.front().up_to.value);
    broken_off = broken_off || models.front().up_to != Position{entries};
  }
  EXPECT_TRUE(broken_off);
}

}  // namespace claimledger::sqlite::test
