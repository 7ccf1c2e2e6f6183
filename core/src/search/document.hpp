#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace claimledger::search {

// The parts of a claim that a question can name.
enum class Field { subject, predicate, value, source };
inline constexpr std::array all_fields = {Field::subject, Field::predicate, Field::value, Field::source};

// The text of one claim as a reader sees it: a value that is a string without its quotes and escapes. A field that is
// empty has no words; whoever leaves out the source here does not find a claim by it.
struct Document {
  std::string_view subject = {};
  std::string_view predicate = {};
  std::string_view value = {};
  std::string_view source = {};

  std::string_view operator[](Field field) const {
    switch (field) {
      case Field::subject:
        return subject;
      case Field::predicate:
        return predicate;
      case Field::value:
        return value;
      case Field::source:
        return source;
    }
    return {};
  }
};

}  // namespace claimledger::search
