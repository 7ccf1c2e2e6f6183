#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace claimledger {

// The canonical spelling of a JSON number, decided from its text, so that 9007199254740993.0 does not pass through a
// double. Absent for a number beyond a double. `json` is a number of the JSON grammar (any decimal separator, as
// locales have it).
std::optional<std::string> canonical_number(std::string_view json);

// ECMAScript's Number::toString of a finite double.
std::string ecmascript_number(double number);

}  // namespace claimledger
