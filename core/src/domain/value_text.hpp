#pragma once

#include <string>

#include "claimledger/domain/value.hpp"

namespace claimledger {

// A value as somebody would read it aloud: the characters of a string; of an array or object its keys and what it
// holds, each on a line of its own; any other value as it is written.
std::string plain_text(const Value& value);

// Whether an object has each member of another one, with an equal value. False where either is no object.
bool has_members(const Value& object, const Value& wanted);

}  // namespace claimledger
