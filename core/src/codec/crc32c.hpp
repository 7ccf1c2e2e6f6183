#pragma once

#include <cstdint>
#include <string_view>

namespace claimledger::codec {

// CRC-32C (Castagnoli), as iSCSI and most storage formats have it; by the processor's own instruction where it has one.
std::uint32_t crc32c(std::string_view bytes);
// The same on any processor.
std::uint32_t portable_crc32c(std::string_view bytes);

}  // namespace claimledger::codec
