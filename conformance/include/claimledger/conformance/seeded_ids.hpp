#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string_view>

#include "claimledger/ports/id_source.hpp"

namespace claimledger::conformance {

// The same seed and the same calls give the same ids and salts, on every machine.
// Threads: any method from any thread; which thread gets which id is then up to them.
class SeededIds : public IdSource {
 public:
  explicit SeededIds(std::uint64_t seed) : generator_(seed) {}

  Uuid uuid(Instant at) override {
    const auto random = salt();
    return make_uuid_v7(at, {reinterpret_cast<const char*>(random.data()), random.size()});
  }

  std::array<std::uint8_t, 16> salt() override {
    const std::scoped_lock lock(mutex_);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t half = 0; half < 16; half += 8) {
      const std::uint64_t word = generator_();
      for (std::size_t i = 0; i < 8; ++i) bytes[half + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
    return bytes;
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 generator_;  // its output is fixed by the standard, unlike that of the distributions
};

}  // namespace claimledger::conformance
