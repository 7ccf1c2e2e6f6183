#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "posting_blocks.hpp"

// The contents of a block behind its first, as bytes. Each is a number in LEB128: how far it is from the one before,
// doubled, and one more where a count follows; without one the count is 1.
namespace claimledger::sqlite::posting_bytes {

std::string written(std::span<const common::PostingBlock::Other> others);

// False: the bytes are none that were written so, and `others` is whatever.
bool read(std::string_view bytes, std::vector<common::PostingBlock::Other>& others);

}  // namespace claimledger::sqlite::posting_bytes
