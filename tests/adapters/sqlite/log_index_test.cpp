#include <atomic>
#include <fstream>
#include <thread>

#include "faulty_disk.hpp"
#include "support.hpp"

// The index of a log lies in a file that others may overwrite. Who trusts it then reads older pages, and writes upon
// them; what the log has stays whole.
namespace claimledger::sqlite::test {

namespace {

struct Part {
  const char* name;
  std::size_t first;
  std::size_t count;
};
constexpr std::size_t header_size = 136;
constexpr std::size_t slots_at = 16 * 1024;
constexpr Part parts[] = {{"all", 0, 32 * 1024},
                          {"all but the header", header_size, 32 * 1024 - header_size},
                          {"the pages of some frames", header_size + 8, 16},
                          {"the hash table", slots_at, 16 * 1024}};

void overwrite(const std::string& path, const Part& part) {
  std::fstream index(path + "-shm", std::ios::binary | std::ios::in | std::ios::out);
  index.seekp(static_cast<std::streamoff>(part.first));
  index << std::string(part.count, '\0');
}

void expect_named(const StoreFailure& failure) {
  EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
  EXPECT_NE(failure.detail().find("was overwritten while it was in use"), std::string::npos) << failure.detail();
}

void expect_whole(const std::string& path, const Head& head) {
  const auto store = open({.path = path});
  EXPECT_EQ(store->head(alice, unlimited), head);
  EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
  write(*store, alice, one_of_each(9'000));
}

}  // namespace

TEST(LogIndex, OverwrittenInATurnIsNoticedBeforeTheCommit) {
  for (const auto& part : parts) {
    SCOPED_TRACE(part.name);
    const Folder folder;
    const auto path = folder / "agent.db";
    auto store = open({.path = path});
    const auto head = head_of(write(*store, alice, one_of_each(1)));
    auto turn = store->begin_write({{alice}}, unlimited);
    overwrite(path, part);

    const auto commit = commit_after(head, alice, one_of_each(100));
    const auto outcome = turn->append(std::span(&commit, 1)).front().outcome;

    EXPECT_EQ(outcome.outcome, AppendOutcome::failed);
    expect_named({outcome.failure, "append", outcome.detail});
    turn.reset();
    store.reset();
    expect_whole(path, head);
  }
}

// The commit goes well, and makes the index look sound.
TEST(LogIndex, OverwrittenBeneathACommitIsNoticedByWhoeverComesNext) {
  for (const auto& part : parts) {
    SCOPED_TRACE(part.name);
    const Folder folder;
    const auto path = folder / "agent.db";
    FaultyDisk disk;
    auto store = open({.path = path});
    auto reader = open({.path = path});
    write(*store, alice, one_of_each(1));
    reader->head(alice, unlimited);
    disk.before_next_flush([&] { overwrite(path, part); });
    const auto head = head_of(write(*store, alice, one_of_each(100)));

    expect_named(failure_of([&] { reader->head(alice, unlimited); }));
    const auto commit = commit_after(head, alice, one_of_each(200));
    expect_named(failure_of([&] { append(*store, commit); }));
    auto another = open({.path = path});
    expect_named(failure_of([&] { another->batches(alice, {}, 10, unlimited); }));
    another.reset();
    reader.reset();
    store.reset();
    expect_whole(path, head);
  }
}

TEST(LogIndex, IsWholeBesideAWriterWhoseLogStartsOver) {
  const Folder folder;
  const auto path = folder / "agent.db";
  const auto store = open({.path = path, .checkpoint_pages = 20});
  write(*store, alice, one_of_each(1));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::uint64_t i = 1; i < 200; ++i) write(*store, alice, one_of_each(10 * i));
    done = true;
  });
  const auto reader = open({.path = path});
  while (!done) {
    const auto head = reader->head(alice, unlimited).position.value;
    if (head == 0 || head % 4 != 0) ADD_FAILURE() << head;
  }
  writer.join();
}

}  // namespace claimledger::sqlite::test
