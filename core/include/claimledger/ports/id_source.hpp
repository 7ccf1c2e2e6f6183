#pragma once

#include <array>
#include <cstdint>

#include "claimledger/domain/ids.hpp"

namespace claimledger {

// The source of ids and salts. Threads: any method from any thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  // A fresh UUIDv7 for the given time.
  virtual Uuid uuid(Instant at) = 0;
  // Sixteen fresh random bytes; a salt.
  virtual std::array<std::uint8_t, 16> salt() = 0;
};

}  // namespace claimledger
