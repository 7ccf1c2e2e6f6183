#include "vector_table.hpp"

#include <string>

#include "appending.hpp"
#include "rows.hpp"

namespace claimledger::postgres::vector_table {

namespace {

std::uint64_t count_column(const Rows& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

}  // namespace

void add(Parameters& parameters, const EmbeddingModel& model) {
  parameters.add(model.name);
  parameters.add(static_cast<std::int32_t>(model.dimensions));
  parameters.add(model.fingerprint);
}

std::vector<FiledModel> models(const Reader& reader, const AgentId& agent) {
  std::vector<FiledModel> all;
  auto row = reader.ask(Query::read_models, Parameters(agent_key(agent)));
  while (row.next()) {
    const EmbeddingModel model{std::string(row.text(0)), static_cast<std::uint32_t>(row.integer(1)),
                               std::string(row.text(2))};
    all.push_back({model, position_column(row, 3), count_column(row, 4), count_column(row, 5)});
  }
  return all;
}

std::optional<FiledModel> read(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                               std::uint64_t after, std::size_t limit,
                               const std::function<void(const FiledVector&)>& visit) {
  Parameters all(agent_key(agent));
  add(all, model);
  all.add(Position{after});
  all.add(reading::count(limit));
  auto row = reader.ask(Query::read_vectors, all);
  if (!row.next()) return std::nullopt;
  const FiledModel filed{model, position_column(row, 1), count_column(row, 0), count_column(row, 2)};
  while (row.next()) visit({count_column(row, 0), position_column(row, 1), row.bytes(3)});
  return filed;
}

std::vector<Position> without(const Reader& reader, const AgentId& agent, const EmbeddingModel& model,
                              std::span<const std::uint8_t> kinds, Position from, Position to, std::size_t limit) {
  auto numbers = Array::numbers();
  for (const auto kind : kinds) numbers.add_number(kind);
  Parameters all(agent_key(agent));
  add(all, model);
  all.add(numbers);
  all.add(from);
  all.add(to);
  all.add(reading::count(limit));
  std::vector<Position> found;
  auto row = reader.ask(Query::read_without_vector, all);
  while (row.next()) found.push_back(position_column(row, 0));
  return found;
}

// A connection that is lost meanwhile puts nothing in doubt: whoever files again sees what is there.
bool file(const Reader& reader, const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
          std::span<const NewVector> vectors) {
  auto bytes = Array::bytes(), seqs = Array::integers();
  for (const auto& [seq, vector] : vectors) {
    bytes.add(vector);
    seqs.add(number(seq));
  }
  Parameters all(agent_key(agent), appending::lock_timeout(reader.database, reader.call));
  add(all, model);
  all.add(before);
  all.add(up_to);
  all.borrow(bytes);
  all.borrow(seqs);
  auto row = reader.ask(Query::append_vectors, all);
  row.next();
  return row.flag(0);
}

void drop(const Reader& reader, const AgentId& agent, const EmbeddingModel& model) {
  Parameters all(agent_key(agent), appending::lock_timeout(reader.database, reader.call));
  add(all, model);
  reader.ask(Query::drop_vectors, all);
}

}  // namespace claimledger::postgres::vector_table
