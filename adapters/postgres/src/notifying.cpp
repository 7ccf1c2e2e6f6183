#include "notifying.hpp"

#include <spdlog/spdlog.h>

namespace claimledger::postgres {

namespace {

// Appends within this time share one notification.
constexpr std::chrono::milliseconds batching_window{5};
// Between two attempts to connect.
constexpr std::chrono::milliseconds reconnect_pause{500};
// The limit for a notification and for the start of listening. Closing a store may wait twice as long for a server that
// does not answer.
constexpr std::chrono::seconds call_timeout{2};
// A listening thread looks this often whether the store is closing, which waits for it.
constexpr std::chrono::milliseconds poll_interval{200};

// One for each schema, within the length of a name.
std::string channel(const std::string& schema) { return "claimledger_" + sha256({schema}).hex().substr(0, 16); }

}  // namespace

void OncePerReasonLog::report(const std::exception& reason) noexcept {
  try {
    if (last_ == reason.what()) return;
    last_ = reason.what();
    if (const auto& log = database_.options().log) log->warn("{}; feeds look instead: {}", of_, last_);
  } catch (const std::exception&) {
    // No memory for it.
  }
}

Notifier::~Notifier() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Notifier::tell() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (told_) return;
    try {
      if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    } catch (const std::exception& error) {
      return failures_.report(error);
    }
    told_ = true;
  }
  changed_.notify_all();
}

void Notifier::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return over_ || told_; });
    if (!told_) return;
    // Appends in this window share one notification. It is sent also when the store closes.
    changed_.wait_for(lock, batching_window, [&] { return over_; });
    told_ = false;
    lock.unlock();
    send();
    lock.lock();
  }
}

void Notifier::send() {
  try {
    if (!own_) {
      if (const auto idle = database_.pool().borrow()) return send_on(**idle);
    }
    if (!own_ || !own_->usable()) {
      own_ = database_.connect({.deadline = std::chrono::steady_clock::now() + call_timeout}, "notify");
    }
    send_on(*own_);
  } catch (const std::exception& error) {
    own_.reset();
    failures_.report(error);
  }
}

void Notifier::send_on(Session& session) {
  const Call call{.deadline = std::chrono::steady_clock::now() + call_timeout};
  auto watched = database_.watch(session, call, "notify");
  session.run(database_.statements()[Query::tell], Parameters(channel(database_.options().schema), ""), "notify");
  if (watched.finish() != Watcher::CancelCause::none) session.mark_unusable();
  failures_.reset();
}

Listener::~Listener() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Listener::start() noexcept {
  const std::scoped_lock lock(mutex_);
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  } catch (const std::exception& error) {
    failures_.report(error);
  }
}

void Listener::run() {
  const auto over = [&] {
    const std::scoped_lock lock(mutex_);
    return over_;
  };
  while (!over()) {
    try {
      if (!session_) {
        const Call call{.deadline = std::chrono::steady_clock::now() + call_timeout};
        session_ = database_.connect(call, "listen");
        const auto watched = database_.watch(*session_, call, "listen");
        session_->listen(channel(database_.options().schema), "listen");
        hears_ = true;
        failures_.reset();
        heard_.tell();  // for appends before it listened
      }
      if (session_->await_notification(poll_interval, "listen")) heard_.tell();
    } catch (const std::exception& error) {
      hears_ = false;
      session_.reset();
      failures_.report(error);
      heard_.tell();  // waiting callers have to poll from now on
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, reconnect_pause, [&] { return over_; });
    }
  }
}

}  // namespace claimledger::postgres
