#include "cli/common.hpp"
#include "cli/text.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Ask";

// A script wants to know at once whether there is an answer to go on.
ExitCode believed(const Belief& belief) {
  const bool yes = belief.status == BeliefStatus::resolved || belief.status == BeliefStatus::timing_uncertain;
  return yes ? ExitCode::fine : ExitCode::no;
}

struct RecallOptions {
  LineKey line;
  AtOptions at;
  ValidAtOption valid_at;
  std::string during, serve_to;
};

ExitCode recall_during(const Session& session, const RecallOptions& options) {
  const auto window = parse_during(options.during, "--during");
  const auto reading = open_at(session, options.at);
  const auto history = reading.engine.history({.agent = session.agent(), .line = options.line, .at = reading.at});
  wiring::DuringAnswer during{history.line, history.at, history.set, {}};
  bool believed = false, contested = false;
  for (const auto& segment : history.timeline) {
    if (segment.span.until <= window.from->at || segment.span.from >= window.until->at) continue;
    during.segments.push_back(segment);
    believed = believed || segment.status != BeliefStatus::no_belief;
    contested = contested || segment.status == BeliefStatus::contested;
  }
  print_answer(session, during, [](const wiring::DuringAnswer& it) { return describe(it.line, it.at, it.segments); });
  return believed && !contested ? ExitCode::fine : ExitCode::no;
}

ExitCode recall(const Session& session, const RecallOptions& options) {
  if (!options.during.empty()) return recall_during(session, options);
  RecallRequest request{.agent = session.agent(), .line = options.line};
  request.valid_at = options.valid_at.at();
  request.serve_to = given(options.serve_to);
  request.caller = session.caller();
  auto reading = open_at(session, options.at);
  request.at = reading.at;
  const auto belief = reading.engine.recall(request);
  if (request.serve_to && belief.status != BeliefStatus::no_belief) note_done(as_served);
  print_answer(session, belief, [&](const Belief& it) { return describe(options.line, it); });
  return believed(belief);
}

struct HistoryOptions {
  LineKey line;
  AtOptions at;
};

ExitCode history(const Session& session, const HistoryOptions& options) {
  const auto reading = open_at(session, options.at);
  const auto history = reading.engine.history({.agent = session.agent(), .line = options.line, .at = reading.at});
  print_answer(session, history, [](const History& it) { return describe(it); });
  return history.claims.empty() ? ExitCode::no : ExitCode::fine;
}

struct SubjectOptions {
  std::string subject;
  AtOptions at;
  ValidAtOption valid_at;
  PageOptions page;
};

ExitCode subject(const Session& session, const SubjectOptions& options) {
  const auto valid_at = options.valid_at.at();
  const auto reading = open_at(session, options.at);
  const auto page = reading.engine.subject({.agent = session.agent(),
                                            .subject = options.subject,
                                            .at = reading.at,
                                            .valid_at = valid_at,
                                            .page = options.page.request()});
  print_page(session, page, [](const LineBelief& it) { return one_line(it.line, it.belief); });
  if (!session.json() && !page.items.empty()) print(answered(page.items.front().belief.valid_at, page.at));
  return page.items.empty() && options.page.cursor.empty() ? ExitCode::no : ExitCode::fine;
}

struct ContestedOptions {
  AtOptions at;
  ValidAtOption valid_at;
  PageOptions page;
};

ExitCode contested(const Session& session, const ContestedOptions& options) {
  const auto valid_at = options.valid_at.at();
  const auto reading = open_at(session, options.at);
  const auto page = reading.engine.contested(
      {.agent = session.agent(), .at = reading.at, .valid_at = valid_at, .page = options.page.request()});
  print_page(session, page, [](const ContestedLine& it) { return describe(it); });
  if (!session.json() && !page.items.empty()) print(answered(valid_at, page.at));
  return ExitCode::fine;
}

struct PendingOptions {
  AtOptions at;
  PageOptions page;
};

ExitCode pending(const Session& session, const PendingOptions& options) {
  const auto reading = open_at(session, options.at);
  const auto page =
      reading.engine.pending({.agent = session.agent(), .at = reading.at, .page = options.page.request()});
  print_page(session, page, [](const AdjudicationItem& it) { return describe(it); });
  return ExitCode::fine;
}

void add_line(CLI::App& command, LineKey& line) {
  command.add_option("subject", line.subject, meaning_of<RecallRequest>("subject"))->required();
  command.add_option("predicate", line.predicate, meaning_of<RecallRequest>("predicate"))->required();
}

}  // namespace

void add_read_commands(CLI::App& app, Program& program) {
  const auto recalling = add_command(app, program, group, "recall", "What is believed, or was, for any time",
                                     "claimledger recall user city --valid-at 2024 --as-of 2026-01-31", &recall);
  add_line(*recalling.app, recalling.options->line);
  recalling.options->valid_at.add_to(*recalling.app);
  auto* during = recalling.app->add_option("--during", recalling.options->during,
                                           "All that held at some time in this year, month or day");
  recalling.options->at.add_to(*recalling.app);
  auto* serving =
      recalling.app->add_option("--serve-to", recalling.options->serve_to, meaning_of<RecallRequest>("serve_to"));
  during->excludes(recalling.app->get_option("--valid-at"))->excludes(serving);

  const auto telling =
      add_command(app, program, group, "history", "Everything ever said on one line, as a timeline and claim by claim",
                  "claimledger history user city", &history);
  add_line(*telling.app, telling.options->line);
  telling.options->at.add_to(*telling.app);

  const auto summing =
      add_command(app, program, group, "subject", "What is believed about a subject, predicate by predicate",
                  "claimledger subject user --valid-at 2024", &subject);
  summing.app->add_option("subject", summing.options->subject, meaning_of<RecallRequest>("subject"))->required();
  summing.options->valid_at.add_to(*summing.app);
  summing.options->at.add_to(*summing.app);
  summing.options->page.add_to(*summing.app);

  const auto disputing =
      add_command(app, program, group, "contested", "Lines that are contested, at any time or at one",
                  "claimledger contested --valid-at 2024-06-01", &contested);
  disputing.app->add_option("--valid-at", disputing.options->valid_at.text, meaning_of<ContestedRequest>("valid_at"));
  disputing.options->at.add_to(*disputing.app);
  disputing.options->page.add_to(*disputing.app);

  const auto waiting = add_command(app, program, group, "pending", "Questions that wait for a verdict",
                                   "claimledger pending --json", &pending);
  waiting.options->at.add_to(*waiting.app);
  waiting.options->page.add_to(*waiting.app);
}

}  // namespace claimledger::cli
