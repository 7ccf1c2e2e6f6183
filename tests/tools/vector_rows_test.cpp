#include "cli/vector_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"

// What an export of vectors reads: all that were filed when it began, whatever is filed and erased meanwhile.
namespace claimledger::tests {
namespace {

const EmbeddingModel model{"small", 1, ""};
const AgentId agent{"default"};

// A store whose vectors are what the test says.
class Filed : public conformance::ForwardingStore, Vectors {
 public:
  Filed() : ForwardingStore(memory::open()) {}

  struct Vector {
    std::uint64_t number;
    Position seq;
  };
  std::vector<Vector> filed = {};  // by number
  std::uint64_t last = 0;
  std::uint64_t erased = 0;

  void file(Position seq) { filed.push_back({++last, seq}); }
  void erase(Position seq) {
    erased += std::erase_if(filed, [&](const auto& each) { return each.seq == seq; });
  }

  Vectors* vectors() override { return this; }
  std::vector<FiledModel> models(const AgentId&, const Call&) const override { return {stands()}; }
  std::optional<FiledModel> read_vectors(const AgentId&, const EmbeddingModel&, std::uint64_t after, std::size_t limit,
                                         const std::function<void(const FiledVector&)>& visit,
                                         const Call&) const override {
    for (const auto& [number, seq] : filed)
      if (number > after && limit > 0) visit({number, seq, std::string_view("\0\0\x80\x3f", 4)}), --limit;
    return stands();
  }
  std::vector<Position> without_vector(const AgentId&, const EmbeddingModel&, std::span<const std::uint8_t>, Position,
                                       Position, std::size_t, const Call&) const override {
    return {};
  }
  bool file_vectors(const AgentId&, const EmbeddingModel&, Position, Position, std::span<const NewVector>,
                    const Call&) override {
    return false;
  }
  void drop_vectors(const AgentId&, const EmbeddingModel&, const Call&) override {}

 private:
  FiledModel stands() const { return {model, {}, last, erased}; }
};

class RowsOfVectors : public testing::Test {
 protected:
  void say(std::size_t statements) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (std::size_t i = 0; i < statements; ++i)
      request.statements.push_back({.subject = "s", .predicate = "p" + std::to_string(i), .value = "v"});
    engine_.ingest(request);
  }
  cli::VectorRows read() const { return {engine_, agent, model, {}}; }
  static std::vector<std::uint64_t> rest_of(cli::VectorRows& vectors) {
    std::vector<std::uint64_t> positions;
    while (const auto vector = vectors.next()) positions.push_back(vector->statement.seq.value);
    return positions;
  }

  std::unique_ptr<Filed> made_ = std::make_unique<Filed>();
  Filed* store_ = made_.get();
  Engine engine_{{.store = std::move(made_),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(1)}};
};

}  // namespace

TEST_F(RowsOfVectors, ComeInTheOrderInWhichTheyWereFiled) {
  constexpr std::size_t statements = 900;  // more than a page, also of those that are left
  say(statements);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::uint64_t> expected(statements);
    std::iota(expected.begin(), expected.end(), 1);
    std::shuffle(expected.begin(), expected.end(), random);
    store_->filed.clear();
    store_->last = store_->erased = 0;
    for (const auto position : expected) store_->file({position});
    std::erase_if(expected, [&](auto position) {
      const bool goes = random() % 4 == 0;
      if (goes) store_->erase({position});
      return goes;
    });

    auto vectors = read();
    EXPECT_EQ(vectors.count(), expected.size());
    EXPECT_EQ(rest_of(vectors), expected);
    EXPECT_TRUE(vectors.are_all_there());
  }
}

TEST_F(RowsOfVectors, AreNoneWhereThereIsNone) {
  say(1);
  auto vectors = read();
  EXPECT_EQ(vectors.count(), 0U);
  EXPECT_EQ(rest_of(vectors), std::vector<std::uint64_t>{});
  EXPECT_TRUE(vectors.are_all_there());
}

// Of what is erased while they are read neither the rest has a vector, nor may what was read be kept.
TEST_F(RowsOfVectors, AreNotAllThereWhereSomeWereErasedMeanwhile) {
  say(600);
  const auto whole = [&](std::uint64_t before, std::uint64_t erased) {
    store_->filed.clear();
    store_->last = store_->erased = 0;
    for (std::uint64_t position = 1; position <= 600; ++position) store_->file({position});
    auto vectors = read();
    for (std::uint64_t i = 0; i < before; ++i) vectors.next();
    if (erased != 0) store_->erase({erased});
    const auto rest = rest_of(vectors);
    const bool found = std::ranges::find(rest, erased) != rest.end();
    EXPECT_FALSE(found && erased > 512) << "it was read after it was erased";
    return vectors.are_all_there();
  };
  EXPECT_TRUE(whole(0, 0));
  EXPECT_TRUE(whole(600, 0));
  EXPECT_FALSE(whole(1, 1));
  EXPECT_FALSE(whole(1, 599));
  EXPECT_FALSE(whole(600, 300));
}

// What is filed while they are read is no row: their number stands before them.
TEST_F(RowsOfVectors, AreThoseThatWereFiledWhenItBegan) {
  say(600);
  for (const std::uint64_t at_first : {1U, 255U, 256U, 300U, 512U}) {
    store_->filed.clear();
    store_->last = store_->erased = 0;
    for (std::uint64_t position = 1; position <= at_first; ++position) store_->file({position});
    auto vectors = read();
    for (std::uint64_t position = at_first + 1; position <= 600; ++position) store_->file({position});
    EXPECT_EQ(rest_of(vectors).size(), at_first);
    EXPECT_TRUE(vectors.are_all_there());
  }
}

// A store that is torn, where waiting would not help.
TEST_F(RowsOfVectors, OfNoStatementAreDamage) {
  say(1);
  store_->file({1});
  store_->file({2});
  auto vectors = read();
  EXPECT_EQ(rest_of(vectors), std::vector<std::uint64_t>{1});
  try {
    vectors.are_all_there();
    FAIL() << "all was well";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
  }
}

}  // namespace claimledger::tests
