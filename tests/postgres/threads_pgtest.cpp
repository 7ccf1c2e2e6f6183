#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <thread>

#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/matchers.hpp"
#include "database.hpp"
#include "notifying.hpp"
#include "own_schema.hpp"

// Threads of a store: their effects on each other and on the rest of the program, and a process that can start none.
namespace claimledger::postgres::test {

namespace {

using conformance::fails_with;
using std::chrono::milliseconds;

const AgentId alice{"alice"};

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

// While it lives no thread can begin, as at a limit of the system: each would need a stack larger than any memory.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 60);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_;
};

Call with_a_deadline() { return {.deadline = std::chrono::steady_clock::now() + std::chrono::minutes{1}}; }

// Calls without an end of their own then need no watcher.
Options patient(Options options) {
  options.statement_timeout = milliseconds{0};
  return options;
}

Commit first_batch() {
  conformance::ExampleIds ids(1);
  return conformance::commit_after({{}, {}, genesis_hash(alice)}, alice, ids.batch(), conformance::example_time(),
                                   {conformance::claim_recorded({"alice", "likes"}, ids.claim())});
}

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
    const auto watched = database.watch(*other, over, "test");
    while (watched.cancelled_by() == Watcher::CancelCause::none) std::this_thread::yield();
  };

  database.send(*session, Query::server, Parameters(), {.stop = stop.get_token()}, "test");

  EXPECT_TRUE(session->usable());
  EXPECT_NO_THROW(session->run("SELECT pg_sleep(0.2)", Parameters(), "test"));
}

// libpq closes what it finds dead, and the numbers of descriptors are given out again, to whoever comes next.
TEST(Threads, CuttingALostConnectionCutsNobodyElses) {
  Session session(ConnectionString(tests::shared_server(), "test"), "test");
  tests::ask(tests::shared_server(), "SELECT pg_terminate_backend(" + std::to_string(session.backend()) + ", 5000)");
  EXPECT_THROW(session.run("SELECT 1", Parameters(), "test"), StoreFailure);
  ASSERT_TRUE(session.lost());
  std::array<std::array<int, 2>, 8> strangers;
  for (auto& pair : strangers) ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);

  session.disconnect();

  for (const auto& [one, other] : strangers) {
    EXPECT_EQ(send(one, "x", 1, MSG_NOSIGNAL), 1);
    EXPECT_EQ(send(other, "x", 1, MSG_NOSIGNAL), 1);
    close(one);
    close(other);
  }
}

TEST(Threads, AnAppendThatLandedIsReportedAlsoWhenNobodyCanBeToldOfIt) {
  const OwnSchema schema("no threads");
  const auto store = open(patient(schema.options()));
  const auto commit = first_batch();
  {
    const NoThreads now;
    EXPECT_EQ(store->append(std::span(&commit, 1), {}).front(), Outcome{});
  }

  EXPECT_EQ(store->head(alice, {}).position, Position{1});
}

TEST(Threads, ACallThatNobodyCanWatchIsNotSent) {
  const OwnSchema schema("no threads");
  const auto store = open(patient(schema.options()));
  const auto commit = first_batch();
  {
    const NoThreads now;
    EXPECT_TRUE(fails_with(FailureKind::exhausted, [&] { store->head(alice, with_a_deadline()); }));
    EXPECT_TRUE(fails_with(FailureKind::exhausted, [&] { append_one(*store, commit, with_a_deadline()); }));
  }

  EXPECT_EQ(store->head(alice, with_a_deadline()).position, Position{0});
  EXPECT_EQ(store->append(std::span(&commit, 1), with_a_deadline()).front(), Outcome{});
}

// A role that may not log in keeps the two threads from connecting until nobody can watch them do it.
TEST(Threads, ThoseThatTellAndHearOutliveWhatTheyCannotDo) {
  const auto role = "threads_" + std::to_string(getpid());
  const auto server = [](const std::string& sql) { tests::ask(tests::shared_server(), sql); };
  server("DROP ROLE IF EXISTS " + role + "; CREATE ROLE " + role + " LOGIN");
  {
    std::atomic<int> complaints = 0;
    auto options = patient(logging_to([&](std::string_view message) {
      if (message.find("no thread") != std::string_view::npos) ++complaints;
    }));
    options.connection += " user=" + role;
    const Database database(options);
    adapter::AppendSignal heard;
    Notifier notifier(database);
    Listener listener(database, heard);
    server("ALTER ROLE " + role + " NOLOGIN");
    notifier.tell();
    listener.start();
    {
      const NoThreads now;
      server("ALTER ROLE " + role + " LOGIN");
      notifier.tell();
      while (complaints < 2) std::this_thread::yield();
    }

    while (!listener.hears()) std::this_thread::yield();
    const auto before = heard.wait(0, {}, {});
    notifier.tell();

    EXPECT_NE(heard.wait(before, std::chrono::minutes{1}, {}), before);
  }
  server("DROP ROLE " + role);
}

}  // namespace claimledger::postgres::test
