#include <stdexcept>

#include "claimledger/embedders/callback_embedder.hpp"
#include "support.hpp"

namespace claimledger::embedders::test {
namespace {

const CallbackEmbedder::Function lengths = [](std::span<const std::string> texts, EmbeddedText kind, const Call&) {
  std::vector<std::vector<float>> vectors;
  for (const auto& text : texts)
    vectors.push_back({static_cast<float>(text.size()), kind == EmbeddedText::question ? 1.F : 0.F});
  return vectors;
};

TEST(CallbackEmbedders, AskTheFunction) {
  CallbackEmbedder embedder({"lengths", 2, "v1"}, lengths);
  const std::vector<std::string> texts = {"a", "abc"};
  EXPECT_EQ(embedder.model(), (EmbeddingModel{"lengths", 2, "v1"}));
  EXPECT_EQ(embedder.embed(texts, EmbeddedText::question, {}), (std::vector<std::vector<float>>{{1, 1}, {3, 1}}));
}

TEST(CallbackEmbedders, PassOnWhatItThrows) {
  CallbackEmbedder embedder({"none", 2, ""}, [](auto, auto, const auto&) -> std::vector<std::vector<float>> {
    throw std::runtime_error("no model");
  });
  EXPECT_THROW(embedder.embed({}, EmbeddedText::statement, {}), std::runtime_error);
}

TEST(CallbackEmbedders, ThatAreNoneAreWrongInput) {
  const auto field_of = [](const EmbeddingModel& model, const CallbackEmbedder::Function& function) {
    try {
      CallbackEmbedder embedder(model, function);
    } catch (const InvalidInput& wrong) {
      return wrong.field();
    }
    return std::string();
  };
  EXPECT_EQ(field_of({"", 2, ""}, lengths), "model.name");
  EXPECT_EQ(field_of({"m", 0, ""}, lengths), "model.dimensions");
  EXPECT_EQ(field_of({"m", 4'097, ""}, lengths), "model.dimensions");
  EXPECT_EQ(field_of({"m", 2, ""}, {}), "embed");
  EXPECT_EQ(field_of({"m", 4'096, ""}, lengths), "");
}

}  // namespace
}  // namespace claimledger::embedders::test
