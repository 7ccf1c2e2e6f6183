#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace claimledger {

// Bytes of a snippet's text, half-open: something that was asked for stands there.
struct Mark {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Mark&, const Mark&) = default;
};

// The part of a text that shows why it was found.
struct Snippet {
  std::string text;         // a part of the original, byte for byte
  std::vector<Mark> marks;  // in order, not empty, not touching each other
  bool cut_before = false;  // the original goes on before it
  bool cut_after = false;   // … and after it
  friend bool operator==(const Snippet&, const Snippet&) = default;
};

}  // namespace claimledger
