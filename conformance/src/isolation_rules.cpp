#include "claimledger/conformance/store_contract.hpp"
#include "survey.hpp"

// Agents do not see each other.
namespace claimledger::conformance {

TEST_P(StoreContract, I01_NoReadShowsAnAgentWhatAnotherWrote) {
  const auto theirs = sample_ledger(store().head(other_agent(), unlimited), other_agent());
  for (const auto& commit : theirs) ASSERT_EQ(append(commit), Outcome{});

  EXPECT_EQ(head().position, Position{0});
  EXPECT_TRUE(all_batches().empty());
  EXPECT_EQ(store().position_at(agent(), TxTime{latest_instant}, unlimited), Position{0});
  for (const auto& answer : survey(store(), agent(), theirs, anywhere)) {
    EXPECT_TRUE(answer.ends_with(": ") || answer.ends_with("unknown")) << answer;
  }
}

TEST_P(StoreContract, I02_TwoAgentsMayUseTheSameIdsAndKeys) {
  const auto mine = sample_ledger(head(), agent());
  const auto theirs = sample_ledger(store().head(other_agent(), unlimited), other_agent());

  for (std::size_t i = 0; i < mine.size(); ++i) {
    ASSERT_EQ(append(mine[i]), Outcome{}) << i;
    ASSERT_EQ(append(theirs[i]), Outcome{}) << i;
  }

  EXPECT_EQ(head(), head_of(mine.back()));
  EXPECT_EQ(store().head(other_agent(), unlimited), head_of(theirs.back()));
  EXPECT_EQ(survey(store(), agent(), mine, anywhere).size(), survey(store(), other_agent(), theirs, anywhere).size());
}

TEST_P(StoreContract, I03_AWriteMovesOnlyItsOwnAgentsHead) {
  const auto mine = write({claim_recorded(line(), ids().claim())});
  const auto theirs = write_for(other_agent(), {claim_recorded(line(), ids().claim()), attempt_rejected()});

  EXPECT_EQ(head(), head_of(mine));
  EXPECT_EQ(store().head(other_agent(), unlimited), head_of(theirs));
}

TEST_P(StoreContract, I04_AgentsWithSimilarNamesAreDifferentAgents) {
  const std::vector<std::string> names = {"alice", "Alice",    "alice ",     "alice/",      "alice%",
                                          "alic",  "../alice", "al\u00efce", "ali\u0308ce", ".",
                                          "..",    "con",      "a/b/c",      "alice\n"};
  std::vector<Commit> commits;
  for (const auto& name : names) commits.push_back(write_for(AgentId{name}, {claim_recorded(line(), ids().claim())}));

  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(all_batches(AgentId{names[i]}), std::vector{batch_of(commits[i])}) << names[i];
  }
  EXPECT_EQ(store().agents({}, 100, unlimited).size(), names.size());
}

TEST_P(StoreContract, I05_ATombstoneErasesNothingOfAnotherAgent) {
  const auto mine = write({claim_recorded(line(), ids().claim())});
  write_for(other_agent(), {claim_recorded(line(), ids().claim())});

  write_for(other_agent(), {content_erased(Position{1})});

  EXPECT_EQ(all_batches(), std::vector{batch_of(mine)});
}

}  // namespace claimledger::conformance
