#pragma once

#include <optional>
#include <string>

#include "claimledger/domain/ids.hpp"

namespace claimledger::sqlite {

// The name of an agent's database within a directory: safe on every file system, different for different agents also
// where case does not count. Long names become a digest, from which the agent can't be told.
std::string file_name(const AgentId& agent);

// Of a database of ours without an entry: in a directory one appears with its first.
inline constexpr const char* no_entries =
    "holds no entry: its making was broken off, its log was left behind, or it was made as a store of its own; "
    "restore a backup, or remove the file if nothing was ever kept in it";

struct FileName {
  std::optional<AgentId> agent;  // absent: named by digest
};
// Nothing for a file that file_name() would not have named.
std::optional<FileName> read_file_name(const std::string& name);

}  // namespace claimledger::sqlite
