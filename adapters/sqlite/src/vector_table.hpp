#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/ports/vectors.hpp"
#include "database.hpp"

// The vectors of contents in one database.
namespace claimledger::sqlite::vector_table {

// Files what a batch brings, and takes out what it erases; inside its transaction. `agent`: its number.
void follow(Database& database, std::int64_t agent, const Commit& commit);

// These answer as the methods of Vectors; the last two run inside a write transaction.
std::vector<FiledModel> models(Database& database, const AgentId& agent);
std::optional<FiledModel> read(Database& database, const AgentId& agent, const EmbeddingModel& model,
                               std::uint64_t after, std::size_t limit,
                               const std::function<void(const FiledVector&)>& visit);
std::vector<Position> without(Database& database, const AgentId& agent, const EmbeddingModel& model,
                              std::span<const std::uint8_t> kinds, Position from, Position to, std::size_t limit);
bool file(Database& database, const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
          std::span<const NewVector> vectors);
bool drop(Database& database, const AgentId& agent, const EmbeddingModel& model);

}  // namespace claimledger::sqlite::vector_table
