#include "claimledger/adapter/ledger_vectors.hpp"

#include <algorithm>

namespace claimledger::adapter {

void LedgerVectors::OfModel::add(Position seq, const Bytes& vector) {
  if (!numbers.try_emplace(seq, filed.filed + 1).second) return;
  vectors.emplace(++filed.filed, Numbered{seq, vector});
}

void LedgerVectors::OfModel::erase(Position seq) {
  const auto found = numbers.find(seq);
  if (found == numbers.end()) return;
  vectors.erase(found->second);
  numbers.erase(found);
  ++filed.erased;
}

const LedgerVectors::OfModel* LedgerVectors::find(const EmbeddingModel& model) const {
  const auto found = std::ranges::find(models_, model, [](const auto& each) { return each.filed.model; });
  return found == models_.end() ? nullptr : &*found;
}

LedgerVectors::OfModel& LedgerVectors::of(const EmbeddingModel& model) {
  const auto found = std::ranges::find(models_, model, [](const auto& each) { return each.filed.model; });
  if (found != models_.end()) return *found;
  return models_.emplace_back(OfModel{.filed = {.model = model, .up_to = {}}, .vectors = {}, .numbers = {}});
}

void LedgerVectors::add(const Commit& commit) {
  const auto brings = [](const auto& entry) {
    return entry.content_state == ContentState::present && !entry.content.vector.empty();
  };
  if (commit.model && (find(*commit.model) != nullptr || std::ranges::any_of(commit.entries, brings))) {
    auto& model = of(*commit.model);
    for (const auto& entry : commit.entries) {
      if (brings(entry)) model.add(entry.seq, entry.content.vector);
    }
    if (commit.every_vector && model.filed.up_to == commit.after.position)
      model.filed.up_to = commit.entries.back().seq;
  }
  for (const auto& entry : commit.entries) {
    if (!entry.erases) continue;
    for (auto& model : models_) model.erase(*entry.erases);
  }
}

std::vector<FiledModel> LedgerVectors::models() const {
  std::vector<FiledModel> all;
  for (const auto& model : models_) all.push_back(model.filed);
  return all;
}

std::optional<FiledModel> LedgerVectors::read(const EmbeddingModel& model, std::uint64_t after, std::size_t limit,
                                              const std::function<void(const FiledVector&)>& visit) const {
  const auto* found = find(model);
  if (found == nullptr) return std::nullopt;
  for (auto each = found->vectors.upper_bound(after); each != found->vectors.end() && limit > 0; ++each, --limit)
    visit({each->first, each->second.seq, each->second.vector});
  return found->filed;
}

bool LedgerVectors::has(const EmbeddingModel& model, Position seq) const {
  const auto* found = find(model);
  return found != nullptr && found->numbers.contains(seq);
}

bool LedgerVectors::file(const EmbeddingModel& model, Position before, Position up_to,
                         std::span<const NewVector> vectors, const std::function<bool(Position)>& has_content) {
  const auto* known = find(model);
  if ((known == nullptr ? Position{} : known->filed.up_to) < before) return false;
  auto& found = of(model);
  for (const auto& [seq, vector] : vectors)
    if (has_content(seq)) found.add(seq, vector);
  found.filed.up_to = std::max(found.filed.up_to, up_to);
  return true;
}

void LedgerVectors::drop(const EmbeddingModel& model) {
  if (find(model) == nullptr) return;
  auto& found = of(model);
  found.vectors.clear();
  found.numbers.clear();
  found.filed.erased = found.filed.filed;
  found.filed.up_to = {};
}

}  // namespace claimledger::adapter
