#include <algorithm>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/limits.hpp"
#include "story.hpp"

// Ledgers that are long, wide and deep.
namespace claimledger::conformance {

TEST_P(StoreContract, B01_AnAdjudicationIsFoundBehindTenThousandEntries) {
  auto bench = Bench::over(store(), {.queue_for_adjudication = true});
  say(bench.engine, agent(), {stated("alice", "lives_in", "Berlin")});
  std::vector<Statement> noise;
  for (int i = 0; i < 10'050; ++i) noise.push_back(stated("noise " + std::to_string(i % 2'010), std::to_string(i), i));
  say(bench.engine, agent(), std::move(noise));
  const auto challenge = say(bench.engine, agent(), {stated("alice", "lives_in", "Munich")}).receipts.at(0);
  ASSERT_TRUE(challenge.handle);

  EXPECT_EQ(bench.engine.pending({.agent = agent()}).items.size(), 1U);
  const auto verdict = bench.engine.adjudicate(
      {.agent = agent(), .question = *challenge.handle, .verdict = Verdict::affirm, .evidence = "seen"});

  EXPECT_EQ(verdict.status, WriteStatus::done);
  bench.clock->advance(std::chrono::seconds{1});
  const auto belief = bench.engine.recall({.agent = agent(), .line = {"alice", "lives_in"}});
  ASSERT_TRUE(belief.primary);
  EXPECT_EQ(belief.primary->value, Value("Munich"));
  EXPECT_TRUE(bench.engine.pending({.agent = agent()}).items.empty());
}

TEST_P(StoreContract, B02_TwoThousandClaimsOnOneLineAreAllThere) {
  auto bench = Bench::over(store());
  std::vector<Statement> statements;
  const auto start = parse_valid_time("2000-01-01", "start").at.value;
  for (int i = 0; i < 2'000; ++i) {
    auto statement = stated("alice", "slept_at", "place " + std::to_string(i));
    statement.window.from = ValidEnd{{start + std::chrono::days{i}}, Granularity::day};
    statement.window.until = ValidEnd{{start + std::chrono::days{i + 1}}, Granularity::day};
    statements.push_back(statement);
  }
  say(bench.engine, agent(), {statements.begin(), statements.begin() + 1'999});
  say(bench.engine, agent(), {statements.back()});

  const LineKey line{"alice", "slept_at"};
  const PageRequest all{.limit = limits::page};
  EXPECT_EQ(bench.engine.history({.agent = agent(), .line = line, .page = all}).claims.size(), 2'000U);
  EXPECT_EQ(bench.engine.timeline({.agent = agent(), .line = line, .page = all}).segments.size(), 2'002U);
  for (const int i : {0, 1, 999, 1'998, 1'999}) {
    const auto belief = bench.engine.recall(
        {.agent = agent(), .line = {"alice", "slept_at"}, .valid_at = ValidTime{start + std::chrono::days{i}}});
    ASSERT_TRUE(belief.primary) << i;
    EXPECT_EQ(belief.primary->value, Value("place " + std::to_string(i)));
  }
}

TEST_P(StoreContract, B03_LineageTwoHundredDeepNamesEachClaimOnce) {
  auto bench = Bench::over(store(), {.derivation_depth_cap = 1'000});
  std::vector<ClaimId> chain = {said(bench.engine, agent(), stated("fact", "0", 0))};
  for (int i = 1; i <= 200; ++i) {
    chain.push_back(said(bench.engine, agent(), derived(stated("fact", std::to_string(i), i), {chain.back()})));
  }
  const auto lineage = [&](const ClaimId& claim, Direction direction) {
    return bench.engine
        .lineage({.agent = agent(), .claim = claim, .direction = direction, .page = {.limit = limits::page}})
        .items;
  };

  const auto up = lineage(chain.back(), Direction::ancestors);
  const auto down = lineage(chain.front(), Direction::descendants);

  ASSERT_EQ(up.size(), 200U);
  ASSERT_EQ(down.size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(up[i].claim, chain[199 - i]);
    EXPECT_EQ(up[i].distance, i + 1);
    EXPECT_EQ(down[i].claim, chain[i + 1]);
    EXPECT_EQ(down[i].distance, i + 1);
  }
  EXPECT_EQ(bench.engine.claim({.agent = agent(), .claim = chain.back()})->depth, 200U);
  EXPECT_EQ(bench.engine.claim({.agent = agent(), .claim = chain.back()})->nearest_external_anchor, chain.front());
}

TEST_P(StoreContract, B04_LineageThroughDiamondsNamesEachClaimOnce) {
  auto bench = Bench::over(store(), {.derivation_depth_cap = 1'000});
  const auto top = said(bench.engine, agent(), stated("fact", "top", 0));
  std::vector<ClaimId> level = {top};
  std::size_t all = 0;
  for (int depth = 1; depth <= 12; ++depth) {
    std::vector<ClaimId> next;
    for (int i = 0; i < 2; ++i) {
      const auto name = std::to_string(depth) + "/" + std::to_string(i);
      next.push_back(said(bench.engine, agent(), derived(stated("fact", name, name), level)));
    }
    level = next;
    all += level.size();
  }

  const auto down =
      bench.engine
          .lineage(
              {.agent = agent(), .claim = top, .direction = Direction::descendants, .page = {.limit = limits::page}})
          .items;
  const auto up = bench.engine.lineage({.agent = agent(), .claim = level[0], .page = {.limit = limits::page}}).items;

  EXPECT_EQ(down.size(), all);
  EXPECT_EQ(up.size(), all - 1);
  EXPECT_TRUE(
      std::is_sorted(down.begin(), down.end(), [](const auto& a, const auto& b) { return a.distance < b.distance; }));
  const auto marked = bench.engine.retract({.agent = agent(), .claim = top}).marked_for_review;
  EXPECT_EQ(marked.size(), all) << "each once";
}

TEST_P(StoreContract, B05_PagesOfTheEngineNeitherLoseNorRepeatUnderWrites) {
  auto bench = Bench::over(store());
  for (int i = 0; i < 23; ++i) say(bench.engine, agent(), {stated("s" + std::to_string(i), "p", i)});
  const auto walk = [&](std::size_t limit, auto read) {
    std::vector<std::string> found;
    PageRequest page{.limit = limit};
    for (int written = 0;; ++written) {
      const auto part = read(page);
      EXPECT_LE(part.items.size(), limit);
      for (const auto& item : part.items) found.push_back(item);
      if (!part.next) return found;
      page.cursor = *part.next;
      say(bench.engine, agent(), {stated("s" + std::to_string(limit), "p" + std::to_string(written), written)});
    }
  };
  for (const std::size_t limit : {std::size_t{1}, std::size_t{5}, std::size_t{23}, std::size_t{24}, limits::page}) {
    SCOPED_TRACE("limit " + std::to_string(limit));
    const auto subjects =
        walk(limit, [&](const PageRequest& page) { return bench.engine.subjects({.agent = agent(), .page = page}); });
    EXPECT_EQ(subjects.size(), 23U);
    EXPECT_TRUE(std::is_sorted(subjects.begin(), subjects.end(), std::less_equal<>{}));
  }
  EXPECT_THROW(bench.engine.subjects({.agent = agent(), .page = {.limit = 0}}), InvalidInput);

  const auto at = bench.engine.audit({.agent = agent(), .order = Order::descending}).at.position;
  std::vector<std::uint64_t> audited;
  for (PageRequest page{.limit = 7};;) {
    const auto part = bench.engine.audit({.agent = agent(), .order = Order::descending, .page = page});
    EXPECT_EQ(part.at.position, at);
    for (const auto& entry : part.items) audited.push_back(entry.record.seq.value);
    if (!part.next) break;
    page.cursor = *part.next;
    say(bench.engine, agent(), {stated("late", std::to_string(audited.size()), 1)});
  }
  EXPECT_EQ(audited.size(), at.value);
  EXPECT_TRUE(std::is_sorted(audited.rbegin(), audited.rend(), std::less_equal<>{}));
}

}  // namespace claimledger::conformance
