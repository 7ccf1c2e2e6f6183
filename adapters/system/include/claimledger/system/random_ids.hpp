#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "claimledger/ports/id_source.hpp"

namespace claimledger::system {

// Ids and salts from the cryptographic generator of libcrypto, which the operating system seeds. Ids asked for one
// after the other for the same millisecond increase, so that they land side by side in an index. Threads: any method
// from any thread; also in a child after fork(), which goes on with bytes of its own. Failure: std::runtime_error where
// there is no entropy.
class RandomIds : public IdSource {
 public:
  Uuid uuid(Instant at) override;
  std::array<std::uint8_t, 16> salt() override;

 private:
  std::array<char, 16> take();

  std::mutex mutex_;
  std::array<char, 4096> pool_{};
  std::size_t used_ = 4096;  // how much of the pool is spent
  pid_t owner_ = 0;          // the process that the pool was filled in
  std::int64_t millisecond_ = 0;
  std::uint32_t counter_ = 0;  // the leading random bits of the last id
};

}  // namespace claimledger::system
