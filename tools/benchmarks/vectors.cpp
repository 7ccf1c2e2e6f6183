#include <algorithm>
#include <stdexcept>
#include <vector>

#include "benchmarks/made_vectors.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "search/dot_kernels.hpp"
#include "search/vector_matrix.hpp"

namespace claimledger::benchmarks {

namespace {

using search::Near;
using search::Scan;
using search::VectorMatrix;

constexpr std::size_t answers = 10;

double recall(const std::vector<Near>& found, const std::vector<Near>& best) {
  const auto both = std::ranges::count_if(best, [&](const Near& near) { return std::ranges::count(found, near) > 0; });
  return static_cast<double>(both) / static_cast<double>(best.size());
}

// The time of each way for each question.
struct Turns {
  std::vector<double> plain, floats, bytes, cosines, recalls;
};

Turns turns(const VectorMatrix& matrix, const PlainLoop& loop, MadeVectors& texts, int questions) {
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
  PlainLoop loop(answers);
  MadeVectors texts(static_cast<std::size_t>(scale.dimensions));
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
