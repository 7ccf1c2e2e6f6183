#include "claimledger/system/random_ids.hpp"

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace claimledger::system {
namespace {

// The 26 random bits that follow the time in an id: bytes 6 to 9 without the version and the variant.
constexpr std::uint32_t counter_mask = 0x03FF'FFFF;

std::uint32_t read_counter(const std::array<char, 16>& random) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(random[at])); };
  return (byte(6) & 0x0F) << 22 | byte(7) << 14 | (byte(8) & 0x3F) << 8 | byte(9);
}

void write_counter(std::array<char, 16>& random, std::uint32_t counter) {
  random[6] = static_cast<char>(counter >> 22 & 0x0F);
  random[7] = static_cast<char>(counter >> 14 & 0xFF);
  random[8] = static_cast<char>(counter >> 8 & 0x3F);
  random[9] = static_cast<char>(counter & 0xFF);
}

}  // namespace

Uuid RandomIds::uuid(Instant at) {
  const auto millisecond = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  const std::scoped_lock lock(mutex_);
  auto random = take();
  if (millisecond == millisecond_) {
    counter_ = (counter_ + 1) & counter_mask;
  } else {
    millisecond_ = millisecond;
    counter_ = read_counter(random) >> 1;  // leaves room to count up
  }
  write_counter(random, counter_);
  return make_uuid_v7(at, std::string_view(random.data(), random.size()));
}

std::array<std::uint8_t, 16> RandomIds::salt() {
  const std::scoped_lock lock(mutex_);
  const auto random = take();
  std::array<std::uint8_t, 16> salt{};
  std::copy(random.begin(), random.end(), salt.begin());
  return salt;
}

std::array<char, 16> RandomIds::take() {
  std::array<char, 16> bytes{};
  if (used_ == pool_.size() || owner_ != getpid()) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(pool_.data()), static_cast<int>(pool_.size())) != 1) {
      throw std::runtime_error("libcrypto has no entropy to make ids from");
    }
    used_ = 0;
    owner_ = getpid();
  }
  const auto from = pool_.begin() + static_cast<std::ptrdiff_t>(used_);
  std::copy_n(from, bytes.size(), bytes.begin());
  std::fill_n(from, bytes.size(), '\0');  // a spent salt is not left lying about
  used_ += bytes.size();
  return bytes;
}

}  // namespace claimledger::system
