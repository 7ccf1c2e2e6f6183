#pragma once

#include <span>
#include <string>
#include <vector>

#include "claimledger/domain/embedding_model.hpp"
#include "claimledger/ports/store.hpp"

// A model that turns texts into vectors, such that texts of one meaning lie close to each other.
namespace claimledger {

// What a text is: some models are told.
enum class EmbeddedText { statement, question };

// Threads:  any method, from any thread, at any time.
// Failure:  embed() may throw anything; nothing was written then. What it gives back is checked: NaN, infinite and zero
//           vectors, and those of another width, are refused.
class Embedder {
 public:
  virtual ~Embedder() = default;

  // The same at every call.
  virtual const EmbeddingModel& model() const = 0;

  // A vector for each text, in their order. Of any length: only where a vector points counts.
  virtual std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText kind,
                                                const Call& call) = 0;
};

}  // namespace claimledger
