#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace claimledger::benchmarks {

// Words whose frequencies fall as those of a language do: the n-th is said 1/n as often as the first.
class Language {
 public:
  explicit Language(std::size_t words) {
    static constexpr const char* syllables[] = {"ka", "ri",  "mo", "ten", "sol", "ver", "lin", "da", "pre", "ful",
                                                "ne", "tra", "be", "cor", "xi",  "an",  "est", "ul", "po",  "gen"};
    double sum = 0;
    for (std::size_t i = 0; i < words; ++i) {
      std::string word;
      for (auto rest = i + 1; rest > 0; rest /= std::size(syllables)) word += syllables[rest % std::size(syllables)];
      words_.push_back(std::move(word));
      sums_.push_back(sum += 1.0 / static_cast<double>(i + 1));
    }
  }

  const std::string& word() {
    const auto at = std::uniform_real_distribution<>(0, sums_.back())(random_);
    return words_[static_cast<std::size_t>(std::ranges::lower_bound(sums_, at) - sums_.begin())];
  }
  std::string words(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? " " : "") + word();
    return text;
  }
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

 private:
  std::mt19937_64 random_{7};
  std::vector<std::string> words_;
  std::vector<double> sums_;
};

}  // namespace claimledger::benchmarks
