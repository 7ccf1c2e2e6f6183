#include <gtest/gtest.h>

#include <filesystem>

#include "shell.hpp"

// No output destroys anything: what is written to a path takes its place whole, or leaves it as it was.
namespace claimledger::tests {
namespace {

constexpr auto yesterday = "yesterday's export\n";

class Output : public testing::Test {
 protected:
  Output() {
    shell.run("claimledger remember Ada city Berlin; claimledger remember Ada pet cat");
    shell.write("keep.jsonl", yesterday);
  }
  std::string files() const { return shell.run("ls -A | grep -v '^[.]\\(script\\|out\\|err\\|leaks\\)$'").out; }

  Shell shell;
};

TEST_F(Output, IsOnNoFileOfAStoreByAnyName) {
  shell.run(
      "mkdir ledgers; claimledger --store sqlite:ledgers/ --agent ann remember a b c\n"
      "ln -s agent.db link.db; ln -s agent.db-wal link.wal; ln agent.db-wal hard.wal; ln agent.db-shm hard.shm\n"
      ": > ledgers/bob.db; mkdir elsewhere; ln -s ../agent.db-lock elsewhere/lock; ln -s "
      "ledgers/.claimledger link.mark");
  const auto before = shell.run("cat agent.db* ledgers/* ledgers/.claimledger | sha256sum").out;

  for (const auto* target :
       {"agent.db", "agent.db-wal", "agent.db-shm", "agent.db-lock", "agent.db-journal", "./agent.db",
        "ledgers/../agent.db", "link.db", "link.wal", "hard.wal", "hard.shm", "elsewhere/lock", "ledgers/ann.db",
        "ledgers/ann.db-wal", "ledgers/ann.db-lock", "ledgers/.claimledger", "link.mark", "elsewhere/.claimledger"}) {
    for (const std::string command :
         {"export --output ", "export --all --output ", "verify --head-file ", "ingest - --on-error skip --rejects "}) {
      const auto ran = shell.run("claimledger " + command + target);
      EXPECT_EQ(ran.exit, 2) << command << target << ": " << ran.err;
      EXPECT_NE(ran.err.find(target), std::string::npos) << ran.err;
    }
  }
  // What an export that is not whole would be called.
  shell.run("claimledger --store sqlite:out.not-whole remember a b c");
  EXPECT_EQ(shell.run("claimledger export --all --output out").exit, 2);
  // Of the folder's own store also a file that is empty, which nothing but its name tells.
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ --agent ann export --output ledgers/bob.db").exit, 2);

  EXPECT_EQ(shell.run("cat agent.db* ledgers/* ledgers/.claimledger | sha256sum").out, before);
  EXPECT_EQ(shell.run("claimledger recall Ada city").exit, 0);
}

TEST_F(Output, StaysAsItWasWhereAnExportFails) {
  const auto fails = [&](const std::string& script, int exit) {
    const auto ran = shell.run(script);
    EXPECT_EQ(ran.exit, exit) << script << ": " << ran.err;
    EXPECT_EQ(shell.read("keep.jsonl"), yesterday) << script;
  };
  fails("claimledger --agent typo export --output keep.jsonl", 1);
  fails("claimledger export --until 2001 --output keep.jsonl", 1);
  fails("claimledger export --after 1 --until 2001 --output keep.jsonl", 1);
  fails("claimledger --store sqlite:none.db export --output keep.jsonl", 3);
  fails("claimledger export --after 99 --output keep.jsonl", 2);
  fails("claimledger export --after 2 --output keep.jsonl", 0);
  fails(
      "for i in $(seq 300); do echo "
      "'{\"subject\":\"s\",\"predicate\":\"p'$i'\",\"value\":\"'$(head -c 2000 /dev/zero | tr '\\0' x)'\"}'; done | "
      "claimledger ingest - --batch-size 10 >/dev/null; "
      "dd if=/dev/urandom of=agent.db bs=4096 seek=10 count=40 conv=notrunc 2>/dev/null; rm agent.db-wal agent.db-shm; "
      "claimledger export --output keep.jsonl",
      3);
  EXPECT_EQ(files().find("keep.jsonl."), std::string::npos) << files();
  EXPECT_EQ(shell.run("ls -A | grep -c '^[.]claimledger'").out, "0\n") << "nothing is left beside it";
}

// The folder would let it be replaced.
TEST_F(Output, StaysAsItWasWhereItIsWriteProtected) {
  shell.run("chown 65534 . agent.db*; chmod 755 .; chmod 444 keep.jsonl");

  const auto ran =
      shell.run("setpriv --reuid=65534 --regid=65534 --clear-groups claimledger export --output keep.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("keep.jsonl may not be written: Permission denied"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.read("keep.jsonl"), yesterday);
}

TEST_F(Output, StaysAsItWasOnAFullDisk) {
  shell.run("claimledger ingest $DATA/us-congress.jsonl");

  const auto ran = shell.run("ulimit -f 100; claimledger export --output keep.jsonl");

  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_NE(ran.err.find("keep.jsonl: File too large; nothing of it is kept, and nothing there was changed"),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(shell.read("keep.jsonl"), yesterday);
}

TEST_F(Output, ReplacesWhatIsBehindALinkAndKeepsItsMode) {
  shell.run("chmod 640 keep.jsonl; ln -s keep.jsonl link");

  const auto ran = shell.run("claimledger export --output link");

  EXPECT_EQ(ran.out, "2 batches of 1 ledger written to link\n") << ran.err;
  EXPECT_EQ(shell.run("stat -c %a keep.jsonl; readlink link; wc -l < keep.jsonl").out, "640\nkeep.jsonl\n2\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:copy.db import link").exit, 0);
}

TEST_F(Output, StaysWithWhomItBelongedTo) {
  EXPECT_EQ(
      shell.run("chown 65534:65534 keep.jsonl; claimledger export --output keep.jsonl; stat -c %u:%g keep.jsonl").out,
      "2 batches of 1 ledger written to keep.jsonl\n65534:65534\n");
}

// A shell has opened it already; what can be told is told before anything is written.
TEST_F(Output, IsNoFileOfAStoreThatAShellHasOpened) {
  shell.run("claimledger --store sqlite:d/ remember a b c");
  for (const std::string command : {"export", "recall Ada city --json", "export --output /dev/stdout", "schema"}) {
    for (const std::string to :
         {"1<>agent.db", ">>agent.db", ">>agent.db-wal", ">>agent.db-lock", ">>d/.claimledger"}) {
      const auto ran = shell.run("claimledger " + command + " " + to);
      EXPECT_EQ(ran.exit, 2) << command << to;
      EXPECT_NE(ran.err.find("standard output"), std::string::npos) << command << to << ran.err;
    }
  }
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 2 entries"), 0U);
  EXPECT_EQ(shell.run("unset HOME XDG_DATA_HOME CLAIMLEDGER_STORE; claimledger schema >shapes").exit, 0);
}

TEST_F(Output, HonoursTheMask) {
  EXPECT_EQ(shell.run("umask 027; claimledger export --output fresh.jsonl; stat -c %a fresh.jsonl").out,
            "2 batches of 1 ledger written to fresh.jsonl\n640\n");
}

TEST_F(Output, WhatIsNoFileIsWrittenAsItComes) {
  EXPECT_EQ(shell.run("claimledger export --output /dev/null; ls -l /dev/null | cut -c1").out,
            "2 batches of 1 ledger written to /dev/null\nc\n");
  EXPECT_EQ(shell.run("mkfifo pipe; cat pipe > got & claimledger export --output pipe; wait; wc -l < got").out,
            "2 batches of 1 ledger written to pipe\n2\n");
}

// As a shell makes them: to append, into a process, from a descriptor of its own.
TEST_F(Output, ToAnOpenDescriptorGoesWhereItLeads) {
  EXPECT_EQ(shell.run("claimledger export --output /dev/stdout | wc -l").out, "2\n") << "and nothing else";
  EXPECT_EQ(shell.run("echo first > all; claimledger export --output /dev/stdout >> all; wc -l < all").out, "3\n");
  EXPECT_EQ(shell.run("exec 4>>all; claimledger export --output /dev/fd/4; exec 4>&-; head -n 1 all; wc -l < all").out,
            "2 batches of 1 ledger written to /dev/fd/4\nfirst\n5\n");
  EXPECT_EQ(shell.run("claimledger export --output /proc/self/fd/3 3>&1 | cat | wc -l").out, "3\n");
  const auto closed = shell.run("claimledger export --output /dev/fd/9");
  EXPECT_EQ(closed.exit, 2);
  EXPECT_NE(closed.err.find("/dev/fd/9 cannot be written: Bad file descriptor"), std::string::npos) << closed.err;
  // A descriptor is no way round what is refused.
  EXPECT_EQ(shell.run("claimledger export --output /dev/fd/4 4>>agent.db").exit, 2);
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

// Also a folder of ledgers that this command has nothing to do with.
TEST_F(Output, HasNoNameThatAStoreWouldTakeForALedgers) {
  shell.run("mkdir ledgers; claimledger --store sqlite:ledgers/ --agent ann remember a b c; ln -s ledgers other");

  for (const std::string store : {"", "--store sqlite:ledgers/ --agent ann "}) {
    for (const std::string target : {"ledgers/new.db", "other/new.db", "./ledgers/../ledgers/bob.db", "new.db"}) {
      const auto ran = shell.run("claimledger " + store + "export --output " + target);
      EXPECT_EQ(ran.exit, 2) << target;
      EXPECT_NE(ran.err.find("has the name of a database"), std::string::npos) << ran.err;
    }
  }
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ --agent ann export --output ledgers/ann.jsonl").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ verify --all").exit, 0);
}

// Replaced it would go on running, and nobody could start it again.
TEST_F(Output, IsNoProgramThatIsRunning) {
  const auto ran = shell.run("claimledger export --output /proc/self/exe");
  EXPECT_EQ(ran.exit, 2) << ran.err;
  EXPECT_NE(ran.err.find("/proc/self/exe is a program that is running"), std::string::npos) << ran.err;
  EXPECT_EQ(
      shell.run("cp $(command -v sleep) mine; ./mine 60 & claimledger export --output mine; echo $?; kill $!").out,
      "2\n");
}

// A dash is standard output where a stream is written, and nowhere a file of that name.
TEST_F(Output, IsNeverCalledADash) {
  for (const std::string words : {"verify --head-file -", "backup -", "--store sqlite:- remember a b c"}) {
    const auto ran = shell.run("claimledger " + words);
    EXPECT_EQ(ran.exit, 2) << words << ran.err;
    EXPECT_NE(ran.err.find("- is no file name here"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(shell.run("ls ./-").exit, 2);
  EXPECT_EQ(shell.run("claimledger backup ./-; claimledger --store sqlite:./- verify").exit, 0);
}

// The bytes that it has written choose the moment.
TEST_F(Output, OfACommandThatIsKilledLeavesWhatWasThereAndNothingBesideIt) {
  shell.run("claimledger ingest $DATA/us-congress.jsonl --batch-size 3");
  shell.run("claimledger export --output whole.jsonl");
  shell.write("kill.sh",
              "claimledger export --output keep.jsonl >/dev/null & writer=$!\n"
              "while [ -e /proc/$writer/fd/1 ]; do\n"
              "  while read -r name count; do [ \"$name\" = wchar: ] && written=$count; done </proc/$writer/io\n"
              "  [ \"${written:-0}\" -lt \"$2\" ] || break\n"
              "done 2>/dev/null\n"
              "kill -$1 $writer 2>/dev/null; wait $writer\n");
  const auto size = std::filesystem::file_size(shell.folder() / "whole.jsonl");

  for (const std::string signal : {"KILL", "TERM", "HUP"}) {
    for (const auto bytes : {size / 10, size / 2, size - 1}) {
      shell.write("keep.jsonl", yesterday);
      shell.run("bash kill.sh " + signal + " " + std::to_string(bytes));
      EXPECT_TRUE(shell.read("keep.jsonl") == yesterday || shell.read("keep.jsonl") == shell.read("whole.jsonl"))
          << signal << " after " << bytes;
      EXPECT_EQ(shell.run("ls -A | grep -c '^[.]claimledger'").out, "0\n") << signal << " after " << bytes;
    }
  }
}

TEST_F(Output, IsOneDocumentInJson) {
  EXPECT_EQ(shell.run("claimledger export --output f.jsonl --json").out,
            "{\"file\":\"f.jsonl\",\"ledgers\":1,\"batches\":2}\n");
}

TEST_F(Output, UntilATimeIsAWayOutOfALedgerThatIsAhead) {
  shell.run(
      "echo '{\"subject\":\"a\",\"predicate\":\"p\",\"value\":1,\"recorded_at\":\"2090-01-01T00:00:00Z\"}' | "
      "claimledger ingest - --clock recorded_at --allow-future");
  ASSERT_NE(shell.run("claimledger verify").out.find("ahead"), std::string::npos);

  EXPECT_EQ(shell.run("claimledger export --until 2089 --output rescued.jsonl").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:new.db import rescued.jsonl").out,
            "2 batches imported, 0 were there already\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:new.db verify").out.find("ahead"), std::string::npos);
}

TEST_F(Output, OfRejectsIsThereHoweverTheIngestEnds) {
  shell.write("lines",
              "{\"subject\":\"a\",\"predicate\":\"p\",\"value\":1}\nno "
              "JSON\n{\"subject\":\"b\",\"predicate\":\"p\",\"value\":1}\n");

  EXPECT_EQ(shell.run("claimledger ingest lines --on-error skip --rejects bad").exit, 0);
  EXPECT_EQ(shell.run("grep -c '\"line\":2' bad").out, "1\n");
  EXPECT_EQ(shell.run("claimledger ingest lines --on-error skip --rejects bad").exit, 2) << "it is there already";
  EXPECT_EQ(shell.run("claimledger ingest lines --rejects other").exit, 2) << "nothing is skipped";
  EXPECT_EQ(shell.run("claimledger ingest lines --on-error skip --rejects -").exit, 2);
  EXPECT_EQ(shell.run("ls other ./- 2>/dev/null").out, "");

  // Two lines have come, one of them bad, and no end of the input.
  shell.write(
      "stop.sh",
      "mkfifo in\nclaimledger ingest - --batch-size 1 --on-error skip --rejects stopped --acknowledge <in >out &\n"
      "writer=$!\nexec 3>in\nprintf 'no JSON\\n%s\\n' "
      "'{\"subject\":\"c\",\"predicate\":\"p\",\"value\":1}' >&3\n"
      "until grep -q position out; do :; done\nkill -TERM $writer; wait $writer\n");
  EXPECT_EQ(shell.run("bash stop.sh").exit, 143);
  EXPECT_EQ(shell.run("grep -c '\"line\":1' stopped").out, "1\n");

  // Somebody else's that came meanwhile stays, and so does this one.
  shell.write(
      "meanwhile.sh",
      "mkfifo more\nclaimledger ingest - --batch-size 1 --on-error skip --rejects taken --acknowledge <more >said &\n"
      "writer=$!\nexec 3>more\nprintf 'no JSON\\n%s\\n' "
      "'{\"subject\":\"d\",\"predicate\":\"p\",\"value\":1}' >&3\n"
      "until grep -q position said; do :; done\necho precious >taken; exec 3>&-; wait $writer\n");
  const auto taken = shell.run("bash meanwhile.sh");
  EXPECT_EQ(taken.exit, 3);
  EXPECT_NE(taken.err.find("taken: somebody made it meanwhile; this one is "), std::string::npos) << taken.err;
  EXPECT_EQ(shell.read("taken"), "precious\n");
  EXPECT_EQ(shell.run("grep -c '\"line\":1' taken.*").out, "1\n");

  // How far the lines are is said whichever output fails.
  const auto unsaid = shell.run("claimledger ingest lines --on-error skip --acknowledge >/dev/full");
  EXPECT_EQ(unsaid.exit, 3);
  EXPECT_NE(unsaid.err.find("Lines up to 3 are in the ledger"), std::string::npos) << unsaid.err;
  const auto full = shell.run("claimledger ingest lines --on-error skip --rejects /dev/full");
  EXPECT_EQ(full.exit, 3);
  EXPECT_NE(full.err.find("/dev/full: No space left on device\nLines up to 3 are in the ledger"), std::string::npos)
      << full.err;
}

}  // namespace
}  // namespace claimledger::tests
