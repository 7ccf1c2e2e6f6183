// How well search finds what agents ask for, on a set that was written before it was run (README.md beside this file).

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/embedders/static_embedder.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "domain/value_text.hpp"
#include "search/analysis.hpp"
#include "wiring/json.hpp"

namespace claimledger {
namespace {

const std::string folder = CLAIMLEDGER_SOURCE_DIR "/tests/search/quality/";
const AgentId agent{"assistant"};

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream in(folder + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Question {
  std::string kind;
  std::string text;
  std::vector<LineKey> answers;  // each of them is one; none: the ledger knows nothing about it
};

const std::vector<Question>& questions() {
  static const auto all = [] {
    std::vector<Question> read;
    for (const auto& line : lines_of("questions.jsonl")) {
      const auto json = nlohmann::json::parse(line);
      Question question{json.at("kind"), json.at("question"), {}};
      for (const auto& answer : json.at("answers"))
        question.answers.push_back({answer.at("subject"), answer.at("predicate")});
      read.push_back(std::move(question));
    }
    return read;
  }();
  return all;
}

// The claims as `claimledger ingest --clock recorded_at` replays them, each recorded when somebody said it: what is
// said later can then succeed what is not said any more. Asked on a day after the last of them.
struct Ledger {
  std::vector<Statement> statements;
  std::vector<Receipt> receipts;  // one for each
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>(earliest_instant);
  Engine engine{Parts{.store = memory::open(),
                      .clock = clock,
                      .ids = std::make_shared<conformance::SeededIds>(1),
                      .clock_source = ClockSource::replay,
                      .embedder = embedders::open_static(CLAIMLEDGER_TABLE)}};

  Ledger() {
    for (const auto& line : lines_of("claims.jsonl")) {
      auto said = wiring::parse_ingest_line(line, {}, wiring::RecordedAt::required);
      clock->set(said.recorded_at->value);
      statements.push_back(std::move(said.statement));
      receipts.push_back(engine.ingest({.agent = agent, .statements = {statements.back()}}).receipts.at(0));
    }
    clock->set(std::chrono::sys_days{std::chrono::year{2026} / 12 / 1});
  }
};

Ledger& ledger() {
  static Ledger the_one;
  return the_one;
}

// --- The set itself --------------------------------------------------------------------------------------------------

TEST(SearchQualitySet, EveryKindHasEnoughQuestionsAndEachIsAskedOnce) {
  std::map<std::string, int> of_kind;
  std::set<std::string> texts;
  for (const auto& question : questions()) {
    ++of_kind[question.kind];
    EXPECT_TRUE(texts.insert(question.text).second) << question.text;
    EXPECT_EQ(question.answers.empty(), question.kind == "nothing") << question.text;
  }

  for (const auto* kind : {"identifiers", "versions and numbers", "names", "cjk", "words", "sentences"})
    EXPECT_GE(of_kind[kind], 15) << kind;
  EXPECT_GE(of_kind["paraphrases"], 25);
  EXPECT_GE(of_kind["nothing"], 8);
  EXPECT_EQ(of_kind.size(), 8U);
  EXPECT_GE(ledger().statements.size(), 300U);
}

TEST(SearchQualitySet, EveryAnswerIsALineThatIsBelievedOrContestedNow) {
  int contested = 0;
  for (const auto& question : questions()) {
    for (const auto& line : question.answers) {
      const auto belief = ledger().engine.recall({.agent = agent, .line = line});
      EXPECT_NE(belief.status, BeliefStatus::no_belief) << question.text << ": " << line.subject;
      if (belief.status == BeliefStatus::contested) ++contested;
    }
  }
  EXPECT_GT(contested, 0);
}

std::set<std::string> terms_of(const search::Analysis& analysis, const search::Document& document) {
  std::set<std::string> terms;
  for (const auto& counted : analysis.terms(document)) terms.insert(counted.term);
  return terms;
}

// What the question looks up: all but the words that are everywhere.
std::set<std::string> terms_asked(const search::Analysis& analysis, const std::string& text) {
  std::set<std::string> terms;
  for (const auto& word : analysis.question_words(text)) {
    if (word.common) continue;
    terms.insert(word.wholes.begin(), word.wholes.end());
    for (const auto& unit : word.units) terms.insert(unit.terms.begin(), unit.terms.end());
  }
  return terms;
}

// The capitalised words of a subject: a question can hardly do without them. What begins beyond ASCII counts as one.
std::string names_in(const std::string& subject) {
  std::istringstream in(subject);
  std::string names;
  for (std::string word; in >> word;)
    if (word[0] < 'a' || word[0] > 'z') names += word + ' ';
  return names;
}

TEST(SearchQualitySet, NoParaphraseSharesAStemWithItsAnswerBeyondNames) {
  const search::Analysis analysis;
  for (const auto& question : questions()) {
    if (question.kind != "paraphrases") continue;
    const auto asked = terms_asked(analysis, question.text);
    for (const auto& statement : ledger().statements) {
      const LineKey line{statement.subject, statement.predicate};
      if (std::ranges::find(question.answers, line) == question.answers.end()) continue;
      const auto value = plain_text(statement.value);
      const auto names = names_in(line.subject);
      const auto free = terms_of(analysis, {.subject = names});
      for (const auto& term :
           terms_of(analysis, {.subject = line.subject, .predicate = line.predicate, .value = value})) {
        if (!free.contains(term)) {
          EXPECT_FALSE(asked.contains(term)) << question.text << ": " << term;
        }
      }
    }
  }
}

// --- How well it is found --------------------------------------------------------------------------------------------

struct Figures {
  int questions = 0;
  double first = 0;       // R@1: one if an answer stands first, summed up
  double ten = 0;         // R@10: the share of its answers among the first ten
  double reciprocal = 0;  // MRR: one by the rank of the first answer
  int silent = 0;         // found nothing
  double loudest = 0;     // the highest score
  std::string later;      // the questions whose first answer does not stand first, with its rank

  double mean(double sum) const { return questions ? sum / questions : 0; }
};

void count(Figures& figures, const Question& question, const SearchAnswer& answer) {
  ++figures.questions;
  if (answer.lines.empty()) ++figures.silent;
  if (!answer.lines.empty()) figures.loudest = std::max(figures.loudest, answer.lines.front().score.number());
  if (question.answers.empty()) return;
  std::size_t best = 0, found = 0;
  for (std::size_t rank = 1; rank <= answer.lines.size(); ++rank) {
    if (std::ranges::find(question.answers, answer.lines[rank - 1].line) == question.answers.end()) continue;
    if (best == 0) best = rank;
    ++found;
  }
  figures.ten += static_cast<double>(found) / static_cast<double>(question.answers.size());
  if (best == 1) figures.first += 1;
  if (best > 0) figures.reciprocal += 1.0 / static_cast<double>(best);
  if (best != 1)
    figures.later +=
        "  " + (best > 0 ? std::to_string(best) : "-") + "  " + question.kind + ": " + question.text + '\n';
}

using ByKind = std::map<std::string, Figures>;

const ByKind& measured(SearchBy by) {
  static std::map<SearchBy, ByKind> all;
  auto& by_kind = all[by];
  if (!by_kind.empty()) return by_kind;
  for (const auto& question : questions()) {
    const SearchRequest request{.agent = agent, .text = question.text, .by = by, .limit = 10};
    count(by_kind[question.kind], question, ledger().engine.search(request));
  }
  return by_kind;
}

std::string table(SearchBy by) {
  std::string text = "kind                   questions   R@1  R@10   MRR  silent  highest score\n";
  std::string later;
  for (const auto& [kind, figures] : measured(by)) {
    std::array<char, 120> row{};
    if (kind == "nothing")
      std::snprintf(row.data(), row.size(), "%-22s %9d     -     -     -  %6d          %.3f\n", kind.c_str(),
                    figures.questions, figures.silent, figures.loudest);
    else
      std::snprintf(row.data(), row.size(), "%-22s %9d  %.2f  %.2f  %.2f  %6d          %.3f\n", kind.c_str(),
                    figures.questions, figures.mean(figures.first), figures.mean(figures.ten),
                    figures.mean(figures.reciprocal), figures.silent, figures.loudest);
    text += row.data();
    later += figures.later;
  }
  return text + "first answer not first but at (-: not among ten):\n" + later;
}

struct Floor {
  const char* kind;
  double first;
  double ten;
  double reciprocal;
};

// Measured, less a little. What finds more may raise them.
void expect_at_least(SearchBy by, const std::vector<Floor>& floors) {
  std::cout << text(by) << "\n" << table(by);
  for (const auto& floor : floors) {
    const auto& figures = measured(by).at(floor.kind);
    EXPECT_GE(figures.mean(figures.first), floor.first) << floor.kind;
    EXPECT_GE(figures.mean(figures.ten), floor.ten) << floor.kind;
    EXPECT_GE(figures.mean(figures.reciprocal), floor.reciprocal) << floor.kind;
  }
}

TEST(SearchQuality, EveryKindIsFoundByWordsAsOftenAsItWas) {
  expect_at_least(SearchBy::words, {{"cjk", 0.83, 0.88, 0.84},
                                    {"identifiers", 0.98, 0.98, 0.98},
                                    {"names", 0.90, 0.94, 0.92},
                                    {"paraphrases", 0.02, 0.58, 0.16},
                                    {"sentences", 0.88, 0.93, 0.90},
                                    {"versions and numbers", 0.92, 0.92, 0.92},
                                    {"words", 0.78, 0.83, 0.81}});
}

// The project's goal is R@10 of 0.9 for identifiers and names, and of 0.7 for paraphrases.
TEST(SearchQuality, EveryKindIsFoundByBothAsOftenAsItWas) {
  expect_at_least(SearchBy::blend, {{"cjk", 0.88, 0.88, 0.88},
                                    {"identifiers", 0.98, 0.98, 0.98},
                                    {"names", 0.82, 0.94, 0.88},
                                    {"paraphrases", 0.42, 0.90, 0.54},
                                    {"sentences", 0.89, 0.96, 0.91},
                                    {"versions and numbers", 0.92, 0.98, 0.93},
                                    {"words", 0.93, 0.98, 0.95}});
}

TEST(SearchQuality, WhatTheLedgerDoesNotKnowIsAnsweredWithNothingOrFaintly) {
  EXPECT_GE(measured(SearchBy::words).at("nothing").silent, 5);
  EXPECT_LE(measured(SearchBy::words).at("nothing").loudest, 0.27);
  EXPECT_LE(measured(SearchBy::blend).at("nothing").loudest, 0.29);
}

// Asked for in its own words.
TEST(SearchQuality, WhatIsSupersededOrEndedIsNotFound) {
  int gone = 0;
  for (std::size_t i = 0; i < ledger().statements.size(); ++i) {
    const auto& statement = ledger().statements[i];
    const auto belief = ledger().engine.recall({.agent = agent, .line = {statement.subject, statement.predicate}});
    const auto says_it = [&](const Slot& slot) { return slot.value == statement.value; };
    if (belief.primary && says_it(*belief.primary)) continue;
    if (std::ranges::any_of(belief.alternatives, says_it)) continue;
    ++gone;
    const auto answer = ledger().engine.search(
        {.agent = agent, .text = statement.subject + ' ' + plain_text(statement.value), .limit = 100});
    for (const auto& line : answer.lines)
      for (const auto& claim : line.claims)
        EXPECT_NE(claim.slot.claim, ledger().receipts[i].claim) << statement.subject << ' ' << statement.predicate;
  }
  EXPECT_GT(gone, 15);
}

}  // namespace
}  // namespace claimledger
