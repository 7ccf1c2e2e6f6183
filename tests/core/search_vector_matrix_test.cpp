#include "search/vector_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace claimledger::search {
namespace {

using Values = std::vector<float>;
constexpr Position end_of_time{UINT64_MAX};

// A matrix beside the vectors that are in it, at positions 3, 6, 9 … The first row already makes bytes.
struct Filled {
  explicit Filled(std::uint32_t dimensions, std::size_t rows_of_floats = 0) : matrix(dimensions, rows_of_floats) {}

  void add(const Values& values) {
    vectors.push_back(UnitVector::along(values));
    matrix.append({3 * vectors.size()}, vectors.back());
  }

  // From the vectors themselves.
  std::vector<Near> expected(const UnitVector& query, const NearestRequest& request) const {
    std::vector<Near> all;
    for (std::size_t row = 0; row < vectors.size(); ++row) {
      const bool wanted = request.only == nullptr || (row < request.only->size() && (*request.only)[row]);
      if (wanted && 3 * (row + 1) <= request.at.value) all.push_back({row, search::cosine(vectors[row], query)});
    }
    std::ranges::sort(all, [](const Near& one, const Near& other) {
      return one.cosine != other.cosine ? one.cosine > other.cosine : one.row > other.row;
    });
    all.resize(std::min(all.size(), request.most));
    return all;
  }

  void expect_exact(const UnitVector& query, NearestRequest request) const {
    const auto best = expected(query, request);
    for (const auto scan : {Scan::floats, Scan::bytes, Scan::fastest}) {
      request.scan = scan;
      ASSERT_EQ(matrix.nearest(query, request), best)
          << "scan " << static_cast<int>(scan) << ", most " << request.most << ", at " << request.at.value
          << (request.only == nullptr ? "" : ", some only");
    }
  }

  VectorMatrix matrix;
  std::vector<UnitVector> vectors;
};

Values random_values(std::mt19937_64& random, std::size_t dimensions) {
  std::normal_distribution<float> normal;
  Values values(dimensions);
  for (auto& value : values) value = normal(random);
  return values;
}

Values beside(std::mt19937_64& random, Values values, float off) {
  std::normal_distribution<float> normal;
  for (auto& value : values) value += off * normal(random);
  return values;
}

// Rows that are hard on whoever looks at rounded numbers.
enum class Kind { anywhere, same, hair_apart, few, lost, opposite };
constexpr Kind kinds[] = {Kind::anywhere, Kind::same, Kind::hair_apart, Kind::few, Kind::lost, Kind::opposite};

Values row_of(Kind kind, std::mt19937_64& random, const Values& centre) {
  switch (kind) {
    case Kind::anywhere:
      return random_values(random, centre.size());
    case Kind::same:
      return centre;
    case Kind::hair_apart:
      return beside(random, centre, std::ldexp(1.0F, -static_cast<int>(random() % 24)));
    case Kind::few: {
      auto values = centre;
      values[random() % 2] *= 1.001F;
      return values;
    }
    case Kind::lost: {  // all but one number are too small for a byte, and tell the rows apart
      auto values = random_values(random, centre.size());
      for (auto& value : values) value *= 0.0015F;
      values[0] = 1;
      return values;
    }
    case Kind::opposite:
      return beside(random, Values(centre.size(), random() % 2 == 0 ? 1.0F : -1.0F), 1e-4F);
  }
  return {};
}

TEST(VectorMatrix, TheBestAreTheSameHoweverTheyAreFound) {
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    const auto kind = kinds[seed % std::size(kinds)];
    SCOPED_TRACE("seed " + std::to_string(seed) + ", kind " + std::to_string(static_cast<int>(kind)));
    std::mt19937_64 random(seed);
    const auto dimensions = static_cast<std::uint32_t>(2 + random() % 150);
    const auto centre = random_values(random, dimensions);
    Filled filled(dimensions);
    for (auto left = random() % 400; left > 0; --left) filled.add(row_of(kind, random, centre));
    const auto rows = filled.vectors.size();
    std::vector<bool> only(random() % (rows + 20));
    for (std::size_t row = 0; row < only.size(); ++row) only[row] = random() % 3 == 0;
    for (const auto& asked : {centre, random_values(random, dimensions), beside(random, centre, 0.01F)}) {
      const auto query = UnitVector::along(asked);
      for (const std::size_t most : {std::size_t{1}, std::size_t{10}, rows / 2, rows, rows + 5})
        for (const auto at : {end_of_time, Position{random() % (3 * rows + 5)}})
          for (const auto* some : {static_cast<const std::vector<bool>*>(nullptr), &std::as_const(only)})
            ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = most, .at = at, .only = some}));
    }
  }
}

TEST(VectorMatrix, RisingAndFallingCosinesAreFoundAsWell) {
  for (const bool rising : {true, false}) {
    Filled filled(48);
    for (int i = 0; i < 1'500; ++i) {
      Values values(48, 0.002F);
      values[0] = 1;
      values[1] = 0.0001F * static_cast<float>(rising ? i : -i);
      filled.add(values);
    }
    Values asked(48, 0.1F);
    asked[1] = 1;
    for (const std::size_t most : {1U, 7U, 1'500U})
      ASSERT_NO_FATAL_FAILURE(filled.expect_exact(UnitVector::along(asked), {.most = most, .at = end_of_time}));
  }
}

TEST(VectorMatrix, OfEqualRowsTheNewestAreTheBest) {
  Filled filled(20);
  for (int i = 0; i < 50; ++i) filled.add(Values(20, 1));
  filled.add(Values(20, -1));
  const auto query = UnitVector::along(Values(20, 2));
  for (const auto scan : {Scan::floats, Scan::bytes}) {
    const auto best = filled.matrix.nearest(query, {.most = 3, .at = {3 * 40}, .scan = scan});
    ASSERT_EQ(best.size(), 3U);
    EXPECT_EQ(best[0].row, 39U);
    EXPECT_EQ(best[1].row, 38U);
    EXPECT_EQ(best[2].row, 37U);
    EXPECT_EQ(best[2].cosine, search::cosine(query, query));
  }
}

TEST(VectorMatrix, NothingIsFoundWhereNothingIs) {
  const auto query = UnitVector::along(Values{1, 1});
  Filled filled(2);
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 5, .at = end_of_time}));
  EXPECT_EQ(filled.matrix.bytes(), 0U);
  filled.add({1, 2});
  const std::vector<bool> none;
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 0, .at = end_of_time}));
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 5, .at = {2}}));
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 5, .at = end_of_time, .only = &none}));
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = SIZE_MAX, .at = {3}}));
}

TEST(VectorMatrix, GrowsIntoBytesAndOverItsBlocks) {
  std::mt19937_64 random(5);
  Filled filled(33, 1'000);
  std::size_t floats = 0;
  while (filled.vectors.size() < 2'500) {
    filled.add(random_values(random, 33));
    if (filled.vectors.size() == 1'000) floats = filled.matrix.bytes();
    if (filled.vectors.size() % 333 != 0 && filled.vectors.size() != 1'001) continue;
    const auto query = UnitVector::along(random_values(random, 33));
    ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 10, .at = end_of_time}));
    ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 10, .at = {1'500}}));
  }
  EXPECT_EQ(floats, 1'000 * (48 * sizeof(float) + 8));
  EXPECT_EQ(filled.matrix.bytes(), 2'500 * (48 * sizeof(float) + 8 + 64 + 8));
}

// Memory of the size of a matrix's blocks that is full of NaN, and free again before they are made. The last piece
// stays, so that the system doesn't take the others back.
class DirtyMemory {
 public:
  explicit DirtyMemory(std::size_t bytes) {
    for (int i = 0; i < 8; ++i) pieces_.emplace_back(bytes / sizeof(float), std::numeric_limits<float>::quiet_NaN());
    while (pieces_.size() > 1) pieces_.pop_front();
  }

 private:
  std::deque<Values> pieces_;
};

TEST(VectorMatrix, RowsEndInZerosWhateverTheirMemoryHeldBefore) {
  std::mt19937_64 random(7);
  const DirtyMemory first(300'000), second(300'000);  // the first tells the allocator to keep such pieces
  Filled filled(49);
  for (int i = 0; i < 100; ++i) filled.add(random_values(random, 49));
  const auto query = UnitVector::along(random_values(random, 49));
  ASSERT_NO_FATAL_FAILURE(filled.expect_exact(query, {.most = 10, .at = end_of_time}));
}

TEST(VectorMatrix, TellsTheCosineOfEachRow) {
  std::mt19937_64 random(6);
  Filled filled(100);
  for (int i = 0; i < 1'100; ++i) filled.add(random_values(random, 100));
  const auto query = UnitVector::along(random_values(random, 100));
  std::vector<std::int32_t> cosines(5'000, 7);
  filled.matrix.cosines(query, cosines);
  ASSERT_EQ(cosines.size(), 1'100U);
  for (std::size_t row = 0; row < cosines.size(); ++row) {
    ASSERT_EQ(cosines[row], search::cosine(query, filled.vectors[row])) << row;
    ASSERT_EQ(cosines[row], filled.matrix.cosine(query, row)) << row;
  }
}

TEST(VectorMatrix, FindsTheRowOfAPosition) {
  Filled filled(1);
  EXPECT_EQ(filled.matrix.row_at({3}), std::nullopt);
  for (int i = 0; i < 10; ++i) filled.add({1});
  EXPECT_EQ(filled.matrix.rows(), 10U);
  for (std::uint64_t position = 0; position < 40; ++position) {
    const auto row = filled.matrix.row_at({position});
    ASSERT_EQ(row.has_value(), position % 3 == 0 && position >= 3 && position <= 30) << position;
    if (row) {
      EXPECT_EQ(filled.matrix.position(*row), Position{position});
    }
  }
}

TEST(VectorMatrixDeathTest, RefusesWhatIsOutOfOrderAndVectorsOfAnotherModel) {
  Filled filled(2);
  filled.add({1, 2});
  const auto again = UnitVector::along(Values{2, 1});
  const auto other = UnitVector::along(Values{1, 2, 3});
  EXPECT_DEATH(filled.matrix.append({3}, again), "grows by position");
  EXPECT_DEATH(filled.matrix.append({6}, other), "of one model");
  EXPECT_DEATH(filled.matrix.nearest(other, {.at = end_of_time}), "never compared");
}

}  // namespace
}  // namespace claimledger::search
