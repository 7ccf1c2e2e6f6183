#include "claimledger/in_order.hpp"

#include <algorithm>

#include "application/waiting.hpp"

namespace claimledger {

InOrder::Place InOrder::next() {
  const std::scoped_lock lock(state_->mutex);
  return {state_, state_->given++};
}

InOrder::Place::~Place() {
  if (state_) fail();
}

void InOrder::Place::wait_until_begun(const Call& call) { wait(&State::begun, call); }

void InOrder::Place::wait_until_landed(const Call& call) { wait(&State::landed, call); }

void InOrder::Place::wait(std::size_t State::*reached, const Call& call) {
  auto& state = *state_;
  std::unique_lock lock(state.mutex);
  const auto ready = [&] { return state.failed < number_ || state.*reached >= number_; };
  if (!application::wait_during(call, state.moved, lock, ready))
    application::call_is_over(call, "while the write before it, in order, was not done");
  if (state.*reached < number_)
    throw StoreFailure(FailureKind::cancelled, "append", "the write before it, in order, failed");
}

bool InOrder::Place::follows_what_landed() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->landed >= number_;
}

void InOrder::Place::begin() noexcept {
  const std::scoped_lock lock(state_->mutex);
  state_->begun = std::max(state_->begun, number_ + 1);
  state_->moved.notify_all();
}

void InOrder::Place::land() noexcept {
  const std::scoped_lock lock(state_->mutex);
  state_->landed = std::max(state_->landed, number_ + 1);
  state_->begun = std::max(state_->begun, number_ + 1);
  state_->moved.notify_all();
}

void InOrder::Place::fail() noexcept {
  const std::scoped_lock lock(state_->mutex);
  if (state_->landed > number_) return;
  state_->failed = std::min(state_->failed, number_);
  state_->moved.notify_all();
}

}  // namespace claimledger
