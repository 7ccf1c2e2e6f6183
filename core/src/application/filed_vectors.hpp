#pragma once

#include <set>
#include <vector>

#include "application/context.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::application {

// What a store has filed for meaning, beside the entries: for verify(). A bit for each entry and model is kept. Whether
// a vector is that of its text only its model could say.
class FiledVectors {
 public:
  // Reads all that is filed up to a position. Failure: StoreFailure; what is no vector fails nothing here.
  FiledVectors(const Context& context, const AgentId& agent, Position end, const Call& call);

  // The first model of which an entry has another vector than it should, or a damaged one; nullptr: it has those that
  // it should. `may_have`: it is a statement with content. Behind the end any will do.
  const EmbeddingModel* wrong_at(Position seq, bool may_have) const;

 private:
  struct OfModel {
    FiledModel filed;
    std::vector<bool> has;  // by position from 1
    std::set<Position> damaged = {};
  };
  std::vector<OfModel> models_;
};

}  // namespace claimledger::application
