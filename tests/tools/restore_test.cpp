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

TEST(Restore, PutsNobodysLedgerInThePlaceOfAnothers) {
  const Shell shell;
  shell.run(
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:d/ backup bk/");

  const auto ran = shell.run("claimledger --store sqlite:d/bob.db restore bk/ann.db");

  EXPECT_EQ(ran.exit, 2) << ran.out;
  EXPECT_NE(ran.err.find("d/bob.db lies in a folder of ledgers"), std::string::npos) << ran.err;
  const auto elsewhere = shell.run("cp d/bob.db one.db; claimledger --store sqlite:one.db restore bk/ann.db");
  EXPECT_EQ(elsewhere.exit, 1) << elsewhere.err;
  EXPECT_NE(elsewhere.out.find("it holds the ledger of 'ann', and one.db that of 'bob'"), std::string::npos)
      << elsewhere.out;
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all; ls d | grep -c aside").out.substr(0, 2), "OK");
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ agents").out, "ann  1 entry\nbob  1 entry\n");
  // In a folder the name says whose it is, and a copy under it is what a restore is to mend.
  EXPECT_EQ(shell.run("rm d/bob.db*; cp d/ann.db d/bob.db; claimledger --store sqlite:d/ restore bk/bob.db").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ agents").out, "ann  1 entry\nbob  1 entry\n");
  // What cannot be read says nothing of whose it was; in a folder of ledgers the name does.
  shell.run("rm d/bob.db*; echo broken > d/bob.db; echo broken > bob.db");
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/bob.db restore bk/ann.db").exit, 2);
  EXPECT_EQ(shell.run("claimledger --store sqlite:bob.db restore bk/ann.db").exit, 0);
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

// --- The backup ----------------------------------------------------------------------------------------------------

// The answer is no, whatever is wrong with it: 1. Nothing is changed then.
class TornBackup {
 public:
  TornBackup() {
    shell_.run("claimledger remember user city Berlin; claimledger backup bk.db; claimledger remember user pet cat");
    before_ = shell_.run("claimledger verify").out;
    whole_ = shell_.read("bk.db");
  }

  const std::string& whole() const { return whole_; }
  const Shell& shell() const { return shell_; }

  Ran restore(const std::string& bytes) const {
    shell_.write("torn.db", bytes);
    return shell_.run("claimledger restore torn.db");
  }
  void expect_refused(const std::string& bytes) const {
    const auto ran = restore(bytes);
    EXPECT_EQ(ran.exit, 1) << ran.out << ran.err;
    EXPECT_EQ(ran.out.find("NOT RESTORED  agent.db from torn.db: "), 0U) << ran.out << ran.err;
    EXPECT_NE(ran.out.find("; nothing was changed\n"), std::string::npos) << ran.out;
    expect_untouched();
  }
  void expect_untouched() const {
    EXPECT_EQ(shell_.run("claimledger verify").out, before_);
    EXPECT_EQ(shell_.run("ls | grep -c 'set-aside\\|restoring'").out, "0\n");
  }

 private:
  Shell shell_;
  std::string before_;
  std::string whole_;
};

TEST(RestoreOfATornBackup, IsRefusedWhereverItWasCut) {
  const TornBackup backup;
  const auto size = backup.whole().size();
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{50}, std::size_t{99},
        std::size_t{100}, std::size_t{101}, std::size_t{512}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097},
        std::size_t{8192}, std::size_t{20'000}, size / 2, size - 4096, size - 1}) {
    SCOPED_TRACE(length);
    backup.expect_refused(backup.whole().substr(0, length));
  }
}

TEST(RestoreOfATornBackup, IsRefusedWhereAByteIsAnother) {
  const TornBackup backup;
  // What its header says: the name of the format, the size of a page, who may read and write it, fractions, how text is
  // spelled, whose database it is.
  for (const std::size_t at : {0U, 15U, 16U, 17U, 18U, 19U, 21U, 22U, 23U, 28U, 47U, 59U, 68U, 71U}) {
    SCOPED_TRACE(at);
    auto bytes = backup.whole();
    bytes[at] = static_cast<char>(~bytes[at]);
    backup.expect_refused(bytes);
  }
  // The roots of tables, and what an entry says.
  for (const std::size_t at : {std::size_t{100}, std::size_t{103}, backup.whole().find("Berlin")}) {
    SCOPED_TRACE(at);
    auto bytes = backup.whole();
    bytes[at] = static_cast<char>(~bytes[at]);
    backup.expect_refused(bytes);
  }
}

TEST(RestoreOfATornBackup, IsOneAnswerWhateverItIs) {
  const TornBackup backup;
  backup.expect_refused("hello\n");
  backup.shell().run("python3 -c \"import sqlite3; sqlite3.connect('torn.db').execute('CREATE TABLE t (a)')\" || true");
  backup.expect_refused(std::string("SQLite format 3\0", 16) + std::string(4080, '\1'));
  const auto json = backup.shell().run("claimledger restore torn.db --json");
  EXPECT_EQ(json.exit, 1);
  EXPECT_EQ(Json::parse(json.out)["ok"], false);
  EXPECT_EQ(backup.shell().run("claimledger restore nothing.db").exit, 2) << "what was typed is wrong";
  backup.shell().run("rm -rf d; mkdir d");
  EXPECT_EQ(backup.shell().run("claimledger --store sqlite:d/ restore torn.db").exit, 1) << "for a folder, too";
}

// --- The store -----------------------------------------------------------------------------------------------------

TEST(Restore, OfTheStoreItselfIsRefused) {
  const Shell shell;
  shell.run(say);
  shell.run("ln -s agent.db link.db; mkdir d; cp bk.db d/default.db; ln -s d e");

  for (const auto* words :
       {"claimledger restore agent.db", "claimledger restore ./agent.db", "claimledger restore link.db",
        "claimledger --store sqlite:link.db restore agent.db", "claimledger --store sqlite:d restore d",
        "claimledger --store sqlite:d/ restore e", "claimledger --store sqlite:d/ restore d/default.db"}) {
    const auto ran = shell.run(words);
    EXPECT_EQ(ran.exit, 2) << words;
    EXPECT_NE(ran.err.find("is the store itself"), std::string::npos) << words << ": " << ran.err;
  }
  EXPECT_EQ(shell.run("ls . d | grep -c 'set-aside\\|restoring'").out, "0\n");
}

TEST(Restore, ThroughALinkLeavesTheLink) {
  const Shell shell;
  shell.run(say);
  shell.run("mkdir real; claimledger --store sqlite:real/a.db remember x y z; ln -s real/a.db a.db");

  EXPECT_EQ(shell.run("claimledger --store sqlite:a.db restore bk.db").exit, 0);

  EXPECT_EQ(shell.run("readlink a.db").out, "real/a.db\n");
  EXPECT_EQ(shell.run("ls real/a.db.set-aside-1").exit, 0);
  EXPECT_EQ(shell.run("ls | grep -c 'set-aside\\|restoring'").out, "0\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:a.db recall user city").exit, 0);
}

TEST(Restore, OfWhatWasSetAsideUndoesIt) {
  const Shell shell;
  shell.run(say);

  EXPECT_EQ(shell.run("claimledger restore bk.db; claimledger restore agent.db.set-aside-1").exit, 0);

  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 2 entries"), 0U);
}

// The old database has its second name already, and its log has gone there.
TEST(Restore, BrokenOffIsToldAndFinishedOrTakenBack) {
  for (const bool finished : {true, false}) {
    const Shell shell;
    shell.run(say);
    shell.run(
        "ln agent.db agent.db.set-aside-3; mv agent.db-wal agent.db.set-aside-3-wal; mv agent.db-shm "
        "agent.db.set-aside-3-shm; echo half > agent.db.restoring-1");
    for (const std::string words :
         {"verify", "recall user city", "remember a b c", "--store sqlite:agent.db.set-aside-3 verify",
          "--store sqlite:agent.db.set-aside-3 export"}) {
      const auto ran = shell.run("claimledger " + words);
      EXPECT_EQ(ran.exit, 3) << words;
      EXPECT_NE(
          ran.err.find("a restore broke off; then repeat it, or restore agent.db.set-aside-3 to have back what was "
                       "here"),
          std::string::npos)
          << ran.err;
    }

    const auto ran = shell.run(finished ? "claimledger restore bk.db" : "claimledger restore agent.db.set-aside-3");

    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_EQ(shell.run("claimledger verify").out.find(finished ? "OK  default: 1 entry," : "OK  default: 2 entries,"),
              0U);
    EXPECT_EQ(shell.run("ls agent.db.set-aside-3").exit == 0, finished);
    EXPECT_EQ(shell.run("ls | grep -c restoring").out, "0\n");
    EXPECT_EQ(shell.run("claimledger restore bk.db; ls | grep -c restoring").out.find("RESTORED"), 0U);
    EXPECT_EQ(shell.run("ls | grep -c restoring").out, "0\n");
  }
}

TEST(Restore, OverWhatIsNoFileIsRefused) {
  const Shell shell;
  shell.run("claimledger remember a b c; claimledger backup bk.db; mkfifo pipe.db");

  const auto ran = shell.run("claimledger --store sqlite:pipe.db restore bk.db");

  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("pipe.db: is no file"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("ls pipe.db*").out, "pipe.db\n");
}

TEST(Restore, BesideWhatIsNoFileIsRefused) {
  for (const std::string ending : {"-wal", "-shm", "-journal"}) {
    for (const std::string made_by : {"mkfifo", "mkdir", "ln -s nowhere", "ln -s bk.db"}) {
      SCOPED_TRACE(made_by + " " + ending);
      const Shell shell;
      shell.run("claimledger remember a b c; claimledger backup bk.db; rm agent.db-*; " + made_by + " agent.db" +
                ending);
      const auto before = shell.run("ls; cksum agent.db bk.db").out;

      const auto ran = shell.run("claimledger restore bk.db");

      EXPECT_EQ(ran.exit, 3) << ran.err;
      EXPECT_NE(ran.err.find("agent.db" + ending + " is "), std::string::npos) << ran.err;
      EXPECT_EQ(shell.run("rm -f agent.db-lock; ls; cksum agent.db bk.db").out, before);
    }
  }
}

TEST(Restore, TwoAtOnceBothLand) {
  const Shell shell;
  shell.run(say);

  EXPECT_EQ(shell.run("claimledger restore bk.db >1 & claimledger restore bk.db >2 && wait $! && cat 1 2").exit, 0);

  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:agent.db.set-aside-1 verify").out.find("OK  default: 2 entries"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:agent.db.set-aside-2 verify").out.find("OK  default: 1 entry"), 0U);
  EXPECT_EQ(shell.run("ls | grep -c restoring").out, "0\n");
}

// What a process that was killed had left is gone after the next.
TEST(Restore, StoppedLeavesNothing) {
  const Shell shell;
  shell.run("claimledger ingest $DATA/us-congress.jsonl; claimledger backup bk.db; claimledger remember user pet cat");
  const auto after = shell.run("claimledger verify").out;
  for (const auto& [signal, exit] : {std::pair("TERM", 143), {"INT", 130}, {"KILL", 137}}) {
    shell.write("stop.sh",
                "env --default-signal=INT claimledger restore bk.db & restore=$!\n"
                "until ls agent.db.restoring-* >ls 2>&1 || ! kill -0 $restore; do :; done\n"
                "kill -" +
                    std::string(signal) + " $restore\nwait $restore\n");
    const auto ran = shell.run("bash stop.sh");

    if (ran.exit == 0) continue;  // it was faster
    EXPECT_EQ(ran.exit, exit) << ran.err;
    EXPECT_EQ(shell.run("claimledger verify").out, after);
    const bool told = ran.err.find("nothing was changed") != std::string::npos;
    EXPECT_EQ(told, exit != 137) << ran.err;
    EXPECT_EQ(shell.run("ls | grep -c '^agent.db.restoring'").out == "0\n", exit != 137) << signal;
  }
  EXPECT_EQ(shell.run("claimledger restore bk.db").exit, 0);
  EXPECT_EQ(shell.run("ls | grep -c restoring").out, "0\n");
}

TEST(Backup, StoppedLeavesNothing) {
  const Shell shell;
  shell.run("for a in ann bob; do claimledger --store sqlite:d/ --agent $a ingest $DATA/us-congress.jsonl; done");
  for (const std::string words : {"--store sqlite:d/ann.db backup to.db", "--store sqlite:d/ backup to"}) {
    shell.write("stop.sh", "claimledger " + words +
                               " & backup=$!\nuntil ls to.db-unfinished to >ls 2>&1 || ! kill -0 $backup; do :; done\n"
                               "kill -TERM $backup\nwait $backup\n");
    const auto ran = shell.run("bash stop.sh");

    if (ran.exit != 0) {
      EXPECT_EQ(ran.exit, 143) << ran.err;
      EXPECT_NE(ran.err.find("stopped by SIGTERM; nothing is left of the copy"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(shell.run("ls | grep '^to'").out.empty(), ran.exit != 0);
    shell.run("rm -rf to*");
  }
  const auto full = shell.run("ulimit -f 400; claimledger --store sqlite:d/ backup to");
  EXPECT_EQ(full.exit, 3) << full.err;
  EXPECT_EQ(shell.run("ls | grep -c '^to'").out, "0\n");
}

// The next batch would be written where nobody reads.
TEST(Restore, BesideAnOpenWriterEndsItBeforeItAcknowledgesMore) {
  const Shell shell;
  shell.run(say);
  shell.write("write.sh",
              "mkfifo in out; claimledger ingest - --batch-size 1 --acknowledge <in >out 2>err & writer=$!\n"
              "exec 3>in 4<out\n"
              "echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' >&3; read -r line <&4\n"
              "claimledger restore bk.db\n"
              "echo '{\"subject\":\"s\",\"predicate\":\"q\",\"value\":1}' >&3; exec 3>&-; cat <&4\nwait $writer\n");

  const auto ran = shell.run("bash write.sh");

  EXPECT_EQ(ran.exit, 3) << ran.out;
  EXPECT_NE(shell.read("err").find("removed or replaced"), std::string::npos) << shell.read("err");
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry,"), 0U);
  EXPECT_EQ(shell.run("claimledger --store sqlite:agent.db.set-aside-1 verify").out.find("OK  default: 3 entries,"),
            0U);
}

TEST(Restore, WithoutRoomOrRightsSaysWhatItWasDoing) {
  const Shell shell;
  shell.run(say);
  const auto before = shell.run("claimledger verify").out;

  const auto full = shell.run("ulimit -f 40; claimledger restore bk.db");
  EXPECT_EQ(full.exit, 3);
  EXPECT_NE(full.err.find("exhausted during restore: "), std::string::npos) << full.err;

  shell.run("chmod 755 .; chmod 644 agent.db bk.db");
  const auto nobody = shell.run("setpriv --reuid=65534 --regid=65534 --clear-groups claimledger restore bk.db");
  EXPECT_EQ(nobody.exit, 3);
  EXPECT_NE(nobody.err.find("unreachable during restore: "), std::string::npos) << nobody.err;
  shell.run("chmod 600 bk.db");
  const auto unread = shell.run("setpriv --reuid=65534 --regid=65534 --clear-groups claimledger restore bk.db");
  EXPECT_EQ(unread.exit, 3);
  EXPECT_NE(unread.err.find("unreachable during restore: bk.db: "), std::string::npos) << unread.err;

  EXPECT_EQ(shell.run("claimledger verify").out, before);
  EXPECT_EQ(shell.run("ls | grep -c 'set-aside\\|restoring'").out, "0\n");
}

// One that cannot be restored keeps none of the others from it, whatever it is that is wrong.
TEST(Restore, OfAFolderSaysOfEachWhatBecameOfIt) {
  const Shell shell;
  shell.run(
      "for a in ann bob cyd dan; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:d/ backup bk\n"
      "for a in ann bob cyd dan; do claimledger --store sqlite:d/ --agent $a remember a d e; done\n"
      "printf torn | dd of=bk/bob.db bs=1 seek=0 conv=notrunc 2>/dev/null; ln -sf ../d/dan.db bk/dan.db");

  const auto ran = shell.run("flock -x d/ann.db-lock claimledger --store sqlite:d/ restore bk");

  EXPECT_EQ(ran.exit, 1);
  for (const auto* line : {"NOT RESTORED  d/ann.db from bk/ann.db: another writer holds the database",
                           "NOT RESTORED  d/bob.db from bk/bob.db: ", "RESTORED  d/cyd.db from bk/cyd.db",
                           "NOT RESTORED  d/dan.db from bk/dan.db: bk/dan.db is the store itself"})
    EXPECT_NE(ran.out.find(line), std::string::npos) << line << "\n" << ran.out;
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ verify --all").exit, 0);
  EXPECT_EQ(shell.run("flock -x d/ann.db-lock claimledger --store sqlite:d/ restore bk/ann.db").exit, 3)
      << "one ledger";
  EXPECT_EQ(shell.run("claimledger --store sqlite:no/d/ restore bk").exit, 3);
  EXPECT_EQ(shell.run("claimledger --store sqlite:no/d/ restore bk/ann.db").exit, 3);
  EXPECT_EQ(shell.run("ls d | grep 'set-aside-[0-9]*$'").out, "cyd.db.set-aside-1\n");
}

// What a backup that was killed has left.
TEST(Restore, OfAnUnfinishedBackupIsNone) {
  const Shell shell;
  shell.run(
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:d/ backup bk; mkdir killed-unfinished; cp bk/ann.db killed-unfinished/\n"
      "cp bk/bob.db killed-unfinished/bob.db-unfinished; cp -r killed-unfinished renamed");

  for (const auto* from : {"killed-unfinished", "killed-unfinished/", "killed-unfinished/bob.db-unfinished"}) {
    const auto ran = shell.run("claimledger --store sqlite:w/ restore " + std::string(from));
    EXPECT_EQ(ran.exit, 2) << ran.out;
    EXPECT_NE(ran.err.find("a backup that was broken off"), std::string::npos) << ran.err;
    EXPECT_NE(shell.run("test -e w/ann.db").exit, 0);
  }
  const auto ran = shell.run("claimledger --store sqlite:w/ restore renamed");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("RESTORED  w/ann.db"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("NOT RESTORED  w/bob.db from renamed/bob.db-unfinished: "), std::string::npos) << ran.out;
}

// --- Whose it is ---------------------------------------------------------------------------------------------------

constexpr auto as_service = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

// Whoever has the folder is to write what the superuser makes in it.
TEST(LedgerMadeByTheSuperuser, BelongsToWhomTheFolderBelongsTo) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run("mkdir svc; chown 65534:65534 svc; chmod 755 .");

  for (const std::string store : {"sqlite:svc/a.db", "sqlite:svc/ledgers/"}) {
    ASSERT_EQ(shell.run("umask 077; claimledger --store " + store + " remember a b c").exit, 0);
    const auto wrote = shell.run(as_service + ("claimledger --store " + store + " remember a b d"));
    EXPECT_EQ(wrote.exit, 0) << store << wrote.err;
  }
  EXPECT_EQ(shell.run("stat -c '%u %g %a' svc/a.db svc/a.db-lock svc/ledgers").out,
            "65534 65534 600\n65534 65534 600\n65534 65534 700\n");
  // In a folder that a group shares it is the group's, too.
  shell.run(
      "mkdir g; chown 0:65534 g; chmod 2770 g; umask 022; claimledger --store sqlite:g/ --agent n remember a b c");
  EXPECT_EQ(shell.run("stat -c '%g %a' g/n.db g/n.db-lock").out, "65534 664\n65534 660\n");
  EXPECT_EQ(shell.run(as_service + std::string("claimledger --store sqlite:g/ --agent n remember a b d")).exit, 0);
}

// A backup too, and what is written to a path; but nobody may read a backup who may not read the ledger.
TEST(FileMadeByTheSuperuser, BelongsToWhomTheFolderBelongsTo) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run(
      "mkdir svc roots home; chown 65534:65534 svc home; chmod 755 .\n"
      "claimledger --store sqlite:svc/a.db remember a b c; claimledger --store sqlite:svc/d/ --agent ann remember a b "
      "c\n"
      "claimledger --store sqlite:roots/a.db remember a b c; chmod 600 svc/a.db roots/a.db\n"
      "claimledger --store sqlite:svc/a.db backup svc/bk.db; claimledger --store sqlite:svc/d/ backup svc/bk\n"
      "claimledger --store sqlite:svc/a.db backup roots/bk.db; claimledger --store sqlite:roots/a.db backup "
      "svc/roots.db\n"
      "claimledger --store sqlite:svc/a.db verify --head-file svc/heads\n"
      "claimledger --store sqlite:svc/a.db export --output svc/all.jsonl\n"
      "unset CLAIMLEDGER_STORE XDG_DATA_HOME; HOME=$PWD/home claimledger remember a b c");

  EXPECT_EQ(shell
                .run("stat -c '%u:%g %n' svc/bk.db svc/bk svc/bk/ann.db svc/bk/.claimledger svc/heads svc/all.jsonl "
                     "home/.local home/.local/share/claimledger home/.local/share/claimledger/agent.db | "
                     "grep -v '^65534:65534 '")
                .out,
            "");
  EXPECT_EQ(shell.run("stat -c '%u %a' svc/roots.db roots/bk.db").out, "0 600\n0 600\n");
  for (const std::string words : {"--store sqlite:svc/a.db verify --head-file svc/heads",
                                  "--store sqlite:svc/a.db export --output svc/all.jsonl", "remember a b d"}) {
    const auto ran = shell.run("unset CLAIMLEDGER_STORE XDG_DATA_HOME; export HOME=$PWD/home\n" +
                               (as_service + ("claimledger " + words)));
    EXPECT_EQ(ran.exit, 0) << words << ran.err;
  }
  // In a folder that a group shares, what the group may do with the ledger.
  shell.run(
      "mkdir g; chown 0:65534 g; chmod 2770 g; umask 022\n"
      "for mode in 600 660; do rm -f g/*; claimledger --store sqlite:g/a.db remember a b c; chmod $mode g/a.db\n"
      "claimledger --store sqlite:g/a.db backup g/bk.db; stat -c '%g %a' g/bk.db >> modes; done");
  EXPECT_EQ(shell.read("modes"), "65534 600\n65534 660\n");
}

// Otherwise whoever has a folder that root works in has any file of root's.
TEST(LockMadeByAStranger, GivesNothingAway) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run("echo secret > sec; chmod 600 sec; chmod 755 .");
  for (const std::string lock : {"ln -s ../sec", "ln -s nothing", "ln ../sec", "mkfifo", "mkdir"}) {
    for (const std::string words : {"remember a b c", "restore ../bk.db"}) {
      shell.run(
          "rm -rf svc bk.db x.db*; mkdir svc; claimledger --store sqlite:x.db remember a b c; claimledger --store "
          "sqlite:x.db "
          "backup bk.db; chown 65534:65534 svc");
      const auto ran = shell.run("cd svc; " + lock + " a.db-lock; timeout 20 claimledger --store sqlite:a.db " + words);
      EXPECT_EQ(ran.exit, 3) << lock << words << ran.out << ran.err;
      EXPECT_NE(ran.err.find("a.db-lock"), std::string::npos) << ran.err;
      EXPECT_NE(ran.err.find("remove it"), std::string::npos) << ran.err;
      EXPECT_EQ(shell.run("stat -c '%u %a' sec").out, "0 600\n") << lock << words;
    }
  }
  // Nor what was put there under the name of a lock.
  shell.run(
      "rm -rf svc; mkdir svc; chown 65534:65534 svc; mv sec svc/a.db-lock; claimledger --store sqlite:svc/a.db "
      "remember a b c");
  EXPECT_EQ(shell.run("stat -c '%u %a' svc/a.db-lock").out, "0 600\n");
}

TEST(RestoreByTheSuperuser, GivesALostDatabaseToWhomTheFolderBelongsTo) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run(say);
  shell.run("mkdir svc; chown 65534:65534 svc; chmod 755 . svc; chmod 440 bk.db");

  const auto ran = shell.run("umask 077; claimledger --store sqlite:svc/a.db restore bk.db");

  EXPECT_EQ(ran.out, "RESTORED  svc/a.db from bk.db\n  belongs to user 65534 and group 65534, as svc does\n");
  EXPECT_EQ(shell.run("stat -c '%u %g %a' svc/a.db svc/a.db-lock").out, "65534 65534 640\n65534 65534 600\n");
  const auto wrote = shell.run(as_service + std::string("claimledger --store sqlite:svc/a.db remember user pet cat"));
  EXPECT_EQ(wrote.exit, 0) << wrote.err;
}

TEST(RestoreByTheSuperuser, GivesALedgerOfAFolderTheRightsOfTheOthers) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run(
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember a b c; done\n"
      "claimledger --store sqlite:d/ backup bk; rm d/bob.db*; chown 65534:65534 d/ann.db*; chmod 660 d/ann.db; chmod "
      "777 . d");

  const auto ran = shell.run("claimledger --store sqlite:d/ restore bk/bob.db");
  EXPECT_NE(ran.out.find("  belongs to user 65534 and group 65534, as d/ann.db does\n"), std::string::npos) << ran.out;
  EXPECT_EQ(shell.run("stat -c '%u %g %a' d/bob.db").out, "65534 65534 660\n");

  // The database is lost, and its log says whose it was.
  shell.run("mkdir e; chmod 777 e; cp bk/bob.db e/x.db; chown 65534:65534 e/x.db; chmod 640 e/x.db\n" +
            std::string(as_service) +
            "bash -c 'claimledger --store sqlite:e/x.db --agent bob remember q r s'; rm e/x.db");
  ASSERT_EQ(shell.run("claimledger --store sqlite:e/x.db restore bk/bob.db").exit, 0);
  EXPECT_EQ(shell.run("stat -c '%u %g %a' e/x.db").out, "65534 65534 640\n");
}

TEST(RestoreByTheSuperuser, GivesANewFolderToWhomTheOneAroundItBelongsTo) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run(say);
  shell.run("mkdir svc; chown 65534:65534 svc");

  EXPECT_EQ(shell.run("claimledger --store sqlite:svc/ledgers/ restore bk.db").exit, 0);

  EXPECT_EQ(shell.run("stat -c '%u %g' svc/ledgers svc/ledgers/default.db").out, "65534 65534\n65534 65534\n");
}

TEST(Restore, SaysWhomItCouldNotGiveTheDatabaseTo) {
  const Shell shell;
  if (shell.run("test $(id -u) = 0").exit != 0) GTEST_SKIP() << "files can be given to others by the superuser only";
  shell.run(say);
  shell.run("chmod 777 .; chmod 644 bk.db; chmod 666 agent.db; rm agent.db-lock");

  const auto ran = shell.run(as_service + std::string("claimledger restore bk.db"));

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_NE(
      ran.out.find("  belongs to user 65534 and group 65534, not to user 0 and group 0 as agent.db did: give it to "
                   "them\n"),
      std::string::npos)
      << ran.out;
  EXPECT_EQ(shell.run("stat -c %a agent.db").out, "606\n") << "another group gets nothing";
}

// --- Names ---------------------------------------------------------------------------------------------------------

TEST(SideFile, IsNoNameForABackupOrANewStore) {
  const Shell shell;
  shell.run(say);
  shell.run("mkdir d");

  for (const std::string name :
       {"agent.db-wal", "r.db-wal", "r.db-shm", "r.db-journal", "r.db-lock", "agent.db-lock", "r.db-unfinished",
        "agent.db.restoring-17", "r.db.restoring-17-unfinished", "agent.db.set-aside-1-wal", "d/r.db-wal", "./x-wal",
        "d/.claimledger", ".claimledger"}) {
    const auto backup = shell.run("claimledger backup " + name);
    EXPECT_EQ(backup.exit, 2) << name << backup.err;
    EXPECT_NE(backup.err.find("to: " + name + " is a name for "), std::string::npos) << backup.err;
    for (const std::string words : {"init", "remember a b c", "restore bk.db"}) {
      const auto store = shell.run("claimledger --store sqlite:" + name + " " + words);
      EXPECT_EQ(store.exit, 2) << name << ": " << words << ": " << store.err;
      EXPECT_NE(store.err.find(name + " is a name for "), std::string::npos) << store.err;
    }
    EXPECT_EQ(shell.run("claimledger copy --from sqlite:agent.db --to sqlite:" + name).exit, 2) << name;
  }
  EXPECT_EQ(shell.run("claimledger --store sqlite:d/ backup copies-wal/").exit, 2);
  EXPECT_EQ(shell.run("claimledger --store sqlite:folder-wal/ init").exit, 2);
  EXPECT_EQ(shell.run("ls . d").out, ".:\nagent.db\nagent.db-lock\nagent.db-shm\nagent.db-wal\nbk.db\nd\n\nd:\n");
  for (const std::string name : {"clock", "x.wal", "wal", "agent.db.set-aside-2", "restoring-plan.db"})
    EXPECT_EQ(shell.run("claimledger backup " + name).exit, 0) << name;
}

// Who keeps only the newest would otherwise learn of it when he needs one.
TEST(Backup, SaysWhatIsNotWholeInTheCopy) {
  const Shell shell;
  shell.run(
      "for a in ann bob; do claimledger --store sqlite:d/ --agent $a remember user city Berlin; done\n"
      "claimledger remember user city Berlin");
  for (const std::string name : {"agent.db", "d/bob.db"}) {
    auto bytes = shell.read(name);
    const auto at = bytes.find("Berlin");
    ASSERT_NE(at, std::string::npos);
    bytes[at] ^= 1;
    shell.write(name, bytes);
  }

  const auto ran = shell.run("claimledger backup bk.db");
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out.find("copied to bk.db\nPROBLEM  bk.db was copied as it is, and is not whole: default: "), 0U)
      << ran.out;
  EXPECT_EQ(shell.run("ls bk*").out, "bk.db\n") << "nobody may have a better one";
  const auto folder = shell.run("claimledger --store sqlite:d/ backup bk");
  EXPECT_EQ(folder.exit, 1);
  EXPECT_NE(folder.out.find("copied to bk/ann.db\n"), std::string::npos) << folder.out;
  EXPECT_NE(folder.out.find("PROBLEM  bk/bob.db was copied as it is"), std::string::npos) << folder.out;
  EXPECT_EQ(shell.run("ls bk").out, "ann.db\nbob.db\n");
  EXPECT_EQ(shell.run("claimledger backup quick.db --no-verify").exit, 0);
  EXPECT_EQ(shell.run("claimledger restore quick.db").exit, 1);
}

// As where nothing is mounted: a nightly run of nothing is not to look like one of all.
TEST(EmptyStore, IsSaidToBeEmptyByWhatCarriesLedgers) {
  const Shell shell;
  shell.run("claimledger init");
  for (const std::string words :
       {"backup bk.db", "backup bk.db --no-verify", "copy --from sqlite:agent.db --to sqlite:f.db", "verify --all",
        "export --all", "--store sqlite:new.db restore agent.db"}) {
    const auto ran = shell.run("claimledger " + words);
    EXPECT_EQ(ran.exit, 1) << words << ran.out << ran.err;
    EXPECT_NE((ran.out + ran.err).find("there is no ledger"), std::string::npos) << words << ran.out << ran.err;
  }
  EXPECT_EQ(shell.run("ls bk.db f.db new.db 2>/dev/null").out, "");
}

TEST(EmptyFolder, IsSaidToBeEmptyByWhatCarriesLedgers) {
  const Shell shell;
  shell.run("mkdir e");
  for (const std::string words : {"--store sqlite:e/ backup bk", "copy --from sqlite:e/ --to sqlite:f/",
                                  "--store sqlite:e/ verify --all", "--store sqlite:e/ export --all"}) {
    const auto ran = shell.run("claimledger " + words);
    EXPECT_EQ(ran.exit, 1) << words << ran.out << ran.err;
    EXPECT_NE((ran.out + ran.err).find("there is no ledger"), std::string::npos) << words << ran.out << ran.err;
  }
  EXPECT_EQ(shell.run("ls").out, "e\n");
}

// Verify reads the entries by their own tree; others are for what is looked up.
TEST(Backup, SaysThatAnIndexIsDamaged) {
  const Shell shell;
  shell.run(
      "for i in 1 2 3 4 5 6 7 8 9; do echo "
      "'{\"subject\":\"s'$i'\",\"predicate\":\"p\",\"value\":1,\"source\":\"indexed source '$i'\"}'; done | "
      "claimledger ingest -");
  auto bytes = shell.read("agent.db");
  std::size_t marks = 0;
  for (auto at = bytes.find("indexed source 5"); at != std::string::npos; at = bytes.find("indexed source 5", at + 1)) {
    if (++marks > 1) bytes[at] ^= 1;  // the first stands in the entry, or the tree of it
  }
  ASSERT_GT(marks, 1U);
  shell.write("agent.db", bytes);
  const auto ran = shell.run("claimledger backup bk.db");
  EXPECT_EQ(ran.exit, 1) << ran.out << ran.err;
  EXPECT_EQ(shell.run("cp agent.db other.db; claimledger --store sqlite:new.db restore other.db").exit, 1);
}

TEST(Backup, IsForNobodyWhoMayNotReadTheLedger) {
  const Shell shell;
  shell.run("claimledger remember a b c; chmod 600 agent.db; umask 022; claimledger backup bk.db");
  EXPECT_EQ(shell.run("stat -c %a bk.db").out, "600\n");
}

// How many files there are chooses the moment.
TEST(Backup, OfAFolderThatIsKilledIsNotTakenForOne) {
  const Shell shell;
  shell.write("kill.sh",
              "claimledger --store sqlite:d/ backup f >/dev/null & writer=$!\n"
              "until set -- f*/*.db* && [ -e $1 ] && [ $# -ge $least ]; do [ -e /proc/$writer/fd/1 ] || break; done\n"
              "kill -9 $writer 2>/dev/null; wait $writer\n");
  shell.run(
      "for a in a b c d e f; do claimledger --store sqlite:d/ --agent $a ingest $DATA/us-congress.jsonl; done; mkdir "
      "there-unfinished");
  for (const auto* least : {"1", "3", "6"}) {
    shell.run("export least=" + std::string(least) + "; bash kill.sh");
    EXPECT_EQ(shell.run("[ ! -e f ] || ls f | grep -c '[.]db$'").out.substr(0, 1),
              shell.run("[ ! -e f ] || echo 6").out.substr(0, 1))
        << least;
    EXPECT_EQ(shell.run("rm -rf f f-unfinished").exit, 0);
  }
  // One that is killed is in the way of the next until somebody has looked at it.
  const auto next = shell.run("claimledger --store sqlite:d/ backup there/");
  EXPECT_EQ(next.exit, 3);
  EXPECT_NE(next.err.find("there-unfinished is what somebody is making, or what a crash left"), std::string::npos)
      << next.err;
  EXPECT_EQ(shell.run("rmdir there-unfinished; claimledger --store sqlite:d/ backup there/; ls -A there there-*")
                .out.find("unfinished"),
            std::string::npos);
}

TEST(Backup, OfAFolderIsNotPutIntoIt) {
  const Shell shell;
  shell.run("claimledger --store sqlite:d/ remember a b c; mkdir d/sub; ln -s d e");

  for (const std::string to : {"d/bk", "d/sub/bk", "./d/bk/", "e/bk", "d/../d/bk"}) {
    const auto ran = shell.run("claimledger --store sqlite:d backup " + to);
    EXPECT_EQ(ran.exit, 2) << to << ran.err;
    EXPECT_NE(ran.err.find("lies in the folder of the store"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(shell.run("ls d d/sub | grep -c bk").out, "0\n");
  EXPECT_EQ(
      shell.run("claimledger --store sqlite:d backup d-copy && cd d && claimledger --store sqlite:. backup ../bk").exit,
      0);
}

}  // namespace
}  // namespace claimledger::tests
