#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
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
  char byte = '\0';
};
constexpr std::size_t header_size = 136;
constexpr std::size_t slots_at = 16 * 1024;
constexpr Part parts[] = {{"all", 0, 32 * 1024},
                          {"all but the header", header_size, 32 * 1024 - header_size},
                          {"the pages of some frames", header_size + 8, 16},
                          {"the hash table", slots_at, 16 * 1024},
                          {"what is known of copies with others", 96, 4, '\1'},
                          {"pages with others", header_size, 4'062 * 4, '\1'},
                          {"one page with another", header_size + 8, 4, '\1'},
                          {"the hash table with others", slots_at, 16 * 1024, '\1'}};

void overwrite(const std::string& path, const Part& part) {
  std::fstream index(path + "-shm", std::ios::binary | std::ios::in | std::ios::out);
  index.seekp(static_cast<std::streamoff>(part.first));
  index << std::string(part.count, part.byte);
}

std::uint32_t number_in_index(const std::string& path, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes_of(path + "-shm").data() + at, sizeof number);
  return number;
}
void set_number_in_index(const std::string& path, std::size_t at, std::uint32_t number) {
  std::fstream index(path + "-shm", std::ios::binary | std::ios::in | std::ios::out);
  index.seekp(static_cast<std::streamoff>(at));
  index.write(reinterpret_cast<const char*>(&number), sizeof number);
}

void expect_named(const StoreFailure& failure, FailureKind kind = FailureKind::unreachable) {
  EXPECT_EQ(failure.kind(), kind) << failure.what();
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

// The commit goes well and makes the header of the index sound again, or finds no place in it for its frames.
TEST(LogIndex, OverwrittenBeneathACommitIsNoticedByWhoeverComesNext) {
  for (const auto& part : parts) {
    SCOPED_TRACE(part.name);
    const Folder folder;
    const auto path = folder / "agent.db";
    FaultyDisk disk;
    auto store = open({.path = path});
    auto reader = open({.path = path});
    const auto before = head_of(write(*store, alice, one_of_each(1)));
    reader->head(alice, unlimited);
    const auto last = commit_after(before, alice, one_of_each(100));
    disk.before_next_flush([&] { overwrite(path, part); });
    const auto outcome = store->append(std::span(&last, 1), unlimited).front();
    if (outcome.outcome != AppendOutcome::done)
      expect_named({outcome.failure, "append", outcome.detail}, FailureKind::in_doubt);

    expect_named(failure_of([&] { reader->head(alice, unlimited); }));
    const auto commit = commit_after(head_of(last), alice, one_of_each(200));
    expect_named(failure_of([&] { append(*store, commit); }));
    expect_named(failure_of([&] { open({.path = path})->batches(alice, {}, 10, unlimited); }));
    reader.reset();
    store.reset();
    EXPECT_EQ(append(*open({.path = path}), last).outcome, AppendOutcome::already_there);
    expect_whole(path, head_of(last));
  }
}

// Frames behind the first 4,062 are found by blocks of their own.
TEST(LogIndex, OfALongLogIsLookedAtAsAWhole) {
  constexpr std::size_t block = 32 * 1024;
  const Part later[] = {{"pages of the second block", block, 64},
                        {"pages of the second block with others", block, 64, '\1'},
                        {"the second hash table", block + slots_at, 16 * 1024},
                        {"the second hash table with others", block + slots_at, 16 * 1024, '\1'}};
  const Folder folder;
  const auto path = folder / "agent.db";
  auto store = open({.path = path, .checkpoint_pages = 100'000});
  auto head = head_of(write(*store, alice, one_of_each(1)));
  for (std::uint64_t i = 1; std::filesystem::file_size(path + "-shm") < 2 * block; ++i)
    head = head_of(write(*store, alice, one_of_each(10 * i)));
  head = head_of(write(*store, alice, one_of_each(90'000)));
  EXPECT_EQ(store->head(alice, unlimited), head);
  for (const auto& part : later) {
    SCOPED_TRACE(part.name);
    const auto copy = folder / "copy.db";
    for (const auto* file : {"", "-wal"})
      std::filesystem::copy_file(path + file, copy + file, std::filesystem::copy_options::overwrite_existing);
    auto other = open({.path = copy});
    EXPECT_EQ(other->head(alice, unlimited), head);
    overwrite(copy, part);
    expect_named(failure_of([&] { other->head(alice, unlimited); }));
    other.reset();
    expect_whole(copy, head);
  }
}

// Who believes it reads the database alone, and writes upon that; the copy leaves those frames out.
TEST(LogIndex, ThatCallsFramesCopiedIsNotBelieved) {
  for (const bool all : {true, false}) {
    const Folder folder;
    const auto path = folder / "agent.db";
    auto store = open({.path = path});
    auto head = head_of(write(*store, alice, one_of_each(1)));
    for (std::uint64_t i = 1; i < 5; ++i) head = head_of(write(*store, alice, one_of_each(10 * i)));
    auto reader = open({.path = path});
    EXPECT_EQ(reader->head(alice, unlimited), head);
    const auto frames = number_in_index(path, 16);
    set_number_in_index(path, 96, all ? frames : frames / 2);

    expect_named(failure_of([&] { reader->head(alice, unlimited); }));
    expect_named(failure_of([&] { append(*store, commit_after(head, alice, one_of_each(100))); }));
    expect_named(failure_of([&] { open({.path = path})->head(alice, unlimited); }));
    store.reset();
    reader.reset();
    expect_whole(path, head);
  }
}

// An older copy of the whole index: of the same log, and of the one before it started over, which it does where
// something is erased. While somebody copies the log it may not be put there: that no look before the copy can see.
TEST(LogIndex, OfEarlierIsNotBelieved) {
  for (const bool starts_over : {false, true}) {
    SCOPED_TRACE(starts_over);
    const Folder folder;
    const auto path = folder / "agent.db";
    auto store = open({.path = path});
    auto head = head_of(write(*store, alice, one_of_each(1)));
    const auto before = bytes_of(path + "-shm");
    if (starts_over) write(*store, alice, {tombstone({1})});
    for (std::uint64_t i = 1; i < 9; ++i) head = head_of(write(*store, alice, one_of_each(10 * i)));
    EXPECT_EQ(store->head(alice, unlimited), head);
    std::fstream(path + "-shm", std::ios::binary | std::ios::in | std::ios::out) << before;

    for (const auto& failure : {failure_of([&] { store->head(alice, unlimited); }),
                                failure_of([&] { append(*store, commit_after(head, alice, one_of_each(100))); })})
      EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    store.reset();
    expect_whole(path, head);
  }
}

// The hash table leads to such pages as to the right ones.
TEST(LogIndex, WithOtherPagesOfTheSamePlacesIsNotCopiedBy) {
  constexpr std::uint32_t in_place = 8'192;  // so much more is as much
  const Folder folder;
  const auto path = folder / "agent.db";
  auto store = open({.path = path});
  const auto head = head_of(write(*store, alice, one_of_each(1)));
  std::array<std::uint32_t, 10> pages{};
  std::fstream index(path + "-shm", std::ios::binary | std::ios::in | std::ios::out);
  index.seekg(header_size).read(reinterpret_cast<char*>(pages.data()), sizeof pages);
  for (auto& page : pages) page += in_place;
  index.seekp(header_size).write(reinterpret_cast<const char*>(pages.data()), sizeof pages).flush();
  store.reset();
  expect_whole(path, head);
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
