#pragma once

#include <string_view>

namespace claimledger {

// What keeps `text` from being kept: "invalid UTF-8" (overlong forms, surrogates and code points past U+10FFFF
// included) or "contains NUL". Empty when nothing does.
std::string_view text_problem(std::string_view text);

}  // namespace claimledger
