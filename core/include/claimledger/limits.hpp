#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound in one place. Sizes are bytes of UTF-8. Each limit is tested at its value and one past it.
namespace claimledger::limits {

inline constexpr std::size_t agent_bytes = 256;
// Subject, predicate, source, idempotency key, why, evidence, context, actor: each.
inline constexpr std::size_t text_bytes = 1024;
inline constexpr std::size_t value_bytes = 1024 * 1024;  // of the canonical text
inline constexpr std::size_t metadata_bytes = 64 * 1024;
inline constexpr std::size_t json_depth = 64;  // 64 nested arrays or objects are fine, 65 are not
inline constexpr std::size_t derived_from = 64;
inline constexpr std::size_t batch_claims = 100'000;
inline constexpr std::size_t dimensions = 4'096;      // of a vector
inline constexpr std::int32_t same_cosine = 990'000;  // in millionths: from here on a model made both of one text
inline constexpr std::size_t page = 10'000;           // the most rows one page of a read returns
inline constexpr std::size_t found_lines = 1'000;     // the most lines that a search returns
inline constexpr std::size_t rivals_shown = 100;      // that a receipt or a history names; they tell how many there are
inline constexpr std::chrono::microseconds adjudication_ttl = std::chrono::years{1000};
inline constexpr int attempts = 64;  // how often a write re-decides after a conflict

}  // namespace claimledger::limits
