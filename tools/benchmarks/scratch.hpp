#pragma once

#include <filesystem>
#include <system_error>

#include "claimledger/system/random_ids.hpp"

namespace claimledger::benchmarks {

// A folder that goes with the object. On a disk of memory where there is one: nothing is measured there, and it takes
// no time of the disk that is.
struct Scratch {
  explicit Scratch(const std::filesystem::path& otherwise)
      : folder((std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm") : otherwise) /
               ("claimledger-bench-" + to_text(system::RandomIds().uuid({})))) {
    std::filesystem::create_directory(folder);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code none;
    std::filesystem::remove_all(folder, none);
  }
  std::filesystem::path folder;
};

}  // namespace claimledger::benchmarks
