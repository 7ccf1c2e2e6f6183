#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "search/unit_vector.hpp"

// Searches by meaning where the store says what is near, as well as it can: the answers are those of one that cannot.
namespace claimledger {
namespace {

const AgentId agent{"tester"};
const EmbeddingModel model{"random", 6, "1"};
const Config forgetful{.vector_cache_bytes = 0};

// Compares, and errs as much as it admits.
class Estimating : public conformance::ForwardingVectors {
 public:
  Estimating(std::shared_ptr<Store> inner, std::uint64_t seed) : ForwardingVectors(std::move(inner)), random_(seed) {}

  double error = 0;                                 // of what it computes, at most
  std::string why_not = {};                         // empty: it compares
  int answers_left = 1'000;                         // then it does not compare any more
  mutable std::vector<std::size_t> asked = {};      // for how many at least, each time
  mutable std::vector<std::size_t> looked_up = {};  // of how many entries, each time
  mutable int read_all = 0;                         // vectors, times

  std::optional<FiledModel> read_vectors(const AgentId& whose, const EmbeddingModel& of, std::uint64_t after,
                                         std::size_t limit, const std::function<void(const FiledVector&)>& visit,
                                         const Call& call) const override {
    read_all += after == 0 && limit > 0;
    return behind().read_vectors(whose, of, after, limit, visit, call);
  }
  Nearest nearest(const AgentId& whose, const EmbeddingModel& of, const NearestQuery& query,
                  const std::function<void(const FiledVector&)>& visit, const Call& call) const override {
    if (!why_not.empty()) return {.why_not = why_not};
    if (asked.size() == static_cast<std::size_t>(answers_left)) return {.why_not = "no more"};
    asked.push_back(query.most);
    struct Estimated {
      double product;
      std::uint64_t number;
      Position seq;
      Bytes bytes;
    };
    std::vector<Estimated> all;
    std::uniform_real_distribution<double> off(-error, error);
    Nearest found;
    found.model = behind().read_vectors(
        whose, of, 0, 1'000'000,
        [&](const FiledVector& each) {
          if (each.number > query.among.value_or(each.number) || each.seq > query.at) return;
          const auto vector = search::UnitVector::from_bytes(each.vector, of.dimensions);
          double product = off(random_);
          for (std::size_t i = 0; i < of.dimensions; ++i)
            product += double{vector.values()[i]} * double{query.question[i]};
          all.push_back({product, each.number, each.seq, Bytes(each.vector)});
        },
        call);
    found.compared = all.size();
    std::ranges::sort(all, std::greater(), &Estimated::product);
    if (all.size() > query.most) {
      found.others_at_most = all[query.most].product + error;
      all.resize(query.most);
    }
    std::ranges::shuffle(all, random_);
    for (const auto& each : all) visit({each.number, each.seq, each.bytes});
    return found;
  }
  void read_vectors_of(const AgentId& whose, const EmbeddingModel& of, std::uint64_t among,
                       std::span<const Position> entries, const std::function<void(const FiledVector&)>& visit,
                       const Call& call) const override {
    looked_up.push_back(entries.size());
    const std::set<Position> wanted(entries.begin(), entries.end());
    EXPECT_EQ(wanted.size(), entries.size()) << "each is asked for once";
    behind().read_vectors(
        whose, of, 0, 1'000'000,
        [&](const FiledVector& each) {
          if (each.number <= among && wanted.contains(each.seq)) visit(each);
        },
        call);
  }

 private:
  mutable std::mt19937_64 random_;
};

class SearchByStore : public testing::Test {
 protected:
  SearchByStore() { store_->error = 1e-3; }

  Engine engine(std::shared_ptr<Store> store, const Config& config = forgetful) {
    return Engine({.store = std::make_unique<conformance::ForwardingStore>(std::move(store)),
                   .clock = clock_,
                   .ids = std::make_shared<conformance::SeededIds>(++ids_)},
                  config);
  }
  std::vector<float> some_vector() {
    std::normal_distribution<float> normal;
    std::vector<float> vector(model.dimensions);
    for (auto& number : vector) number = normal(random_);
    return vector;
  }
  // A third of them as near as another is.
  void say(int count) {
    static const std::vector<std::string> words = {"car", "boat", "red", "is", "ship", "tree"};
    IngestRequest request{.agent = agent, .statements = {}, .model = model};
    for (; count > 0; --count) {
      std::string text = std::to_string(++said_);
      for (auto left = random_() % 3; left > 0; --left) text += " " + words[random_() % words.size()];
      request.statements.push_back({.subject = "s" + std::to_string(said_), .predicate = "p", .value = text});
      auto& vector = request.statements.back().vector;
      vector = some_vector();
      if (said_ % 3 == 0) vector = request.statements[random_() % request.statements.size()].vector;
      if (said_ % 7 == 0) vector.clear();
    }
    engine(memory_).ingest(request);
  }
  SearchRequest question(SearchBy by, std::size_t limit = 10) {
    SearchRequest request{.agent = agent, .text = "red boat", .by = by, .least_cosine = Score{}, .model = model};
    request.vector = some_vector();
    request.limit = limit;
    return request;
  }
  static std::string text_of(const SearchAnswer& answer) {
    const auto& ledger = answer.ledgers.front();
    auto text = std::to_string(ledger.compared) + " compared, " + std::to_string(ledger.pending) + " pending";
    for (const auto& line : answer.lines) {
      for (const auto& claim : line.claims)
        text += "\n" + std::to_string(claim.statement.value) + " " + std::to_string(claim.score.millionths) + " " +
                std::to_string(claim.cosine.value_or(-2));
    }
    return text + (answer.more ? "\nmore" : "");
  }

  const std::uint64_t seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  std::uint64_t ids_ = 0;
  std::uint64_t said_ = 0;
  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  std::shared_ptr<Store> memory_ = memory::open();
  std::shared_ptr<Estimating> store_ = std::make_shared<Estimating>(memory_, seed_ + 1);
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
};

TEST_F(SearchByStore, AnswersAreThoseOfVectorsThatAreRead) {
  say(1'500);
  auto by_store = engine(store_);
  auto by_reading = engine(memory_);
  for (const auto error : {0., 1e-7, 1e-4, 0.05}) {
    store_->error = error;
    for (int i = 0; i < 12; ++i) {
      auto request = question(i % 2 == 0 ? SearchBy::meaning : SearchBy::blend, i % 3 == 0 ? 300 : 5);
      request.least_cosine = Score{static_cast<std::uint32_t>(i % 4) * 200'000};
      if (i % 5 == 0) request.at.position = Position{random_() % 1'500};
      if (i % 6 == 5) request.filter.subject_prefix = "s7";
      const auto before = store_->asked.size();
      EXPECT_EQ(text_of(by_store.search(request)), text_of(by_reading.search(request))) << i << ", " << error;
      EXPECT_GT(store_->asked.size(), before);
    }
  }
  EXPECT_EQ(store_->read_all, 0);
}

// So close to each other that cosines differ by some millionths, and many are equal.
TEST_F(SearchByStore, WhatIsAsNearAsAnotherHasItsPlaceOnceBothAreKnown) {
  const auto centre = some_vector();
  std::normal_distribution<float> normal;
  const auto beside = [&] {
    auto vector = centre;
    for (auto& number : vector) number += 1e-3F * normal(random_);
    return vector;
  };
  IngestRequest request{.agent = agent, .statements = {}, .model = model};
  for (int i = 0; i < 1'200; ++i) {
    request.statements.push_back({.subject = "s" + std::to_string(i), .predicate = "p", .value = "said"});
    request.statements.back().vector = beside();
  }
  engine(memory_).ingest(request);
  auto by_store = engine(store_);
  auto by_reading = engine(memory_);
  for (const auto error : {0., 1e-7, 1e-6}) {
    store_->error = error;
    for (int i = 0; i < 20; ++i) {
      auto asked = question(SearchBy::meaning, 280);
      asked.vector = beside();
      EXPECT_EQ(text_of(by_store.search(asked)), text_of(by_reading.search(asked))) << i << ", " << error;
    }
  }
}

TEST_F(SearchByStore, RanksAreOfAllVectors) {
  say(300);
  const auto request = question(SearchBy::ranks);
  EXPECT_EQ(text_of(engine(store_).search(request)), text_of(engine(memory_).search(request)));
  EXPECT_EQ(store_->read_all, 1);
}

TEST_F(SearchByStore, TheFirstQuestionIsTheStoresAndTheSecondHasTheVectorsRead) {
  say(300);
  auto keeps = engine(store_, {});
  keeps.search(question(SearchBy::meaning));
  EXPECT_EQ(store_->asked.size(), 1U);
  EXPECT_EQ(store_->read_all, 0);
  keeps.search(question(SearchBy::meaning));
  keeps.search(question(SearchBy::meaning));
  EXPECT_EQ(store_->asked.size(), 1U);
  EXPECT_EQ(store_->read_all, 1);

  auto other = question(SearchBy::meaning);
  other.model = EmbeddingModel{"another", model.dimensions, "1"};
  other.by.reset();
  keeps.search(other);
  EXPECT_EQ(store_->asked.size(), 2U) << "of each model";
}

TEST_F(SearchByStore, WhatHasNoRoomIsAskedForEveryTime) {
  say(300);
  auto small = engine(store_, {.vector_cache_bytes = 200});
  for (int i = 0; i < 4; ++i) small.search(question(SearchBy::meaning));
  EXPECT_EQ(store_->asked.size(), 4U);
  EXPECT_EQ(store_->read_all, 0);
}

TEST_F(SearchByStore, WhereItDoesNotCompareVectorsAreRead) {
  say(1'000);
  store_->why_not = "not today";
  auto request = question(SearchBy::meaning);
  EXPECT_EQ(text_of(engine(store_).search(request)), text_of(engine(memory_).search(request)));
  EXPECT_EQ(store_->read_all, 1);

  // Or not any more.
  store_->why_not.clear();
  store_->answers_left = 1;
  request = question(SearchBy::meaning, 900);
  EXPECT_EQ(text_of(engine(store_).search(request)), text_of(engine(memory_).search(request)));
  EXPECT_EQ(store_->read_all, 2);
}

TEST_F(SearchByStore, FewRoundTripsDoForManyCandidates) {
  say(1'500);
  engine(store_).search(question(SearchBy::blend));
  EXPECT_LE(store_->asked.size() + store_->looked_up.size(), 6U);
}

// A statement gets its vector, which is the nearest, while a search goes through its pages.
TEST_F(SearchByStore, VectorsThatAreFiledMeanwhileAreNotThere) {
  say(1'000);
  const auto request = question(SearchBy::meaning, 500);
  const auto found = [&](const std::shared_ptr<Store>& store) {
    const auto text = text_of(engine(store).search(request));
    return text.substr(text.find('\n'));  // what is pending is counted at the end
  };
  const auto expected = found(memory_);
  class Filing : public Estimating {
   public:
    using Estimating::Estimating;
    std::vector<NewVector> late = {};
    Nearest nearest(const AgentId& whose, const EmbeddingModel& of, const NearestQuery& query,
                    const std::function<void(const FiledVector&)>& visit, const Call& call) const override {
      auto found = Estimating::nearest(whose, of, query, visit, call);
      EXPECT_TRUE(inner().vectors()->file_vectors(whose, of, {}, {}, late, call));
      return found;
    }
  };
  const auto meanwhile = std::make_shared<Filing>(memory_, seed_ + 2);
  const auto bytes = search::UnitVector::along(request.vector).bytes();
  for (std::uint64_t seq = 7; seq <= 70; seq += 7) meanwhile->late.push_back({Position{seq}, bytes});
  EXPECT_EQ(found(meanwhile), expected);
  EXPECT_GT(meanwhile->asked.size(), 1U);
}

}  // namespace
}  // namespace claimledger
