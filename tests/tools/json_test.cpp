#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "json_schema.hpp"
#include "shell.hpp"

namespace claimledger::tests {
namespace {

using Json = nlohmann::json;

// A ledger in which every command has something to say: a contested line, an open question, a derivation, a serving.
class Ledger {
 public:
  Ledger() {
    berlin = say("remember user city Berlin --key first");
    say("remember user city Munich --queue");
    premise = say("remember user name Ada");
    say("remember user initials A --provenance ModelDerived --derived-from " + premise);
    say("recall user name --serve-to chat");
    ended = say("remember user job baker --since 2019");
  }
  std::string say(const std::string& words) const {
    const auto ran = shell.run("claimledger " + words + " --json");
    const auto answer = Json::parse(ran.out, nullptr, false);
    return answer.is_object() && answer.contains("claim_id") ? answer["claim_id"].get<std::string>() : std::string();
  }

  Shell shell;
  std::string berlin, premise, ended;
};

// The command of a command line that begins with it, or with --store and a store.
std::string name_of_command(const std::string& words) {
  std::istringstream in(words);
  std::string word;
  in >> word;
  if (word == "--store") in >> word >> word;
  return word;
}

Json schema_of(const std::string& command, const Shell& shell) {
  return Json::parse(shell.run("claimledger schema " + command).out);
}

TEST(Json, IsOneDocumentFromEveryCommand) {
  const Ledger ledger;
  ledger.shell.write("claims.jsonl", R"({"subject":"s","predicate":"p","value":1})");
  ledger.shell.run("claimledger export --output ledger.jsonl");
  const std::string question = [&] {
    const auto pending = Json::parse(ledger.shell.run("claimledger pending --json").out);
    return pending["items"][0]["handle"].get<std::string>();
  }();

  const std::string commands[] = {
      "remember user age 42",
      "remember user age 42 --expected-position 1",
      "recall user name",
      "recall user city",
      "recall nobody nothing",
      "history user city",
      "search Berlin",
      "search nowhere",
      "search smith --history --explain",
      "search Berlin --recency-share 0.3 --half-life 90d",
      "context Berlin",
      "context Berlin --serve-to chat-2",
      "subject user",
      "contested",
      "contested --valid-at 2026-01-01",
      "pending",
      "adjudicate " + question + " affirm --evidence lease",
      "sweep",
      "end " + ledger.ended + " 2024",
      "reopen " + ledger.ended,
      "recall user job --during 2024",
      "correct " + ledger.ended + " smith",
      "correct user job smith --since 2018",
      "end user job 2030",
      "retract user nothing",
      "retract " + ledger.premise,
      "retract --source nobody --dry-run",
      "review " + ledger.premise + " keep",
      "reconcile",
      "reconcile user city",
      "claim " + ledger.berlin,
      "claim 0190163d-8694-7c3b-b2a1-0123456789ab",
      "lineage " + ledger.premise + " --descendants",
      "served chat",
      "served --claim " + ledger.premise,
      "outcome first",
      "outcome never",
      "audit",
      "audit --descending --limit 2",
      "agents",
      "subjects",
      "predicates user",
      "verify",
      "verify --all",
      "status",
      "reindex",
      "embed --all",
      "doctor --all",
      "embed --question 'where does Ada live'",
      "search Berlin --by blend --explain",
      "vectors export vectors-of",
      "vectors drop --model all-MiniLM-L6-v2-static",
      "ingest claims.jsonl",
      "--store sqlite:copy.db import ledger.jsonl",
      "copy --from sqlite:agent.db --to sqlite:copies/",
      "copy --from sqlite:agent.db --to sqlite:copy.db",  // where the import has been: nothing to do
      "tail --no-follow --limit 1",
      "backup copy-of.db",
      "migrate",
      "init",
      "--store sqlite:ledgers/ init",
  };
  for (const auto& command : commands) {
    SCOPED_TRACE(command);
    const auto ran = ledger.shell.run("claimledger --json " + command);
    EXPECT_LE(ran.exit, 1) << ran.err;
    EXPECT_TRUE(Json::accept(ran.out)) << ran.out;
    EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << ran.out;
    EXPECT_EQ(misfit(Json::parse(ran.out), schema_of(name_of_command(command), ledger.shell)), "");
  }
}

TEST(Json, IsOneDocumentALineWhereAnswersStream) {
  const Ledger ledger;
  ledger.shell.write("claims.jsonl",
                     "{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}\n"
                     "{\"subject\":\"s\",\"predicate\":\"q\",\"value\":[1,2.5]}\n");
  ledger.shell.write("questions.jsonl",
                     "{\"subject\":\"s\",\"predicate\":\"p\",\"expected\":1}\n"
                     "{\"subject\":\"s\",\"predicate\":\"r\"}\n");

  const auto ingest = ledger.shell.run("claimledger --json ingest claims.jsonl --batch-size 1 --acknowledge");
  const auto answer = ledger.shell.run("claimledger --json answer questions.jsonl");
  const auto exported = ledger.shell.run("claimledger export --json");
  const auto tail = ledger.shell.run("claimledger tail --json --no-follow");

  for (const auto& [command, text] : std::map<std::string, std::string>{
           {"ingest", ingest.out}, {"answer", answer.out}, {"tail", tail.out}, {"export", exported.out}}) {
    std::istringstream lines(text);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      ASSERT_TRUE(Json::accept(line)) << line;
      if (command != "export") {
        EXPECT_EQ(misfit(Json::parse(line), schema_of(command, ledger.shell)), "");
      }
    }
    EXPECT_GE(count, 2U);
  }
  EXPECT_EQ(
      answer.out.substr(0, answer.out.find('\n')),
      R"({"status":"TimingUncertain","value":1,"alternatives":[],"position":)" +
          std::to_string(Json::parse(ingest.out.substr(ingest.out.rfind('\n', ingest.out.size() - 2) + 1))["position"]
                             .get<int>()) +
          "}");
  EXPECT_EQ(answer.err, "{\"questions\":2,\"right\":1,\"wrong\":0}\n");
}

// Whatever goes wrong: standard error has one document a line, and standard output nothing or the answer.
TEST(Json, IsWhatStandardErrorHasToo) {
  const Ledger ledger;
  const auto& shell = ledger.shell;
  const std::string good = R"({"subject":"s","predicate":"p","value":1})";
  shell.write("bad.jsonl", good + "\nx\n" + R"({"subject":"s","predicate":"p","value":1,"valid_from":"no"})" + "\n");
  shell.write("late.jsonl", R"({"subject":"s","predicate":"p","value":1,"recorded_at":"2001"})");
  shell.write("question.jsonl", R"({"subject":"s","predicate":"p","as_of":"no"})");
  shell.write("long.jsonl", std::string(17'000'000, 'x'));
  const std::pair<std::string, int> commands[] = {
      {"ingest bad.jsonl", 2},
      {"ingest bad.jsonl --batch-size 1", 2},
      {"ingest bad.jsonl --on-error skip", 0},
      {"ingest long.jsonl", 2},
      {"ingest long.jsonl --on-error skip", 0},
      {"ingest late.jsonl --clock recorded_at", 2},
      {"ingest bad.jsonl --actor '" + std::string(1025, 'x') + "'", 2},
      {"answer question.jsonl", 2},
      {"answer long.jsonl", 2},
      {"import bad.jsonl", 2},
      {"copy --from sqlite:agent.db --to sqlite:copy.db --agent nobody", 1},
      {"lineage 0190163d-8694-7c3b-b2a1-0123456789ab", 1},
      {"--store sqlite:none.db recall user city", 1},
      {"--store sqlite:none.db recall user city --position 5", 2},
      {"--store sqlite:none.db status", 3},
      {"recall user city --position x", 2},
      {"recall user", 2},
      {"schema nothing", 2},
  };
  const auto failure = schema_of("FailureReport", shell), remark = schema_of("Remark", shell);
  for (const auto& [words, exit] : commands) {
    SCOPED_TRACE(words);
    const auto ran = shell.run("claimledger " + words + " --json");
    EXPECT_EQ(ran.exit, exit) << ran.err;
    if (!ran.out.empty()) {
      ASSERT_TRUE(Json::accept(ran.out)) << ran.out;
    }
    EXPECT_FALSE(ran.out.empty() && ran.err.empty());
    std::istringstream lines(ran.err);
    std::size_t failures = 0;
    for (std::string line; std::getline(lines, line);) {
      ASSERT_TRUE(Json::accept(line)) << line;
      const auto document = Json::parse(line);
      EXPECT_EQ(misfit(document, document.contains("error") ? failure : remark), "") << line;
      failures += document.contains("error") ? 1U : 0U;
    }
    if (exit >= 2) {
      EXPECT_EQ(failures, 1U) << ran.err;
    }
  }
  const auto bad = Json::parse(shell.run("claimledger ingest bad.jsonl --batch-size 1 --json").err)["error"];
  EXPECT_EQ(bad["kind"], "invalid_input");
  EXPECT_EQ(bad["line"], 2);
  EXPECT_EQ(bad["field"], "line");
  EXPECT_EQ(bad["last_line"], 1);
  const auto question = Json::parse(shell.run("claimledger answer question.jsonl --json").err)["error"];
  EXPECT_EQ(question["line"], 1);
  EXPECT_EQ(question["field"], "as_of");
}

TEST(Json, OfOneClaimHasTheFieldsOfItsReceiptAtTheTop) {
  const Shell shell;
  const auto schema = schema_of("remember", shell);

  const auto done = Json::parse(shell.run("claimledger remember user city Berlin --json").out);
  const auto conflict = Json::parse(shell.run("claimledger remember user city Bonn --expected-position 9 --json").out);

  EXPECT_EQ(misfit(done, schema), "");
  EXPECT_EQ(misfit(conflict, schema), "");
  EXPECT_EQ(done["disposition"], "CommittedCheap");
  EXPECT_EQ(conflict["status"], "conflict") << "no receipt: it has the shape of every write";
  EXPECT_NE(conflict["reason"], "");
}

TEST(Json, CarriesTheWordsOfTheDomain) {
  const Shell shell;
  shell.run("claimledger remember user city Berlin --since 2020-03 --source lease --confidence 0.9");

  const auto belief = Json::parse(shell.run("claimledger recall user city --json").out);

  EXPECT_EQ(belief["status"], "Resolved");
  EXPECT_EQ(belief["value"], "Berlin");
  EXPECT_EQ(belief["primary"]["provenance"], Json({{"type", "External"}, {"kind", "UserAsserted"}}));
  EXPECT_EQ(belief["primary"]["valid_from"], "2020-03");
  EXPECT_EQ(belief["primary"]["valid_until"], nullptr);
  EXPECT_EQ(belief["primary"]["source"], "lease");
  EXPECT_EQ(belief["primary"]["value_confidence"], 0.9);
  EXPECT_EQ(belief["primary"]["disposition"], "CommittedCheap");
  EXPECT_EQ(belief["currency"], "Fresh");
  EXPECT_EQ(belief["criticality"], "Medium");
  EXPECT_EQ(belief["alternatives"], Json::array());
}

TEST(Json, NamesAHundredRivalsAndCountsThemAll) {
  const Shell shell;
  std::string claims;
  for (int i = 0; i < 102; ++i) claims += R"({"subject":"s","predicate":"p","value":)" + std::to_string(i) + "}\n";
  shell.write("claims.jsonl", claims);
  shell.run("claimledger ingest claims.jsonl");

  const auto text = shell.run("claimledger remember s p 1000").out;
  const auto receipt = Json::parse(shell.run("claimledger remember s p 1001 --json").out);

  EXPECT_NE(text.find(" and 2 more\n"), std::string::npos) << text;
  EXPECT_EQ(receipt["rivals"], 103);
  EXPECT_EQ(receipt["contested_with"].size(), 100U);
}

TEST(Json, KeepsNumbersExact) {
  const Shell shell;
  for (const auto* number : {"9007199254740993", "18446744073709551615", "-9223372036854775808", "0.1", "1e-7"}) {
    shell.run(std::string("claimledger remember n ") + number + " " + number);
    const auto belief = Json::parse(shell.run(std::string("claimledger recall n ") + number + " --json").out);
    EXPECT_EQ(belief["value"], Json::parse(number));
  }
}

}  // namespace
}  // namespace claimledger::tests
