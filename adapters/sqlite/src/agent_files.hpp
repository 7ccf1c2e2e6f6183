#pragma once

#include <optional>
#include <string>

#include "claimledger/domain/ids.hpp"

namespace claimledger::sqlite {

// The name of an agent's database within a directory: safe on every file system, different for different agents also
// where case does not count. Long names become a digest, from which the agent can't be told.
std::string file_name(const AgentId& agent);

struct FileName {
  std::optional<AgentId> agent;  // absent: named by digest
};
// Nothing for a file that file_name() would not have named.
std::optional<FileName> read_file_name(const std::string& name);

}  // namespace claimledger::sqlite
