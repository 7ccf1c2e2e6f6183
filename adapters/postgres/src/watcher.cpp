#include "watcher.hpp"

#include <algorithm>
#include <utility>

namespace claimledger::postgres {

namespace {
// A server that has not cancelled within this time counts as gone.
constexpr std::chrono::seconds grace{2};
}  // namespace

Watcher::~Watcher() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// With the mutex held.
void Watcher::begin(const char* operation) {
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::exception& error) {
    throw StoreFailure(FailureKind::exhausted, operation,
                       std::string("no thread to watch a call with, so nothing was sent: ") + error.what());
  }
}

void Watcher::look() {
  {
    const std::scoped_lock lock(mutex_);
    look_now_ = true;
  }
  changed_.notify_all();
}

Watcher::Watch::Watch(Watcher& watcher, Session& session, const Call& call, std::chrono::milliseconds limit,
                      const char* operation)
    : watcher_(watcher), session_(session), call_(call) {
  if (limit.count() > 0) {
    until_ = std::chrono::steady_clock::now() + limit;
    cause_at_until_ = CancelCause::limit;
  }
  if (call.deadline && *call.deadline <= until_) {
    until_ = *call.deadline;
    cause_at_until_ = CancelCause::deadline;
  }
  if (cause_at_until_ == CancelCause::none && !call.stop.stop_possible()) return;
  bool sooner = false;
  {
    const std::scoped_lock lock(watcher_.mutex_);
    watcher_.begin(operation);
    place_ = watcher_.watches_.insert(watcher_.watches_.end(), this);
    watched_ = true;  // from here on nothing throws
    sooner = until_ < watcher_.next_;
    if (sooner) watcher_.look_now_ = true;
  }
  if (sooner) watcher_.changed_.notify_all();
  if (call.stop.stop_possible()) on_stop_.emplace(call.stop, Notice{&watcher_});
}

Watcher::CancelCause Watcher::Watch::finish() noexcept {
  if (!std::exchange(watched_, false)) return cause_;
  on_stop_.reset();  // waits for a notice that is just being given, which takes the mutex
  const std::scoped_lock lock(watcher_.mutex_);
  watcher_.watches_.erase(place_);
  return cause_;
}

Watcher::CancelCause Watcher::Watch::cancelled_by() const {
  const std::scoped_lock lock(watcher_.mutex_);
  return cause_;
}

// Cancels with the mutex held, so that no watch or session is destroyed meanwhile. Neither way of cancelling waits.
void Watcher::run() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    const auto now = std::chrono::steady_clock::now();
    next_ = std::chrono::steady_clock::time_point::max();
    look_now_ = false;
    for (auto* watch : watches_) {
      const bool stop = watch->cause_ == CancelCause::none && watch->call_.stop.stop_requested();
      if (stop || watch->until_ <= now) {
        if (watch->cause_ == CancelCause::none) {
          watch->cause_ = stop ? CancelCause::stop : watch->cause_at_until_;
          watch->session_.cancel();
          watch->until_ = now + grace;
        } else {
          watch->session_.disconnect();
          watch->until_ = std::chrono::steady_clock::time_point::max();
        }
      }
      next_ = std::min(next_, watch->until_);
    }
    const auto next = next_;
    const auto woken = [&] { return over_ || look_now_; };
    if (next == std::chrono::steady_clock::time_point::max()) {
      changed_.wait(lock, woken);
    } else {
      changed_.wait_until(lock, next, woken);
    }
  }
}

}  // namespace claimledger::postgres
