#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "search/unit_vector.hpp"

namespace claimledger::benchmarks {

constexpr std::size_t about_a_centre = 50;

// Vectors as those of texts lie: about what the texts are about.
class MadeVectors {
 public:
  explicit MadeVectors(std::size_t dimensions) : centre_(dimensions), text_(dimensions) {}

  search::UnitVector about(std::size_t subject) {
    std::mt19937_64 of_subject(subject);
    fill(centre_, of_subject);
    fill(text_, random_);
    for (std::size_t i = 0; i < text_.size(); ++i) text_[i] += centre_[i];
    return search::UnitVector::along(text_);
  }

 private:
  static void fill(std::vector<float>& values, std::mt19937_64& random) {
    std::normal_distribution<float> normal;
    for (auto& value : values) value = normal(random);
  }

  std::mt19937_64 random_{7};
  std::vector<float> centre_, text_;
};

// The obvious: rows in one piece, one product after the other, and the best by the float that comes out.
class PlainLoop {
 public:
  explicit PlainLoop(std::size_t answers) : answers_(answers) {}

  void add(const search::UnitVector& vector) {
    rows_.insert(rows_.end(), vector.values().begin(), vector.values().end());
  }

  std::size_t find(const search::UnitVector& query) const {
    const auto width = query.values().size();
    std::vector<std::pair<float, std::size_t>> all(rows_.size() / width);
    for (std::size_t row = 0; row < all.size(); ++row) {
      float sum = 0;
      for (std::size_t i = 0; i < width; ++i) sum += rows_[row * width + i] * query.values()[i];
      all[row] = {sum, row};
    }
    const auto best = all.begin() + static_cast<std::ptrdiff_t>(std::min(answers_, all.size()));
    std::partial_sort(all.begin(), best, all.end(), std::greater());
    return static_cast<std::size_t>(best - all.begin());
  }

 private:
  std::size_t answers_;
  std::vector<float> rows_;
};

}  // namespace claimledger::benchmarks
