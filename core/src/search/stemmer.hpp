#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace claimledger::search {

// A stemmer of Snowball. Has a state of its own: one thread at a time, and cheap enough to make one for each text.
class Stemmer {
 public:
  // The languages there are, by name.
  static std::vector<std::string> languages();

  // `language` is one of languages(); or empty: every word is its own stem.
  explicit Stemmer(const std::string& language);

  // The stem of a folded word.
  std::string stem(std::string_view word);

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const;
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace claimledger::search
