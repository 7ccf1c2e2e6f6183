#include "vector_table.hpp"

#include <algorithm>
#include <string>

#include "reading.hpp"
#include "rows.hpp"

namespace claimledger::sqlite::vector_table {

namespace {

// A model of a ledger, and its number there.
struct NumberedModel {
  std::int64_t number;
  FiledModel filed;
};

std::vector<NumberedModel> models_of(Database& database, std::int64_t agent) {
  std::vector<NumberedModel> models;
  Run row(database, Query::models, agent);
  while (row.next()) {
    const EmbeddingModel model{std::string(row.text(1)), static_cast<std::uint32_t>(row.integer(2)),
                               std::string(row.text(3))};
    models.push_back({row.integer(0),
                      {model, position_column(row, 4), static_cast<std::uint64_t>(row.integer(5)),
                       static_cast<std::uint64_t>(row.integer(6))}});
  }
  return models;
}

std::optional<NumberedModel> find(Database& database, std::int64_t agent, const EmbeddingModel& model) {
  for (auto& each : models_of(database, agent))
    if (each.filed.model == model) return std::move(each);
  return std::nullopt;
}

// Where the ledger has none, as it will be once set() has added it.
NumberedModel find_or_next(Database& database, std::int64_t agent, const EmbeddingModel& model) {
  const auto models = models_of(database, agent);
  for (const auto& each : models)
    if (each.filed.model == model) return each;
  return {models.empty() ? 1 : models.back().number + 1, {.model = model, .up_to = {}}};
}

void set(Database& database, std::int64_t agent, const NumberedModel& model) {
  const auto& filed = model.filed;
  Run(database, Query::set_model, agent, model.number, filed.model.name, std::int64_t{filed.model.dimensions},
      filed.model.fingerprint, filed.up_to, static_cast<std::int64_t>(filed.filed),
      static_cast<std::int64_t>(filed.erased))
      .once();
}

std::int64_t last_number(const NumberedModel& model) { return static_cast<std::int64_t>(model.filed.filed); }

void add(Database& database, std::int64_t agent, NumberedModel& model, Position seq, std::string_view vector) {
  ++model.filed.filed;
  Run(database, Query::add_vector, agent, model.number, last_number(model), seq, Blob{vector}).once();
}

// Whether there was one that counts.
bool erase(Database& database, std::int64_t agent, const NumberedModel& model, Position seq) {
  Run row(database, Query::erase_vector, agent, seq, model.number);
  return row.next() && row.integer(0) <= last_number(model);
}

void erase(Database& database, std::int64_t agent, const Commit& commit) {
  const auto erases = [](const auto& entry) { return entry.erases.has_value(); };
  if (std::ranges::none_of(commit.entries, erases)) return;
  for (auto& model : models_of(database, agent)) {
    const auto before = model.filed.erased;
    for (const auto& entry : commit.entries) {
      if (entry.erases && erase(database, agent, model, *entry.erases)) ++model.filed.erased;
    }
    if (model.filed.erased != before) set(database, agent, model);
  }
}

}  // namespace

void follow(Database& database, std::int64_t agent, const Commit& commit) {
  const auto brings = [](const auto& entry) {
    return entry.content_state == ContentState::present && !entry.content.vector.empty();
  };
  const bool brings_some = std::ranges::any_of(commit.entries, brings);
  if (commit.model && (brings_some || find(database, agent, *commit.model))) {
    auto model = find_or_next(database, agent, *commit.model);
    for (const auto& entry : commit.entries)
      if (brings(entry)) add(database, agent, model, entry.seq, entry.content.vector);
    if (commit.every_vector && model.filed.up_to == commit.after.position)
      model.filed.up_to = commit.entries.back().seq;
    set(database, agent, model);
  }
  erase(database, agent, commit);
}

std::vector<FiledModel> models(Database& database, const AgentId& name) {
  std::vector<FiledModel> all;
  const auto agent = reading::agent_number(database, name);
  if (!agent) return all;
  for (auto& model : models_of(database, *agent)) all.push_back(std::move(model.filed));
  return all;
}

std::optional<FiledModel> read(Database& database, const AgentId& name, const EmbeddingModel& wanted,
                               std::uint64_t after, std::size_t limit,
                               const std::function<void(const FiledVector&)>& visit) {
  const auto agent = reading::agent_number(database, name);
  auto model = agent ? find(database, *agent, wanted) : std::nullopt;
  if (!model) return std::nullopt;
  Run row(database, Query::vectors, *agent, model->number, Position{after}, last_number(*model), reading::count(limit));
  while (row.next()) visit({static_cast<std::uint64_t>(row.integer(0)), position_column(row, 1), row.blob(2)});
  return std::move(model->filed);
}

std::vector<Position> without(Database& database, const AgentId& name, const EmbeddingModel& wanted,
                              std::span<const std::uint8_t> kinds, Position from, Position to, std::size_t limit) {
  std::vector<Position> found;
  const auto agent = reading::agent_number(database, name);
  if (!agent) return found;
  const auto model = find(database, *agent, wanted);
  std::string list = "[";
  for (const auto kind : kinds) list += (list.size() > 1 ? "," : "") + std::to_string(kind);
  list += ']';
  Run row(database, Query::without_vector, *agent, model ? model->number : std::int64_t{-1}, std::string_view(list),
          from, to, reading::count(limit), model ? last_number(*model) : std::int64_t{0});
  while (row.next()) found.push_back(position_column(row, 0));
  return found;
}

bool file(Database& database, const AgentId& name, const EmbeddingModel& wanted, Position before, Position up_to,
          std::span<const NewVector> vectors) {
  const auto agent = reading::agent_number(database, name);
  if (!agent || reading::head(database, name).position < up_to) return false;
  auto model = find_or_next(database, *agent, wanted);
  if (model.filed.up_to < before) return false;
  for (const auto& [seq, vector] : vectors) {
    if (!Run(database, Query::has_content, *agent, seq).next()) continue;
    if (Run(database, Query::has_vector, *agent, seq, model.number, last_number(model)).next()) continue;
    add(database, *agent, model, seq, vector);
  }
  model.filed.up_to = std::max(model.filed.up_to, up_to);
  set(database, *agent, model);
  return true;
}

bool drop(Database& database, const AgentId& name, const EmbeddingModel& wanted) {
  const auto agent = reading::agent_number(database, name);
  auto model = agent ? find(database, *agent, wanted) : std::nullopt;
  if (!model) return false;
  Run(database, Query::drop_vectors, *agent, model->number).once();
  model->filed.erased = model->filed.filed;
  model->filed.up_to = {};
  set(database, *agent, *model);
  return true;
}

}  // namespace claimledger::sqlite::vector_table
