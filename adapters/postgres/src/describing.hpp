#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reading.hpp"

namespace claimledger::postgres {

// The server, the settings in force and the size of the schema, for an operator. Four statements.
std::vector<std::pair<std::string, std::string>> describe(const reading::Reader& reader);

}  // namespace claimledger::postgres
