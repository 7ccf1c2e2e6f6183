#include "application/pending.hpp"

#include "codec/codec.hpp"
#include "codec/transfer.hpp"

namespace claimledger::application {

rules::BatchDraft& Pending::begin(TxTime now) {
  making_ = false;
  const auto after = decided();
  making_ = true;
  batches_.push_back(std::make_unique<rules::BatchDraft>(rules::BatchDraft{after, now, {}, {}}));
  return *batches_.back();
}

void Pending::keep(std::size_t batches) {
  batches_.resize(batches);
  making_ = false;
  index_anew();
}

void Pending::advance(Position durable) {
  std::erase_if(batches_, [&](const auto& batch) { return batch->after < durable; });
  durable_ = durable;
  index_anew();
}

// When somebody asks.
void Pending::index_anew() {
  filed_.clear();
  keys_.clear();
  claims_.clear();
  lines_.clear();
  next_batch_ = next_entry_ = 0;
}

Position Pending::decided() const {
  if (batches_.empty()) return durable_;
  return making_ ? batches_.back()->after : Position{batches_.back()->next().value - 1};
}

std::optional<Position> Pending::batch_end(TxTime recorded_at) const {
  for (const auto& batch : batches_) {
    if (batch->now == recorded_at) return Position{batch->next().value - 1};
  }
  return std::nullopt;
}

Record Pending::Filed::record() const {
  const auto& [entry, content, line] = batch->entries[place];
  const auto state = content == Content{} ? ContentState::none : ContentState::present;
  return {keys.seq, keys.recorded_at, entry, state, content};
}

void Pending::catch_up() {
  for (; next_batch_ < batches_.size(); ++next_batch_, next_entry_ = 0) {
    const auto& batch = *batches_[next_batch_];
    for (; next_entry_ < batch.entries.size(); ++next_entry_) {
      const auto& drafted = batch.entries[next_entry_];
      Filed filed{{}, &batch, next_entry_};
      auto& keys = filed.keys;
      keys.seq = Position{batch.after.value + next_entry_ + 1};
      keys.recorded_at = batch.now;
      keys.line = drafted.line;
      codec::fill_keys(keys, agent_, drafted.entry, drafted.content);
      if (keys.line) lines_.insert(*keys.line);
      if (keys.claim && keys.line) claims_.try_emplace(*keys.claim, filed_.size());
      if (keys.idempotency_key) keys_.try_emplace(*keys.idempotency_key, filed_.size());
      filed_.push_back(std::move(filed));
    }
    if (next_batch_ + 1 == batches_.size()) return;  // it may still grow
  }
}

const std::vector<Pending::Filed>& Pending::entries() {
  catch_up();
  return filed_;
}

const Pending::Filed* Pending::by_key(const Digest& key) {
  catch_up();
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &filed_[found->second];
}

const Pending::Filed* Pending::about(const ClaimId& claim) {
  catch_up();
  const auto found = claims_.find(claim);
  return found == claims_.end() ? nullptr : &filed_[found->second];
}

const std::set<LineKey>& Pending::lines() {
  catch_up();
  return lines_;
}

}  // namespace claimledger::application
