#pragma once

#include <cstdint>
#include <span>
#include <vector>

// BM25 with k1 = 1.2 and b = 0, in integers throughout: no floating point and nothing of libm, so that a score is the
// same on every machine and in ten years.
namespace claimledger::search {

// How many of the documents have a term.
struct Frequency {
  std::uint64_t documents = 0;  // at most 2^63; more counts as that
  std::uint64_t with_term = 0;  // at most `documents`; more counts as that
};

// log2((documents + 1) / (with_term + 1/2)) in units of 2^-24, at least 1: what finding the term tells. Falls as more
// documents have it, rises with their number. Wrong by at most 2 units. At most 64 * 2^24.
std::uint32_t idf(const Frequency& frequency);

// count / (count + 1.2) in millionths, rounded down: 0 for 0, 454,545 for 1, never a million. Never falls.
std::uint32_t saturation(std::uint32_t count);

// A word that was asked for, by the numbers of its lookups. It is found whole, as well as the best of `wholes`, or in
// its parts, as well as their mean, each as well as its best form. Whichever is more counts.
struct ScoredWord {
  std::vector<std::uint32_t> wholes;
  std::vector<std::vector<std::uint32_t>> parts;
  friend bool operator==(const ScoredWord&, const ScoredWord&) = default;
};

// The BM25 of a document with these counts, as a share of what one would get that had every word endlessly often, in
// millionths: 0 … 999,999. `weights` and `counts` are those of the lookups by number. 0 without words. For up to 2^10
// words of up to 2^10 parts each.
std::uint32_t score(std::span<const ScoredWord> words, std::span<const std::uint32_t> weights,
                    std::span<const std::uint32_t> counts);

}  // namespace claimledger::search
