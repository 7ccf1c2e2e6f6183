#include <gtest/gtest.h>

#include <string>

#include "axes_embedder.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// Whether verify finds vectors that are in order by themselves, and not those of the texts that they stand for.
namespace claimledger {
namespace {

constexpr std::uint64_t all = 1'000'000;

class VectorsMadeAgain : public testing::Test {
 protected:
  void say(const std::string& city) {
    engine_.ingest({.agent = agent_, .statements = {{.subject = "ada", .predicate = "city", .value = city}}});
  }
  // Files a vector of the caller's under the name of the embedder's model.
  void say(const std::string& city, std::vector<float> vector) {
    Statement statement{.subject = "ada", .predicate = "city", .value = city};
    statement.vector = std::move(vector);
    engine_.ingest({.agent = agent_, .statements = {statement}, .model = embedder_->model()});
  }
  Verification verify(std::uint64_t vectors_again) const {
    embedder_->asked.clear();
    return engine_.verify({.agent = agent_, .vectors_again = vectors_again});
  }
  std::size_t texts_asked() const {
    std::size_t texts = 0;
    for (const auto& asked : embedder_->asked) texts += asked.texts.size();
    return texts;
  }

  std::shared_ptr<test::AxesEmbedder> embedder_ =
      std::make_shared<test::AxesEmbedder>(test::AxesEmbedder::Axes{{"berlin", 0}, {"munich", 1}, {"ulm", 2}});
  Engine engine_{{.store = memory::open(),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(1),
                  .embedder = embedder_}};
  AgentId agent_ = engine_.config().agent;
};

}  // namespace

TEST_F(VectorsMadeAgain, OfTheirTextsAreWell) {
  for (const auto* city : {"berlin", "munich", "ulm"}) say(city);
  const auto found = verify(all);
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.vectors_again, 3U);
  EXPECT_EQ(texts_asked(), 3U);
}

TEST_F(VectorsMadeAgain, OfAnotherTextAreFound) {
  say("berlin");
  say("munich", embedder_->vector_of("ada city ulm"));
  const auto found = verify(all);
  EXPECT_FALSE(found.ok);
  EXPECT_EQ(found.first_bad, Position{2});
  EXPECT_TRUE(found.problem.starts_with("entry 2 has another vector of axes ")) << found.problem;
}

// A model need not make the same bits twice.
TEST_F(VectorsMadeAgain, MayDifferALittle) {
  auto near = embedder_->vector_of("ada city munich");
  near[1] += 0.1F;
  say("munich", near);
  EXPECT_EQ(verify(all).problem, "");
  auto apart = embedder_->vector_of("ada city munich");
  apart[1] += 0.5F;
  say("munich", apart);
  EXPECT_EQ(verify(all).first_bad, Position{2});
}

TEST_F(VectorsMadeAgain, AreASampleOrNone) {
  for (int i = 0; i < 200; ++i) say("berlin");
  EXPECT_EQ(verify(0).vectors_again, 0U);
  EXPECT_EQ(texts_asked(), 0U);
  const auto some = verify(10);
  EXPECT_EQ(some.vectors_again, 10U);
  EXPECT_EQ(texts_asked(), 10U);
  EXPECT_EQ(verify(VerifyRequest{.agent = agent_}.vectors_again).vectors_again, 33U) << "every sixth of 200";
}

TEST_F(VectorsMadeAgain, OfOtherModelsAreLeft) {
  Statement statement{.subject = "ada", .predicate = "city", .value = "munich"};
  statement.vector = {1, 0};
  engine_.ingest({.agent = agent_, .statements = {statement}, .model = EmbeddingModel{"other", 2, ""}});
  const auto found = verify(all);
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.vectors_again, 0U);
  EXPECT_EQ(texts_asked(), 0U);
}

// The ledger is whole whatever becomes of the model.
TEST_F(VectorsMadeAgain, NotByAnEmbedderThatFails) {
  say("berlin");
  embedder_->fails_with = "the model is away";
  const auto found = verify(all);
  EXPECT_TRUE(found.ok) << found.problem;
  EXPECT_EQ(found.vectors_again, 0U);
  EXPECT_EQ(found.remark, "the model is away");
}

}  // namespace claimledger
