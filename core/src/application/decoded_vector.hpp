#pragma once

#include "claimledger/ports/vectors.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::application {

// A vector as it was filed. Failure: StoreFailure{corrupt} with the remedy.
search::UnitVector decoded(const FiledVector& vector, const EmbeddingModel& model);

}  // namespace claimledger::application
