#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "search/dot_kernels.hpp"
#include "search/vector_matrix.hpp"

namespace claimledger::benchmarks {

namespace {

using search::Near;
using search::Scan;
using search::UnitVector;
using search::VectorMatrix;

constexpr std::size_t answers = 10;
constexpr std::size_t about_a_centre = 50;

// Vectors as those of texts lie: about what the texts are about.
class Texts {
 public:
  explicit Texts(const Scale& scale) : centre_(static_cast<std::size_t>(scale.dimensions)), text_(centre_.size()) {}

  UnitVector about(std::size_t subject) {
    std::mt19937_64 of_subject(subject);
    fill(centre_, of_subject);
    fill(text_, random_);
    for (std::size_t i = 0; i < text_.size(); ++i) text_[i] += centre_[i];
    return UnitVector::along(text_);
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
  void add(const UnitVector& vector) { rows_.insert(rows_.end(), vector.values().begin(), vector.values().end()); }

  std::size_t find(const UnitVector& query) const {
    const auto width = query.values().size();
    std::vector<std::pair<float, std::size_t>> all(rows_.size() / width);
    for (std::size_t row = 0; row < all.size(); ++row) {
      float sum = 0;
      for (std::size_t i = 0; i < width; ++i) sum += rows_[row * width + i] * query.values()[i];
      all[row] = {sum, row};
    }
    const auto best = all.begin() + static_cast<std::ptrdiff_t>(std::min(answers, all.size()));
    std::partial_sort(all.begin(), best, all.end(), std::greater());
    return static_cast<std::size_t>(best - all.begin());
  }

 private:
  std::vector<float> rows_;
};

double recall(const std::vector<Near>& found, const std::vector<Near>& best) {
  const auto both = std::ranges::count_if(best, [&](const Near& near) { return std::ranges::count(found, near) > 0; });
  return static_cast<double>(both) / static_cast<double>(best.size());
}

// The time of each way for each question.
struct Turns {
  std::vector<double> plain, floats, bytes, cosines, recalls;
};

Turns turns(const VectorMatrix& matrix, const PlainLoop& loop, Texts& texts, int questions) {
  Turns turns;
  std::vector<std::int32_t> cosines;
  for (int question = 0; question < questions; ++question) {
    const auto query = texts.about(static_cast<std::size_t>(question) * 31 % (matrix.rows() / about_a_centre + 1));
    std::vector<Near> best, found;
    const auto look = [&](Scan scan) {
      return matrix.nearest(query, {.most = answers, .at = matrix.position(matrix.rows() - 1), .scan = scan});
    };
    turns.plain.push_back(seconds([&] {
      if (loop.find(query) == 0) throw std::runtime_error("vectors: nothing was found");
    }));
    turns.floats.push_back(seconds([&] { best = look(Scan::floats); }));
    turns.bytes.push_back(seconds([&] { found = look(Scan::bytes); }));
    turns.cosines.push_back(seconds([&] { matrix.cosines(query, cosines); }));
    turns.recalls.push_back(recall(found, best));
    if (found != best) throw std::runtime_error("vectors: bytes found others than floats");
  }
  return turns;
}

}  // namespace

void vectors(const Scale& scale) {
  const auto rows = static_cast<std::size_t>(scale.rows);
  heading("The " + std::to_string(answers) + " nearest of " + std::to_string(rows) + " vectors of " +
          std::to_string(scale.dimensions) + " dimensions, by " + search::dot_kernels().name);
  VectorMatrix matrix(static_cast<std::uint32_t>(scale.dimensions), 0);
  PlainLoop loop;
  Texts texts(scale);
  {
    Progress progress("filling", rows);
    double filling = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto vector = texts.about(row / about_a_centre);
      loop.add(vector);
      filling += seconds([&] { matrix.append({row + 1}, vector); });
      if (row % 1'000 == 0) progress.at(row);
    }
    row("appended", 1e6 * filling / static_cast<double>(rows), "us a row");
    row("memory", static_cast<double>(matrix.bytes()) / (1024 * 1024), "MiB");
  }
  const auto times = turns(matrix, loop, texts, std::max(scale.calls / 10, 2));
  const auto plain = median(times.plain), floats = median(times.floats), bytes = median(times.bytes);
  row("plain loop", 1e6 * plain, "us");
  row("floats", 1e6 * floats, "us", floats / plain, "plain loop");
  row("bytes, and floats of what may be among the best", 1e6 * bytes, "us", bytes / floats, "floats");
  row("the cosine of every row", 1e6 * median(times.cosines), "us", median(times.cosines) / floats, "floats");
  std::printf("  %-52s %12.3f\n", "recall of bytes, the least", *std::ranges::min_element(times.recalls));
}

}  // namespace claimledger::benchmarks
