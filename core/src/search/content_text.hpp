#pragma once

#include <string>

#include "claimledger/domain/claim.hpp"
#include "domain/value_text.hpp"
#include "search/document.hpp"

namespace claimledger::search {

// What a statement typed, as a text to search. Refers to the content.
class ContentText {
 public:
  explicit ContentText(const Content& content)
      : value_(content.value ? plain_text(*content.value) : std::string()), content_(content) {}

  const std::string& value() const { return value_; }
  Document document() const {
    const auto text = [](const auto& field) { return field ? std::string_view(*field) : std::string_view(); };
    return {text(content_.subject), text(content_.predicate), value_, text(content_.source)};
  }

 private:
  std::string value_;
  const Content& content_;
};

}  // namespace claimledger::search
