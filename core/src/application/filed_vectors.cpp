#include "application/filed_vectors.hpp"

#include <optional>

#include "search/unit_vector.hpp"

namespace claimledger::application {

namespace {

std::optional<search::UnitVector> vector_if_readable(std::string_view bytes, const EmbeddingModel& model) {
  try {
    return search::UnitVector::from_bytes(bytes, model.dimensions);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    return std::nullopt;
  }
}

}  // namespace

FiledVectors::FiledVectors(const Context& context, const AgentId& agent, Position end, std::uint64_t made_again,
                           const Call& call)
    : made_again_(context, agent, end, made_again, call) {
  const auto* vectors = context.store().vectors();
  if (vectors == nullptr) return;
  constexpr std::size_t at_once = 4'096;
  for (const auto& filed : vectors->models(agent, call)) {
    OfModel of_model{filed, std::vector<bool>(end.value)};
    made_again_.begin(filed);
    std::size_t visited = 0;
    std::uint64_t after = 0;
    do {
      visited = 0;
      const auto note = [&](const FiledVector& vector) {
        ++visited;
        after = vector.number;
        if (vector.seq.value == 0 || vector.seq > end) return;
        of_model.has[vector.seq.value - 1] = true;
        if (const auto filed_so = vector_if_readable(vector.vector, filed.model))
          made_again_.note(vector, *filed_so);
        else
          of_model.wrong.insert(vector.seq);
      };
      // What the last look says counts: others may have dropped or filed some between two.
      const auto now = vectors->read_vectors(agent, filed.model, after, at_once, note, call);
      of_model.filed.up_to = now ? now->up_to : Position{};
      of_model.wrong.merge(made_again_.make());
    } while (visited == at_once);
    models_.push_back(std::move(of_model));
  }
}

const EmbeddingModel* FiledVectors::wrong_at(Position seq, bool may_have) const {
  for (const auto& [filed, has, wrong] : models_) {
    if (seq.value > has.size()) continue;
    const bool there = has[seq.value - 1];
    const bool should = may_have && (there || seq <= filed.up_to);
    if (there != should || wrong.contains(seq)) return &filed.model;
  }
  return nullptr;
}

}  // namespace claimledger::application
