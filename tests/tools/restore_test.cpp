#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "shell.hpp"

// restore: a backup is verified and takes the place of the store, and nothing that was there is lost.
namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

constexpr auto say =
    "claimledger remember user city Berlin >/dev/null; claimledger backup bk.db >/dev/null; "
    "claimledger remember user pet cat >/dev/null";

TEST(Restore, PutsABackupInPlaceAndSetsTheOldAside) {
  const Shell shell;
  shell.run(say);

  const auto ran = shell.run("claimledger restore bk.db");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out.find("RESTORED  agent.db from bk.db\n  set aside agent.db.set-aside-1\n"), 0U) << ran.out;
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:agent.db.set-aside-1 verify").out.find("OK  default: 2 entries"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:bk.db verify").exit, 0) << "the backup is still there";
  EXPECT_EQ(shell.run("claimledger remember user pet dog && claimledger verify").exit, 0);
  EXPECT_EQ(shell.run("claimledger restore bk.db && ls agent.db.set-aside-2").exit, 0) << "again";
}

// The log that a killed writer leaves holds batches of the database that was there. It must not be played into another.
TEST(Restore, NeverMixesTheOldLogIn) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin; claimledger backup bk.db");
  shell.write("kill.sh",
              "mkfifo in out; claimledger ingest - --batch-size 1 --acknowledge <in >out & writer=$!\n"
              "exec 3>in 4<out\n"
              "for i in $(seq 50); do echo '{\"subject\":\"s\",\"predicate\":\"p'$i'\",\"value\":1}' >&3; read -r line "
              "<&4; done\n"
              "kill -9 $writer; wait $writer\n");
  ASSERT_EQ(shell.run("bash kill.sh").exit, 137);
  ASSERT_EQ(shell.run("test -s agent.db-wal").exit, 0);

  ASSERT_EQ(shell.run("claimledger restore bk.db").exit, 0);

  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry,"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:agent.db.set-aside-1 verify").out.find("OK  default: 51 entries,"),
            0U)
      << "set aside with its log";
}

TEST(Restore, TouchesNothingWhereTheBackupIsBroken) {
  const Shell shell;
  shell.run("claimledger ingest $DATA/us-congress.jsonl; claimledger backup bk.db; claimledger remember user pet cat");
  shell.run("printf forged | dd of=bk.db bs=1 seek=$((200 * 4096 + 2000)) conv=notrunc 2>/dev/null");
  const auto before = shell.run("claimledger verify").out;

  const auto ran = shell.run("claimledger restore bk.db");

  EXPECT_NE(ran.exit, 0) << ran.out;
  EXPECT_EQ(shell.run("claimledger verify").out, before);
  EXPECT_EQ(shell.run("ls | grep -c 'set-aside\\|restoring'").out, "0\n");
}

TEST(Restore, RefusesWhatIsNoLedger) {
  const Shell shell;
  shell.run(say);
  shell.run("echo hello > notes.txt; : > empty.db; mkdir folder");

  for (const std::string from : {"notes.txt", "empty.db", "folder", "nothing.db"}) {
    const auto ran = shell.run("claimledger restore " + from);
    EXPECT_NE(ran.exit, 0) << from;
    EXPECT_NE((ran.err + ran.out).find(from), std::string::npos) << ran.err;
  }
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 2 entries"), 0U);
  EXPECT_EQ(shell.run("claimledger --store memory: restore bk.db").exit, 3);
}

TEST(Restore, WaitsForTheWritersTurn) {
  const Shell shell;
  shell.run(say);

  const auto ran = shell.run("flock -x agent.db-lock claimledger restore bk.db");

  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("busy during restore"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 2 entries"), 0U);
  EXPECT_EQ(shell.run("ls | grep -c restoring").out, "0\n");
}

TEST(Restore, OfAFolderAndOfOneAgentInIt) {
  const Shell shell;
  shell.run(
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:d/ backup bk/\n"
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a d e; done");
  const auto entries = [&](const std::string& agent) {
    return Json::parse(shell.run("claimledger --store sqlite:d/ --agent " + agent + " status --json").out)["entries"];
  };

  EXPECT_EQ(shell.run("cp bk/ann.db anything.db; claimledger --store sqlite:d/ restore anything.db").exit, 0);
  EXPECT_EQ(entries("ann"), 1);
  EXPECT_EQ(entries("bob"), 2);
  const auto ran = shell.run("claimledger --store sqlite:d/ restore bk --json");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(Json::parse(ran.out)["databases"].size(), 2U);
  EXPECT_EQ(entries("bob"), 1);
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);
  EXPECT_EQ(shell.run("claimledger restore bk").exit, 2) << "a folder for a file";
}

TEST(Restore, WhereNothingIs) {
  const Shell shell;
  shell.run(say);

  EXPECT_EQ(shell.run("claimledger --store sqlite:new.db restore bk.db").out, "RESTORED  new.db from bk.db\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:new.db verify").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:fresh/ restore bk.db").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:fresh/ verify --all").exit, 0);
}

// A write-protected or shared database stays so.
TEST(Restore, KeepsTheMode) {
  const Shell shell;
  shell.run(say);
  shell.run("chmod 660 agent.db; claimledger restore bk.db");

  EXPECT_EQ(shell.run("stat -c %a agent.db").out, "660\n");
}

}  // namespace
}  // namespace claimledger::tests
