#include "search/score.hpp"

#include <algorithm>
#include <bit>

namespace claimledger::search {
namespace {

constexpr int fraction_bits = 24;
constexpr std::uint64_t most_documents = std::uint64_t{1} << 63;

// log2 of a number above 0 in units of 2^-24, rounded down, a few units short at most. Never falls as the number rises:
// each step keeps the order. The number is taken as 2^whole * mantissa, 1 <= mantissa < 2, in 32 bits; squaring the
// mantissa doubles its logarithm, and tells the next bit.
std::uint64_t log2(std::uint64_t number) {
  const auto whole = static_cast<unsigned>(std::bit_width(number) - 1);
  auto mantissa = whole > 31 ? number >> (whole - 31) : number << (31 - whole);
  std::uint64_t logarithm = whole;
  for (int bit = 0; bit < fraction_bits; ++bit) {
    mantissa = (mantissa * mantissa) >> 31;
    const std::uint64_t two_or_more = mantissa >> 32;
    mantissa >>= two_or_more;
    logarithm = (logarithm << 1) | two_or_more;
  }
  return logarithm;
}

// What lookups of one unit weigh, and what of that a document has: the best of them.
struct Share {
  std::uint64_t most = 0;   // as weights
  std::uint64_t found = 0;  // weight times saturation
};

Share best(std::span<const std::uint32_t> lookups, std::span<const std::uint32_t> weights,
           std::span<const std::uint32_t> counts) {
  Share share;
  for (const auto lookup : lookups) {
    const std::uint64_t weight = weights[lookup];
    share.most = std::max(share.most, weight);
    share.found = std::max(share.found, weight * saturation(counts[lookup]));
  }
  return share;
}

Share share_of(const ScoredWord& word, std::span<const std::uint32_t> weights, std::span<const std::uint32_t> counts) {
  const auto whole = best(word.wholes, weights, counts);
  Share parts;
  for (const auto& part : word.parts) {
    const auto share = best(part, weights, counts);
    parts.most += share.most;
    parts.found += share.found;
  }
  const auto number = std::max<std::uint64_t>(word.parts.size(), 1);
  // Rounded up, so that no share is more than all of it.
  const auto mean = (parts.most + number - 1) / number;
  return {std::max(whole.most, mean), std::max(whole.found, parts.found / number)};
}

}  // namespace

std::uint32_t idf(const Frequency& frequency) {
  const auto documents = std::min(frequency.documents, most_documents);
  const auto with_term = std::min(frequency.with_term, documents);
  // log2(2 documents + 2) - log2(2 with_term + 1), where 2^64 + 1 is as good as 2^64.
  const auto all = (std::uint64_t{1} << fraction_bits) + log2(documents + 1);
  const auto found = with_term < most_documents ? log2(2 * with_term + 1) : std::uint64_t{64} << fraction_bits;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(all - std::min(all, found), 1));
}

std::uint32_t saturation(std::uint32_t count) {
  const std::uint64_t five = std::uint64_t{5} * count;
  return static_cast<std::uint32_t>(five * 1'000'000 / (five + 6));
}

std::uint32_t score(std::span<const ScoredWord> words, std::span<const std::uint32_t> weights,
                    std::span<const std::uint32_t> counts) {
  Share all;
  for (const auto& word : words) {
    const auto share = share_of(word, weights, counts);
    all.most += share.most;
    all.found += share.found;
  }
  return all.most == 0 ? 0 : static_cast<std::uint32_t>(all.found / all.most);
}

}  // namespace claimledger::search
