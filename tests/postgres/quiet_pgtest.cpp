#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <thread>

#include "own_schema.hpp"

// libpq prints what a server says unasked, if nobody else listens: when it ends sessions, for example. A library does
// not write to the terminal of its program. (What is said while PQconnectdb() itself still connects is printed all the
// same: only connecting step by step could prevent that, and libpq then gives up its timeout for each host.)
namespace claimledger::postgres::test {

namespace {

std::string printed_by(const std::function<void()>& work) {
  std::FILE* file = std::tmpfile();
  std::fflush(stderr);
  const int err = dup(2);
  dup2(fileno(file), 2);
  work();
  std::fflush(stderr);
  dup2(err, 2);
  close(err);
  std::string text(1 << 16, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

const AgentId alice{"alice"};

class Quiet : public testing::Test {
 protected:
  Options named() const {
    auto options = schema_.options();
    options.application_name = name_;
    return options;
  }
  // Ends all sessions of the store, and waits until they are gone.
  void end_sessions() const {
    const auto whose = " FROM pg_stat_activity WHERE application_name = '" + name_ + "'";
    schema_.ask("SELECT pg_terminate_backend(pid)" + whose);
    while (schema_.ask_one("SELECT count(*)" + whose) != "0") std::this_thread::yield();
  }

  OwnSchema schema_{"quiet"};
  const std::string name_ = "quiet " + std::to_string(getpid());
};

}  // namespace

TEST_F(Quiet, WhenSessionsAreEndedWhileNobodyUsesThem) {
  const auto said = printed_by([&] {
    auto store = open(named());
    store->head(alice, {});
    end_sessions();
    store->head(alice, {});
    end_sessions();
    store.reset();
  });

  EXPECT_EQ(said, "");
}

TEST_F(Quiet, WhenSessionsAreEndedWhileTheyListen) {
  const auto said = printed_by([&] {
    const auto store = open(named());
    for (int i = 0; i < 3; ++i) {
      store->await_append({}, 0, {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1}});
      std::this_thread::sleep_for(std::chrono::milliseconds{300});  // it listens by now
      end_sessions();
    }
  });

  EXPECT_EQ(said, "");
}

}  // namespace claimledger::postgres::test
