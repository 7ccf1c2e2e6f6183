#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/ports/embedder.hpp"

namespace claimledger::embedders {

// An embedder that is a function of the host.
//
// Threads:  as the function: called from whatever threads embed, at the same time.
// Failure:  what the function throws. The constructor: InvalidInput for `model.name` (empty), `model.dimensions` (not
//           1..limits::dimensions) or `embed` (no function).
class CallbackEmbedder : public Embedder {
 public:
  using Function =
      std::function<std::vector<std::vector<float>>(std::span<const std::string>, EmbeddedText, const Call&)>;

  CallbackEmbedder(EmbeddingModel model, Function embed) : model_(std::move(model)), embed_(std::move(embed)) {
    if (model_.name.empty()) throw InvalidInput("model.name", "must not be empty");
    if (model_.dimensions == 0 || model_.dimensions > limits::dimensions) {
      throw InvalidInput("model.dimensions", "must be 1 to " + std::to_string(limits::dimensions));
    }
    if (!embed_) throw InvalidInput("embed", "must be a function");
  }

  const EmbeddingModel& model() const override { return model_; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText kind,
                                        const Call& call) override {
    return embed_(texts, kind, call);
  }

 private:
  EmbeddingModel model_;
  Function embed_;
};

}  // namespace claimledger::embedders
