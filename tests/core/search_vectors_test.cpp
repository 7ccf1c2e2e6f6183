#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "axes_embedder.hpp"
#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/memory/memory_store.hpp"

// Vectors for programs that compare them themselves.
namespace claimledger {
namespace {

using test::AxesEmbedder;

const AgentId agent{"tester"};

class Without : public conformance::ForwardingStore {
 public:
  Without() : ForwardingStore(memory::open()) {}
  Vectors* vectors() override { return nullptr; }
};

class VectorsForOthers : public testing::Test {
 protected:
  Engine make(std::unique_ptr<Store> store, bool embed_writes) {
    Parts parts;
    parts.store = std::move(store);
    parts.clock = std::make_shared<conformance::ManualClock>();
    parts.ids = std::make_shared<conformance::SeededIds>(1);
    parts.embedder = embedder_;
    Config config;
    config.embed_writes = embed_writes;
    return Engine(std::move(parts), std::move(config));
  }
  static void say(Engine& engine, const std::string& value) {
    engine.ingest({.agent = agent, .statements = {{.subject = "it", .predicate = "userHome", .value = value}}});
  }

  std::shared_ptr<AxesEmbedder> embedder_ = std::make_shared<AxesEmbedder>(AxesEmbedder::Axes{{"car", 0}, {"boat", 1}});
};

TEST_F(VectorsForOthers, ComeWithTheirStatementsAndTheTextThatTheModelRead) {
  auto engine = make(memory::open(), true);
  for (const auto* value : {"car", "boat", "car boat"}) say(engine, value);

  const auto answer = engine.vectors({.agent = agent, .model = embedder_->model()});

  ASSERT_TRUE(answer.filed);
  EXPECT_EQ(answer.filed->model, embedder_->model());
  EXPECT_EQ(answer.filed->filed, 3U);
  EXPECT_EQ(answer.last, 3U);
  EXPECT_FALSE(answer.more);
  ASSERT_EQ(answer.vectors.size(), 3U);
  const auto& boat = answer.vectors[1];
  EXPECT_EQ(boat.number, 2U);
  EXPECT_EQ(boat.statement.seq, Position{2});
  EXPECT_EQ(kind_text(boat.statement.entry), "ClaimRecorded");
  EXPECT_EQ(boat.statement.content.value, Value("boat"));
  EXPECT_EQ(boat.text, "it user Home boat");
  EXPECT_EQ(embedder_->asked[1].texts, std::vector<std::string>{boat.text}) << "what the model was given";
  ASSERT_EQ(boat.vector.size(), AxesEmbedder::dimensions);
  EXPECT_GT(boat.vector[1], 0.3F);
  EXPECT_EQ(boat.vector[0], 0);
  double square = 0;
  for (const double number : boat.vector) square += number * number;
  EXPECT_NEAR(square, 1, 1e-6);
}

TEST_F(VectorsForOthers, ComePageByPageInTheOrderInWhichTheyWereFiled) {
  auto store = memory::open();
  auto* behind = store.get();
  auto engine = make(std::move(store), false);
  for (const auto* value : {"car", "boat", "plane", "train", "bike"}) say(engine, value);
  // The last two first, as where others wrote them with their vectors.
  const auto vector_of = [&](std::uint64_t seq) {
    return NewVector{{seq}, Bytes("\0\0\x80\x3f", 4) + Bytes(4 * (AxesEmbedder::dimensions - 1), '\0')};
  };
  ASSERT_TRUE(behind->vectors()->file_vectors(agent, embedder_->model(), {}, {},
                                              std::vector{vector_of(4), vector_of(5)}, Call{}));
  engine.embed({.agent = agent});

  std::vector<std::uint64_t> numbers, positions;
  VectorsRequest request{.agent = agent, .model = embedder_->model(), .limit = 2};
  for (bool more = true; more;) {
    const auto page = engine.vectors(request);
    EXPECT_LE(page.vectors.size(), 2U);
    for (const auto& each : page.vectors) {
      numbers.push_back(each.number);
      positions.push_back(each.statement.seq.value);
    }
    request.after = page.last;
    more = page.more;
  }
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{4, 5, 1, 2, 3}));
  EXPECT_EQ(engine.vectors(request).last, 5U) << "there to go on from, whenever more is filed";
}

TEST_F(VectorsForOthers, AreGoneWhereTheirModelIs) {
  auto engine = make(memory::open(), true);
  for (const auto* value : {"car", "boat"}) say(engine, value);
  const auto of_another = EmbeddingModel{"another", AxesEmbedder::dimensions, ""};
  EXPECT_EQ(engine.drop_vectors({.agent = agent, .model = of_another}).vectors, 0U);
  EXPECT_EQ(engine.vectors({.agent = agent, .model = embedder_->model()}).vectors.size(), 2U);

  const auto answer = engine.drop_vectors({.agent = agent, .model = embedder_->model()});

  EXPECT_EQ(answer.vectors, 2U);
  EXPECT_EQ(answer.model, embedder_->model());
  const auto after = engine.vectors({.agent = agent, .model = embedder_->model()});
  EXPECT_EQ(after.vectors.size(), 0U);
  EXPECT_EQ(after.filed->up_to, Position{});
  EXPECT_EQ(engine.drop_vectors({.agent = agent, .model = embedder_->model()}).vectors, 0U);
  EXPECT_EQ(engine.embed({.agent = agent}).statements, 2U);
  EXPECT_EQ(engine.vectors({.agent = agent, .model = embedder_->model()}).vectors.size(), 2U);
}

TEST_F(VectorsForOthers, AreAskedWithWhatASearchAsks) {
  auto engine = make(memory::open(), true);
  for (const auto* value : {"car", "boat", "car boat"}) say(engine, value);
  const std::string text = "(a boat) -car";
  const auto question = engine.question_vector({.text = text});
  EXPECT_EQ(question.model, embedder_->model());
  EXPECT_EQ(embedder_->asked.back().texts, std::vector<std::string>{"a boat"});
  EXPECT_EQ(embedder_->asked.back().kind, EmbeddedText::question);
  const SearchRequest by_text{.agent = agent, .text = text, .by = SearchBy::meaning, .least_cosine = {}};
  auto by_vector = by_text;
  by_vector.vector = question.vector;
  by_vector.model = question.model;
  const auto one = engine.search(by_text), other = engine.search(by_vector);
  ASSERT_EQ(one.lines.size(), 1U);
  EXPECT_EQ(one.lines[0].claims[0].cosine, other.lines[0].claims[0].cosine);

  EXPECT_THROW(engine.question_vector({.text = "-car"}), InvalidInput);
  EXPECT_THROW(engine.question_vector({.text = ""}), InvalidInput);
  embedder_->gives = std::vector<float>(AxesEmbedder::dimensions);
  EXPECT_THROW(engine.question_vector({.text = text}), StoreFailure) << "it points nowhere";
  embedder_.reset();
  EXPECT_THROW(make(memory::open(), false).question_vector({.text = text}), InvalidInput);
}

TEST_F(VectorsForOthers, AreOfOneModel) {
  auto engine = make(memory::open(), true);
  say(engine, "car");

  EXPECT_FALSE(engine.vectors({.agent = agent, .model = {"another", 8, "1"}}).filed);
  EXPECT_FALSE(engine.vectors({.agent = {"somebody"}, .model = embedder_->model()}).filed);
  EXPECT_TRUE(engine.vectors({.agent = agent, .model = {"another", 8, "1"}}).vectors.empty());
  EXPECT_THROW(engine.vectors({.agent = agent, .model = {"", 8, ""}}), InvalidInput);
  EXPECT_THROW(engine.vectors({.agent = agent, .model = {"axes", 0, "1"}}), InvalidInput);
  EXPECT_THROW(engine.vectors({.agent = {""}, .model = embedder_->model()}), InvalidInput);
}

TEST_F(VectorsForOthers, AreAtMostAPage) {
  auto engine = make(memory::open(), true);
  say(engine, "car");
  EXPECT_THROW(engine.vectors({.agent = agent, .model = embedder_->model(), .limit = 0}), InvalidInput);
  const auto most = engine.vectors({.agent = agent, .model = embedder_->model(), .limit = limits::page + 1});
  EXPECT_EQ(most.vectors.size(), 1U);
}

TEST_F(VectorsForOthers, NeedAStoreThatKeepsThem) {
  auto engine = make(std::make_unique<Without>(), false);
  say(engine, "car");
  try {
    engine.vectors({.agent = agent, .model = embedder_->model()});
    FAIL() << "it answered";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::unsupported);
  }
}

}  // namespace
}  // namespace claimledger
