#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace claimledger::tests {

// Where and why a document does not fit a schema of draft 2020-12; empty where it fits. Knows the keywords that the
// program writes and fails on any other, so that none is passed over.
std::string misfit(const nlohmann::json& document, const nlohmann::json& schema);

}  // namespace claimledger::tests
