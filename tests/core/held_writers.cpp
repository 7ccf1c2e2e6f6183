#include "held_writers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_writes.hpp"

namespace claimledger::application::test {

// --- The gate --------------------------------------------------------------------------------------------------------

std::vector<Outcome> Gate::append(std::span<const Commit> commits, const Call& call) {
  {
    std::unique_lock lock(mutex_);
    holding_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_ || std::exchange(lets_through_, false); });
    holding_ = false;
    changed_.notify_all();
  }
  return Watched::append(commits, call);
}

std::unique_ptr<WriteTurn> Gate::begin_write(std::vector<WriteIntent> intents, const Call& call) {
  const auto wants_nothing = [](const WriteIntent& intent) {
    const auto& wanted = intent.wanted;
    return wanted.lines.empty() && wanted.keys.empty() && wanted.claims.empty();
  };
  if (before_turn_without_reads && std::ranges::all_of(intents, wants_nothing))
    std::exchange(before_turn_without_reads, nullptr)();
  return Watched::begin_write(std::move(intents), call);
}

Snapshot Gate::snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const {
  try {
    auto read = Watched::snapshot(agent, moment, wanted, call);
    for (const auto& line : read.lines) entries_read += line.size();
    read_at_ = read.head.position.value;
    return read;
  } catch (const StoreFailure& failure) {
    if (failure.kind() == FailureKind::corrupt) ++damages_met;
    changed();
    throw;
  }
}

bool Gate::is_holding() const {
  const std::scoped_lock lock(mutex_);
  return holding_;
}

bool Gate::wait_until_holding(const std::function<bool()>& instead) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, long_enough, [&] { return holding_ || (instead && instead()); });
  EXPECT_TRUE(came) << "nobody appends";
  return holding_;
}

bool Gate::wait_until(const std::function<bool()>& condition) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, long_enough, condition);
}

void Gate::changed() const {
  { const std::scoped_lock lock(mutex_); }
  changed_.notify_all();
}

void Gate::let_one_through() {
  std::unique_lock lock(mutex_);
  lets_through_ = true;
  changed_.notify_all();
  EXPECT_TRUE(changed_.wait_for(lock, long_enough, [&] { return !lets_through_; })) << "none was held";
}

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

// --- Writers ---------------------------------------------------------------------------------------------------------

void HeldWriters::start(const Act& act) {
  const auto asked = crowd_.context.writers.asked();
  auto& writer = writers_.emplace_back();
  writer.thread = std::thread([this, act, &writer] {
    writer.told = act.run(crowd_.context);
    writer.ended = true;
    gate_->changed();
  });
  while (crowd_.context.writers.asked() == asked && !writer.ended) std::this_thread::yield();
}

bool HeldWriters::all_ended() const {
  return std::ranges::all_of(writers_, [](const auto& writer) { return writer.ended.load(); });
}

void HeldWriters::let_one_through() {
  if (gate_->wait_until_holding([&] { return all_ended(); })) gate_->let_one_through();
}

void HeldWriters::let_all_end() {
  while (gate_->wait_until_holding([&] { return all_ended(); })) gate_->let_one_through();
}

bool HeldWriters::wait_until_ended(std::size_t which) const {
  return gate_->wait_until([&] { return writers_.at(which).ended.load(); });
}

std::vector<std::string> HeldWriters::finish() {
  gate_->open();
  std::vector<std::string> told;
  for (auto& writer : writers_) {
    writer.thread.join();
    told.push_back(std::move(writer.told));
  }
  writers_.clear();
  return told;
}

// --- Probes ----------------------------------------------------------------------------------------------------------

Act Probe::act() const {
  return {alice, [gate = gate_, counts = counts_](Context& context) {
            return test::told([&] {
              const WriteRequest request{alice, {}, {}};
              return write(context, request, [&](Attempt&) {
                if (gate->is_holding()) ++counts->ahead;
                ++counts->decided;
                gate->changed();
                return WriteAnswer{};
              });
            });
          }};
}

}  // namespace claimledger::application::test
