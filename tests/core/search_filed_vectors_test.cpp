#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "erasing.hpp"

// Whether verify finds what a store has filed wrongly for meaning, where every entry is whole; and what others who
// compare vectors get of it.
namespace claimledger {
namespace {

const EmbeddingModel model{"small", 2, "weights 1"};

Bytes bytes_of(float first, float second) {
  Bytes bytes;
  for (const auto number : {first, second})
    for (int shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>(std::bit_cast<std::uint32_t>(number) >> shift & 0xff);
  return bytes;
}

// Tells of vectors that are not as they were filed.
class Lying : public conformance::ForwardingVectors {
 public:
  Lying() : ForwardingVectors(memory::open()) {}

  struct Vector {
    std::uint64_t number;
    Position seq;
    Bytes bytes;
  };
  // As one look sees it.
  struct Look {
    FiledModel filed;
    std::vector<Vector> vectors;
  };
  std::vector<Look> looks;  // one after the other; the last holds on. None: the truth

  std::vector<FiledModel> models(const AgentId& agent, const Call& call) const override {
    return looks.empty() ? behind().models(agent, call) : std::vector{looks.front().filed};
  }
  std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& of, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    if (looks.empty()) return behind().read_vectors(agent, of, after, limit, visit, call);
    const auto& look = looks[std::min(looked_++, looks.size() - 1)];
    for (const auto& each : look.vectors)
      if (each.number > after && limit-- > 0) visit({each.number, each.seq, each.bytes});
    return look.filed;
  }

 private:
  mutable std::size_t looked_ = 0;
};

// Two statements, a serving, a third statement, and a tombstone of it.
class FiledVectors : public testing::Test {
 protected:
  FiledVectors() {
    say("Berlin", {1, 0});
    say("Munich", {0, 1});
    engine_.recall({.agent = agent_, .line = {"ada", "city"}, .serve_to = "chat 7"});
    say("Ulm", {0.6F, 0.8F});
    conformance::SeededIds ids(9);
    test::erase_content(*store_, agent_, erased_, ids);
    const Position end = store_->head(agent_, {}).position;
    truth_ = {{model, end, 3, 1}, {{1, {1}, bytes_of(1, 0)}, {2, {2}, bytes_of(0, 1)}}};
  }

  void say(const char* city, std::vector<float> vector) {
    Statement statement{.subject = "ada", .predicate = "city", .value = city};
    statement.vector = std::move(vector);
    erased_ = store_->head(agent_, {}).position;
    engine_.ingest({.agent = agent_, .statements = {statement}, .model = model});
    ++erased_.value;
  }

  // What verify says of a store that tells this; empty: all is well.
  std::string problem(std::vector<Lying::Look> looks) {
    store_->looks = std::move(looks);
    const auto found = engine_.verify({.agent = agent_});
    EXPECT_EQ(found.ok, found.problem.empty());
    return found.problem;
  }
  // The statements whose vectors are given out, by position; of a store that tells this.
  std::vector<std::uint64_t> given_out(std::vector<Lying::Look> looks) {
    store_->looks = std::move(looks);
    std::vector<std::uint64_t> positions;
    for (const auto& each : engine_.vectors({.agent = agent_, .model = model}).vectors)
      positions.push_back(each.statement.seq.value);
    return positions;
  }
  Lying::Look without(Position seq) const {
    auto look = truth_;
    std::erase_if(look.vectors, [&](const auto& each) { return each.seq == seq; });
    return look;
  }
  Lying::Look with(Position seq, Bytes bytes) const {
    auto look = without(seq);
    look.vectors.push_back({9, seq, std::move(bytes)});
    return look;
  }

  std::unique_ptr<Lying> made_ = std::make_unique<Lying>();
  Lying* store_ = made_.get();
  Engine engine_{{.store = std::move(made_),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(1)}};
  AgentId agent_ = engine_.config().agent;
  Position erased_;
  Lying::Look truth_;
};

}  // namespace

TEST_F(FiledVectors, AreWellAsTheyWereFiled) {
  EXPECT_EQ(problem({}), "");
  EXPECT_EQ(problem({truth_}), "");
  auto behind = without({2});
  behind.filed.up_to = {1};
  EXPECT_EQ(problem({behind}), "") << "it reaches no further";
  behind.vectors.clear();
  behind.filed.up_to = {};
  EXPECT_EQ(problem({behind}), "");
  EXPECT_EQ(problem({with({1'000}, "of an entry that came since")}), "");
}

TEST_F(FiledVectors, ThatAreMissingAreFound) {
  EXPECT_TRUE(problem({without({1})}).starts_with("entry 1 has another vector of "));
  EXPECT_TRUE(problem({without({2})}).starts_with("entry 2 has another vector of "));
}

TEST_F(FiledVectors, ThatNobodyMayHaveAreFound) {
  EXPECT_TRUE(problem({with({3}, bytes_of(1, 0))}).starts_with("entry 3 has another vector of "));
  const auto left = problem({with(erased_, bytes_of(1, 0))});
  EXPECT_TRUE(left.starts_with("entry " + std::to_string(erased_.value) + " is erased, and its vector of ")) << left;
}

// Whatever the bytes are, verify ends with a finding.
TEST_F(FiledVectors, ThatAreNoneAreFound) {
  const auto infinite = std::numeric_limits<float>::infinity();
  for (const auto& bytes : {Bytes(), Bytes("x"), bytes_of(1, 0) + "x", bytes_of(2, 0), bytes_of(0, 0),
                            bytes_of(infinite, 0), bytes_of(1, 0).substr(0, 4)}) {
    EXPECT_TRUE(problem({with({2}, bytes)}).starts_with("entry 2 has another vector of "))
        << bytes.size() << " bytes: " << store_->looks.size();
    auto behind = with({2}, bytes);
    behind.filed.up_to = {};
    EXPECT_TRUE(problem({behind}).starts_with("entry 2 has another vector of ")) << "also where the model is behind";
  }
}

// Others drop and file while verify reads page by page.
TEST_F(FiledVectors, AreThoseOfTheLastLook) {
  auto first = truth_;
  first.vectors.clear();
  for (std::uint64_t number = 1; number <= 4'096; ++number) first.vectors.push_back({number, {1'000}, {}});
  auto dropped = truth_;
  dropped.vectors.clear();
  dropped.filed.up_to = {};
  EXPECT_EQ(problem({first, dropped}), "");
  EXPECT_TRUE(problem({first, Lying::Look{truth_.filed, {}}}).starts_with("entry 1 has another vector of "));
}

// What they are of would be called absent.
TEST_F(FiledVectors, ThatAreMissingAreNotSearchedPast) {
  const auto search = [&] {
    engine_.search({.agent = agent_, .text = "?", .by = SearchBy::meaning, .vector = {1, 0}, .model = model});
  };
  store_->looks = {without({2})};
  try {
    search();
    ADD_FAILURE();
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_NE(failure.detail().find("of 2 vectors by the model small 1 are there; `claimledger embed --anew`"),
              std::string::npos)
        << failure.detail();
  }
  store_->looks = {truth_};
  search();
}

// Found in the moment before it was erased, it is not given out after.
TEST_F(FiledVectors, OfWhatIsErasedAreNotGivenOut) {
  EXPECT_EQ(given_out({}), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(engine_.vectors({.agent = agent_, .model = model}).filed->erased, 1U);
  EXPECT_EQ(given_out({with(erased_, bytes_of(1, 0))}), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(FiledVectors, ThatAreNoneAreNotGivenOut) {
  EXPECT_THROW(given_out({with({2}, bytes_of(2, 0))}), StoreFailure);
  EXPECT_THROW(given_out({with({3}, bytes_of(1, 0))}), StoreFailure) << "a serving says nothing";
}

}  // namespace claimledger
