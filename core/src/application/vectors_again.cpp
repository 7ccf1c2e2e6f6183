#include "application/vectors_again.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "application/embedding.hpp"
#include "application/read_entry.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::application {

namespace {

std::optional<Content> content_if_readable(const StoredEntry& stored) {
  try {
    return read_entry(stored).record.content;
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    return std::nullopt;
  }
}

}  // namespace

void VectorsAgain::begin(const FiledModel& filed) {
  every_ = 0;
  if (wanted_ == 0 || filed.filed == filed.erased || !context_.parts.embedder) return;
  ask([&](Embedder& embedder) {
    if (embedder.model() == filed.model) every_ = std::max<std::uint64_t>(1, filed.filed / wanted_);
  });
}

void VectorsAgain::note(const FiledVector& filed, const search::UnitVector& vector) {
  if (every_ != 0 && filed.number % every_ == 0) noted_.emplace(filed.seq, vector);
}

// What is at fault with an entry that cannot be read is found entry by entry; its vector is left alone here.
std::vector<StoredEntry> VectorsAgain::entries_of_noted() const {
  std::vector<Position> positions;
  for (const auto& [seq, vector] : noted_) positions.push_back(seq);
  const auto read = [&](std::vector<Position> some) {
    const auto count = some.size();
    return context_.store().entries(agent_, {.key = key::Positions{std::move(some)}, .limit = count}, end_, call_);
  };
  const auto rethrow_others = [](const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
  };
  try {
    return read(positions);
  } catch (const StoreFailure& failure) {
    rethrow_others(failure);
  }
  std::vector<StoredEntry> entries;
  for (const auto& seq : positions) {
    try {
      for (auto& stored : read({seq})) entries.push_back(std::move(stored));
    } catch (const StoreFailure& failure) {
      rethrow_others(failure);
    }
  }
  return entries;
}

// Asks it no more once it failed. What the caller himself ended fails the call.
void VectorsAgain::ask(const std::function<void(Embedder&)>& question) {
  if (!failed_.empty()) return;
  try {
    question(*context_.parts.embedder);
  } catch (const StoreFailure& failure) {
    if (failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled) throw;
    failed_ = failure.detail();
  } catch (const std::exception& failure) {
    failed_ = failure.what();
  }
}

std::set<Position> VectorsAgain::make() {
  std::set<Position> elsewhere;
  if (noted_.empty()) return elsewhere;
  std::vector<const search::UnitVector*> filed;
  std::vector<Position> of;
  std::vector<std::string> texts;
  for (const auto& stored : entries_of_noted()) {
    if (stored.content_state != ContentState::present) continue;
    const auto content = content_if_readable(stored);
    if (!content) continue;
    filed.push_back(&noted_.at(stored.seq));
    of.push_back(stored.seq);
    texts.push_back(text_to_embed(*content));
  }
  ask([&](Embedder& embedder) {
    const auto vectors = embed(embedder, texts, EmbeddedText::statement, call_);
    for (std::size_t i = 0; i < vectors.size(); ++i)
      if (search::cosine(vectors[i], *filed[i]) < limits::same_cosine) elsewhere.insert(of[i]);
    made_ += vectors.size();
  });
  noted_.clear();
  return elsewhere;
}

}  // namespace claimledger::application
