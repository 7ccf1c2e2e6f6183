#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>

#include "claimledger/postgres/postgres_store.hpp"
#include "support/postgres_cluster.hpp"

// A password is in no message, no log line, no description, and in nothing that a library prints.
namespace claimledger::postgres::test {

namespace {

using tests::ask;
using tests::Cluster;

// Everything that is written to the standard outputs meanwhile, by whomever.
std::string printed_by(const std::function<void()>& work) {
  std::FILE* file = std::tmpfile();
  std::fflush(stdout);
  std::fflush(stderr);
  const int out = dup(1), err = dup(2);
  dup2(fileno(file), 1);
  dup2(fileno(file), 2);
  work();
  std::fflush(stdout);
  std::fflush(stderr);
  dup2(out, 1);
  dup2(err, 2);
  close(out);
  close(err);
  std::string text(1 << 16, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

struct Said {
  std::string all;      // what was printed, logged, described, thrown
  std::string failure;  // what was thrown
};

// Opens, uses, describes, with everything logged.
Said said_by(const std::string& connection) {
  Said said;
  std::ostringstream log;
  auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  logger->set_level(spdlog::level::trace);
  const auto attempt = [&](const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& error) {
      said.failure += std::string(error.what()) + '\n';
    }
  };
  const Options options{.connection = connection,
                        .acquire_timeout = std::chrono::seconds{2},
                        .slow = std::chrono::milliseconds{0},
                        .log = logger};
  said.all = printed_by([&] {
    attempt([&] { migrate(options); });
    attempt([&] { pending_migrations(options); });
    attempt([&] {
      const auto store = open(options);
      store->head(AgentId{"alice"}, {});
      for (const auto& [name, value] : store->describe({})) said.failure += name + '=' + value + '\n';
    });
  });
  said.all += said.failure + log.str();
  return said;
}

struct Case {
  const char* name;
  std::string connection;
  std::vector<std::string> secrets;  // whole or in pieces
  std::string words = {};            // that an operator has to find in the failure
};

void expect_silence(const Case& each) {
  SCOPED_TRACE(each.name);
  const auto said = said_by(each.connection);
  EXPECT_FALSE(said.all.empty());
  for (const auto& secret : each.secrets) EXPECT_EQ(said.all.find(secret), std::string::npos) << said.all;
  EXPECT_NE(said.failure.find(each.words), std::string::npos) << said.failure;
}

}  // namespace

class Credentials : public testing::Test {
 protected:
  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "no such server";
    ask(cluster_.connection(), "CREATE ROLE clerk LOGIN SUPERUSER PASSWORD 'hush-4711'");
    ask(cluster_.connection(), "CREATE ROLE guest LOGIN PASSWORD 'hush-4711'");
    ask(cluster_.connection(), "CREATE ROLE odd LOGIN SUPERUSER PASSWORD E'hu\\'sh \\\\@:/%=4711'");
    port_ = tests::ask_one(cluster_.connection(), "SHOW port");
  }
  std::string pairs(const std::string& user, const std::string& more) const {
    return "host=localhost port=" + port_ + " user=" + user + " dbname=postgres " + more;
  }
  std::string uri(const std::string& user, const std::string& password, const std::string& more = "") const {
    return "postgresql://" + user + ":" + password + "@localhost:" + port_ + "/postgres" + more;
  }

  const Cluster cluster_{"--tcp"};
  std::string port_;
};

TEST_F(Credentials, AreNotSaidWhereAllGoesWell) {
  for (const auto& each : std::vector<Case>{
           {"pairs", pairs("clerk", "password=hush-4711"), {"hush-4711"}, "backend=postgres"},
           {"uri", uri("clerk", "hush-4711"), {"hush-4711"}, "backend=postgres"},
           {"query of a uri",
            "postgres://clerk@localhost:" + port_ + "/postgres?password=hush-4711",
            {"hush-4711"},
            "backend=postgres"},
           {"odd, pairs", pairs("odd", "password='hu\\'sh \\\\@:/%=4711'"), {"4711"}, "backend=postgres"},
           {"odd, uri", uri("odd", "hu%27sh%20%5C%40%3A%2F%25%3D4711"), {"4711"}, "backend=postgres"},
       }) {
    expect_silence(each);
  }
}

TEST_F(Credentials, AreNotSaidWhereTheServerSaysNo) {
  for (const auto& each : std::vector<Case>{
           {"wrong password, pairs", pairs("clerk", "password=hush-0815"), {"0815"}, "password authentication failed"},
           {"wrong password, uri", uri("clerk", "hush-0815"), {"0815"}, "password authentication failed"},
           {"wrong password that is a word of the message",
            pairs("clerk", "password=clerk-server"),
            {"clerk-server"},
            "password authentication failed"},
           {"no such user", uri("nobody", "hush-0815"), {"0815"}, "nobody"},
           {"no such database", pairs("clerk", "password=hush-4711 dbname=absent"), {"4711"}, "absent"},
           {"may do nothing", uri("guest", "hush-4711"), {"4711"}, "permission denied"},
           {"no TLS there", uri("clerk", {"hush-4711"}, "?sslmode=require"), {"4711"}, "SSL"},
           {"a password for the key",
            pairs("clerk", "password=hush-4711 sslmode=require sslpassword=hush-0815"),
            {"0815"},
            "SSL"},
       }) {
    expect_silence(each);
  }
}

TEST_F(Credentials, AreNotSaidWhereNobodyAnswers) {
  for (const auto& each : std::vector<Case>{
           {"no server, pairs", "host=127.0.0.1 port=1 user=clerk password=hush-4711", {"4711"}, "refused"},
           {"no server, uri", "postgresql://clerk:hush-4711@127.0.0.1:1/postgres", {"4711"}, "refused"},
           {"no host, pairs",
            "host=no.such.host.invalid user=clerk password=hush-4711",
            {"4711"},
            "no.such.host.invalid"},
           {"no host, uri",
            "postgresql://clerk:hush-4711@no.such.host.invalid/postgres",
            {"4711"},
            "no.such.host.invalid"},
           {"no socket", "host=/nowhere user=clerk password=hush-4711", {"4711"}, "/nowhere"},
           {"several hosts", "postgresql://clerk:hush-4711@127.0.0.1:1,127.0.0.1:2/postgres", {"4711"}, "refused"},
       }) {
    expect_silence(each);
  }
}

TEST_F(Credentials, AreNotSaidWhereTheStringIsWrong) {
  for (const auto& each : std::vector<Case>{
           {"unknown option, pairs", pairs("clerk", "sslmod=require password=hush-4711"), {"4711"}, "\"sslmod\""},
           {"unknown option, uri", uri("clerk", {"hush-4711"}, "?colour=green"), {"4711"}, "\"colour\""},
           {"no end of the quote", pairs("clerk", "password='hush-4711"), {"4711"}},
           {"no equals sign", pairs("clerk", "password=hush 4711"), {"4711", "hush"}},
           {"a question mark in the password", uri("clerk", "hush?4711"), {"4711", "hush"}},
           {"a hash in the password", uri("clerk", "hush#4711"), {"4711", "hush"}},
           {"bad percent", uri("clerk", "hush%zz4711"), {"4711", "hush"}},
           {"no end of the address", "postgresql://clerk:hush-4711@[::1/postgres", {"4711"}},
           {"an at in the password", uri("clerk", "hush@4711"), {"4711", "hush"}, "%40"},
           {"a slash in the password", uri("clerk", "hush/4711"), {"4711", "hush"}, "%2F"},
           {"a wrong port", "host=localhost port=many user=clerk password=hush-4711", {"4711"}},
           {"a number for a password key", "postgresql://clerk:hush-4711@localhost:port/postgres", {"4711"}},
           {"options", pairs("clerk", "password=hush-4711 options='-c nonsense=1'"), {"4711"}},
           {"a wrong mode", pairs("clerk", "password=hush-4711 sslmode=sometimes"), {"4711"}},
           {"no host, so that the password stands for a port",
            "postgresql://clerk:hush-4711/postgres",
            {"4711", "hush"}},
           {"the scheme mistyped", "postgre://clerk:hush-4711@localhost/postgres", {"4711"}},
       }) {
    expect_silence(each);
  }
}

TEST_F(Credentials, AreNotSaidByTheEnvironmentEither) {
  setenv("PGPASSWORD", "hush-0815", 1);
  expect_silence({"of the environment", pairs("clerk", ""), {"0815"}, "password authentication failed"});
  unsetenv("PGPASSWORD");
}

// A word with a hole tells what was in it.
TEST_F(Credentials, LeaveTheWordsOfAServerWhole) {
  ask(cluster_.connection(), "CREATE ROLE rdr LOGIN PASSWORD 'r'");
  for (const auto& [connection, words] : std::vector<std::pair<std::string, std::string>>{
           {uri("rdr", "r"), "ERROR:  permission denied for database postgres (42501)"},
           {uri("postgres", "postgres"), "FATAL:  password authentication failed for user \"postgres\" (28P01)"},
           {pairs("rdr", "password=1"), "FATAL:  password authentication failed for user \"rdr\" (28P01)"},
           {"host=127.0.0.1 port=1 user=rdr password=1", "server at \"127.0.0.1\", port 1 failed"},
       }) {
    const auto said = said_by(connection);
    EXPECT_NE(said.failure.find(words), std::string::npos) << said.failure;
    EXPECT_EQ(said.failure.find("***"), std::string::npos) << said.failure;
  }
  setenv("PGPASSWORD", "r", 1);
  const auto said = said_by(pairs("rdr", ""));
  unsetenv("PGPASSWORD");
  EXPECT_NE(said.failure.find("ERROR:  permission denied for database postgres (42501)"), std::string::npos)
      << said.failure;
}

}  // namespace claimledger::postgres::test
