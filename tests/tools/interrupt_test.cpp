#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "shell.hpp"

// A command that is stopped ends where it chooses to, and says how far it came.
namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

// Two batches of two lines are in, a fifth line has been read, and the input is still open.
// A shell lets what runs in the background ignore SIGINT; env undoes that.
std::string ingest_stopped_by(const std::string& signal, const std::string& options) {
  return "mkfifo in out\n"
         "env --default-signal=INT,HUP claimledger ingest - --batch-size 2 --acknowledge " +
         options +
         " <in >out & writer=$!\n"
         "exec 3>in 4<out\n"
         "for i in 1 2 3 4 5; do echo '{\"subject\":\"s\",\"predicate\":\"p'$i'\",\"value\":1}' >&3; done\n"
         "read -r first <&4; read -r second <&4\n"
         "kill -" +
         signal + " $writer\nwait $writer\n";
}

TEST(Interrupted, IngestSaysUpToWhichLineAllIsIn) {
  for (const auto& [signal, number] : {std::pair("INT", 2), {"TERM", 15}, {"HUP", 1}}) {
    const Shell shell;
    shell.write("ingest.sh", ingest_stopped_by(signal, ""));
    const auto ran = shell.run("bash ingest.sh");

    EXPECT_EQ(ran.exit, 128 + number) << ran.err;
    EXPECT_NE(ran.err.find("stopped by SIG" + std::string(signal)), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("Lines up to 4 are in the ledger, none after it."), std::string::npos) << ran.err;
    EXPECT_EQ(shell.run("claimledger export | wc -l").out, "2\n");
    EXPECT_EQ(shell.run("claimledger verify").exit, 0);
  }
}

// At any moment, which the acknowledgement that is awaited and the scheduler choose. CLAIMLEDGER_LONG=1 takes a
// hundred.
TEST(Interrupted, AtAnyInstantNothingIsLostAndNothingIsHalfWritten) {
  const int count = std::getenv("CLAIMLEDGER_LONG") ? 100 : 8;
  for (int seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto size = std::uniform_int_distribution<int>(1, 9)(random);
    const auto seen = std::uniform_int_distribution<int>(1, 300)(random);
    const Shell shell;
    shell.write("stop.sh", "mkfifo out\nclaimledger ingest $DATA/us-congress.jsonl --batch-size " +
                               std::to_string(size) +
                               " --acknowledge --json >out 2>err & writer=$!\n"
                               "exec 4<out\nfor i in $(seq " +
                               std::to_string(seen) +
                               "); do read -r line <&4; done\nkill -TERM $writer\ncat <&4 >/dev/null\nwait $writer\n");

    ASSERT_EQ(shell.run("bash stop.sh").exit, 143);

    const auto last_line = Json::parse(shell.read("err"))["error"]["last_line"].get<int>();
    EXPECT_GE(last_line, size * seen);
    EXPECT_EQ(last_line % size, 0) << "whole batches";
    EXPECT_EQ(Json::parse(shell.run("claimledger status --json").out)["entries"], last_line);
    EXPECT_EQ(shell.run("claimledger verify").exit, 0);
  }
}

TEST(Interrupted, IngestSaysItInJson) {
  const Shell shell;
  shell.write("ingest.sh", ingest_stopped_by("TERM", "--json"));

  const auto ran = shell.run("bash ingest.sh");

  EXPECT_EQ(ran.exit, 143);
  const auto error = Json::parse(ran.err)["error"];
  EXPECT_EQ(error["kind"], "interrupted");
  EXPECT_EQ(error["last_line"], 4);
}

// The first waits for the batch, and the batch for a turn that somebody else has.
TEST(Interrupted, TheSecondSignalDoesNotWait) {
  const Shell shell;
  shell.run("claimledger remember a b c; echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' > lines");
  shell.write(
      "twice.sh",
      "exec 5>agent.db-lock; flock 5\n"
      "claimledger ingest lines 5>&- 2>err & writer=$!\n"
      "until grep -qx claimledger /proc/$writer/comm && ls -l /proc/$writer/fd | grep -q agent.db-lock; do :; done\n"
      "kill -TERM $writer; kill -HUP $writer; wait $writer\n");

  const auto ran = shell.run("bash twice.sh");

  EXPECT_TRUE(ran.exit == 129 || ran.exit == 143) << ran.exit;
  EXPECT_EQ(shell.read("err"), "") << "it had no time to say anything";
  EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry"), 0U);
}

TEST(Interrupted, WhatIsIgnoredStaysIgnored) {
  const Shell shell;
  shell.write("ingest.sh",
              "trap '' HUP\nmkfifo in\nclaimledger ingest - <in & writer=$!\nexec 3>in\n"
              "echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' >&3\n"
              "kill -HUP $writer; exec 3>&-; wait $writer\n");

  const auto ran = shell.run("bash ingest.sh");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(shell.run("claimledger export | wc -l").out, "1\n");
}

TEST(Interrupted, IngestEndsWhereNobodyReadsItsAcknowledgements) {
  const Shell shell;
  shell.write("lines.sh",
              "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); "
              "echo '{\"subject\":\"s\",\"predicate\":\"p'$i'\",\"value\":1}'; done");

  const auto ran = shell.run(
      "sh lines.sh > lines; { claimledger ingest lines --batch-size 1 --acknowledge; echo $? > code; } | head -n 1");

  EXPECT_EQ(shell.read("code"), "141\n") << ran.err;
  EXPECT_NE(ran.err.find("nobody reads the output any more"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

// The command has been started by then, and tells nothing.
TEST(Interrupted, AnEmbedderThatHangsIsNotWaitedFor) {
  const std::string at_once = "echo > started; exec sleep infinity";
  const std::string then =
      "read -r asked; echo \"{\\\"model\\\":\\\"m\\\",\\\"dimensions\\\":1,\\\"vectors\\\":[]}\"; read -r asked; " +
      at_once;
  for (const auto& [verb, hangs] : {std::pair<std::string, std::string>{"embed", at_once},
                                    {"ingest lines", at_once},
                                    {"import batches", at_once},
                                    {"embed", then},
                                    {"ingest lines", then},
                                    {"import batches", then}}) {
    SCOPED_TRACE(verb + ": " + hangs);
    const Shell shell;
    shell.run(
        "echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' > lines; claimledger ingest lines;"
        "claimledger --store sqlite:other.db --agent other remember s p 1;"
        "claimledger --store sqlite:other.db --agent other export --output batches");
    shell.write("stop.sh", "mkfifo started\nclaimledger " + verb + " --embed-cmd '" + hangs +
                               "' & program=$!\n"
                               "read -r line <started\nkill -TERM $program\nwait $program\n");

    const auto ran = shell.run("bash stop.sh");

    EXPECT_EQ(ran.exit, 143) << ran.err;
    EXPECT_NE(ran.err.find("stopped by SIGTERM"), std::string::npos) << ran.err;
    EXPECT_EQ(shell.run("claimledger verify").out.find("OK  default: 1 entry"), 0U);
  }
}

// Nothing is acknowledged into files that are gone, whichever way they went.
TEST(Interrupted, AnIngestWhoseFilesAreGoneAcknowledgesNothingMore) {
  for (const std::string loss : {"rm d/agent.db*", "rm d/agent.db-wal", "rm -r d", "mv d elsewhere",
                                 "mv d elsewhere; mkdir d", "mv d/agent.db d/other.db"}) {
    const Shell shell;
    shell.write("ingest.sh",
                "export CLAIMLEDGER_STORE=sqlite:d/agent.db\nmkdir d; mkfifo in out\n"
                "claimledger ingest - --batch-size 1 --acknowledge <in >out & writer=$!\nexec 3>in 4<out\n"
                "echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' >&3; read -r first <&4\n" +
                    loss +
                    "\necho '{\"subject\":\"s\",\"predicate\":\"q\",\"value\":1}' >&3; exec 3>&-\n"
                    "cat <&4 >more; wait $writer\n");

    const auto ran = shell.run("bash ingest.sh");

    EXPECT_EQ(ran.exit, 3) << loss << ran.err;
    EXPECT_EQ(shell.read("more").find("position"), std::string::npos) << loss << shell.read("more");
    EXPECT_NE(ran.err.find("Lines up to 1 were in the ledger before, none after it."), std::string::npos)
        << loss << ran.err;
  }
}

// The limit on the size of a file stands in for a full disk: the program hears of it and is not ended by it.
TEST(Interrupted, AnIngestThatFindsNoRoomSaysUpToWhichLineAllIsIn) {
  const Shell shell;
  const auto ran = shell.run("bash -c 'ulimit -f 600; claimledger ingest $DATA/us-congress.jsonl --batch-size 50'");

  EXPECT_EQ(ran.exit, 3) << ran.err;
  const std::string words = "Lines up to ";
  const auto at = ran.err.find(words);
  ASSERT_NE(at, std::string::npos) << ran.err;
  const auto lines = std::stoul(ran.err.substr(at + words.size()));
  EXPECT_NE(ran.err.find(" are in the ledger, none after it."), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger export | wc -l").out, std::to_string(lines / 50) + "\n");
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

// Not in doubt: a write that is cut off leaves no batch.
TEST(Interrupted, AnIngestThatMayMakeNoLongerFileSaysSoBesideAnotherWriter) {
  const Shell shell;
  shell.write("ingest.sh",
              "mkfifo in out; claimledger ingest - --batch-size 1 --acknowledge <in >out & writer=$!\n"
              "exec 3>in 4<out\n"
              "for i in $(seq 30); do echo '{\"subject\":\"s\",\"predicate\":\"p'$i'\",\"value\":1}' >&3\n"
              "read -r line <&4; done\n"
              "(ulimit -f 100; claimledger ingest $DATA/us-congress.jsonl --agent other --batch-size 4)\n"
              "code=$?; exec 3>&-; wait $writer && exit $code\n");

  const auto ran = shell.run("bash ingest.sh");

  EXPECT_EQ(ran.exit, 3) << ran.err;
  EXPECT_NE(ran.err.find("exhausted during append"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("raise that limit (ulimit -f)"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

TEST(Interrupted, ImportSaysUpToWhichLineAllIsIn) {
  const Shell shell;
  shell.run(
      "for p in a b c; do claimledger --store sqlite:from.db remember s $p 1; done\n"
      "claimledger --store sqlite:from.db export --output all.jsonl");
  shell.write("import.sh",
              "mkfifo in\nclaimledger import - <in & reader=$!\nexec 3>in\nhead -n 2 all.jsonl >&3\n"
              "until [ \"$(claimledger export 2>/dev/null | wc -l)\" = 2 ]; do :; done\n"
              "kill -TERM $reader; wait $reader\n");

  const auto ran = shell.run("bash import.sh");

  EXPECT_EQ(ran.exit, 143) << ran.err;
  EXPECT_NE(ran.err.find("Lines up to 2 are in the ledger, none after it."), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger import all.jsonl").out, "1 batch imported, 2 were there already\n");
}

TEST(Interrupted, ImportThatFailsSaysItToo) {
  const Shell shell;
  shell.run(
      "for p in a b c; do claimledger --store sqlite:from.db remember s $p 1; done\n"
      "claimledger --store sqlite:from.db export --output all.jsonl; sed -i '3s/.\\{40\\}$//' all.jsonl");

  const auto ran = shell.run("claimledger import all.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("line 3: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("Lines up to 2 are in the ledger, none after it."), std::string::npos) << ran.err;
}

// Its batch waits for a turn that somebody else has.
TEST(Interrupted, CopySaysUpToWhereTheTargetIs) {
  const Shell shell;
  shell.run(
      "for p in a b c; do claimledger --store sqlite:from.db remember s $p 1; done\n"
      "claimledger --store sqlite:from.db export | head -n 1 | claimledger --store sqlite:to.db import -");
  shell.write(
      "copy.sh",
      "exec 5>to.db-lock; flock 5\n"
      "claimledger copy --from sqlite:from.db --to sqlite:to.db 5>&- 2>err & writer=$!\n"
      "until grep -qx claimledger /proc/$writer/comm && ls -l /proc/$writer/fd | grep -q to.db-lock; do :; done\n"
      "kill -TERM $writer; wait $writer\n");

  EXPECT_EQ(shell.run("bash copy.sh").exit, 143);

  const auto said = shell.read("err");
  EXPECT_NE(said.find("stopped by SIGTERM; the target has default up to entry 1; copy again to go on"),
            std::string::npos)
      << said;
  const auto again = shell.run("claimledger copy --from sqlite:from.db --to sqlite:to.db");
  EXPECT_EQ(again.out.find("SAME  default: 2 batches copied, 3 entries verified on both"), 0U) << again.out;
}

// The bytes that it has written choose the moment. CLAIMLEDGER_LONG=1 takes a hundred of each.
TEST(Interrupted, WhatCarriesALedgerGoesOnWhereItWasStopped) {
  const Shell shell;
  shell.run(
      "claimledger --store sqlite:from.db ingest $DATA/us-congress.jsonl --batch-size 20\n"
      "claimledger --store sqlite:from.db export --output all.jsonl");
  shell.write("stop.sh",
              "bytes=$1; shift\n\"$@\" >out 2>err & writer=$!\n"
              "while [ -e /proc/$writer/fd/1 ]; do\n"
              "  while read -r name count; do [ \"$name\" = wchar: ] && written=$count; done </proc/$writer/io\n"
              "  [ \"${written:-0}\" -lt \"$bytes\" ] || break\n"
              "done 2>/dev/null\n"
              "kill -TERM $writer 2>/dev/null; wait $writer\n");
  const int count = std::getenv("CLAIMLEDGER_LONG") ? 100 : 4;
  const std::vector<std::string> commands = {"claimledger --store sqlite:to.db import all.jsonl",
                                             "claimledger copy --from sqlite:from.db --to sqlite:to.db"};
  for (const auto& command : commands) {
    for (int seed = 1; seed <= count; ++seed) {
      SCOPED_TRACE(command + ", seed " + std::to_string(seed));
      std::mt19937 random(static_cast<unsigned>(seed));
      const auto bytes = std::uniform_int_distribution<int>(1, 1'500'000)(random);

      const auto exit = shell.run("rm -f to.db*; bash stop.sh " + std::to_string(bytes) + " " + command).exit;

      ASSERT_TRUE(exit == 143 || exit == 0) << exit << shell.read("err");
      ASSERT_EQ(shell.run("claimledger --store sqlite:to.db verify").out.find("BROKEN"), std::string::npos);
      ASSERT_EQ(shell.run(command).exit, 0);
      ASSERT_EQ(shell.run("claimledger --store sqlite:to.db export | cmp - all.jsonl").exit, 0);
    }
  }
}

TEST(Interrupted, AReaderThatHasSeenEnoughEndsAnExportWithoutAWord) {
  const Shell shell;
  shell.run("claimledger ingest $DATA/us-congress.jsonl --batch-size 20");

  const auto ran = shell.run("{ claimledger export; echo $? > code; } | head -n 1 | wc -l");

  EXPECT_EQ(ran.out, "1\n");
  EXPECT_EQ(shell.read("code"), "141\n");
  EXPECT_EQ(ran.err, "");
}

TEST(Interrupted, ExportToAFileChangesNothingThere) {
  const Shell shell;
  shell.write("keep.jsonl", "yesterday's\n");
  shell.run("claimledger ingest $DATA/us-congress.jsonl --batch-size 20");
  // The pipe holds the program back until the signal was sent.
  shell.write("export.sh",
              "mkfifo out\nclaimledger export >out & writer=$!\nexec 4<out\nread -r line <&4\n"
              "kill -TERM $writer; cat <&4 >rest; wait $writer\n");

  EXPECT_EQ(shell.run("bash export.sh").exit, 143);
  EXPECT_EQ(shell.run("tail -c 1 rest | od -An -c | tr -d ' '").out, "\\n\n") << "the last line is whole";
  // A limit of the file's size stops it after it has begun to write.
  EXPECT_EQ(shell.run("ulimit -f 100; claimledger export --output keep.jsonl").exit, 3);
  EXPECT_EQ(shell.read("keep.jsonl"), "yesterday's\n");
}

TEST(ClosedInput, IsAnErrorAndAnEmptyOneIsNot) {
  const Shell shell;

  for (const std::string command : {"ingest -", "import -", "answer -"}) {
    const auto closed = shell.run("claimledger remember a b c >/dev/null; claimledger " + command + " <&-");
    EXPECT_EQ(closed.exit, 2) << command;
    EXPECT_EQ(closed.err.find("claimledger: file: cannot be read: standard input: Bad file descriptor"), 0U)
        << closed.err;
    EXPECT_EQ(shell.run("claimledger " + command + " </dev/null").exit, 0) << command;
  }
}

TEST(Replayed, IsCountedApartFromWhatWasWritten) {
  const Shell shell;
  shell.write("lines",
              "{\"subject\":\"a\",\"predicate\":\"p\",\"value\":1,\"idempotency_key\":\"k1\"}\n"
              "{\"subject\":\"b\",\"predicate\":\"p\",\"value\":1,\"idempotency_key\":\"k2\"}\n");
  shell.run("head -n 1 lines | claimledger ingest -");

  EXPECT_EQ(shell.run("claimledger ingest lines").out,
            "2 lines, 1 batch, 1 taken, 0 rejected, 1 replayed: there already\n  CommittedCheap        1\n");
  EXPECT_EQ(shell.run("claimledger ingest lines").out,
            "2 lines, 0 batches, 0 taken, 0 rejected, 2 replayed: there already\n");
  const auto report = Json::parse(shell.run("claimledger ingest lines --json").out);
  EXPECT_EQ(report["replayed"], 2);
  EXPECT_EQ(report["batches"], 0);
  EXPECT_EQ(report["dispositions"], Json::object());
}

TEST(TheOtherKindOfFile, IsNamed) {
  const Shell shell;
  shell.run("claimledger remember a b c; claimledger export --output batches");
  shell.write("claims", "{\"subject\":\"a\",\"predicate\":\"p\",\"value\":1}\n");

  EXPECT_NE(shell.run("claimledger ingest batches").err.find("claimledger import reads it"), std::string::npos);
  EXPECT_NE(shell.run("claimledger import claims").err.find("claimledger ingest reads claims"), std::string::npos);
  // JSON of the right kind, and not a claim a line.
  shell.write("list", "[{\"subject\":\"a\",\"predicate\":\"p\",\"value\":1}]\n");
  shell.write("pretty", "{\n  \"subject\": \"a\",\n  \"predicate\": \"p\",\n  \"value\": 1\n}\n");
  EXPECT_NE(shell.run("claimledger ingest list").err.find("`jq -c '.[]'` makes lines of a list"), std::string::npos);
  EXPECT_NE(shell.run("claimledger ingest pretty").err.find("`jq -c .` writes each on one line"), std::string::npos);
  EXPECT_EQ(shell.run("echo '{\"subject\"=1}' | claimledger ingest -").err.find("jq"), std::string::npos);
}

TEST(ImportOfOneAgent, RefusesAnother) {
  const Shell shell;
  shell.run("claimledger --agent ann remember a b c; claimledger --agent ann export --output ann.jsonl");

  const auto ran = shell.run("claimledger --store sqlite:to.db --agent bob import ann.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("agent: is 'ann', where 'bob' is wanted"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger --store sqlite:to.db --agent ann import ann.jsonl").exit, 0);
}

}  // namespace
}  // namespace claimledger::tests
