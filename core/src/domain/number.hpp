#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace claimledger {

// The canonical spelling of a JSON number, decided from its text, so that 9007199254740993.0 does not pass through a
// double. Absent for a number beyond a double. `json` is a number of the JSON grammar (any decimal separator, as
// locales have it).
std::optional<std::string> canonical_number(std::string_view json);

// Why this number can't be kept as it was typed, with the string to write instead; empty where it can. Refused are:
// - an integer outside -2^63 .. 2^64-1 that is written out (with an exponent it is a double, such as 6.02214076e23);
// - any other number of more than 17 significant digits, which is what it takes to tell doubles apart. Zeros at either
//   end are none, whichever side of the point they stand on: 1.500 has two;
// - what a double does not reach, and what would become 0.
std::string number_problem(std::string_view json);
// The second half of such a sentence.
std::string as_string_instead(std::string_view json);

// ECMAScript's Number::toString of a finite double.
std::string ecmascript_number(double number);

}  // namespace claimledger
