#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "application/context.hpp"
#include "application/vectors_again.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::application {

// What a store has filed for meaning, beside the entries: for verify(). A bit for each entry and model is kept.
class FiledVectors {
 public:
  // Reads all that is filed up to a position. Failure: StoreFailure; what is no vector fails nothing here.
  // Some are made again, see VectorsAgain.
  FiledVectors(const Context& context, const AgentId& agent, Position end, std::uint64_t made_again, const Call& call);

  // The first model of which an entry has another vector than it should, or a damaged one; nullptr: it has those that
  // it should. `may_have`: it is a statement with content. Behind the end any will do.
  const EmbeddingModel* wrong_at(Position seq, bool may_have) const;

  const VectorsAgain& made_again() const { return made_again_; }

 private:
  struct OfModel {
    FiledModel filed;
    std::vector<bool> has;          // by position from 1
    std::set<Position> wrong = {};  // damaged, or of another text
  };
  std::vector<OfModel> models_;
  VectorsAgain made_again_;
};

}  // namespace claimledger::application
