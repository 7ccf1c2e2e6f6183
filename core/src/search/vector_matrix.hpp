#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/domain/ids.hpp"
#include "search/byte_vectors.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::search {

// Rows of numbers, each at the beginning of a cache line with zeros after it to the end of one. They are added in
// blocks and never move. Blocks are large, so that a scan seldom jumps, and written to row by row, so that of the last
// one the system gives no more than is used.
template <class Number>
class AlignedRows {
 public:
  static constexpr std::size_t line_bytes = 64;
  static constexpr std::size_t per_line = line_bytes / sizeof(Number);

  explicit AlignedRows(std::size_t width) : stride_((width + per_line - 1) / per_line * per_line) {}

  // A row of zeros after the others.
  Number* add() {
    if (size_ == blocks_.size() * rows_per_block)
      blocks_.emplace_back(new (std::align_val_t{line_bytes}) Number[rows_per_block * stride_]);
    auto* row = blocks_.back().get() + size_++ % rows_per_block * stride_;
    std::fill_n(row, stride_, Number{});
    return row;
  }
  const Number* row(std::size_t number) const {
    return blocks_[number / rows_per_block].get() + number % rows_per_block * stride_;
  }
  std::size_t stride() const { return stride_; }
  std::size_t bytes() const { return size_ * stride_ * sizeof(Number); }

 private:
  static constexpr std::size_t rows_per_block = 1'024;
  struct Free {
    void operator()(Number* block) const { ::operator delete[](block, std::align_val_t{line_bytes}); }
  };

  std::size_t stride_;
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<Number[], Free>> blocks_;
};

// How rows are looked through. Both find the same.
enum class Scan {
  floats,  // each row's cosine
  bytes,   // each row's bytes, and the cosine of those that may be among the best by them
  fastest,
};

// What is looked for.
struct NearestRequest {
  std::size_t most = 10;
  Position at;                              // only rows up to it
  const std::vector<bool>* only = nullptr;  // only rows of these numbers; those after its end are not among them
  Scan scan = Scan::fastest;
};

// A row, and its cosine with what it was compared with, in millionths.
struct Near {
  std::size_t row = 0;
  std::int32_t cosine = 0;
  friend bool operator==(const Near&, const Near&) = default;
};

// The vectors of one model by ascending position, to be looked through as a whole.
//
// Threads:  const methods, from any thread at once; append() alone.
// Failure:  only memory can be missing; where append() failed the matrix is of no more use.
// Limits:   memory: 4 bytes for each dimension of a row, 5 once there are more than `rows_of_floats`, see bytes().
class VectorMatrix {
 public:
  // So many rows of floats are looked through in a millisecond or two.
  static constexpr std::size_t usual_rows_of_floats = 20'000;

  explicit VectorMatrix(std::uint32_t dimensions, std::size_t rows_of_floats = usual_rows_of_floats);

  // Needs a position after all others and the dimensions of the matrix.
  void append(Position position, const UnitVector& vector);
  // A row of another matrix, which has the same dimensions, with its position.
  void append(const VectorMatrix& from, std::size_t row);

  std::uint32_t dimensions() const { return dimensions_; }
  std::size_t rows() const { return positions_.size(); }
  Position position(std::size_t row) const { return positions_[row]; }
  // The row of a position; nothing where it has none.
  std::optional<std::size_t> row_at(Position position) const;
  // Of memory that rows use.
  std::size_t bytes() const;

  std::int32_t cosine(const UnitVector& query, std::size_t row) const;
  // Of all rows, by number, instead of what `cosines` holds.
  void cosines(const UnitVector& query, std::vector<std::int32_t>& cosines) const;
  // The rows with the greatest cosines, the greatest first, and of equal ones the newest: exactly those, however it
  // scans. Fewer than `most` where there are no more; none for 0.
  std::vector<Near> nearest(const UnitVector& query, const NearestRequest& request) const;

 private:
  void append(Position position, std::span<const float> values);
  void add_bytes(std::size_t row);
  std::size_t rows_up_to(Position position) const;
  std::vector<Near> by_floats(const UnitVector& query, const NearestRequest& request) const;
  std::vector<Near> by_bytes(const UnitVector& query, const NearestRequest& request) const;

  std::uint32_t dimensions_;
  std::size_t rows_of_floats_;
  std::vector<Position> positions_;
  AlignedRows<float> floats_;
  AlignedRows<std::int8_t> bytes_;  // of all rows, or of none
  std::vector<ByteRow> byte_rows_;  // likewise
};

}  // namespace claimledger::search
