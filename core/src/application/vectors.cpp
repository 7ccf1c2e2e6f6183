#include <algorithm>
#include <map>
#include <utility>

#include "application/decoded_vector.hpp"
#include "application/embedding.hpp"
#include "application/read_entry.hpp"
#include "application/terms.hpp"
#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/ports/vectors.hpp"

// Vectors as they are filed, for programs that compare them themselves.
namespace claimledger::application {

namespace {

// The statements at these positions that have content still.
std::map<Position, Record> statements_at(const Context& context, const AgentId& agent, std::vector<Position> positions,
                                         const Call& call) {
  std::map<Position, Record> found;
  if (positions.empty()) return found;
  // The head after they were read: whatever has a vector is there by then.
  const auto head = context.store().head(agent, call).position;
  const auto limit = positions.size();
  const EntryQuery query{.key = key::Positions{std::move(positions)}, .limit = limit};
  for (const auto& stored : context.store().entries(agent, query, head, call)) {
    if (!is_found_by_words(stored.kind)) unreadable(stored.seq, "has a vector, and states nothing");
    auto record = read_entry(stored).record;
    if (record.content_state == ContentState::present) found.emplace(stored.seq, std::move(record));
  }
  return found;
}

// What was erased meanwhile is left out.
void add_statements(const Context& context, const VectorsRequest& request, std::vector<StatementVector>& vectors) {
  std::vector<Position> positions;
  positions.reserve(vectors.size());
  for (const auto& each : vectors) positions.push_back(each.statement.seq);
  auto statements = statements_at(context, request.agent, std::move(positions), request.call);
  std::erase_if(vectors, [&](const auto& each) { return !statements.contains(each.statement.seq); });
  for (auto& each : vectors) {
    each.statement = std::move(statements.at(each.statement.seq));
    each.text = text_to_embed(each.statement.content);
  }
}

// Failure: InvalidInput, StoreFailure{unsupported}.
template <class Request>
Vectors& vectors_for(const Context& context, const Request& request, const char* operation) {
  rules::admit_agent(request.agent);
  admit_model(request.model);
  auto* store = context.store().vectors();
  if (store == nullptr) throw StoreFailure(FailureKind::unsupported, operation, "this store keeps no vectors");
  return *store;
}

}  // namespace

VectorsAnswer vectors(const Context& context, const VectorsRequest& request) {
  if (request.limit == 0) throw InvalidInput("limit", "must be at least 1");
  const auto& store = vectors_for(context, request, "vectors");
  const auto most = std::min(request.limit, limits::page);
  VectorsAnswer answer{.filed = {}, .vectors = {}, .last = request.after};
  const auto take = [&](const FiledVector& filed) {
    const auto unit = decoded(filed, request.model);
    answer.last = filed.number;
    answer.vectors.push_back({.number = filed.number,
                              .statement = {.seq = filed.seq},
                              .vector = {unit.values().begin(), unit.values().end()}});
  };
  answer.filed = store.read_vectors(request.agent, request.model, request.after, most, take, request.call);
  answer.more = answer.vectors.size() == most;
  add_statements(context, request, answer.vectors);
  return answer;
}

DropVectorsAnswer drop_vectors(Context& context, const DropVectorsRequest& request) {
  auto& store = vectors_for(context, request, "drop_vectors");
  DropVectorsAnswer answer{.agent = request.agent, .model = request.model};
  for (const auto& [model, up_to, filed, erased] : store.models(request.agent, request.call))
    if (model == request.model) answer.vectors = filed - erased;
  if (answer.vectors > 0) store.drop_vectors(request.agent, request.model, request.call);
  return answer;
}

}  // namespace claimledger::application
