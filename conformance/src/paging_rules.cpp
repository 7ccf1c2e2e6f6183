#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <thread>

#include "claimledger/conformance/store_contract.hpp"

// Pages: how many come, and that a cursor neither loses nor repeats.
namespace claimledger::conformance {

namespace {

constexpr auto huge = std::numeric_limits<std::size_t>::max();
constexpr std::size_t made = 12;

}  // namespace

// One entry, one line, one subject and one open question in each of twelve batches.
static std::vector<StoredEntry> numbered(ExampleIds& ids, std::size_t i) {
  const LineKey key{"subject " + std::to_string(10 + i), "p"};
  const auto claim = ids.claim();
  return {claim_recorded(key, claim), question_opened(key, claim, ids.handle())};
}

TEST_P(StoreContract, G01_ALimitOfZeroGivesNothing) {
  for (std::size_t i = 0; i < made; ++i) write(numbered(ids(), i));

  for (const auto order : {Order::ascending, Order::descending}) {
    EXPECT_TRUE(store().entries(agent(), {.order = order, .limit = 0}, anywhere, unlimited).empty());
  }
  EXPECT_TRUE(store().open_adjudications(agent(), {}, 0, anywhere, unlimited).empty());
  EXPECT_TRUE(store().lines(agent(), {}, {}, 0, anywhere, unlimited).empty());
  EXPECT_TRUE(store().lines(agent(), "subject 10", {}, 0, anywhere, unlimited).empty());
  EXPECT_TRUE(store().subjects(agent(), {}, 0, anywhere, unlimited).empty());
  EXPECT_TRUE(store().batches(agent(), {}, 0, unlimited).empty());
  EXPECT_TRUE(store().agents({}, 0, unlimited).empty());
}

TEST_P(StoreContract, G02_ALimitGivesThatManyAndNoMore) {
  for (std::size_t i = 0; i < made; ++i) write(numbered(ids(), i));
  for (int i = 0; i < 4; ++i) write_for(AgentId{"other " + std::to_string(i)}, {attempt_rejected()});

  for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, made - 1, made, made + 1, std::size_t{1'000}, huge}) {
    SCOPED_TRACE("limit " + std::to_string(limit));
    const auto most = [&](std::size_t all) { return std::min(all, limit); };
    for (const auto order : {Order::ascending, Order::descending}) {
      const EntryQuery all{.order = order, .limit = limit};
      EXPECT_EQ(store().entries(agent(), all, anywhere, unlimited).size(), most(2 * made));
    }
    for (const auto kind : {kind_number<ClaimRecorded>, kind_number<AdjudicationOpened>}) {
      const EntryQuery of_kind{.kinds = {kind}, .limit = limit};
      EXPECT_EQ(store().entries(agent(), of_kind, anywhere, unlimited).size(), most(made));
    }
    EXPECT_EQ(store().open_adjudications(agent(), {}, limit, anywhere, unlimited).size(), most(made));
    EXPECT_EQ(store().lines(agent(), {}, {}, limit, anywhere, unlimited).size(), most(made));
    EXPECT_EQ(store().subjects(agent(), {}, limit, anywhere, unlimited).size(), most(made));
    EXPECT_EQ(store().batches(agent(), {}, limit, unlimited).size(), most(made));
    EXPECT_EQ(store().agents({}, limit, unlimited).size(), most(5));
  }
}

TEST_P(StoreContract, G03_PagesPutTogetherAreTheWholeList) {
  for (std::size_t i = 0; i < made; ++i) write(numbered(ids(), i));
  for (int i = 0; i < 4; ++i) write_for(AgentId{"other " + std::to_string(i)}, {attempt_rejected()});

  for (const std::size_t limit : {1U, 2U, 5U, 12U, 24U}) {
    SCOPED_TRACE("limit " + std::to_string(limit));
    // Asks for the page after the last item of the page before, until a page is empty.
    const auto walk = [](auto page) {
      auto all = page(nullptr);
      for (auto part = all; !part.empty() && all.size() < 1'000; all.insert(all.end(), part.begin(), part.end())) {
        part = page(&all.back());
      }
      return all;
    };
    EXPECT_EQ(walk([&](const StoredEntry* last) {
                const EntryQuery rest{.from = Position{last ? last->seq.value + 1 : 1}, .limit = limit};
                return store().entries(agent(), rest, anywhere, unlimited);
              }),
              all_entries());
    auto backwards = all_entries();
    std::reverse(backwards.begin(), backwards.end());
    EXPECT_EQ(walk([&](const StoredEntry* last) {
                const EntryQuery rest{.to = last ? std::optional(Position{last->seq.value - 1}) : std::nullopt,
                                      .order = Order::descending,
                                      .limit = limit};
                return store().entries(agent(), rest, anywhere, unlimited);
              }),
              backwards);
    EXPECT_EQ(walk([&](const StoredEntry* last) {
                return store().open_adjudications(agent(), last ? last->seq : Position{0}, limit, anywhere, unlimited);
              }),
              all_entries({.kinds = {kind_number<AdjudicationOpened>}}));
    EXPECT_EQ(walk([&](const LineKey* last) {
                return store().lines(agent(), {}, last ? std::optional(*last) : std::nullopt, limit, anywhere,
                                     unlimited);
              }),
              store().lines(agent(), {}, {}, huge, anywhere, unlimited));
    EXPECT_EQ(walk([&](const std::string* last) {
                return store().subjects(agent(), last ? std::optional(*last) : std::nullopt, limit, anywhere,
                                        unlimited);
              }),
              store().subjects(agent(), {}, huge, anywhere, unlimited));
    EXPECT_EQ(walk([&](const StoredBatch* last) {
                return store().batches(agent(), last ? last->first : Position{0}, limit, unlimited);
              }),
              all_batches());
    EXPECT_EQ(walk([&](const AgentHead* last) {
                return store().agents(last ? std::optional(last->agent) : std::nullopt, limit, unlimited);
              }),
              store().agents({}, huge, unlimited));
  }
}

TEST_P(StoreContract, G04_BatchesStartAfterThePositionAndComeWhole) {
  const auto first = batch_of(write({attempt_rejected(), attempt_rejected(), attempt_rejected()}));
  const auto second = batch_of(write({attempt_rejected()}));
  const auto third = batch_of(write({attempt_rejected(), attempt_rejected()}));
  const auto after = [&](std::uint64_t position) {
    return store().batches(agent(), Position{position}, huge, unlimited);
  };

  EXPECT_EQ(after(0), (std::vector{first, second, third}));
  EXPECT_EQ(after(1), (std::vector{second, third}));
  EXPECT_EQ(after(3), (std::vector{second, third}));
  EXPECT_EQ(after(4), (std::vector{third}));
  EXPECT_EQ(after(5), (std::vector<StoredBatch>{}));
  EXPECT_EQ(after(6), (std::vector<StoredBatch>{}));
}

TEST_P(StoreContract, G05_ACursorNeitherLosesNorRepeatsWhileOthersWrite) {
  for (std::size_t i = 0; i < made; ++i) write(numbered(ids(), i));
  const auto at = head().position;
  const auto wanted = store().lines(agent(), {}, {}, huge, at, unlimited);
  std::atomic<bool> reading = true;
  std::thread writer([&] {
    ExampleIds more(2);
    for (std::size_t i = 0; reading || i < 20; ++i) {
      const auto before = store().head(agent(), unlimited);
      const LineKey between{"subject 1" + std::to_string(i % 10) + "-", "p" + std::to_string(i)};
      const auto commit =
          commit_after(before, agent(), more.batch(), TxTime{before.recorded_at.value + std::chrono::seconds{1}},
                       {claim_recorded(between, more.claim())});
      EXPECT_EQ(append(commit), Outcome{});
    }
  });

  for (int round = 0; round < 20; ++round) {
    std::vector<LineKey> lines;
    std::optional<LineKey> last;
    for (bool more = true; more;) {
      const auto page = store().lines(agent(), {}, last, 5, at, unlimited);
      lines.insert(lines.end(), page.begin(), page.end());
      more = !page.empty();
      if (more) last = page.back();
    }
    EXPECT_EQ(lines, wanted);

    std::vector<std::uint64_t> seqs;
    for (std::uint64_t next = 1; true; next = seqs.back() + 1) {
      const auto page = store().entries(agent(), {.from = Position{next}, .limit = 5}, at, unlimited);
      for (const auto& entry : page) seqs.push_back(entry.seq.value);
      if (page.empty()) break;
    }
    EXPECT_EQ(seqs.size(), at.value);
    EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end(), std::less_equal<>{}));
  }
  reading = false;
  writer.join();
}

}  // namespace claimledger::conformance
