#include <algorithm>
#include <string>
#include <vector>

#include "cli/common.hpp"
#include "cli/stopping.hpp"
#include "cli/text.hpp"
#include "wiring/shapes/reports.hpp"

// Filing what searches look up, for what was written without.
namespace claimledger::cli {
namespace {

constexpr auto group = "Keep";

struct FilingOptions {
  bool all = false;
  bool anew = false;
  std::string question = {};
};

// What is filed, and how.
struct Words {
  using Ledger = wiring::ReindexedLedger;
  using Report = wiring::ReindexReport;
  static constexpr const char* name = "words";
  static constexpr const char* command = "reindex";
  static constexpr const char* doing = "reindexing";
  static auto file(Engine& engine, const ReindexRequest& request) { return engine.reindex(request); }
  using Request = ReindexRequest;
};
struct Meanings {
  using Ledger = wiring::EmbeddedLedger;
  using Report = wiring::EmbedReport;
  static constexpr const char* name = "vectors";
  static constexpr const char* command = "embed";
  static constexpr const char* doing = "embedding";
  static auto file(Engine& engine, const EmbedRequest& request) { return engine.embed(request); }
  using Request = EmbedRequest;
};

template <class What>
std::string describe(const typename What::Ledger& ledger) {
  const auto name = printable(ledger.answer.agent.value);
  if (!ledger.problem.empty())
    return toned(Tone::bad, "NOT FILED") + "  " + name + ": " + printable(ledger.problem) + "\n";
  return toned(Tone::good, "FILED") + "  " + name + ": the " + What::name + " of " +
         counted(ledger.answer.statements, "statement", "statements") + ", up to entry " +
         std::to_string(ledger.answer.up_to.value) + "\n";
}

template <class What>
auto file_one(Engine& engine, const AgentId& agent, const FilingOptions& options, const Call& call) {
  Progress progress(What::doing);
  return What::file(engine, {.agent = agent,
                             .anew = options.anew,
                             .progress = [&](auto done, auto total) { progress.at(done, total); },
                             .call = call});
}

template <class What>
ExitCode file(const Session& session, const FilingOptions& options) {
  const Stopping stopping;
  const Call call{.stop = stopping.token()};
  auto engine = session.open(Access::operate, call);
  typename What::Report report;
  const auto ledgers = ledgers_of(engine, session.agent(), options.all);
  for (const auto& [agent, position, problem] : ledgers) {
    typename What::Ledger ledger;
    ledger.answer.agent = agent;
    ledger.problem = problem;
    try {
      if (problem.empty()) ledger.answer = file_one<What>(engine, agent, options, call);
      const bool nothing = problem.empty() && ledger.answer.up_to == Position{};
      if (nothing && engine.head({.agent = agent}).position == Position{})
        ledger.problem = "there is no such ledger in this store";
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::cancelled)
        end_stopped(stopping,
                    {.why = std::string("what was filed stays, and ") + What::command + " goes on from there"});
      if (!options.all) throw;
      ledger.problem = failure.what();
    }
    if (ledger.problem.empty()) note_done(std::string("the ") + What::name + " of " + agent.value + " are filed");
    if (!session.json()) print(describe<What>(ledger));
    report.ledgers.push_back(std::move(ledger));
  }
  report.ok = !report.ledgers.empty() &&
              std::ranges::all_of(report.ledgers, [](const auto& ledger) { return ledger.problem.empty(); });
  if (session.json()) print_json(report);
  if (!session.json() && report.ledgers.empty())
    print(toned(Tone::bad, "NONE") + "  there is no ledger in this store\n");
  return report.ok ? ExitCode::fine : ExitCode::no;
}

// For programs that compare vectors themselves. No store is opened.
ExitCode print_question(const Session& session, const std::string& question) {
  const auto answer = session.open_nothing().question_vector({.text = question});
  print_answer(session, answer, [](const QuestionVector& it) {
    std::string out;
    for (const auto number : it.vector) out += (out.empty() ? "" : " ") + wiring::json_line(number);
    return out + "\n";
  });
  return ExitCode::fine;
}

ExitCode embed(const Session& session, const FilingOptions& options) {
  return options.question.empty() ? file<Meanings>(session, options) : print_question(session, options.question);
}

}  // namespace

void add_filing_commands(CLI::App& app, Program& program) {
  const auto words =
      add_command(app, program, group, "reindex",
                  "File the words of what is in a ledger, so that searches find them without reading all",
                  "claimledger reindex --all", &file<Words>);
  words.app->add_flag("--all", words.options->all, "The ledgers of all agents");
  words.app->add_flag("--anew", words.options->anew, "From the beginning, whatever is filed");

  const auto meanings = add_command(app, program, group, "embed",
                                    "File the vectors of what is in a ledger, so that searches find it by its meaning",
                                    "claimledger embed --all", &embed);
  auto* all = meanings.app->add_flag("--all", meanings.options->all, "The ledgers of all agents");
  auto* anew =
      meanings.app->add_flag("--anew", meanings.options->anew, "Throw away those that this model has made, first");
  meanings.app
      ->add_option("--question", meanings.options->question,
                   "Only print where this text points, for other vector stores; nothing is filed")
      ->excludes(all)
      ->excludes(anew);
}

}  // namespace claimledger::cli
