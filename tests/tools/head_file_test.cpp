#include <gtest/gtest.h>

#include "shell.hpp"

// What hashes alone do not show, the noted head does: a cut end, an older copy, a ledger that was written anew.
namespace claimledger::tests {
namespace {

constexpr auto say_three =
    "for i in 1 2 3; do claimledger remember user city$i Berlin; done >/dev/null; claimledger backup old.db "
    ">/dev/null\n"
    "claimledger remember user pet cat >/dev/null; claimledger verify --head-file heads";

TEST(HeadFile, NotesAndGoesOn) {
  const Shell shell;
  ASSERT_EQ(shell.run(say_three).exit, 0);
  const auto first = shell.read("heads");
  EXPECT_EQ(first.find("{\"agent\":\"default\",\"position\":4,\"hash\":\""), 0U) << first;

  EXPECT_EQ(shell.run("claimledger verify --head-file heads").exit, 0);
  EXPECT_EQ(shell.read("heads"), first);
  EXPECT_EQ(shell.run("claimledger remember user pet dog; claimledger verify --head-file heads").exit, 0);
  EXPECT_NE(shell.read("heads").find("\"position\":5"), std::string::npos) << "it grew, and is noted anew";
}

// Each leaves a ledger that agrees with itself.
TEST(HeadFile, FindsWhatVerifyAloneCannot) {
  for (const auto* edit : {
           "rm agent.db*; cp old.db agent.db",
           "rm agent.db*; claimledger --store sqlite:old.db export | head -n 2 | claimledger import -",
           "rm agent.db*; for i in 1 2 3 4 5 6; do claimledger remember user city$i Munich; done",
           "rm agent.db*; claimledger --store sqlite:old.db export | claimledger import -; "
           "claimledger remember user pet dog",
       }) {
    const Shell shell;
    ASSERT_EQ(shell.run(say_three).exit, 0);
    const auto noted = shell.read("heads");
    shell.run(edit);
    EXPECT_EQ(shell.run("claimledger verify").exit, 0) << edit;

    const auto ran = shell.run("claimledger verify --head-file heads");
    EXPECT_EQ(ran.exit, 1) << edit << ran.out;
    EXPECT_EQ(ran.out.find("BROKEN  default: "), 0U) << ran.out;
    EXPECT_EQ(shell.read("heads"), noted) << "what was true is still noted";
    EXPECT_NE(ran.out.find("where that was meant, as after a restore, --accept notes it anew"), std::string::npos)
        << ran.out;
    EXPECT_EQ(shell.run("claimledger verify --head-file heads --accept").exit, 0) << edit;
    EXPECT_NE(shell.read("heads"), noted);
    EXPECT_EQ(shell.run("claimledger verify --head-file heads").exit, 0) << "it is the one now";
  }
}

// What a killed writer has left in the log alone.
TEST(HeadFile, FindsThatALogWasTakenAway) {
  const Shell shell;
  shell.write(
      "kill.sh",
      "mkfifo in out; claimledger ingest - --batch-size 1 --acknowledge <in >out & writer=$!\nexec 3>in 4<out\n"
      "for p in a b c; do echo '{\"subject\":\"s\",\"predicate\":\"'$p'\",\"value\":1}' >&3; read -r line <&4; done\n"
      "claimledger verify --head-file heads; kill -9 $writer; wait $writer\n");
  shell.run("claimledger remember user city Berlin; bash kill.sh; rm agent.db-wal agent.db-shm");

  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
  const auto ran = shell.run("claimledger verify --head-file heads");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out.find("BROKEN  default: it ends at entry 1, and entry 4 was noted"), 0U) << ran.out;
}

TEST(HeadFile, FindsALedgerThatHasGone) {
  const Shell shell;
  shell.run("for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a b c; done");
  ASSERT_EQ(shell.run("claimledger --store sqlite:d/ verify --all --head-file heads").exit, 0);
  shell.run("rm d/bob.db*");
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);

  const auto ran = shell.run("claimledger --store sqlite:d/ verify --all --head-file heads");

  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("OK  ann"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("BROKEN  bob: it ends at entry 0, and entry 1 was noted"), std::string::npos) << ran.out;
  const auto accepted = shell.run("claimledger --store sqlite:d/ verify --all --head-file heads --accept");
  EXPECT_EQ(accepted.exit, 1) << "nothing is no ledger that could be meant";
  EXPECT_NE(accepted.out.find("NONE  bob: there is no such ledger"), std::string::npos) << accepted.out;
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all --head-file heads").exit, 0) << "it was meant";
}

TEST(HeadFile, AcceptsNothingThatIsBroken) {
  const Shell shell;
  ASSERT_EQ(shell.run(say_three).exit, 0);
  const auto noted = shell.read("heads");
  shell.run("rm agent.db*; cp old.db agent.db; dd if=/dev/zero of=agent.db bs=4096 seek=2 count=1 conv=notrunc");

  EXPECT_NE(shell.run("claimledger verify --head-file heads --accept").exit, 0);
  EXPECT_EQ(shell.read("heads"), noted);
  EXPECT_EQ(shell.run("claimledger verify --accept").exit, 2) << "there is nothing to compare with";
}

TEST(HeadFile, KeepsWhatAnotherRunNotedMeanwhile) {
  const Shell shell;
  shell.run(
      "claimledger --agent ann remember a b c; claimledger --agent bob ingest $DATA/us-congress.jsonl\n"
      "claimledger verify --all --head-file heads; claimledger --agent ann remember a d e");
  // Once the slow one has made its file, it has read the notes.
  const auto ran = shell.run(
      "claimledger --agent bob verify --head-file heads & slow=$!\n"
      "until ls -l /proc/$slow/fd 2>/dev/null | grep -q '(deleted)' || ! kill -0 $slow 2>/dev/null; do :; done\n"
      "claimledger --agent ann verify --head-file heads; wait $slow");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(shell.read("heads").find("{\"agent\":\"ann\",\"position\":2,"), std::string::npos) << shell.read("heads");
}

TEST(HeadFile, ThatHoldsSomethingElseIsRefusedAndStays) {
  for (const auto* text :
       {"no JSON\n", "{\"agent\":\"a\"}\n", "{\"agent\":\"a\",\"position\":1,\"hash\":\"xyz\"}\n", "", "\n"}) {
    const Shell shell;
    shell.write("heads", text);
    shell.run("claimledger remember a b c");

    const auto ran = shell.run("claimledger verify --head-file heads");

    EXPECT_EQ(ran.exit, 2) << ran.out;
    EXPECT_NE(ran.err.find("--head-file: heads"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("it is no file of noted heads"), std::string::npos) << ran.err;
    EXPECT_EQ(shell.read("heads"), text);
  }
}

}  // namespace
}  // namespace claimledger::tests
