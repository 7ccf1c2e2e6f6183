#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/failure.hpp"
#include "claimledger/ports/embedder.hpp"

namespace claimledger::test {

// A model of which each vector is known: a word points along an axis, words of one meaning along the same. Whatever it
// does not know points along the last axis. A text is the sum of its words.
class AxesEmbedder : public Embedder {
 public:
  static constexpr std::uint32_t dimensions = 8;
  using Axes = std::map<std::string, std::size_t, std::less<>>;

  explicit AxesEmbedder(Axes axes, std::string name = "axes")
      : axes_(std::move(axes)), model_{std::move(name), dimensions, "1"} {}

  const EmbeddingModel& model() const override { return model_; }

  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText kind, const Call&) override {
    asked.push_back({kind, {texts.begin(), texts.end()}});
    if (!fails_with.empty()) throw StoreFailure(FailureKind::unreachable, "embed", fails_with);
    std::vector<std::vector<float>> vectors;
    for (const auto& text : texts) vectors.push_back(vector_of(text));
    if (gives) vectors.back() = *gives;
    return vectors;
  }

  std::vector<float> vector_of(const std::string& text) const {
    std::vector<float> vector(dimensions);
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      const auto found = axes_.find(word);
      vector[found == axes_.end() ? dimensions - 1 : found->second] += 1;
    }
    if (std::ranges::all_of(vector, [](float number) { return number == 0; })) vector.back() = 1;
    return vector;
  }

  struct Asked {
    EmbeddedText kind;
    std::vector<std::string> texts;
  };
  std::vector<Asked> asked;
  std::string fails_with;                   // empty: it does not
  std::optional<std::vector<float>> gives;  // in the place of the last vector

 private:
  Axes axes_;
  EmbeddingModel model_;
};

}  // namespace claimledger::test
