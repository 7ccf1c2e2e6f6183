#pragma once

#include <string_view>

namespace claimledger::search {

// Is this a word that a question in `language` has for its grammar alone? `word` is folded and without marks. Known for
// english, french, german and spanish; no word of another language is one: what is frequent weighs little anyway.
bool is_stop_word(std::string_view language, std::string_view word);

}  // namespace claimledger::search
