#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "shell.hpp"

// What is wrong, what is slow, and what helps, in one answer.
namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

// "about verdict" of each, ledger by ledger, behind those of the store.
std::string verdicts(const Shell& shell, const std::string& options = "") {
  const auto report = Json::parse(shell.run("claimledger doctor --json " + options).out);
  std::string found;
  const auto add = [&](const Json& findings) {
    for (const auto& each : findings)
      found += each["about"].get<std::string>() + " " + each["verdict"].get<std::string>() + "; ";
  };
  add(report["store"]);
  for (const auto& ledger : report["ledgers"]) add(ledger["findings"]);
  return found + (report["ok"].get<bool>() ? "ok" : "not ok");
}

std::string changed_by(const std::string& sql) {
  return "python3 -c 'import sqlite3; c = sqlite3.connect(\"agent.db\"); c.execute(\"" + sql + "\"); c.commit()'";
}

}  // namespace

TEST(Doctor, FindsAWholeLedgerFine) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin");

  const auto ran = shell.run("claimledger doctor");

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out.find("WRONG"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("slow"), std::string::npos) << ran.out;
  EXPECT_EQ(verdicts(shell), "schema fine; ledger fine; words fine; vectors fine; ok");
}

TEST(Doctor, SaysWhatIsBehindAndWhatHelps) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin; claimledger remember ada pet cat --no-word-index --embedder none");

  EXPECT_EQ(verdicts(shell), "schema fine; ledger fine; words slow; vectors slow; ok");
  const auto ran = shell.run("claimledger doctor");
  EXPECT_EQ(ran.exit, 0) << "slow is not wrong";
  EXPECT_NE(ran.out.find("see reindex"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("see embed"), std::string::npos) << ran.out;

  shell.run("claimledger reindex; claimledger embed");
  EXPECT_EQ(verdicts(shell), "schema fine; ledger fine; words fine; vectors fine; ok");
}

TEST(Doctor, FindsWhatIsFiledOtherwiseThanTheEntriesSay) {
  for (const std::string sql : {"DELETE FROM posting", "UPDATE posting SET count = 7", "DELETE FROM embedding"}) {
    const Shell shell;
    shell.run("claimledger remember ada city Berlin; " + changed_by(sql));

    const auto ran = shell.run("claimledger doctor");

    EXPECT_EQ(ran.exit, 1) << sql << ran.out;
    EXPECT_NE(ran.out.find("WRONG"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("--anew"), std::string::npos) << ran.out;
  }
}

// Each vector is well by itself: swapped, only the model can say so.
TEST(Doctor, MakesVectorsAgain) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin; claimledger remember ada pet cat");
  EXPECT_NE(shell.run("claimledger doctor").out.find("; 2 vectors made again"), std::string::npos);

  shell.run(
      changed_by("UPDATE embedding SET vector = (SELECT other.vector FROM embedding AS other WHERE "
                 "other.rowid <> embedding.rowid)"));

  for (const std::string verb : {"doctor", "verify"}) {
    const auto ran = shell.run("claimledger " + verb);
    EXPECT_EQ(ran.exit, 1) << ran.out;
    EXPECT_NE(ran.out.find("has another vector of "), std::string::npos) << ran.out;
  }
  shell.run("claimledger embed --anew");
  EXPECT_EQ(shell.run("claimledger doctor").exit, 0);
}

TEST(Doctor, OfAnEmbedderThatFailsSaysSo) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin");
  const auto ran = shell.run("claimledger doctor --embed-cmd false");
  EXPECT_EQ(ran.exit, 0) << "nothing is known to be wrong";
  EXPECT_NE(ran.out.find("vectors could not be made again: "), std::string::npos) << ran.out;
}

TEST(Doctor, LooksForTheRestWhereADerivedTableIsGone) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin; " + changed_by("DROP TABLE embedding"));

  const auto ran = shell.run("claimledger doctor");

  EXPECT_EQ(ran.exit, 1) << "a finding";
  EXPECT_NE(ran.out.find("WRONG  schema"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("WRONG  ledger"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("`claimledger embed`, for vectors"), std::string::npos) << ran.out;
}

TEST(Doctor, FindsASchemaThatLostItsGuards) {
  const Shell shell;
  shell.run("claimledger remember ada city Berlin; " + changed_by("DROP TRIGGER entry_update"));

  const auto ran = shell.run("claimledger doctor");

  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("WRONG  schema"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("entry_update"), std::string::npos) << ran.out;
}

TEST(Doctor, LooksAtAllLedgersOfAFolder) {
  const Shell shell;
  shell.run(
      "for who in ada bob; do claimledger --store sqlite:folder/ --agent $who remember a b c; done; "
      "echo no database > folder/eve.db");

  EXPECT_EQ(verdicts(shell, "--store sqlite:folder/ --all"),
            "schema fine; ledger fine; words fine; vectors fine; ledger fine; words fine; vectors fine; ledger wrong; "
            "not ok");
  EXPECT_EQ(shell.run("claimledger --store sqlite:folder/ doctor --all").exit, 1);
}

TEST(Doctor, OfNoLedgerSaysSo) {
  const Shell shell;
  shell.run("claimledger remember a b c");
  EXPECT_EQ(verdicts(shell, "--agent nobody"), "schema fine; ledger wrong; not ok");
}

}  // namespace claimledger::tests
