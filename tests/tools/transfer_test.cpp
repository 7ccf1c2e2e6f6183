#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

void fill(const Shell& shell) {
  shell.run("claimledger ingest $DATA/us-executive.jsonl --batch-size 10 --provenance ExternalFirstHand");
  shell.run("claimledger remember user city Berlin; claimledger remember user city Munich --queue");
  shell.run("claimledger --agent other remember user city Paris --since 2020");
}

TEST(Export, ImportedElsewhereHasTheSameHashes) {
  const Shell shell;
  fill(shell);

  shell.run("claimledger export --all | claimledger --store sqlite:copy.db import -");
  const auto audit = shell.run("claimledger audit --json --limit 10000 --asked-at 2026-01-01");
  const auto copied = shell.run("claimledger --store sqlite:copy.db audit --json --limit 10000 --asked-at 2026-01-01");

  EXPECT_EQ(audit.exit, 0) << audit.err;
  EXPECT_GT(audit.out.size(), 10'000U);
  EXPECT_EQ(copied.out, audit.out);  // entry by entry, each with its hash
  EXPECT_EQ(shell.run("claimledger --store sqlite:copy.db export --all").out,
            shell.run("claimledger export --all").out);
  EXPECT_EQ(shell.run("claimledger --store sqlite:copy.db verify --all").exit, 0);
}

TEST(Export, GoesOnBehindAWholeBatchOnly) {
  const Shell shell;
  shell.run("claimledger ingest $DATA/us-executive.jsonl --batch-size 10; claimledger remember user city Berlin");
  shell.run("claimledger export >all.jsonl; sed 1d all.jsonl >rest.jsonl");
  shell.write("kept.jsonl", "precious");

  for (const auto* position : {"5", "1000000", "18446744073709551615"}) {
    const auto ran = shell.run(std::string("claimledger export --output kept.jsonl --after ") + position);
    EXPECT_EQ(ran.exit, 2) << position;
    EXPECT_NE(ran.err.find("--after: " + std::string(position) + " is not the end of a batch of 'default'; the last"),
              std::string::npos)
        << ran.err;
  }
  EXPECT_EQ(shell.read("kept.jsonl"), "precious");
  EXPECT_EQ(shell.run("claimledger export --after 5 --all").exit, 2) << "a position is one ledger's";
  EXPECT_EQ(shell.run("claimledger export --after 10").out, shell.read("rest.jsonl"));
  EXPECT_EQ(shell.run("claimledger export --after 0").out, shell.read("all.jsonl"));
}

TEST(Import, PassesOverWhatIsThereAlready) {
  const Shell shell;
  fill(shell);
  shell.run("claimledger export --output half.jsonl; head -n 5 half.jsonl > part.jsonl");

  const auto part = shell.run("claimledger --store sqlite:copy.db import part.jsonl");
  const auto rest = shell.run("claimledger --store sqlite:copy.db import half.jsonl");

  EXPECT_EQ(part.out, "5 batches imported, 0 were there already\n");
  EXPECT_EQ(rest.out, "11 batches imported, 5 were there already\n");
}

TEST(Import, RefusesALedgerThatDiffers) {
  const Shell shell;
  fill(shell);
  shell.run("claimledger export --output ledger.jsonl");
  shell.run("claimledger --store sqlite:copy.db remember user city Rome");

  const auto ran = shell.run("claimledger --store sqlite:copy.db import ledger.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("line 1: "), std::string::npos) << ran.err;
}

TEST(Import, RefusesALineThatWasTouched) {
  const Shell shell;
  fill(shell);
  shell.run("claimledger export | sed '2s/United States/Untied States/' > forged.jsonl");

  const auto ran = shell.run("claimledger --store sqlite:copy.db import forged.jsonl");

  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("line 2: "), std::string::npos) << ran.err;
}

// All would be the same on both sides, whatever is wrong with it.
TEST(Copy, OfALedgerOntoItselfIsRefused) {
  const Shell shell;
  shell.run("mkdir d other; claimledger --store sqlite:d/ --agent ann remember a b c");
  shell.run("claimledger --store sqlite:one.db --agent ann remember a b c");
  shell.run("ln -s one.db link.db; ln -s d folder; ln -s ../d/ann.db other/link.db");
  const auto copied = [&](const std::string& from, const std::string& to) {
    return shell.run("claimledger copy --from sqlite:" + from + " --to sqlite:" + to);
  };
  const std::vector<std::pair<std::string, std::string>> same = {{"one.db", "one.db"},      {"one.db", "./one.db"},
                                                                 {"one.db", "$PWD/one.db"}, {"one.db", "link.db"},
                                                                 {"link.db", "one.db"},     {"d/", "d"},
                                                                 {"d/", "folder/"},         {"d/", "d/ann.db"},
                                                                 {"d/ann.db", "folder/"},   {"d/", "other/"}};
  for (const auto& [from, to] : same) {
    SCOPED_TRACE(from + " to " + to);
    const auto ran = copied(from, to);
    EXPECT_EQ(ran.exit, 2) << ran.out;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("--to: "), std::string::npos) << ran.err;
    for (const auto& name : {from, to}) {
      const auto shown = name.substr(name.starts_with('$') ? 5 : 0);
      EXPECT_NE(ran.err.find(shown), std::string::npos) << ran.err;
    }
  }
  EXPECT_EQ(copied("one.db", "two.db").exit, 0);
  EXPECT_EQ(copied("one.db", "two.db").exit, 0) << "another file with the same ledger";
  EXPECT_EQ(copied("d/ann.db", "elsewhere/").exit, 0);
  EXPECT_EQ(shell.run("claimledger copy --agent ann --from sqlite:d/ --to memory:").exit, 0);
}

TEST(Backup, IsAStoreLikeTheOriginal) {
  const Shell shell;
  fill(shell);

  EXPECT_EQ(shell.run("claimledger backup copy.db").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:copy.db export --all").out,
            shell.run("claimledger export --all").out);
}

TEST(Backup, OverwritesNothing) {
  const Shell shell;
  fill(shell);
  shell.write("copy.db", "precious");
  shell.run("mkdir copies; claimledger --store sqlite:ledgers/ remember user city Berlin");

  for (const auto* command : {"claimledger backup copy.db", "claimledger backup copies",
                              "claimledger --store sqlite:ledgers/ backup copies"}) {
    const auto ran = shell.run(command);
    EXPECT_EQ(ran.exit, 2) << command;
    EXPECT_EQ(ran.err.find("claimledger: to: cop"), 0U) << ran.err;
    EXPECT_NE(ran.err.find(" is there already"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(shell.read("copy.db"), "precious");
}

TEST(Backup, NeedsAFolderThatIsThere) {
  const Shell shell;
  fill(shell);
  shell.run("claimledger --store sqlite:ledgers/ remember user city Berlin");

  for (const auto* command : {"claimledger backup no/copy.db", "claimledger --store sqlite:ledgers/ backup no/copies",
                              "claimledger --store sqlite:ledgers/ backup no/copies/"}) {
    const auto ran = shell.run(command);
    EXPECT_EQ(ran.exit, 2) << command;
    EXPECT_EQ(ran.err.find("claimledger: to: there is no folder no"), 0U) << ran.err;
  }
}

TEST(Copy, NamesTheOptionWhoseAddressIsWrong) {
  const Shell shell;
  shell.run("claimledger remember a b c");

  EXPECT_NE(shell.run("claimledger copy --from sqlite:agent.db --to foo").err.find("claimledger: --to: "),
            std::string::npos);
  EXPECT_NE(shell.run("claimledger copy --from foo --to memory:").err.find("claimledger: --from: "), std::string::npos);
}

}  // namespace
}  // namespace claimledger::tests
