#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "claimledger/conformance/seeded_ids.hpp"
#include "support/postgres_cluster.hpp"
#include "timezones.hpp"
#include "transcript.hpp"

// The command line on a store in Postgres: the same answers as on SQLite, and the commands that only there have a
// meaning.
namespace claimledger::tests {
namespace {

// A shell whose store is a schema of its own in the server that the tests share.
class PostgresShell {
 public:
  PostgresShell() {
    static std::atomic<int> made = 0;
    schema = "cli_" + std::to_string(getpid()) + "_" + std::to_string(++made);
  }
  ~PostgresShell() {
    for (const auto* suffix : {"", "_copy"})
      ask(shared_server(), "DROP SCHEMA IF EXISTS " + schema + suffix + " CASCADE");
  }
  PostgresShell(const PostgresShell&) = delete;
  PostgresShell& operator=(const PostgresShell&) = delete;

  std::string settings() const {
    return "export CLAIMLEDGER_STORE='postgres:" + shared_server() + "' CLAIMLEDGER_SCHEMA=" + schema + "\n";
  }
  Ran run(const std::string& script) const { return shell.run(settings() + script); }

  Shell shell;
  std::string schema;
};

class PostgresTranscript : public testing::TestWithParam<std::string> {};

TEST_P(PostgresTranscript, ComesOutAsOnSqlite) {
  const auto exchanges = read_transcript(transcript_path(GetParam()));
  const PostgresShell postgres;

  const auto answers = converse(exchanges, postgres.shell, postgres.settings());

  ASSERT_EQ(answers.size(), exchanges.size());
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    auto answer = answers[i];
    const auto name = "postgres: (schema " + postgres.schema + ")";
    for (auto at = answer.find(name); at != std::string::npos; at = answer.find(name))
      answer.replace(at, name.size(), "sqlite:agent.db");
    EXPECT_EQ(answer, exchanges[i].answer) << "$ " << exchanges[i].command;
  }
}

// But those that name files.
std::vector<std::string> portable_transcripts() {
  auto names = transcript_names();
  std::erase_if(names, [](const std::string& name) { return name == "copy_and_tail" || name == "init"; });
  return names;
}
INSTANTIATE_TEST_SUITE_P(Cli, PostgresTranscript, testing::ValuesIn(portable_transcripts()),
                         [](const auto& test) { return test.param; });

TEST(PostgresStore, AnswersEveryTimezoneQuestionAndHasTheHashesOfSqlite) {
  const PostgresShell postgres;

  const auto ingest = postgres.run(
      "zcat $DATA/tz-releases.jsonl.gz | claimledger ingest - --agent tz --provenance "
      "External/ExternalFirstHand --cardinality Functional --confidence 0.95 --criticality Low --overturn "
      "newest_first_hand_wins --clock recorded_at --batch-by recorded_at");
  const auto answer = postgres.run("zcat $DATA/tz-queries.jsonl.gz | claimledger answer - --agent tz");
  const auto carried = postgres.run("claimledger copy --from \"$CLAIMLEDGER_STORE\" --to sqlite:tz.db");
  const auto here = postgres.run("claimledger verify --agent tz");
  const auto there = postgres.shell.run("claimledger --store sqlite:tz.db verify --agent tz");
  const auto asked = postgres.shell.run(
      "zcat $DATA/tz-queries.jsonl.gz | claimledger --store sqlite:tz.db answer - "
      "--agent tz");

  EXPECT_EQ(ingest.exit, 0) << ingest.err;
  EXPECT_EQ(answer.out, "8000 questions, 8000 right, 0 wrong\n") << answer.err;
  EXPECT_EQ(carried.exit, 0) << carried.out << carried.err;
  EXPECT_EQ(here.out.find("OK  tz: 29855 entries, head "), 0U) << here.out;
  EXPECT_EQ(there.out, here.out);
  EXPECT_EQ(asked.out, answer.out);
}

TEST(PostgresStore, HasTheHashesOfSqliteForTheSameScriptIdsAndClock) {
  const PostgresShell postgres;
  const auto policy = OverturnPolicy::newest_first_hand_wins;
  const auto ids = [] { return std::make_shared<conformance::SeededIds>(2026); };
  World here("postgres:" + shared_server(), policy, nullptr, ids(), {.schema = postgres.schema});
  World there("sqlite:" + (postgres.shell.folder() / "tz.db").string(), policy, nullptr, ids());

  here.replay();
  there.replay();

  const auto head = here.engine->head({.agent = here.agent});
  EXPECT_EQ(head.position.value, 29855U);  // what was stated, and nothing that follows from it
  EXPECT_EQ(head, there.engine->head({.agent = there.agent}));
}

TEST(PostgresStore, IsNotMadeByAQuestion) {
  const PostgresShell postgres;

  const auto recall = postgres.run("claimledger recall user city");
  const auto verify = postgres.run("claimledger verify");

  EXPECT_EQ(recall.exit, 1) << recall.err;
  EXPECT_NE(recall.err.find("there is no ledger at postgres: (schema " + postgres.schema + ")"), std::string::npos)
      << recall.err;
  EXPECT_EQ(verify.exit, 3) << verify.err;
  EXPECT_EQ(ask_one(shared_server(), "SELECT count(*) FROM pg_namespace WHERE nspname = '" + postgres.schema + "'"),
            "0");
}

TEST(PostgresStore, IsDescribedWithoutItsPassword) {
  const PostgresShell postgres;
  postgres.run("claimledger remember user city Berlin");

  const auto status = postgres.run("claimledger --store \"$CLAIMLEDGER_STORE password=s3cret\" status");

  EXPECT_EQ(status.exit, 0) << status.err;
  EXPECT_NE(status.out.find("postgres"), std::string::npos) << status.out;
  EXPECT_NE(status.out.find(postgres.schema), std::string::npos) << status.out;
  EXPECT_EQ((status.out + status.err).find("s3cret"), std::string::npos);
}

TEST(PostgresStore, IsMigratedAndIsBackedUpByOthers) {
  const PostgresShell postgres;
  EXPECT_EQ(postgres.run("claimledger migrate").exit, 3);
  postgres.run("claimledger remember user city Berlin");

  const auto migrate = postgres.run("claimledger migrate");
  const auto backup = postgres.run("claimledger backup copy.db");

  EXPECT_EQ(migrate.exit, 0) << migrate.err;
  EXPECT_NE(migrate.out.find("had      0001_tables"), std::string::npos) << migrate.out;
  EXPECT_EQ(backup.exit, 3);
  EXPECT_NE(backup.err.find("pg_dump"), std::string::npos) << backup.err;
}

TEST(PostgresStore, HasItsVectorsExportedAsThoseOfSqlite) {
  const PostgresShell postgres;
  postgres.shell.run(
      "claimledger ingest $DATA/us-executive.jsonl; claimledger remember user city Berlin\n"
      "claimledger vectors export here");

  const auto ran = postgres.run(
      "claimledger copy --from sqlite:agent.db --to \"$CLAIMLEDGER_STORE\" && claimledger vectors export there &&\n"
      "for file in vectors.npy statements.jsonl export.json; do cmp here/$file there/$file || exit 9; done");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("132 vectors of"), std::string::npos) << ran.out;
}

TEST(PostgresStore, IsCopiedThereAndBackAndRefusesAnotherHistory) {
  const PostgresShell postgres;
  postgres.shell.run(
      "claimledger ingest $DATA/us-executive.jsonl --batch-size 10; claimledger --agent bob remember user city Rome");
  const std::string to = "claimledger copy --from sqlite:agent.db --to \"$CLAIMLEDGER_STORE\"";

  const auto there = postgres.run(to);
  const auto again = postgres.run(to + " --json");
  const auto schema = postgres.run(
      "claimledger copy --from \"$CLAIMLEDGER_STORE\" --to \"$CLAIMLEDGER_STORE\" "
      "--to-schema $CLAIMLEDGER_SCHEMA\"_copy\"");
  const auto itself = postgres.run("claimledger copy --from \"$CLAIMLEDGER_STORE\" --to \"$CLAIMLEDGER_STORE\"");
  const auto back = postgres.run("claimledger copy --from \"$CLAIMLEDGER_STORE\" --to sqlite:back.db");
  const auto written = postgres.run("claimledger --agent bob remember user city Oslo");
  const auto refused = postgres.run(to);

  EXPECT_EQ(there.exit, 0) << there.out << there.err;
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(again.out.find("{\"ok\":true,"), 0U) << again.out;
  EXPECT_EQ(schema.exit, 0) << schema.out << schema.err;
  EXPECT_EQ(itself.exit, 2) << itself.out;
  EXPECT_NE(itself.err.find("--to: "), std::string::npos) << itself.err;
  EXPECT_EQ(back.exit, 0) << back.out << back.err;
  EXPECT_EQ(postgres.shell.run("claimledger --store sqlite:back.db export --all").out,
            postgres.shell.run("claimledger export --all").out);
  EXPECT_EQ(written.exit, 0) << written.err;
  EXPECT_EQ(refused.exit, 1);
  EXPECT_NE(refused.out.find("DIVERGED  bob"), std::string::npos) << refused.out;
}

TEST(PostgresStore, IsMadeWithPartitionsAndKeepsThem) {
  const PostgresShell postgres;

  const auto made = postgres.run("claimledger init --partitions 16");
  const auto again = postgres.run("claimledger init --json");
  const auto other = postgres.run("claimledger init --partitions 3");
  const auto status = postgres.run("claimledger remember user city Berlin; claimledger status; claimledger verify");

  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_EQ(made.out, "postgres: (schema " + postgres.schema +
                          ")\n  was given 0001_tables\n  was given 0002_guards\n  was given 0003_tenancy\n  was given "
                          "0004_terms\n  was given 0005_vectors\n  was given 0006_nearest\n");
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_NE(again.out.find("\"was_given\":[]"), std::string::npos) << again.out;
  EXPECT_EQ(other.exit, 3);
  EXPECT_NE(other.err.find("has 16 partitions"), std::string::npos) << other.err;
  EXPECT_EQ(status.exit, 0) << status.err;
  EXPECT_EQ(ask_one(shared_server(),
                    "SELECT count(*) FROM pg_inherits WHERE inhparent = '" + postgres.schema + ".entry'::REGCLASS"),
            "16");
}

TEST(PostgresStore, HasAWallBetweenTenantsWhereItIsAskedFor) {
  const PostgresShell postgres;
  const auto role = postgres.schema + "_app";
  ask(shared_server(), "CREATE ROLE " + role + " LOGIN");
  const std::string own = "claimledger --tenancy enforced --store \"$CLAIMLEDGER_STORE user=" + role + "\" ";

  const auto made = postgres.run("claimledger init --roles --tenancy enforced --tenant " + role + "=ada");
  ask(shared_server(), "GRANT claimledger_writer TO " + role);
  const auto ada = postgres.run(own + "--agent ada remember user city Berlin");
  const auto bob = postgres.run(own + "--agent bob remember user city Munich");
  const auto agents = postgres.run(own + "agents");
  const auto below = postgres.run(own + "--agent ada doctor");
  ask(shared_server(), "ALTER ROLE " + role + " BYPASSRLS");
  const auto above = postgres.run(own + "--agent ada doctor");
  ask(shared_server(), "ALTER ROLE " + role + " NOBYPASSRLS");
  ask(shared_server(), "ALTER TABLE " + postgres.schema + ".line NO FORCE ROW LEVEL SECURITY");
  const auto off = postgres.run(own + "--agent ada doctor");
  const auto scoped = postgres.run("claimledger init --tenancy scoped");

  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_NE(made.out.find("  roles     claimledger_owner, claimledger_writer, claimledger_reader\n"), std::string::npos)
      << made.out;
  EXPECT_NE(made.out.find("  tenant    " + role + " has the ledger of ada\n"), std::string::npos) << made.out;
  EXPECT_EQ(ada.exit, 0) << ada.err;
  EXPECT_EQ(bob.exit, 3) << bob.out;
  EXPECT_EQ(agents.out, "ada  1 entry\n") << agents.err;
  EXPECT_NE(below.out.find("fine   row-level security  forced, and holds for this role"), std::string::npos)
      << below.out << below.err;
  EXPECT_EQ(below.exit, 0) << below.out;
  EXPECT_NE(above.out.find("WRONG  row-level security  forced, but this role stands above it"), std::string::npos)
      << above.out << above.err;
  EXPECT_EQ(above.exit, 1);
  EXPECT_NE(off.out.find("WRONG  row-level security  off for line"), std::string::npos) << off.out << off.err;
  EXPECT_EQ(scoped.exit, 0) << scoped.err;
  ask(shared_server(), "DROP SCHEMA " + postgres.schema + " CASCADE");
  ask(shared_server(), "DROP ROLE " + role);
}

TEST(PostgresStore, TellsOfBatchesThatAnotherProcessCommits) {
  const PostgresShell postgres;

  const auto ran = postgres.run(
      "claimledger remember old fact 1 >/dev/null\n"
      "claimledger tail --all --from-start --limit 3 --json >out & tail=$!\n"
      "claimledger remember new fact 2 >/dev/null; claimledger --agent bob remember new fact 3 >/dev/null\n"
      "wait $tail");
  const auto out = postgres.shell.read("out");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3) << out;
}

// A connection is a process of the server and an exchange of passwords, so that a call makes one and no more.
TEST(PostgresStore, IsReachedByOneConnectionACall) {
  const Cluster cluster{"--conf log_connections=on"};
  if (!cluster) GTEST_SKIP() << "no such server";
  const Shell shell;
  const auto settings = "export CLAIMLEDGER_STORE='postgres:" + cluster.connection() + "'\n";
  const auto connections = [&] {
    std::ifstream log(cluster.folder() + "/primary.log");
    int count = 0;
    for (std::string line; std::getline(log, line);) count += line.find("connection authorized") != std::string::npos;
    return count;
  };
  shell.write("facts.jsonl", R"({"subject":"user","predicate":"name","value":"Ada"})"
                             "\n");

  for (const auto* call :
       {"claimledger recall user city", "claimledger init --roles --tenancy enforced --tenant postgres=default",
        "claimledger init --tenancy scoped", "claimledger remember user city Berlin",
        "claimledger remember user city Munich", "claimledger recall user city",
        "claimledger recall user city --serve-to me", "claimledger history user city", "claimledger subjects",
        "claimledger agents", "claimledger status", "claimledger verify", "claimledger ingest facts.jsonl",
        "claimledger export", "claimledger audit", "claimledger export --output all.jsonl",
        "claimledger import all.jsonl", "claimledger retract --source nobody --dry-run",
        "claimledger copy --from \"$CLAIMLEDGER_STORE\" --to memory:"}) {
    const auto before = connections();
    const auto ran = shell.run(settings + call);
    EXPECT_EQ(connections() - before, 1) << call << "\n" << ran.out << ran.err;
  }
}

// A program that reads one document a line of standard error meets nothing else there.
TEST(PostgresStore, WarnsInTheLogWhichIsJsonWhereAllIs) {
  const Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  const Shell shell;
  const auto settings = "export CLAIMLEDGER_STORE='postgres:" + cluster.connection() + "'\n";
  ASSERT_EQ(shell.run(settings + "claimledger remember user city Berlin").exit, 0);
  // As after a change of the system's C library.
  ask(cluster.connection(), "UPDATE pg_database SET datcollversion = '0' WHERE datname = 'postgres'");

  const auto text = shell.run(settings + "claimledger recall user city");
  EXPECT_EQ(text.exit, 0);
  EXPECT_EQ(text.err.find("claimledger: warning: "), 0U) << text.err;
  const auto json = shell.run(settings + "claimledger recall user city --json");
  EXPECT_EQ(std::count(json.err.begin(), json.err.end(), '\n'), 1) << json.err;
  EXPECT_EQ(json.err.find("{\"note\":\""), 0U) << json.err;
  EXPECT_NE(json.err.find("collation version"), std::string::npos) << json.err;
  EXPECT_NE(json.err.find("\"level\":\"warning\"}"), std::string::npos) << json.err;
}

TEST(PostgresStore, OfARenamedSchemaSaysSoUntilItIsMigrated) {
  const Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  const Shell shell;
  const auto settings = "export CLAIMLEDGER_STORE='postgres:" + cluster.connection() + "'\n";
  ASSERT_EQ(shell.run(settings + "claimledger remember user city Berlin").exit, 0);
  ask(cluster.connection(), "ALTER SCHEMA claimledger RENAME TO kept");

  const auto refused = shell.run(settings + "claimledger --schema kept verify");
  EXPECT_EQ(refused.exit, 3) << refused.out;
  EXPECT_NE(refused.err.find("claimledger migrate"), std::string::npos) << refused.err;
  EXPECT_EQ(shell.run(settings + "claimledger --schema kept migrate").exit, 0);
  EXPECT_EQ(shell.run(settings + "claimledger --schema kept verify").exit, 0);
  EXPECT_EQ(shell.run(settings + "claimledger --schema kept recall user city").exit, 0);
}

TEST(PostgresStore, IsFollowedAcrossARestartOfTheServer) {
  const Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  const Shell writer, reader;
  const auto store = "export CLAIMLEDGER_STORE='postgres:" + cluster.connection() + "'\n";
  const auto await_line = [&](const std::string& file) {
    for (int i = 0; i < 3000 && reader.read(file).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
  };
  EXPECT_EQ(writer.run(store + "claimledger remember old fact 1").exit, 0);
  auto tail = std::async(std::launch::async, [&] {
    return reader.run(store + "claimledger tail --from-start --limit 2 --json >out 2>err");
  });
  await_line("out");
  cluster.down("primary");
  await_line("err");
  cluster.up("primary");
  EXPECT_EQ(writer.run(store + "claimledger remember new fact 2").exit, 0);

  const auto exit = tail.get().exit;
  const auto out = reader.read("out"), err = reader.read("err");
  EXPECT_EQ(exit, 0) << err;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
  EXPECT_NE(err.find("waiting until it is back"), std::string::npos) << err;
}

TEST(PostgresStore, IsWaitedForByAnIngestThatSaysSo) {
  const Cluster cluster{""};
  if (!cluster) GTEST_SKIP() << "no such server";
  const Shell shell;
  const auto store = "export CLAIMLEDGER_STORE='postgres:" + cluster.connection() + "'\n";
  const auto await_text = [&](const std::string& file) {
    for (int i = 0; i < 3000 && shell.read(file).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
  };
  const auto say = [&](const std::string& predicate) {
    std::ofstream(shell.folder() / "in", std::ios::app) << R"({"subject":"s","predicate":")" << predicate
                                                        << R"(","value":1,"idempotency_key":")" << predicate << "\"}\n";
  };
  ASSERT_EQ(shell.run("mkfifo in").exit, 0);
  auto ingest = std::async(std::launch::async, [&] {
    return shell.run(store + "claimledger ingest - --batch-size 1 --acknowledge --wait <in >out 2>err");
  });
  // Until all is said; not by the server that is started meanwhile, too.
  std::unique_ptr<FILE, int (*)(FILE*)> hold(std::fopen((shell.folder() / "in").c_str(), "ae"), &std::fclose);
  ASSERT_TRUE(hold);
  say("before");
  await_text("out");
  cluster.down("primary");
  say("after");
  await_text("err");
  cluster.up("primary");
  hold.reset();

  EXPECT_EQ(ingest.get().exit, 0) << shell.read("err");
  EXPECT_NE(shell.read("err").find("waiting until it is back"), std::string::npos) << shell.read("err");
  EXPECT_EQ(shell.run(store + "claimledger export | wc -l").out, "2\n");
}

}  // namespace
}  // namespace claimledger::tests
