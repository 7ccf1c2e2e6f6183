#pragma once

#include <string_view>

namespace claimledger {

// The reason to refuse `text`: "invalid UTF-8" (overlong forms, surrogates and code points past U+10FFFF included) or
// "contains NUL". Empty for text that can be kept.
std::string_view text_problem(std::string_view text);

}  // namespace claimledger
