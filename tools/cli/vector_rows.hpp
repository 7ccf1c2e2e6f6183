#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "claimledger/engine.hpp"

namespace claimledger::cli {

// The vectors of a model that a ledger has when it is asked first, in the order in which they were filed. Held is a
// page of them.
//
// Failure: StoreFailure, as Engine::vectors().
class VectorRows {
 public:
  VectorRows(const Engine& engine, AgentId agent, EmbeddingModel model, Call call);

  std::uint64_t count() const { return filed_.filed - filed_.erased; }
  // As FiledModel's: up to where none was missing then.
  Position up_to() const { return filed_.up_to; }
  // Absent: that was the last.
  std::optional<StatementVector> next();
  // After the last, whether all of them are filed still: nothing was erased, and no vector thrown away, since the first
  // look. Else what next() gave is to be thrown away, too. Failure: StoreFailure{corrupt} where one has no statement.
  bool are_all_there() const;

 private:
  VectorsAnswer read(std::uint64_t after) const;

  const Engine& engine_;
  AgentId agent_;
  EmbeddingModel model_;
  Call call_;
  VectorsAnswer page_;
  std::size_t given_of_page_ = 0;
  FiledModel filed_;
  std::uint64_t given_ = 0;
};

}  // namespace claimledger::cli
