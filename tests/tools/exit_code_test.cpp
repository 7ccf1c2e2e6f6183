#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "shell.hpp"

namespace claimledger::tests {
namespace {

TEST(ExitCode, IsOneWhereTheAnswerIsNo) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin; claimledger remember user city Munich");
  shell.write("wrong.jsonl", R"({"subject":"user","predicate":"city","expected":"Berlin"})");

  EXPECT_EQ(shell.run("claimledger recall user city").exit, 1) << "contested";
  EXPECT_EQ(shell.run("claimledger recall user age").exit, 1) << "no belief";
  EXPECT_EQ(shell.run("claimledger subject nobody").exit, 1) << "not found";
  EXPECT_EQ(shell.run("claimledger history user age").exit, 1) << "not found";
  EXPECT_EQ(shell.run("claimledger claim 0190163d-8694-7c3b-b2a1-0123456789ab").exit, 1) << "not found";
  EXPECT_EQ(shell.run("claimledger retract 0190163d-8694-7c3b-b2a1-0123456789ab").exit, 1) << "not found";
  EXPECT_EQ(shell.run("claimledger outcome never").exit, 1) << "not found";
  EXPECT_EQ(shell.run("claimledger remember user age 42 --expected-position 99").exit, 1) << "conflict";
  EXPECT_EQ(shell.run("claimledger answer wrong.jsonl").exit, 1) << "wrong answer";
}

TEST(ExitCode, IsZeroForWhatWasRecordedThoughItContradicts) {
  const Shell shell;

  EXPECT_EQ(shell.run("claimledger remember user city Berlin").exit, 0);
  EXPECT_EQ(shell.run("claimledger remember user city Munich").exit, 0);
  EXPECT_EQ(shell.run("claimledger contested").exit, 0);
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

TEST(ExitCode, IsOneForAWriteThatIsNotOpenToTheSpeaker) {
  const Shell shell;
  shell.write("id.sh",
              "claimledger remember user city Berlin --json | sed -n 's/.*\"claim_id\":\"\\([^\"]*\\)\".*/\\1/p'");

  const auto ran = shell.run("claimledger retract $(sh id.sh) --provenance ModelDerived");

  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("Rejected"), std::string::npos) << ran.out;
}

TEST(ExitCode, IsOneWhereALineDoesNotStandForOneClaim) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin; claimledger remember user city Munich");

  for (const auto* words : {"retract user city", "end user city 2026", "correct user city Bonn", "retract user age"}) {
    const auto ran = shell.run(std::string("claimledger ") + words);
    EXPECT_EQ(ran.exit, 1) << words;
    EXPECT_EQ(ran.out.find("ambiguous  "), 0U) << ran.out;
  }
  EXPECT_EQ(shell.run("claimledger correct city Bonn").exit, 2) << "not a claim's id";
  EXPECT_EQ(shell.run("claimledger verify").exit, 0);
}

TEST(ExitCode, SaysWhetherAStretchIsBelievedAllAlong) {
  const Shell shell;
  shell.run(
      "claimledger remember user city Berlin --since 2020; claimledger remember user city Munich --since 2024-05");

  EXPECT_EQ(shell.run("claimledger recall user city --during 2022").exit, 0);
  EXPECT_EQ(shell.run("claimledger recall user city --during 2024").exit, 1) << "contested from May on";
  EXPECT_EQ(shell.run("claimledger recall user city --during 2019").exit, 1) << "no belief";
  EXPECT_EQ(shell.run("claimledger recall user city --during 2022-01-01T00:00:00Z").exit, 2) << "an instant";
  EXPECT_EQ(shell.run("claimledger recall user city --during 2022 --valid-at 2022").exit, 2);
}

TEST(ExitCode, IsOneForAQuestionThatIsSettledAlready) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin; claimledger remember user city Munich --queue");
  shell.write("adjudicate.sh",
              "handle=$(claimledger pending --json | "
              "sed -n 's/.*\"handle\":\"\\([^\"]*\\)\".*/\\1/p')\n"
              "claimledger adjudicate $handle deny --evidence lease\n"
              "claimledger adjudicate $handle affirm --evidence 'another lease'\n");

  const auto again = shell.run("sh adjudicate.sh");
  const auto unknown = shell.run("claimledger adjudicate 0190163d-8694-7c3b-b2a1-0123456789ab deny --evidence lease");

  EXPECT_EQ(again.exit, 1);
  EXPECT_NE(again.out.find("settled already: denied at 2"), std::string::npos) << again.out;
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_NE(unknown.out.find("no question under this handle"), std::string::npos) << unknown.out;
}

TEST(ExitCode, IsOneWhereThereIsNoSuchLedgerToVerify) {
  const Shell shell;
  shell.run("claimledger --agent ada remember user city Berlin");

  for (const auto* words : {"verify", "verify --agent adda"}) {
    const auto text = shell.run(std::string("claimledger ") + words);
    const auto json = shell.run(std::string("claimledger --json ") + words);
    EXPECT_EQ(text.exit, 1) << words;
    EXPECT_NE(text.out.find("there is no such ledger"), std::string::npos) << text.out;
    EXPECT_EQ(text.out.find("OK"), std::string::npos) << text.out;
    EXPECT_EQ(json.exit, 1) << words;
    EXPECT_NE(json.out.find("\"ok\":false"), std::string::npos) << json.out;
    EXPECT_NE(json.out.find("there is no such ledger"), std::string::npos) << json.out;
  }
  EXPECT_EQ(shell.run("claimledger verify --agent ada").exit, 0);
  EXPECT_EQ(shell.run("claimledger verify --all").exit, 0);
}

TEST(ExitCode, IsThreeWhereTheStoreFails) {
  const Shell shell;
  shell.write("letter.db",
              "Dear Ada, this is no database at all, but it is longer than a page header would be. Yours.");

  const auto read = shell.run("claimledger --store sqlite:letter.db recall user city");
  const auto write = shell.run("claimledger --store sqlite:letter.db remember user city Berlin");
  const auto nowhere = shell.run("claimledger --store sqlite:no/such/folder/agent.db remember user city Berlin");

  EXPECT_EQ(read.exit, 3) << read.err;
  EXPECT_EQ(write.exit, 3) << write.err;
  EXPECT_EQ(nowhere.exit, 3) << nowhere.err;
  EXPECT_EQ(shell.read("letter.db").substr(0, 8), "Dear Ada");
}

TEST(ExitCode, IsThreeWhereThereIsNothingToVerifyOrCopy) {
  const Shell shell;
  for (const auto* command : {"verify", "status", "export", "backup copy.db"}) {
    const auto ran = shell.run(std::string("claimledger ") + command);
    EXPECT_EQ(ran.exit, 3) << command << ran.err;
    EXPECT_EQ(ran.out, "") << command;
  }
  EXPECT_FALSE(std::filesystem::exists(shell.folder() / "agent.db"));
}

TEST(Store, IsNotMadeByAQuestion) {
  const Shell shell;

  const auto ran = shell.run("claimledger recall user city");

  EXPECT_EQ(ran.exit, 1);
  EXPECT_NE(ran.out.find("no belief"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("no ledger at"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(shell.folder() / "agent.db"));
}

TEST(Store, IsInTheUsersDataFolderUnlessSaidOtherwise) {
  const Shell shell;

  shell.run("unset CLAIMLEDGER_STORE; claimledger remember user city Berlin");
  shell.run("unset CLAIMLEDGER_STORE; XDG_DATA_HOME=$PWD/xdg claimledger remember user city Berlin");
  const auto homeless = shell.run("unset CLAIMLEDGER_STORE HOME; claimledger recall user city");

  EXPECT_TRUE(std::filesystem::exists(shell.folder() / ".local/share/claimledger/agent.db"));
  EXPECT_TRUE(std::filesystem::exists(shell.folder() / "xdg/claimledger/agent.db"));
  EXPECT_EQ(homeless.exit, 2);
}

TEST(Store, MayBeOneDatabaseForEachAgent) {
  const Shell shell;

  shell.run("claimledger --store sqlite:ledgers/ --agent ada remember user city Berlin");
  shell.run("claimledger --store sqlite:ledgers/ --agent '../b/c' remember user city Munich");

  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ agents").out, "../b/c  1 entry\nada  1 entry\n");
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ --agent ada recall user city").exit, 0);
  EXPECT_EQ(shell.run("claimledger --store sqlite:ledgers/ verify --all").exit, 0);
}

TEST(Store, ThatHasLostEverythingIsNotSaidToBeWell) {
  const Shell shell;
  shell.run("claimledger init");

  const auto text = shell.run("claimledger verify --all");
  const auto json = shell.run("claimledger verify --all --json");

  EXPECT_EQ(text.exit, 1);
  EXPECT_NE(text.out.find("there is no ledger in this store"), std::string::npos) << text.out;
  EXPECT_EQ(json.exit, 1);
  EXPECT_NE(json.out.find("\"ok\":false"), std::string::npos) << json.out;
}

TEST(Store, SaysWhichOfItsFilesIsDamaged) {
  const Shell shell;
  for (const auto* agent : {"ada", "bob", "eve"})
    shell.run(std::string("claimledger --store sqlite:ledgers/ --agent ") + agent + " remember user city Berlin");
  shell.run("rm ledgers/bob.db-wal ledgers/bob.db-shm; printf garbage >ledgers/bob.db");

  const auto ran = shell.run("claimledger --store sqlite:ledgers/ verify --all");

  EXPECT_EQ(ran.exit, 1) << "the others were looked at";
  EXPECT_NE(ran.out.find("ledgers/bob.db: is not a database"), std::string::npos) << ran.out;
}

TEST(Pipe, ThatIsClosedEndsTheProgramWithoutAWord) {
  const Shell shell;
  shell.run("claimledger --store sqlite:tz.db ingest $DATA/us-congress.jsonl");

  const auto ran = shell.run("claimledger --store sqlite:tz.db audit --limit 5000 | head -n 1");

  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1);
  EXPECT_EQ(ran.err, "");
}

TEST(Pipe, ThatIsFullIsAFailure) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin");

  const auto ran = shell.run("claimledger recall user city >/dev/full");

  EXPECT_EQ(ran.exit, 3);
  EXPECT_NE(ran.err.find("could not be written"), std::string::npos) << ran.err;
}

TEST(Pipe, ThatIsFullIsAFailureOfTheHelpToo) {
  const Shell shell;
  for (const auto* words : {"--help", "--version", "help", "recall --help", "schema"}) {
    const auto ran = shell.run(std::string("claimledger ") + words + " >/dev/full");
    EXPECT_EQ(ran.exit, 3) << words;
    EXPECT_NE(ran.err.find("could not be written"), std::string::npos) << ran.err;
  }
}

TEST(Pipe, GetsNoColourAndNoProgressBar) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin");

  const auto ran = shell.run("claimledger recall user city; claimledger history user city; claimledger verify");

  EXPECT_EQ(ran.out.find('\033'), std::string::npos);
  EXPECT_EQ(ran.err, "");
}

TEST(Text, ShowsNoControlCharactersOfItsSpeakers) {
  const Shell shell;
  shell.run("claimledger remember user city \"$(printf 'Ber\\033[2Jlin\\302\\233')\"");

  const auto ran = shell.run("claimledger recall user city; claimledger history user city; claimledger audit");

  EXPECT_EQ(ran.out.find('\033'), std::string::npos);
  EXPECT_NE(ran.out.find("Ber\\u{1b}[2Jlin\\u{9b}"), std::string::npos) << ran.out;
}

TEST(Text, ShowsNothingThatTurnsItsDirection) {
  const Shell shell;
  // U+202E, U+2066 and U+2069; U+2030, a per mille sign, and U+206A are none of them.
  shell.run(
      "claimledger remember user city \"$(printf 'a\\342\\200\\256b\\342\\201\\246c\\342\\201\\251\\342\\200\\260')\"");

  const auto ran = shell.run("claimledger recall user city");

  EXPECT_NE(ran.out.find("= a\\u{202e}b\\u{2066}c\\u{2069}\xE2\x80\xB0\n"), std::string::npos) << ran.out;
}

TEST(Text, TellsAStringFromWhatItLooksLike) {
  const Shell shell;
  shell.run("claimledger remember v p 1 --since 2020; claimledger remember v p 1 --string --since 2020");
  const std::pair<const char*, const char*> texts[] = {{"true", "\"true\""},   {"null", "\"null\""}, {"[1]", "\"[1]\""},
                                                       {"1.50", "\"1.50\""},   {" 1", "\" 1\""},     {"", "\"\""},
                                                       {"2020-05", "2020-05"}, {"[sic]", "[sic]"},   {"nice", "nice"}};

  EXPECT_NE(shell.run("claimledger history v p").out.find("contested: \"1\" or 1\n"), std::string::npos);
  for (const auto& [typed, shown] : texts) {
    const Shell other;
    other.run(std::string("claimledger remember v p --string '") + typed + "'");
    EXPECT_EQ(other.run("claimledger recall v p | head -n 1").out, std::string("v · p = ") + shown + "\n");
  }
}

TEST(Text, KeepsBeliefsApartThatAreCutToTheSameText) {
  const Shell shell;
  const std::string text(70, 'x');
  shell.run("claimledger remember a b " + text + "1 --during 2019; claimledger remember a b " + text +
            "2 --during 2020; claimledger remember a b " + text + "2 --during 2021");

  const auto history = shell.run("claimledger history a b").out;

  EXPECT_NE(history.find("\n  2019  2020 "), std::string::npos) << history;
  EXPECT_NE(history.find("\n  2020  2022 "), std::string::npos) << history;
}

TEST(Text, SaysWhichInstantOfADateIsAnswered) {
  const Shell shell;
  for (const auto* date : {"2027", "2027-01-01", "2027-01-01T00:00:00Z"}) {
    const auto ran = shell.run(std::string("claimledger recall user city --valid-at ") + date);
    EXPECT_NE(ran.out.find("for 2027-01-01T00:00:00Z at"), std::string::npos) << ran.out;
  }
}

// The options that ask about an instant: each says what a date means to it. And the words of a closed set are listed.
TEST(Help, SaysWhatADateMeansAndWhichWordsThereAre) {
  const Shell shell;
  const auto counted = [&](const std::string& command, const std::string& words) {
    // The help breaks its lines where it likes.
    auto text = shell.run("claimledger " + command + " --help | tr -s '\\n ' '  '").out;
    std::size_t count = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
    return count;
  };
  const std::map<std::string, std::size_t> dates = {{"recall", 3},    {"subject", 3}, {"search", 3}, {"context", 3},
                                                    {"contested", 3}, {"history", 2}, {"audit", 4},  {"end", 1},
                                                    {"reopen", 1},    {"claim", 2}};
  for (const auto& [command, count] : dates) EXPECT_EQ(counted(command, "its first instant in UTC"), count) << command;
  for (const auto* command :
       {"remember", "ingest", "end", "retract", "correct", "reopen", "review", "adjudicate", "search"})
    EXPECT_EQ(counted(command, "UserAsserted, ExternalFirstHand, RecallReEntry, ModelDerived"), 1U) << command;
  for (const auto* command : {"remember", "ingest", "correct"}) {
    EXPECT_EQ(counted(command, "Functional, SetValued, Unknown"), 1U) << command;
    EXPECT_EQ(counted(command, "Low, Medium, High, Critical"), 1U) << command;
  }
  EXPECT_EQ(counted("", "Low, Medium, High, Critical"), 1U);
  EXPECT_EQ(counted("audit", "ClaimRecorded, Corroborated, Echoed"), 1U);
  EXPECT_EQ(counted("audit", "CommittedCheap"), 1U);
  EXPECT_EQ(counted("ingest", "as of the value where a date is given, else 0"), 1U);
}

TEST(Text, CountsOneQuestionAsOne) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin");
  shell.write("questions.jsonl", R"({"subject":"user","predicate":"city","expected":"Berlin"})");

  EXPECT_EQ(shell.run("claimledger answer questions.jsonl").out, "1 question, 1 right, 0 wrong\n");
}

TEST(Help, IsACommandTooAndSaysWhatItsOptionSays) {
  const Shell shell;

  for (const auto* command : {"", "recall", "help"}) {
    const auto asked = shell.run(std::string("claimledger help ") + command);
    EXPECT_EQ(asked.exit, 0) << asked.err;
    EXPECT_EQ(asked.out, shell.run(std::string("claimledger ") + command + " --help").out);
    EXPECT_NE(asked.out.find("Usage: claimledger " + std::string(command)), std::string::npos) << asked.out;
  }
}

TEST(Words, OfAClosedSetAreTakenInUpperAndLowerCase) {
  const Shell shell;
  for (const auto* options : {"--criticality HIGH", "--criticality high", "--cardinality functional",
                              "--provenance userasserted", "--provenance external/EXTERNALFIRSTHAND",
                              "--provenance EXTERNAL:userasserted", "--overturn CONTESTED_FIRST"}) {
    const auto ran = shell.run(std::string("claimledger remember user city Berlin ") + options);
    EXPECT_EQ(ran.exit, 0) << options << ": " << ran.err;
  }
  for (const auto* verdict : {"AFFIRM", "affirm", "aFfirm"}) {
    const auto ran = shell.run(std::string("claimledger adjudicate 0190163d-8694-7c3b-b2a1-0123456789ab ") + verdict +
                               " --evidence x");
    EXPECT_EQ(ran.exit, 1) << "the word is right, and there is no such question: " << ran.err;
  }
  EXPECT_EQ(shell.run("claimledger review 0190163d-8694-7c3b-b2a1-0123456789ab KEEP").exit, 1);
  shell.write("two.jsonl", "x\n{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}\n");
  EXPECT_EQ(shell.run("claimledger ingest two.jsonl --on-error SKIP").exit, 0) << "it skips";
  for (const std::string name : {"bash", "zsh", "fish"}) {
    auto upper = name;
    for (auto& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto typed = shell.run("claimledger completion " + upper);
    EXPECT_EQ(typed.out, shell.run("claimledger completion " + name).out) << name;
  }
  const auto audit = shell.run("claimledger audit --kind claimrecorded --disposition COMMITTEDCHEAP --limit 1");
  EXPECT_NE(audit.out.find("ClaimRecorded"), std::string::npos) << audit.err;
}

}  // namespace
}  // namespace claimledger::tests
