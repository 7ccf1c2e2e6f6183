#include <algorithm>
#include <random>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "survey.hpp"

// Rules of reads at a position: they show nothing that comes after it.
namespace claimledger::conformance {

namespace {

std::vector<Position> positions(const std::vector<StoredEntry>& entries) {
  std::vector<Position> found;
  for (const auto& entry : entries) found.push_back(entry.seq);
  return found;
}

using Positions = std::vector<Position>;

}  // namespace

TEST_P(StoreContract, R01_EveryReadAtAPositionAnswersAsWhenThatWasTheHead) {
  const auto commits = sample_ledger(head(), agent());
  std::vector<std::vector<std::string>> then;
  const std::vector<Commit> untouched(commits.begin(), commits.end() - 1);  // the last one erases
  for (const auto& commit : untouched) {
    ASSERT_EQ(append(commit), Outcome{});
    then.push_back(survey(store(), agent(), commits, head_of(commit).position));
  }

  for (std::size_t i = 0; i < untouched.size(); ++i) {
    EXPECT_EQ(survey(store(), agent(), commits, head_of(commits[i]).position), then[i]) << "batch " << i;
  }
}

TEST_P(StoreContract, R02_EveryReadAtEveryPositionAnswersLikeTheModel) {
  const auto model = memory::open();
  const auto commits = sample_ledger(head(), agent());
  for (const auto& commit : commits) {
    ASSERT_EQ(append(commit), Outcome{});
    ASSERT_EQ(append(*model, commit), Outcome{});
  }

  for (std::uint64_t at = 0; at <= head_of(commits.back()).position.value + 1; ++at) {
    EXPECT_EQ(survey(store(), agent(), commits, Position{at}), survey(*model, agent(), commits, Position{at}))
        << "at " << at;
  }
}

TEST_P(StoreContract, R03_ALineEndsAtThePosition) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim), about_claim(kind_number<Corroborated>, line(), claim)});
  write({about_claim(kind_number<Corroborated>, line(), claim)});

  EXPECT_EQ(positions(store().line(agent(), line(), Position{0}, unlimited)), (Positions{}));
  EXPECT_EQ(positions(store().line(agent(), line(), Position{2}, unlimited)), (Positions{{1}, {2}}));
  EXPECT_EQ(positions(store().line(agent(), line(), Position{3}, unlimited)), (Positions{{1}, {2}, {3}}));
}

TEST_P(StoreContract, R04_AClaimIsUnknownBeforeItsPosition) {
  const auto early = ids().claim();
  const auto late = ids().claim();
  write({claim_recorded(line(), early)});
  write({claim_recorded(line(), late)});

  const auto before = store().claims(agent(), std::vector{early, late}, Position{1}, unlimited);
  const auto after = store().claims(agent(), std::vector{early, late}, Position{2}, unlimited);

  ASSERT_EQ(before.size(), 2U);
  EXPECT_TRUE(before[0]);
  EXPECT_FALSE(before[1]);
  ASSERT_EQ(after.size(), 2U);
  EXPECT_TRUE(after[1]);
}

TEST_P(StoreContract, R05_ADependantIsUnknownBeforeItsPosition) {
  const auto parent = ids().claim();
  const auto child = ids().claim();
  write({claim_recorded(line(), parent)});
  write({claim_recorded(line(), child, {parent})});

  EXPECT_TRUE(store().dependants(agent(), std::vector{parent}, Position{1}, unlimited).empty());
  EXPECT_EQ(store().dependants(agent(), std::vector{parent}, Position{2}, unlimited),
            (std::vector<Derivation>{{parent, {2}, child}}));
}

TEST_P(StoreContract, R06_AKeyIsUnusedBeforeItsPosition) {
  const auto key = ids().key();
  write({claim_recorded(line(), ids().claim())});
  write({with_key(claim_recorded(line(), ids().claim()), key)});

  EXPECT_FALSE(store().by_idempotency_key(agent(), key, Position{1}, unlimited));
  EXPECT_TRUE(store().by_idempotency_key(agent(), key, Position{2}, unlimited));
}

TEST_P(StoreContract, R07_APageOfEntriesEndsAtThePosition) {
  const auto claim = ids().claim();
  write({claim_recorded(line(), claim), about_claim(kind_number<Corroborated>, line(), claim),
         claims_served({claim}, "chat")});
  write({claims_served({claim}, "chat"), about_claim(kind_number<Corroborated>, line(), claim)});
  const auto page = [&](EntryQuery query, Order order, std::uint64_t at) {
    query.order = order;
    query.limit = 100;
    return positions(store().entries(agent(), query, Position{at}, unlimited));
  };

  EXPECT_EQ(page({}, Order::ascending, 3), (Positions{{1}, {2}, {3}}));
  EXPECT_EQ(page({}, Order::descending, 4), (Positions{{4}, {3}, {2}, {1}}));
  EXPECT_EQ(page({.to = Position{5}}, Order::ascending, 2), (Positions{{1}, {2}}));
  EXPECT_EQ(page({.kinds = {kind_number<Corroborated>}}, Order::ascending, 4), (Positions{{2}}));
  EXPECT_EQ(page({.kinds = {kind_number<Corroborated>}}, Order::ascending, 5), (Positions{{2}, {5}}));
  EXPECT_EQ(page({.key = key::Disposition{disposition_number(Disposition::committed_cheap)}}, Order::ascending, 0),
            (Positions{}));
  EXPECT_EQ(page({.key = key::Claim{claim}}, Order::descending, 4), (Positions{{2}, {1}}));
  EXPECT_EQ(page({.key = key::Line{line()}}, Order::ascending, 4), (Positions{{1}, {2}}));
  EXPECT_EQ(page({.key = key::ServedClaim{claim}}, Order::ascending, 3), (Positions{{3}}));
  EXPECT_EQ(page({.key = key::ServedClaim{claim}}, Order::ascending, 4), (Positions{{3}, {4}}));
  EXPECT_EQ(page({.key = key::Text{"chat"}}, Order::ascending, 2), (Positions{}));
  EXPECT_EQ(page({.key = key::Text{"chat"}}, Order::ascending, 3), (Positions{{3}}));
}

TEST_P(StoreContract, R08_AQuestionIsOpenBetweenItsTwoPositions) {
  const auto claim = ids().claim();
  const auto handle = ids().handle();
  write({claim_recorded(line(), claim), question_opened(line(), claim, handle)});
  write({attempt_rejected(), question_closed(line(), claim, handle)});
  const auto open_at = [&](std::uint64_t at) {
    return positions(store().open_adjudications(agent(), Position{0}, 10, Position{at}, unlimited));
  };

  EXPECT_EQ(open_at(1), (Positions{}));
  EXPECT_EQ(open_at(2), (Positions{{2}}));
  EXPECT_EQ(open_at(3), (Positions{{2}}));
  EXPECT_EQ(open_at(4), (Positions{}));
}

TEST_P(StoreContract, R09_ALineIsListedFromItsFirstEntryOn) {
  write({claim_recorded({"b", "x"}, ids().claim())});
  write({claim_recorded({"a", "x"}, ids().claim()), claim_recorded({"b", "y"}, ids().claim())});
  const auto listed = [&](std::uint64_t at) { return store().lines(agent(), {}, {}, 10, Position{at}, unlimited); };

  EXPECT_EQ(listed(0), (std::vector<LineKey>{}));
  EXPECT_EQ(listed(1), (std::vector<LineKey>{{"b", "x"}}));
  EXPECT_EQ(listed(2), (std::vector<LineKey>{{"a", "x"}, {"b", "x"}}));
  EXPECT_EQ(listed(3), (std::vector<LineKey>{{"a", "x"}, {"b", "x"}, {"b", "y"}}));
  EXPECT_EQ(store().lines(agent(), "b", {}, 10, Position{2}, unlimited), (std::vector<LineKey>{{"b", "x"}}));
}

TEST_P(StoreContract, R10_ASubjectIsListedFromItsFirstEntryOn) {
  write({claim_recorded({"b", "x"}, ids().claim())});
  write({claim_recorded({"a", "x"}, ids().claim())});
  const auto listed = [&](std::uint64_t at) { return store().subjects(agent(), {}, 10, Position{at}, unlimited); };

  EXPECT_EQ(listed(0), (std::vector<std::string>{}));
  EXPECT_EQ(listed(1), (std::vector<std::string>{"b"}));
  EXPECT_EQ(listed(2), (std::vector<std::string>{"a", "b"}));
}

TEST_P(StoreContract, R11_APositionPastTheHeadIsTheHead) {
  const auto commits = sample_ledger(head(), agent());
  for (const auto& commit : commits) ASSERT_EQ(append(commit), Outcome{});

  const auto at_head = survey(store(), agent(), commits, head().position);

  EXPECT_EQ(survey(store(), agent(), commits, Position{head().position.value + 1}), at_head);
  EXPECT_EQ(survey(store(), agent(), commits, Position{UINT64_MAX}), at_head);
}

TEST_P(StoreContract, R12_NothingIsThereAtPositionZero) {
  const auto commits = sample_ledger(head(), agent());
  for (const auto& commit : commits) ASSERT_EQ(append(commit), Outcome{});

  for (const auto& answer : survey(store(), agent(), commits, Position{0})) {
    EXPECT_TRUE(answer.ends_with(": ") || answer.ends_with("unknown")) << answer;
  }
}

TEST_P(StoreContract, R13_RandomLedgersReadLikeTheModel) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const AgentId who{agent().value + std::to_string(seed)};
    const auto model = memory::open();
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    std::vector<std::pair<LineKey, ClaimId>> claims;
    std::vector<std::pair<std::size_t, AdjudicationId>> open;
    std::vector<Commit> commits;
    auto at = store().head(who, unlimited);
    for (int batch = 0; batch < 25; ++batch) {
      std::vector<StoredEntry> entries;
      for (auto left = 1 + below(4); left > 0; --left) {
        const auto what = claims.empty() ? 0 : below(6);
        if (what <= 1) {
          std::vector<ClaimId> parents;
          for (auto more = claims.empty() ? 0 : below(4); more > 0; --more) {
            const auto& parent = claims[below(claims.size())].second;
            if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
          }
          const LineKey key{std::string(1, static_cast<char>('a' + below(3))),
                            std::string(1, static_cast<char>('x' + below(3)))};
          claims.emplace_back(key, ids().claim());
          auto entry = claim_recorded(key, claims.back().second, parents);
          if (below(2) == 0) entry.idempotency_key = ids().key();
          entries.push_back(std::move(entry));
        } else if (what == 2) {
          open.emplace_back(below(claims.size()), ids().handle());
          const auto& [key, claim] = claims[open.back().first];
          entries.push_back(question_opened(key, claim, open.back().second));
        } else if (what == 3 && !open.empty()) {
          const auto which = static_cast<std::ptrdiff_t>(below(open.size()));
          const auto [index, handle] = open[static_cast<std::size_t>(which)];
          entries.push_back(question_closed(claims[index].first, claims[index].second, handle));
          open.erase(open.begin() + which);
        } else if (what == 4) {
          entries.push_back(claims_served({claims[below(claims.size())].second}, "chat " + std::to_string(below(3))));
        } else {
          const auto& [key, claim] = claims[below(claims.size())];
          entries.push_back(about_claim(kind_number<Corroborated>, key, claim));
        }
      }
      const TxTime time{example_time().value + std::chrono::seconds{batch}};
      commits.push_back(commit_after(at, who, ids().batch(), time, std::move(entries)));
      ASSERT_EQ(append(commits.back()), Outcome{});
      ASSERT_EQ(append(*model, commits.back()), Outcome{});
      at = head_of(commits.back());
    }

    for (std::uint64_t position = 0; position <= at.position.value; position += 3) {
      ASSERT_EQ(survey(store(), who, commits, Position{position}), survey(*model, who, commits, Position{position}))
          << "at " << position;
    }
  }
}

}  // namespace claimledger::conformance
