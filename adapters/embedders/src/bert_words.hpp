#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace claimledger::embedders {

// Takes a text apart as BERT's uncased models do before they look anything up: controls and what is no character are
// left out, letters become lower case and lose their accents, and each punctuation mark and each Han character is a
// word of its own.
//
// Any bytes are a text; what is not UTF-8 is left out. Time is linear in the text, memory in its longest word.
class BertWords {
 public:
  explicit BertWords(std::string_view text) : text_(text) {}

  // The next word, in the place of `word`. False at the end of the text.
  bool next(std::string& word);

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace claimledger::embedders
