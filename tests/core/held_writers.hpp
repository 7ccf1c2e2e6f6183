#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crowd.hpp"
#include "watched_store.hpp"

// Writers that come one after the other while the appends of those before them are held.
namespace claimledger::application::test {

constexpr std::chrono::seconds long_enough{60};  // for what should happen at once, on the busiest machine

// Holds each append until it is let through.
class Gate : public Watched {
 public:
  using Watched::Watched;

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override;
  // Before a group that was decided ahead begins its turn. One that wants nothing and begins anew looks the same.
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override;
  Snapshot snapshot(const AgentId& agent, const Moment& moment, const Wanted& wanted, const Call& call) const override;

  bool is_holding() const;
  // Waits until one is held, or `instead` is true, which is asked again when one ends. Returns whether one is.
  bool wait_until_holding(const std::function<bool()>& instead = {});
  // Waits until this is true, which is asked again at every call of changed().
  bool wait_until(const std::function<bool()>& condition) const;
  void changed() const;
  // Lets the one that is held through, and no other.
  void let_one_through();
  // Holds none any more.
  void open();

  // The position that was last read at.
  Position read_at() const { return {read_at_}; }

  std::function<void()> before_turn_without_reads;
  mutable std::atomic<int> damages_met = 0;
  mutable std::atomic<std::size_t> entries_read = 0;  // of lines

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::atomic<std::uint64_t> read_at_ = 0;
  bool open_ = false, holding_ = false, lets_through_ = false;
};

// Each has a thread of its own.
class HeldWriters {
 public:
  HeldWriters(Crowd& crowd, std::shared_ptr<Gate> gate) : crowd_(crowd), gate_(std::move(gate)) {}
  ~HeldWriters() { finish(); }

  // The next one comes: when this returns it has its turn, waits for it, or has ended.
  void start(const Act& act);
  // Lets an append through, once there is one; none where all have ended.
  void let_one_through();
  // Lets all appends through that there will be, until all have ended; later ones are held again.
  void let_all_end();
  // Waits until the one has ended that came as this one, counted from 0.
  bool wait_until_ended(std::size_t which) const;
  // Opens the gate. What each was told, in the order of their coming.
  std::vector<std::string> finish();

 private:
  struct Writer {
    std::string told = {};
    std::atomic<bool> ended = false;
    std::thread thread = {};
  };
  bool all_ended() const;

  Crowd& crowd_;
  std::shared_ptr<Gate> gate_;
  std::deque<Writer> writers_;
};

// A write that changes nothing, and tells how often it was decided, and how often while an append was held.
class Probe {
 public:
  explicit Probe(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}

  Act act() const;
  bool wait_until_decided() const {
    return gate_->wait_until([&] { return decided() > 0; });
  }
  int decided() const { return counts_->decided; }
  int decided_ahead() const { return counts_->ahead; }

 private:
  struct Counts {
    std::atomic<int> decided = 0, ahead = 0;
  };
  std::shared_ptr<Gate> gate_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace claimledger::application::test
