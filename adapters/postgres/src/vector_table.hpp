#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "claimledger/ports/vectors.hpp"
#include "reading.hpp"

// Vectors, each call one statement. What an append files goes with it (appending.hpp).
namespace claimledger::postgres::vector_table {

using reading::Reader;

// Adds the three columns by which a model is known.
void add(Parameters& parameters, const EmbeddingModel& model);

std::vector<FiledModel> models(const Reader& reader, const AgentId& agent);
std::optional<FiledModel> read(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                               std::uint64_t after, std::size_t limit,
                               const std::function<void(const FiledVector&)>& visit);
std::vector<Position> without(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                              std::span<const std::uint8_t> kinds, Position from, Position to, std::size_t limit);
bool file(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
          std::span<const NewVector> vectors);
void drop(const Reader& reader, const AgentId& agent, const EmbeddingModel& model);

}  // namespace claimledger::postgres::vector_table
