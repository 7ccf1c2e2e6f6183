#include <bit>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <span>

#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/ports/vectors.hpp"

// What is near, in a store that compares vectors: it is taken at its word for what it does not send.
namespace claimledger::conformance {

namespace {

const EmbeddingModel model{"wide", 24, "1"};

using Vector = std::vector<float>;

// Of length 1.
Vector some_vector(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> numbers(model.dimensions);
  double square = 0;
  for (auto& number : numbers) number = normal(random), square += number * number;
  Vector unit;
  for (const auto number : numbers) unit.push_back(static_cast<float>(number / std::sqrt(square)));
  return unit;
}

Bytes bytes_of(const Vector& vector) {
  Bytes bytes;
  for (const auto number : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
  }
  return bytes;
}

double product(std::span<const float> one, std::span<const float> other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += double{one[i]} * double{other[i]};
  return sum;
}

// Vectors by entry, as a test filed them; each is the one of its entry's number.
using Filed = std::map<std::uint64_t, Vector>;

// Makes all vectors ready, which ends: each call makes some ready that were not.
void make_ready(Vectors& store, const AgentId& agent, std::size_t vectors) {
  std::size_t calls = 0;
  for (std::uint64_t after = 0;; ++calls) {
    ASSERT_LE(calls, vectors) << "calls for so many vectors";
    const auto next = store.extend_nearest(agent, model, after, {});
    if (!next) return;
    ASSERT_GT(*next, after) << "goes on";
    after = *next;
  }
}

// What is sent for a question, and what is said of the rest, is so.
void expect_nearest(const Vectors& store, const AgentId& agent, const Filed& vectors, const NearestQuery& query) {
  std::set<std::uint64_t> sent;
  const auto note = [&](const FiledVector& each) {
    ASSERT_TRUE(vectors.contains(each.seq.value)) << each.seq.value;
    EXPECT_EQ(each.vector, bytes_of(vectors.at(each.seq.value)));
    EXPECT_EQ(each.number, each.seq.value);
    EXPECT_TRUE(sent.insert(each.seq.value).second) << "once";
  };
  const auto found = store.nearest(agent, model, query, note, {});
  ASSERT_EQ(found.why_not, "");
  ASSERT_TRUE(found.model);
  EXPECT_EQ(*found.model, store.models(agent, {}).front());
  std::size_t compared = 0, asked = 0;
  for (const auto& [seq, vector] : vectors) {
    compared += seq <= query.at.value;
    if (seq > query.at.value || seq > *query.among) {
      EXPECT_FALSE(sent.contains(seq)) << seq;
      continue;
    }
    ++asked;
    if (sent.contains(seq)) continue;
    ASSERT_TRUE(found.others_at_most) << seq << " was not sent";
    EXPECT_GE(*found.others_at_most, product(query.question, vector)) << seq;
  }
  EXPECT_EQ(found.compared, compared);
  EXPECT_GE(sent.size(), std::min(query.most, asked));
}

}  // namespace

TEST_P(StoreContract, V28_WhatIsNearestIsSentAndABoundOnTheOthers) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  std::mt19937_64 random(28);
  Filed filed;
  std::vector<StoredEntry> entries;
  for (std::uint64_t seq = 1; seq <= 90; ++seq) {
    filed[seq] = seq % 3 == 0 ? filed[seq - 1] : some_vector(random);
    entries.push_back(with_vector(with_content(attempt_rejected(), "body"), bytes_of(filed[seq])));
  }
  auto commit = draft(std::move(entries));
  commit.model = model;
  commit.every_vector = true;
  ASSERT_EQ(append(commit), Outcome{});
  auto& store_of = *store().vectors();
  make_ready(store_of, agent(), filed.size());
  if (HasFatalFailure()) return;
  const auto question = some_vector(random);
  const auto ignore = [](const FiledVector&) {};
  const NearestQuery one{.question = question, .at = {1}};
  if (const auto found = store_of.nearest(agent(), model, one, ignore, {}); !found.why_not.empty())
    GTEST_SKIP() << found.why_not;

  write({content_erased(Position{7})});
  filed.erase(7);
  for (const std::uint64_t at : {91U, 60U, 0U}) {
    for (const std::uint64_t among : {1'000U, 40U}) {
      for (const std::size_t most : {1U, 10U, 200U}) {
        SCOPED_TRACE(std::to_string(at) + ", " + std::to_string(among) + ", " + std::to_string(most));
        expect_nearest(store_of, agent(), filed, {.question = question, .at = {at}, .among = among, .most = most});
      }
    }
  }
  EXPECT_FALSE(store_of.nearest(other_agent(), model, one, ignore, {}).model) << "there is none";
}

TEST_P(StoreContract, V29_OfAStoreThatComparesVectorsAreReadByEntry) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  std::mt19937_64 random(29);
  std::vector<StoredEntry> entries;
  for (int i = 0; i < 6; ++i)
    entries.push_back(with_vector(with_content(attempt_rejected(), "body"), bytes_of(some_vector(random))));
  auto commit = draft(std::move(entries));
  commit.model = model;
  commit.every_vector = true;
  ASSERT_EQ(append(commit), Outcome{});
  write({content_erased(Position{2})});
  const auto& store_of = *store().vectors();
  if (const auto comparing = store_of.comparing(agent(), model, {}); !comparing)
    GTEST_SKIP() << "this store compares no vectors";

  const auto read = [&](std::uint64_t among, const std::vector<Position>& wanted) {
    std::set<std::uint64_t> found;
    const auto note = [&](const FiledVector& each) {
      EXPECT_TRUE(found.insert(each.seq.value).second) << "once";
      const auto& bytes = commit.entries.at(each.seq.value - 1).content.vector;
      EXPECT_EQ(each.vector, bytes);
      EXPECT_EQ(each.number, each.seq.value);
    };
    store_of.read_vectors_of(agent(), model, among, wanted, note, {});
    return found;
  };
  using Seqs = std::set<std::uint64_t>;
  const std::vector<Position> some = {{6}, {2}, {3}, {7}, {1'000}};
  EXPECT_EQ(read(1'000, some), (Seqs{3, 6}));
  EXPECT_EQ(read(5, some), Seqs{3}) << "as it was when the sixth was not filed";
  EXPECT_EQ(read(1'000, {}), Seqs{});
}

}  // namespace claimledger::conformance
