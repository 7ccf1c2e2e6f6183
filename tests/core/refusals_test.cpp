#include <gtest/gtest.h>

#include <algorithm>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"

// Everything that is wrong with a batch, at once.
namespace claimledger {
namespace {

const AgentId agent{"agent"};

class Refusals : public testing::Test {
 protected:
  static Statement stated(const std::string& subject, const std::string& key = {}) {
    Statement statement{subject, "p", Value("v")};
    if (!key.empty()) statement.idempotency_key = key;
    return statement;
  }
  // "place field", one after the other.
  std::string refused(const std::vector<Statement>& statements) {
    std::string all;
    for (const auto& [place, cause] : engine.refusals({.agent = agent, .statements = statements})) {
      all += std::to_string(place) + " " + cause.field() + ", ";
    }
    return all;
  }

  Engine engine = Engine({.store = memory::open(),
                          .clock = std::make_shared<conformance::ManualClock>(),
                          .ids = std::make_shared<conformance::SeededIds>(1)});
};

TEST_F(Refusals, NameEveryStatementAndNothingElse) {
  engine.ingest({.agent = agent, .statements = {stated("known", "used")}});
  auto orphan = stated("orphan", "k");
  orphan.derived_from = {ClaimId{}};
  const std::vector<Statement> statements = {stated("fine"),
                                             stated(""),
                                             stated("other", "used"),
                                             stated("known", "used"),
                                             orphan,
                                             stated("not the first", "k"),
                                             stated("third", "k"),
                                             stated("not the first", "k")};

  EXPECT_EQ(refused(statements), "1 subject, 2 idempotency_key, 4 derived_from, 6 idempotency_key, ");
}

// Without the statements that are named, the batch goes in; with any one of them it does not.
TEST_F(Refusals, AreWhatIngestRefuses) {
  engine.ingest({.agent = agent, .statements = {stated("known", "used")}});
  auto orphan = stated("orphan");
  orphan.derived_from = {ClaimId{}};
  auto replayed = stated("known", "used");
  const std::vector<Statement> pool = {
      stated("a"), stated("a", "k"),    stated("b", "k"), stated("", "k"),
      orphan,      stated("c", "used"), replayed,         stated(std::string(limits::text_bytes + 1, 'x'))};
  for (std::size_t number = 0; number < 512; ++number) {
    const std::vector<Statement> statements = {pool[number % 8], pool[number / 8 % 8], pool[number / 64]};
    const auto found = engine.refusals({.agent = agent, .statements = statements});
    std::vector<Statement> kept;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (std::none_of(found.begin(), found.end(), [&](const auto& each) { return each.statement == i; })) {
        kept.push_back(statements[i]);
      }
    }
    Engine other({.store = memory::open(),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(2)});
    other.ingest({.agent = agent, .statements = {stated("known", "used")}});
    if (found.empty()) {
      EXPECT_NO_THROW(other.ingest({.agent = agent, .statements = statements})) << number;
      continue;
    }
    EXPECT_THROW(other.ingest({.agent = agent, .statements = statements}), InvalidInput) << number;
    if (kept.empty()) continue;
    EXPECT_NO_THROW(other.ingest({.agent = agent, .statements = kept})) << number;
  }
}

}  // namespace
}  // namespace claimledger
