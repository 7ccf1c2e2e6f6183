#include "benchmarks/words.hpp"

#include <algorithm>
#include <stdexcept>

#include "benchmarks/measure.hpp"

namespace claimledger::benchmarks {

namespace {

constexpr std::size_t batch = 1'000;
constexpr std::size_t answers = WordIndex::answers;

std::size_t subjects_of(std::size_t claims) { return std::max<std::size_t>(claims / 20, 1); }

// Each has one claim of a hundred.
std::string some_predicate(Language& language) { return "topic " + std::to_string(language.below(100)); }

Statement say(Language& language, std::size_t number, std::size_t subjects) {
  Statement statement{.subject = "user " + std::to_string(number % subjects),
                      .predicate = some_predicate(language),
                      .value = language.words(14)};
  statement.cardinality = Cardinality::set_valued;
  statement.source = "chat " + std::to_string(number / 50);
  return statement;
}

// What of the ledger a question is about: all, a subject or a predicate.
enum class About { all, subject, predicate };

struct Question {
  std::vector<std::string> words;
  std::string subject;
  std::string predicate;
};

std::vector<Question> questions_to(std::size_t claims, Language& language, int count) {
  std::vector<Question> questions(static_cast<std::size_t>(count));
  for (auto& each : questions) {
    for (auto words = 2 + language.below(4); words > 0; --words) each.words.push_back(language.word());
    each.subject = "user " + std::to_string(language.below(subjects_of(claims)));
    each.predicate = some_predicate(language);
  }
  return questions;
}

void ask(const std::string& name, const char* title, const Engine& engine, WordIndex& rival,
         const std::vector<Question>& questions, About about) {
  std::vector<double> ours, theirs;
  std::size_t found = 0;
  std::size_t found_there = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto& question = questions[i];
    SearchRequest request{.agent = searched_agent, .text = {}};
    for (const auto& word : question.words) request.text += (request.text.empty() ? "" : " ") + word;
    request.limit = answers;
    if (about == About::subject) request.filter.subject = question.subject;
    if (about == About::predicate) request.filter.predicate = question.predicate;
    const auto only = about == About::all ? "" : about == About::subject ? question.subject : question.predicate;
    const auto we = [&] { ours.push_back(seconds([&] { found += engine.search(request).lines.size(); })); };
    const auto they = [&] { theirs.push_back(seconds([&] { found_there += rival.find(question.words, only); })); };
    if (i % 2 == 0) we(), they();
    if (i % 2 == 1) they(), we();
  }
  if (found == 0 || found_there == 0) throw std::runtime_error("search: nothing was found");
  const auto ratios = rows_of_turns(name + ", " + title, theirs, std::string("search, ") + title, ours);
  if (about != About::all || !name.starts_with("fts5")) return;
  goal("search by words, p50, to FTS5 with bm25", ratios.of.p50, Goal::at_most, 0.5);
  goal("search by words, p95, to FTS5 with bm25", ratios.of.p95, Goal::at_most, 0.5);
}

}  // namespace

void write_in_batches(std::size_t claims, Language& language,
                      const std::function<void(const std::vector<Statement>&)>& write) {
  Progress progress("writing", claims);
  for (std::size_t said = 0; said < claims;) {
    std::vector<Statement> statements;
    for (std::size_t i = 0; i < batch && said < claims; ++i)
      statements.push_back(say(language, said++, subjects_of(claims)));
    write(statements);
    progress.at(said);
  }
}

void ask_all(const std::string& name, const Engine& engine, WordIndex& rival, Language& language, const Scale& scale) {
  const auto questions = questions_to(static_cast<std::size_t>(scale.claims), language, scale.calls);
  ask(name, "any of 2 to 5 words", engine, rival, questions, About::all);
  ask(name, "… of one subject", engine, rival, questions, About::subject);
  ask(name, "… of one claim in 100", engine, rival, questions, About::predicate);
}

}  // namespace claimledger::benchmarks
