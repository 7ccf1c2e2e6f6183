#include "search/vector_matrix.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "ensure.hpp"
#include "search/dot_kernels.hpp"

namespace claimledger::search {
namespace {

static_assert(AlignedRows<float>::per_line == float_lanes && AlignedRows<std::int8_t>::per_line == byte_lanes,
              "a row of a matrix is what the kernels read");

bool better(const Near& one, const Near& other) {
  return one.cosine != other.cosine ? one.cosine > other.cosine : one.row > other.row;
}

// The best of what is offered, at most so many: a heap with the worst in front.
class Best {
 public:
  explicit Best(std::size_t most) : most_(most) { heap_.reserve(most); }

  void offer(const Near& near) {
    if (heap_.size() == most_) {
      if (most_ == 0 || !better(near, heap_.front())) return;
      std::ranges::pop_heap(heap_, better);
      heap_.pop_back();
    }
    heap_.push_back(near);
    std::ranges::push_heap(heap_, better);
  }
  std::vector<Near> sorted() && {
    std::ranges::sort_heap(heap_, better);
    return std::move(heap_);
  }

 private:
  std::size_t most_;
  std::vector<Near> heap_;
};

// The greatest of some numbers, at most so many, and the least of these once there are: a heap with it in front.
class Greatest {
 public:
  explicit Greatest(std::size_t most) : most_(most) { heap_.reserve(most); }

  double least() const { return least_; }
  void offer(double number) {
    if (number <= least_) return;
    if (heap_.size() == most_) {
      std::ranges::pop_heap(heap_, std::greater());
      heap_.pop_back();
    }
    heap_.push_back(number);
    std::ranges::push_heap(heap_, std::greater());
    if (heap_.size() == most_) least_ = heap_.front();
  }

 private:
  std::size_t most_;
  double least_ = -std::numeric_limits<double>::infinity();
  std::vector<double> heap_;
};

// Visits the numbers below `end` that are among `only`.
template <class Visit>
void each_row(std::size_t end, const std::vector<bool>* only, Visit visit) {
  if (only == nullptr) {
    for (std::size_t row = 0; row < end; ++row) visit(row);
    return;
  }
  end = std::min(end, only->size());
  for (std::size_t row = 0; row < end; ++row)
    if ((*only)[row]) visit(row);
}

}  // namespace

VectorMatrix::VectorMatrix(std::uint32_t dimensions, std::size_t rows_of_floats)
    : dimensions_(dimensions), rows_of_floats_(rows_of_floats), floats_(dimensions), bytes_(dimensions) {}

void VectorMatrix::append(Position position, const UnitVector& vector) {
  ensure(vector.dimensions() == dimensions_, "a matrix holds vectors of one model");
  append(position, vector.values());
}

void VectorMatrix::append(const VectorMatrix& from, std::size_t row) {
  ensure(from.dimensions_ == dimensions_, "a matrix holds vectors of one model");
  append(from.positions_[row], {from.floats_.row(row), dimensions_});
}

void VectorMatrix::append(Position position, std::span<const float> values) {
  ensure(positions_.empty() || positions_.back() < position, "a matrix grows by position");
  std::ranges::copy(values, floats_.add());
  positions_.push_back(position);
  if (rows() <= rows_of_floats_) return;
  while (byte_rows_.size() < rows()) add_bytes(byte_rows_.size());
}

void VectorMatrix::add_bytes(std::size_t row) {
  byte_rows_.push_back(round_to_bytes({floats_.row(row), dimensions_}, bytes_.add()));
}

std::optional<std::size_t> VectorMatrix::row_at(Position position) const {
  const auto found = std::ranges::lower_bound(positions_, position);
  if (found == positions_.end() || *found != position) return std::nullopt;
  return static_cast<std::size_t>(found - positions_.begin());
}

std::size_t VectorMatrix::rows_up_to(Position position) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(positions_, position) - positions_.begin());
}

std::size_t VectorMatrix::bytes() const {
  return positions_.size() * sizeof(Position) + floats_.bytes() + bytes_.bytes() + byte_rows_.size() * sizeof(ByteRow);
}

std::int32_t VectorMatrix::cosine(const UnitVector& query, std::size_t row) const {
  ensure(query.dimensions() == dimensions_, "vectors of two models are never compared");
  return in_millionths(dot_kernels().floats(floats_.row(row), query.lanes().data(), floats_.stride()));
}

void VectorMatrix::cosines(const UnitVector& query, std::vector<std::int32_t>& cosines) const {
  cosines.resize(rows());
  for (std::size_t row = 0; row < rows(); ++row) cosines[row] = cosine(query, row);
}

std::vector<Near> VectorMatrix::nearest(const UnitVector& query, const NearestRequest& request) const {
  ensure(query.dimensions() == dimensions_, "vectors of two models are never compared");
  const bool has_bytes = !byte_rows_.empty();
  const bool few = rows_up_to(request.at) <= rows_of_floats_;
  if (!has_bytes || request.scan == Scan::floats || (few && request.scan == Scan::fastest))
    return by_floats(query, request);
  return by_bytes(query, request);
}

std::vector<Near> VectorMatrix::by_floats(const UnitVector& query, const NearestRequest& request) const {
  const auto end = rows_up_to(request.at);
  Best best(std::min(request.most, end));
  each_row(end, request.only, [&](std::size_t row) { best.offer({row, cosine(query, row)}); });
  return std::move(best).sorted();
}

// Let k rows be asked for. The k-th greatest of the least that cosines may be is no more than the k-th greatest cosine:
// k rows have at least that. So each of the best has it, and may have it by its bounds (byte_vectors.cpp); a row that
// may not is not looked at again, and neither is one that may not have what was needed when it was met, which was less.
std::vector<Near> VectorMatrix::by_bytes(const UnitVector& query, const NearestRequest& request) const {
  struct Candidate {
    std::size_t row;
    double most;
  };
  const auto end = rows_up_to(request.at);
  const auto most = std::min(request.most, end);
  if (most == 0) return {};
  const auto product = dot_kernels().bytes;
  const ByteQuery rounded(query);
  Greatest needed(most);
  std::vector<Candidate> candidates;
  each_row(end, request.only, [&](std::size_t row) {
    const auto bounds =
        rounded.bounds(product(bytes_.row(row), rounded.numbers().data(), bytes_.stride()), byte_rows_[row]);
    if (bounds.most < needed.least()) return;
    candidates.push_back({row, bounds.most});
    needed.offer(bounds.least);
  });
  Best best(most);
  for (const auto& candidate : candidates)
    if (candidate.most >= needed.least()) best.offer({candidate.row, cosine(query, candidate.row)});
  return std::move(best).sorted();
}

}  // namespace claimledger::search
