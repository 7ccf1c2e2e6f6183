#include "file_store.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "claimledger/conformance/store_contract.hpp"

// The kit over the example, and what the kit does not do to files: half a batch, a flipped bit, a full disk.
namespace claimledger::conformance {

namespace {

namespace fs = std::filesystem;

// A folder of this process, removed at its end.
struct Folder {
  Folder() { path = mkdtemp(path.data()); }
  ~Folder() { fs::remove_all(path); }
  std::string path = (fs::temp_directory_path() / "claimledger-example-XXXXXX").string();
};

std::string path_of(const std::string& place) {
  static const Folder folder;
  return folder.path + "/" + place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    ExampleFile, StoreContract,
    testing::Values(Backend{
        .name = "example_file",
        .open = [](const std::string& place) { return example::open_folder(path_of(place)); },
        .remove = [](const std::string& place) { fs::remove_all(path_of(place)); },
        .cannot_share = "one handle has the folder; another is told that it is busy",
        .cannot_damage = "a file with a damaged batch is refused as a whole; FileStore.ADamagedBatchIsCorrupt",
        .cannot_hold_a_write = "no other process can open the folder",
    }),
    BackendName{});

namespace {

// One file with two batches.
class FileStore : public testing::Test {
 protected:
  FileStore() {
    fs::remove_all(path_of("it"));
    store = open();
    first = write({claim_recorded(line, ids.claim())});
    const auto said = with_key(with_content(claim_recorded(line, ids.claim()), "a secret", "its source"), ids.key());
    end_of_first = bytes().size();
    second = write({said});
  }

  static std::unique_ptr<Store> open() { return example::open_folder(path_of("it")); }
  Commit draft(std::vector<StoredEntry> entries) {
    const auto head = store->head(agent, {});
    const auto time = example_time(static_cast<std::int64_t>(head.position.value));
    return commit_after(head, agent, ids.batch(), time, std::move(entries));
  }
  Outcome append(const Commit& commit) { return store->append(std::span(&commit, 1), {}).front(); }
  Commit write(std::vector<StoredEntry> entries) {
    auto commit = draft(std::move(entries));
    EXPECT_EQ(append(commit), Outcome{});
    return commit;
  }
  fs::path file() { return path_of("it") + "/" + sha256({agent.value}).hex() + ".ledger"; }
  std::string bytes() {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& bytes) { std::ofstream(file(), std::ios::binary) << bytes; }

  const AgentId agent{"ada"};
  const LineKey line{"ada", "city"};
  ExampleIds ids;
  std::unique_ptr<Store> store;
  Commit first, second;
  std::size_t end_of_first = 0;
};

}  // namespace

TEST_F(FileStore, HalfABatchIsCutWhereverItBreaksOff) {
  const auto whole = bytes();
  for (auto size = end_of_first; size < whole.size(); size += 5) {
    store.reset();
    put(whole.substr(0, size));

    store = open();

    EXPECT_EQ(store->head(agent, {}), head_of(first)) << size;
    EXPECT_EQ(append(second), Outcome{}) << size;
    EXPECT_EQ(bytes(), whole) << size;
  }
}

TEST_F(FileStore, ADamagedBatchIsCorrupt) {
  store.reset();
  const auto whole = bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] ^= 1;
    put(damaged);

    EXPECT_TRUE(fails_with(FailureKind::corrupt, [] { open(); })) << at;
    EXPECT_EQ(bytes(), damaged) << "left for whoever repairs it";
  }
}

TEST_F(FileStore, AWriteThatFailsLeavesNothing) {
  const auto whole = bytes();
  const auto third = draft({claim_recorded(line, ids.claim())});
  rlimit usual{};
  getrlimit(RLIMIT_FSIZE, &usual);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit little{whole.size() + 10, usual.rlim_max};
  setrlimit(RLIMIT_FSIZE, &little);

  const auto outcome = append(third);

  setrlimit(RLIMIT_FSIZE, &usual);
  EXPECT_EQ(outcome, (Outcome{AppendOutcome::failed, outcome.detail, FailureKind::exhausted}));
  EXPECT_EQ(bytes(), whole);
  EXPECT_EQ(append(third), Outcome{});
}

TEST_F(FileStore, ErasedContentLeavesTheFile) {
  ASSERT_NE(bytes().find("a secret"), std::string::npos);

  write({content_erased(Position{2})});

  for (const auto* gone : {"a secret", "its source"}) EXPECT_EQ(bytes().find(gone), std::string::npos) << gone;
  EXPECT_EQ(bytes().find(second.entries.front().idempotency_key->view()), std::string::npos);
  const auto before = store->batches(agent, {}, 9, {});
  store.reset();
  store = open();
  EXPECT_EQ(store->batches(agent, {}, 9, {}), before);
}

TEST_F(FileStore, ASecondHandleIsToldThatTheFolderIsBusy) {
  EXPECT_TRUE(fails_with(FailureKind::busy, [] { open(); }));
}

}  // namespace claimledger::conformance
