#pragma once

#include <cstdint>
#include <string>

namespace claimledger {

// Which model made a vector. Two are one model where all three agree; vectors of two models are never compared.
struct EmbeddingModel {
  std::string name;              // as people know it: "all-MiniLM-L6-v2"; 1..limits::text_bytes
  std::uint32_t dimensions = 0;  // of each of its vectors: 1..limits::dimensions
  std::string fingerprint = {};  // of its weights and of how texts are given to it; may be empty where nobody knows
  friend bool operator==(const EmbeddingModel&, const EmbeddingModel&) = default;
};

}  // namespace claimledger
