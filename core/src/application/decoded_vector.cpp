#include "application/decoded_vector.hpp"

#include <string>

namespace claimledger::application {

search::UnitVector decoded(const FiledVector& vector, const EmbeddingModel& model) {
  try {
    return search::UnitVector::from_bytes(vector.vector, model.dimensions);
  } catch (const StoreFailure& damaged) {
    throw StoreFailure(damaged.kind(), "read_vectors",
                       "the vector of entry " + std::to_string(vector.seq.value) + " by the model " + model.name + " " +
                           damaged.detail() + "; `claimledger embed --anew` makes those of the model anew");
  }
}

}  // namespace claimledger::application
