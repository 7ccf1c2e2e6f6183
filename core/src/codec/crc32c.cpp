#include "codec/crc32c.hpp"

#include <boost/crc.hpp>

#include <cstring>

namespace claimledger::codec {

std::uint32_t portable_crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

#if defined(__x86_64__)

namespace {

__attribute__((target("sse4.2"))) std::uint32_t crc32c_of_sse42(std::string_view bytes) {
  std::uint64_t crc = 0xFFFFFFFF;
  for (; bytes.size() >= sizeof crc; bytes.remove_prefix(sizeof crc)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data(), sizeof eight);
    crc = __builtin_ia32_crc32di(crc, eight);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (const char byte : bytes) rest = __builtin_ia32_crc32qi(rest, static_cast<std::uint8_t>(byte));
  return ~rest;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  return __builtin_cpu_supports("sse4.2") ? crc32c_of_sse42(bytes) : portable_crc32c(bytes);
}

#else

std::uint32_t crc32c(std::string_view bytes) { return portable_crc32c(bytes); }

#endif

}  // namespace claimledger::codec
