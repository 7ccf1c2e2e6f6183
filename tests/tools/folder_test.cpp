#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "shell.hpp"

// Nothing is left out of a statement about all: each file of a folder is reported, the healthy ones are served, and the
// exit code is 1 where one is not.
namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

class Folder : public testing::Test {
 protected:
  Folder() {
    shell.run(
        "for a in ann bob cyd zed; do claimledger --agent $a remember a b c; done\n"
        ": > d/bob.db; rm d/bob.db-*; echo hello > d/foreign.db; cp d/ann.db d/copied.db; mkdir d/folder.db\n"
        "dd if=/dev/urandom of=d/cyd.db bs=4096 count=20 seek=1 conv=notrunc 2>/dev/null; rm d/cyd.db-*\n"
        "echo note > d/notes.txt; touch d/.hidden.db");
  }
  // In the folder's store.
  struct InFolder {
    Shell shell;
    Ran run(const std::string& script) const { return shell.run("export CLAIMLEDGER_STORE=sqlite:d/\n" + script); }
  } shell;

  static void expect_each(const std::string& text) {
    for (const auto* bad : {"bob", "foreign", "copied", "folder", "cyd"})
      EXPECT_NE(text.find(bad), std::string::npos) << bad << " is not in " << text;
    EXPECT_EQ(text.find("notes"), std::string::npos) << text;
    EXPECT_EQ(text.find("hidden"), std::string::npos) << text;
  }
};

TEST_F(Folder, IsVerifiedWhole) {
  const auto ran = shell.run("claimledger verify --all");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("OK  ann: 1 entry"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("OK  zed: 1 entry"), std::string::npos) << ran.out;
  expect_each(ran.out);
  const auto report = Json::parse(shell.run("claimledger verify --all --json").out);
  EXPECT_FALSE(report["ok"]);
  EXPECT_EQ(report["ledgers"].size(), 7U);
}

TEST_F(Folder, IsListedWhole) {
  const auto ran = shell.run("claimledger agents");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("ann  1 entry\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("zed  1 entry\n"), std::string::npos) << ran.out;
  expect_each(ran.out);
}

TEST_F(Folder, IsExportedUnderANameThatIsFree) {
  const auto ran =
      shell.run("mkdir keep.not-whole; echo mine > keep.not-whole-2; claimledger export --all --output keep");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("written to keep.not-whole-3\n"), std::string::npos) << ran.out;
  EXPECT_EQ(shell.run("cat keep.not-whole-2; wc -l < keep.not-whole-3; ls keep .claimledger* 2>/dev/null").out,
            "mine\n2\n");
}

TEST_F(Folder, IsExportedAsFarAsItGoesAndReplacesNothing) {
  shell.shell.write("keep", "yesterday's\n");

  const auto ran = shell.run("claimledger export --all --output keep");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("2 batches of 2 ledgers written to keep.not-whole\n"), std::string::npos) << ran.out;
  expect_each(ran.err);
  EXPECT_EQ(shell.shell.read("keep"), "yesterday's\n");
  EXPECT_EQ(shell.run("wc -l < keep.not-whole; claimledger export --all 2>/dev/null | wc -l").out, "2\n2\n");
  EXPECT_EQ(shell.run("claimledger --agent ann export").exit, 0);
}

TEST_F(Folder, IsCopiedAsFarAsItGoes) {
  const auto ran = shell.run("claimledger copy --from sqlite:d/ --to sqlite:e/");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("SAME  ann"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("SAME  zed"), std::string::npos) << ran.out;
  expect_each(ran.out);
  EXPECT_EQ(shell.run("claimledger --store sqlite:e/ verify --all").exit, 0);
}

// As it is past what is wrong in the source.
TEST_F(Folder, IsCopiedPastWhatIsWrongInTheTarget) {
  shell.run(
      "mkdir ok e; for a in ann bob cyd zed; do claimledger --store sqlite:ok/ --agent $a remember a b c; done\n"
      "echo hello > e/ann.db; claimledger --store sqlite:e.db --agent other remember a b c; cp e.db e/cyd.db; rm "
      "e.db*");

  const auto ran = shell.run("claimledger copy --from sqlite:ok/ --to sqlite:e/");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("BROKEN  ann: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("is not a database"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("SAME  bob"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("BROKEN  cyd: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("another agent, 'other'"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("SAME  zed"), std::string::npos) << ran.out;
  EXPECT_EQ(shell.run("cat e/ann.db").out, "hello\n");
  const auto report = Json::parse(shell.run("claimledger copy --from sqlite:ok/ --to sqlite:e/ --json").out);
  EXPECT_EQ(report["ledgers"].size(), 4U) << report;
  EXPECT_EQ(shell.run("claimledger --agent ann copy --from sqlite:ok/ --to sqlite:e/").exit, 3)
      << "it alone was asked for";
}

// Somebody has to insist on those that lie ahead of the clock, and the others wait for nobody.
TEST(FolderWithALedgerAheadOfTheClock, IsCopiedButForThat) {
  const Shell shell;
  shell.run(
      "export CLAIMLEDGER_STORE=sqlite:d/\n"
      "for a in ann zed; do claimledger --agent $a remember a b c; done\n"
      "echo '{\"subject\":\"a\",\"predicate\":\"b\",\"value\":\"c\",\"recorded_at\":\"2962-01-01\"}' |"
      "claimledger --agent bob ingest - --clock recorded_at --allow-future");

  const auto ran = shell.run("claimledger copy --from sqlite:d/ --to sqlite:e/");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("SAME  ann"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("REFUSED  bob: recorded_at: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("--allow-future takes it all the same"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("SAME  zed"), std::string::npos) << ran.out;
  EXPECT_EQ(shell.run("ls e | grep bob").out, "") << "and nothing of it is there";
  EXPECT_EQ(shell.run("claimledger copy --from sqlite:d/ --to sqlite:e/ --allow-future").exit, 0);
}

// By its own path, too, a ledger of a folder is that of one agent, and the folder is for nothing else.
TEST(LedgerOfAFolder, TakesNoOtherAgentByItsOwnPath) {
  const Shell shell;
  shell.run(
      "for a in ann zed; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:one.db --agent bob remember a b c; claimledger --store sqlite:one.db remember a b c\n"
      "claimledger --store sqlite:bobs.db --agent bob remember a b c\n"
      "claimledger --store sqlite:one.db --agent bob export --output bob.jsonl; ln -s d link; ln -s d/ann.db ann\n"
      "echo '{\"subject\":\"a\",\"predicate\":\"b\",\"value\":\"c\"}' > claim.jsonl; claimledger --store sqlite:one.db "
      "backup bk.db");
  const struct {
    std::string words;
    int exit;
  } rows[] = {{"--store sqlite:d/ann.db remember a b c", 2},
              {"--store sqlite:ann remember a b c", 2},
              {"--store sqlite:d/ann.db --agent bob remember a b c", 2},
              {"--store sqlite:d/ann.db ingest claim.jsonl", 2},
              {"--store sqlite:d/ann.db import bob.jsonl", 2},
              {"--agent bob copy --from sqlite:one.db --to sqlite:d/ann.db", 2},
              {"copy --from sqlite:bobs.db --to sqlite:d/ann.db", 2},
              {"copy --from sqlite:one.db --to sqlite:d/ann.db", 1},  // each of several
              // A new file there.
              {"--store sqlite:d/new.db remember a b c", 2},
              {"--store sqlite:link/new.db remember a b c", 2},
              {"--store sqlite:d/new.db init", 2},
              {"copy --from sqlite:one.db --to sqlite:d/new.db", 2},
              {"--store sqlite:one.db backup d/new.db", 2},
              {"--store sqlite:d/new.db restore bk.db", 2},
              {"--store sqlite:d/ann.db restore bk.db", 2}};

  for (const auto& [words, exit] : rows) {
    const auto ran = shell.run("claimledger " + words);
    EXPECT_EQ(ran.exit, exit) << words << ran.out << ran.err;
    EXPECT_TRUE((ran.out + ran.err).find("for each agent") != std::string::npos ||
                (ran.out + ran.err).find("of another") != std::string::npos ||
                (ran.out + ran.err).find("'ann'") != std::string::npos)
        << words << ran.out << ran.err;
  }
  EXPECT_EQ(shell.run("ls d/*.db").out, "d/ann.db\nd/zed.db\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);
  // Its own agent writes it by either name, and a file elsewhere takes all.
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ann.db --agent ann remember a b d").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ --agent ann remember a b e").exit, 0);
  EXPECT_EQ(shell.run("claimledger copy --from sqlite:d/ --to sqlite:all.db").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:all.db --agent new remember a b c").exit, 0);
  // A copy of one, or a backup, makes no such folder of where it lies.
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ann.db backup ann.db; cp d/zed.db .").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:ann.db remember a b c").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:another.db remember a b c").exit, 0);
  // A backup of the folder does.
  EXPECT_EQ(
      shell.run("claimledger --store sqlite:d/ backup e; claimledger --store sqlite:e/ann.db remember a b c").exit, 2);
  EXPECT_EQ(
      shell.run("claimledger --store sqlite:f/ restore e; claimledger --store sqlite:f/zed.db remember a b c").exit, 2);
}

// One that was made as a store of its own, under the name that fits, is a folder's from its next batch there on.
TEST(LedgerOfAFolder, IsOneFromTheFirstBatchThatTheFolderWrites) {
  const Shell shell;
  shell.run(
      "mkdir d; claimledger --store sqlite:d/ann.db --agent ann remember a b c\n"
      "claimledger --store sqlite:d/ --agent ann remember a b d");

  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ann.db --agent bob remember a b c").exit, 2);
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);
}

// What lies in it is not seen, so nothing is said of it or put beside it. An agent's own ledger is found by its name.
TEST(FolderThatMayNotBeListed, IsNotTakenForEmpty) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "only the superuser can become somebody else";
  shell.run(
      "claimledger --store sqlite:d/ --agent ann remember a b c; claimledger --store sqlite:one.db --agent bob "
      "remember "
      "a b c; chown -R 65534:65534 .; chmod 755 .; chmod 311 d");
  const std::string as_owner = "setpriv --reuid=65534 --regid=65534 --clear-groups claimledger ";
  for (const std::string words :
       {"--store sqlite:d/new.db remember a b c", "--store sqlite:d/new.db init",
        "--store sqlite:d/ann.db --agent bob remember a b c", "--store sqlite:one.db backup d/bk.db",
        "copy --from sqlite:one.db --to sqlite:d/new.db", "--store sqlite:d/ restore one.db",
        "--store sqlite:d/ann.db restore one.db", "--store sqlite:d/ verify --all", "--store sqlite:d/ agents",
        "--store sqlite:d/ status", "--store sqlite:d/ export --all", "--store sqlite:d/ backup bk",
        "--store sqlite:d/ migrate", "copy --from sqlite:d/ --to sqlite:e/", "--store sqlite:e/ restore d"}) {
    const auto ran = shell.run(as_owner + words);
    EXPECT_EQ(ran.exit, 3) << words << ran.out << ran.err;
    EXPECT_EQ(ran.err.find("claimledger: unreachable"), 0U) << words << ran.err;
    EXPECT_TRUE(ran.err.ends_with("d: Permission denied\n") || ran.err.ends_with("d/: Permission denied\n"))
        << words << ran.err;
  }
  EXPECT_EQ(shell.run("ls d/*.db").out, "d/ann.db\n");
  EXPECT_EQ(shell.run(as_owner + "--store sqlite:d/ --agent ann remember a b d").exit, 0);
}

TEST_F(Folder, IsShownByStatusWithWhatCannotBeRead) {
  const auto ran = shell.run("claimledger --agent ann status");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  expect_each(ran.out);
  EXPECT_NE(ran.out.find("\nnot atomic_across_agents  every"), std::string::npos) << ran.out;
  EXPECT_EQ(Json::parse(shell.run("claimledger --agent ann status --json").out)["problems"].size(), 5U);
  EXPECT_EQ(shell.run("rm -r d/bob.db d/foreign.db d/copied.db d/folder.db d/cyd.db; claimledger status").exit, 0);
}

TEST_F(Folder, IsBackedUpAsFarAsItGoes) {
  const auto ran = shell.run("claimledger backup f");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("copied to f/ann.db\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("copied to f/zed.db\n"), std::string::npos) << ran.out;
  expect_each(ran.out);
}

TEST_F(Folder, IsTailedAsFarAsItGoes) {
  const auto ran = shell.run("claimledger tail --all --no-follow --from-start");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.out.find("ann"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("zed"), std::string::npos) << ran.out;
  expect_each(ran.err);
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 5) << ran.err;
  const auto some = shell.run("claimledger tail --all --from-start --limit 2");
  EXPECT_EQ(some.exit, 1);
  expect_each(some.err);
}

TEST_F(Folder, IsMigratedAsFarAsItGoes) {
  const auto ran = shell.run("claimledger migrate");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  for (const auto* each : {"ann", "zed"}) EXPECT_NE(ran.out.find(each), std::string::npos) << ran.out;
  expect_each(ran.out);
  EXPECT_EQ(shell.run("claimledger migrate --dry-run").exit, 1);
}

TEST_F(Folder, IsInitialisedAsFarAsItGoes) {
  const auto ran = shell.run("claimledger init");

  EXPECT_EQ(ran.exit, 1) << ran.err;
  expect_each(ran.out);
}

// Root is kept out by no mode.
TEST(FolderWithALedgerThatMayNotBeRead, IsServedAsFarAsItGoes) {
  const Shell shell;
  shell.run(
      "for a in ann zed; do claimledger --store sqlite:d/ --agent $a remember a b c; done; chmod 0 d/zed.db*\n"
      "chmod 755 . d; chmod 644 d/ann.db*; mkdir out; chmod 777 out");
  for (const std::string words : {"agents", "verify --all", "export --all", "export --all --output out/all",
                                  "tail --all --no-follow --from-start", "backup out/backup",
                                  "copy --from sqlite:d/ --to sqlite:out/copy/", "migrate", "migrate --dry-run"}) {
    const auto ran = shell.run(
        "umask 0; setpriv --reuid=65534 --regid=65534 --clear-groups \"$(command -v claimledger)\" --store sqlite:d/ " +
        words);
    EXPECT_EQ(ran.exit, 1) << words << ran.err;
    EXPECT_NE((ran.out + ran.err).find("zed"), std::string::npos) << words << ran.out << ran.err;
    EXPECT_NE((ran.out + ran.err).find("Permission denied"), std::string::npos) << words << ran.out << ran.err;
  }
  for (const auto* served : {"grep -c ann out/all.not-whole", "ls out/backup/ann.db",
                             "claimledger --store sqlite:out/copy/ --agent ann recall a b"})
    EXPECT_EQ(shell.run(served).exit, 0) << served;
}

TEST_F(Folder, ServesEachHealthyLedgerAndStartsNoHistoryInAnEmptiedOne) {
  EXPECT_EQ(shell.run("claimledger --agent zed recall a b").exit, 0);
  EXPECT_EQ(shell.run("claimledger --agent new remember a b c").exit, 0);
  for (const std::string agent : {"bob", "foreign", "cyd", "copied"}) {
    for (const std::string words : {"recall a b", "remember a b d", "verify", "export", "recall a b --serve-to c"}) {
      const auto ran = shell.run("claimledger --agent " + agent + " " + words);
      EXPECT_EQ(ran.exit, 3) << agent << " " << words << ran.out;
      EXPECT_NE(ran.err.find(agent), std::string::npos) << ran.err;
    }
  }
  EXPECT_EQ(shell.run("stat -c %s d/bob.db").out, "0\n");
}

// The newest claims may be in the log alone.
TEST(LostDatabase, IsFoundByTheLogThatIsLeft) {
  const Shell shell;
  shell.run("claimledger --store sqlite:d/ --agent ann remember a b c");
  shell.write(
      "kill.sh",
      "mkfifo in out; claimledger ingest - --batch-size 1 --acknowledge <in >out & writer=$!\nexec 3>in 4<out\n"
      "for p in o p; do echo '{\"subject\":\"s\",\"predicate\":\"'$p'\",\"value\":1}' >&3; read -r line <&4; done\n"
      "kill -9 $writer; wait $writer; rm in out\n");
  shell.run("export CLAIMLEDGER_STORE=sqlite:d/ CLAIMLEDGER_AGENT=bob; bash kill.sh; rm d/bob.db");
  shell.run("bash kill.sh; rm agent.db");

  for (const std::string store : {"", "--store sqlite:d/ --agent bob "}) {
    for (const std::string words : {"recall s p", "verify", "export", "remember s p 2", "status"}) {
      const auto ran = shell.run("claimledger " + store + words);
      EXPECT_EQ(ran.exit, 3) << store << words << ran.out;
      EXPECT_NE(ran.err.find("beside it is a log with batches"), std::string::npos) << ran.err;
    }
  }
  for (const std::string words : {"verify --all", "agents", "export --all", "tail --all --no-follow", "backup copy"}) {
    const auto ran = shell.run("claimledger --store sqlite:d/ " + words);
    EXPECT_EQ(ran.exit, 1) << words << ran.err;
    EXPECT_NE((ran.out + ran.err).find("bob"), std::string::npos) << words << ran.out;
  }
}

TEST(DamagedLedger, KeepsNobodyFromTheOthers) {
  const Shell shell;
  shell.run(
      "export CLAIMLEDGER_STORE=sqlite:d/; for a in ann zed; do claimledger --agent $a remember a b c; done\n"
      "claimledger --agent bob ingest $DATA/us-congress.jsonl; claimledger backup f; rm -r d; mv f d\n"
      "dd if=/dev/urandom of=d/bob.db bs=4096 seek=40 count=300 conv=notrunc 2>/dev/null");

  for (const std::string words : {"export --all --output o", "copy --from sqlite:d/ --to sqlite:e/",
                                  "tail --all --no-follow --from-start", "verify --all"}) {
    const auto ran = shell.run("claimledger --store sqlite:d/ " + words);
    EXPECT_EQ(ran.exit, 1) << words << ran.err;
    EXPECT_NE((ran.out + ran.err).find("bob"), std::string::npos) << words << ran.out;
  }
  EXPECT_EQ(shell.run("claimledger --store sqlite:e/ --agent zed recall a b").exit, 0);
  EXPECT_EQ(shell.run("grep -c '\"agent\":\"zed\"' o.not-whole; ls o 2>/dev/null").out, "1\n");
}

TEST(ADatabaseWithoutAnEntry, IsNamedInAFolderAndNoHistoryBeginsInIt) {
  const Shell shell;
  shell.run(
      "export CLAIMLEDGER_STORE=sqlite:d/; claimledger --agent ann remember a b c; claimledger --store sqlite:bob.db "
      "init; mv bob.db d");

  for (const std::string words : {"agents", "verify --all", "export --all --output o", "backup f",
                                  "copy --from sqlite:d/ --to sqlite:e/", "tail --all --no-follow --from-start"}) {
    const auto ran = shell.run("claimledger --store sqlite:d/ " + words);
    EXPECT_EQ(ran.exit, 1) << words << ran.err;
    EXPECT_NE((ran.out + ran.err).find("bob.db: holds no entry"), std::string::npos) << words << ran.out << ran.err;
  }
  const auto ran = shell.run("claimledger --store sqlite:d/ --agent bob remember a b c");
  EXPECT_NE(ran.exit, 0);
  EXPECT_NE(ran.err.find("remove the file if nothing was ever kept in it"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/bob.db remember a b c").exit, 2) << "it is bob's, by its name";
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/bob.db --agent bob remember a b c").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);
}

TEST(FileNames, OfOneAgentThatAreTheIdOfAnotherHideNeither) {
  const Shell shell;
  shell.run("export CLAIMLEDGER_STORE=sqlite:d/; claimledger --agent BOB.db remember a b c; echo junk > d/BOB.db");

  const auto ran = shell.run("claimledger --store sqlite:d/ verify --all");

  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("OK  BOB.db: 1 entry"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("BROKEN  BOB.db (the file)"), std::string::npos) << ran.out;
}

TEST(Tail, EndsWhereItsFileIsReplaced) {
  const Shell shell;
  shell.run("claimledger remember a b c; claimledger backup other.db");
  shell.write("tail.sh",
              "mkfifo out; claimledger tail --from-start >out 2>err & tail=$!\nexec 4<out; read -r line <&4\n"
              "mv other.db agent.db; cat <&4 >/dev/null; wait $tail\n");

  EXPECT_EQ(shell.run("bash tail.sh").exit, 3);
  EXPECT_NE(shell.read("err").find("removed or replaced"), std::string::npos) << shell.read("err");
}

// "Not there" is only said of what is not there, and a question makes no store.
TEST(NotThere, IsOnlySaidOfWhatIsNotThere) {
  const Shell shell;
  shell.run(
      "claimledger remember a b c; mkdir locked; claimledger --store sqlite:locked/x.db remember a b c; chmod 0 "
      "locked\n"
      "ln -s nowhere dangling.db; ln -s loop.db loop.db; : > empty.db; chmod 755 .");
  const auto long_name = std::string(300, 'x');
  shell.write("questions", "{\"subject\":\"a\",\"predicate\":\"b\",\"expected\":\"c\"}\n");
  for (const std::string path : {"agent.db/x.db", "dangling.db", "loop.db", "empty.db", long_name.c_str(),
                                 "no/folder.db", "locked/x.db", "locked/"}) {
    for (const std::string words : {"recall a b",
                                    "recall a b --json",
                                    "recall a b --serve-to c",
                                    "search a",
                                    "context a --serve-to c",
                                    "history a b",
                                    "subject a",
                                    "subjects",
                                    "predicates",
                                    "contested",
                                    "pending",
                                    "audit",
                                    "answer questions",
                                    "agents",
                                    "status",
                                    "reindex",
                                    "embed",
                                    "verify",
                                    "export",
                                    "remember a b d",
                                    "sweep",
                                    "retract --source d --dry-run"}) {
      // As somebody whom a mode keeps out: root it does not.
      const auto ran = shell.run(
          "setpriv --reuid=65534 --regid=65534 --clear-groups "
          "\"$(command -v claimledger)\" --store sqlite:" +
          path + " " + words);
      EXPECT_EQ(ran.exit, 3) << path << " " << words << ": " << ran.err;
      const auto named = path == long_name         ? "too long"
                         : path.starts_with("no/") ? "no: there is no such folder"
                                                   : path;
      EXPECT_NE(ran.err.find(named), std::string::npos) << ran.err;
      EXPECT_EQ(ran.out, "") << path << " " << words;
    }
  }
  EXPECT_EQ(shell.run("ls nowhere 2>/dev/null").out, "");
}

// Nor by what asks first and may write then.
TEST(NotThere, IsNoReasonToMakeIt) {
  const Shell shell;
  const std::string id = "0190163d-8694-7c3b-b2a1-0123456789ab";
  for (const std::string store : {"typo.db", "typos/"}) {
    for (const auto& words :
         {std::string("recall a b --serve-to c"), std::string("search a"), std::string("context a --serve-to c"),
          std::string("end a b 2020"), std::string("retract a b"), std::string("retract --source c --dry-run"),
          std::string("correct a b c"), "reopen " + id, "review " + id + " keep",
          "adjudicate " + id + " Affirm --evidence c", std::string("reconcile"), std::string("sweep"),
          std::string("outcome key")}) {
      const auto ran = shell.run("claimledger --store sqlite:" + store + " " + words);
      EXPECT_TRUE(ran.exit == 1 || ran.exit == 3) << words << ran.out << ran.err;
    }
  }
  EXPECT_EQ(shell.run("ls").out, "");
  shell.run("claimledger --store sqlite:ledgers/ --agent ann remember a b c");
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ --agent bob recall a b --serve-to c").exit, 1);
  EXPECT_EQ(shell.run("ls ledgers | grep -c bob").out, "0\n");
}

TEST(StoreAddress, IsAPathOrRefusedByName) {
  const Shell shell;
  for (const std::string path :
       {"file:x.db", "file:x.db?mode=ro", ":memory:", ":x:", "//tmp/x.db", "///tmp/x.db", "~/x.db", "~root/x.db"}) {
    const auto ran = shell.run("claimledger --store 'sqlite:" + path + "' remember a b c");
    EXPECT_EQ(ran.exit, 2) << path << ran.out;
    EXPECT_NE(ran.err.find("store: sqlite: takes a path; "), std::string::npos) << ran.err;
  }
  EXPECT_EQ(shell.run("ls").out, "") << "nothing was made";
  for (const std::string path : {"./file:x.db", "./~", "./:memory:", "a?b.db", "a#b%20.db"}) {
    EXPECT_EQ(shell.run("claimledger --store 'sqlite:" + path + "' remember a b c").exit, 0) << path;
    EXPECT_EQ(shell.run("claimledger --store 'sqlite:" + path + "' recall a b").exit, 0) << path;
    EXPECT_EQ(shell.run("ls '" + path + "'").exit, 0) << path;
  }
}

TEST(DefaultStore, IsNotThereYet) {
  const Shell shell;
  const auto ran = shell.run("unset CLAIMLEDGER_STORE; claimledger recall a b");
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_NE(ran.err.find("yet"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("unset CLAIMLEDGER_STORE; claimledger verify").exit, 3);
  EXPECT_EQ(shell.run("ls -d .local 2>/dev/null").out, "");
  for (const auto* behind :
       {"ln -s unmounted .local", "mkdir -p .local/share; ln -s ../../unmounted .local/share/claimledger",
        "echo text > .local", "ln -s unmounted d; export CLAIMLEDGER_STORE=sqlite:d/"}) {
    const auto missing =
        shell.run(std::string("rm -rf .local d; unset CLAIMLEDGER_STORE; ") + behind + "; claimledger recall a b");
    EXPECT_EQ(missing.exit, 3) << behind << missing.err;
  }
}

}  // namespace
}  // namespace claimledger::tests
