#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <thread>

#include "database.hpp"
#include "support/postgres_cluster.hpp"

// What the threads of a store do to each other and to the rest of the program, and what happens where none can begin.
namespace claimledger::postgres::test {

namespace {

using std::chrono::milliseconds;

// Does something with each message, in the thread that logs it.
class Sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Sink(std::function<void(std::string_view)> heed) : heed_(std::move(heed)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    heed_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> heed_;
};

Options logging_to(std::function<void(std::string_view)> heed) {
  Options options;
  options.connection = tests::shared_server();
  options.log = std::make_shared<spdlog::logger>("test", std::make_shared<Sink>(std::move(heed)));
  return options;
}

}  // namespace

// Between the answer and the return of send(): a cancel would come too late, and hit what is sent next.
TEST(Threads, ACallThatIsAnsweredIsNotCancelledAnyMore) {
  std::function<void()> when_answered = [] {};
  auto options = logging_to([&](std::string_view) { std::exchange(when_answered, [] {})(); });
  options.slow = milliseconds{0};  // each answer is logged
  const Database database(options);
  const auto session = database.connect({}, "test"), other = database.connect({}, "test");
  std::stop_source stop;
  when_answered = [&] {
    stop.request_stop();
    // Once it has ended another call, the watcher has seen this one's wish as well.
    const Call over{.deadline = std::chrono::steady_clock::now()};
    const auto watched = database.watch(*other, over);
    while (watched.ended() == Watcher::Ended::no) std::this_thread::yield();
  };

  database.send(*session, Query::server, Parameters(), {.stop = stop.get_token()}, "test");

  EXPECT_TRUE(session->usable());
  EXPECT_NO_THROW(session->run("SELECT pg_sleep(0.2)", Parameters(), "test"));
}

}  // namespace claimledger::postgres::test
