#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "claimledger/ports/vectors.hpp"
#include "reading.hpp"

// Vectors that the database compares, with the extension pgvector.
namespace claimledger::postgres::pgvector {

using reading::Reader;

// What there is of the extension in this database.
struct Here {
  bool compares = false;
  std::string detail;  // "pgvector 0.8.6", or what is missing and who can change that
};
Here look(const Reader& reader);
// Failure: StoreFailure{incompatible} where the options require it and it is not there.
void require(const Reader& reader);

Nearest nearest(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query,
                const std::function<void(const FiledVector&)>& visit);
void read_vectors_of(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                     std::span<const Position> entries, const std::function<void(const FiledVector&)>& visit);
std::optional<std::uint64_t> extend(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                                    std::uint64_t after);
Comparing comparing(const Reader& reader, const AgentId& agent, const EmbeddingModel& model);

}  // namespace claimledger::postgres::pgvector
