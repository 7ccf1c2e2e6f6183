#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "claimledger/limits.hpp"
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

bool anything_believed(const Timeline& timeline) {
  return std::ranges::any_of(timeline.segments,
                             [](const Segment& segment) { return segment.status != BeliefStatus::no_belief; });
}

// Of several stretches: there is an answer, and to all of the time no more than one.
ExitCode believed(const Timeline& timeline) {
  const bool contested = std::ranges::any_of(
      timeline.segments, [](const Segment& segment) { return segment.status == BeliefStatus::contested; });
  return anything_believed(timeline) && !contested ? ExitCode::fine : ExitCode::no;
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
  TimelineRequest request{.agent = session.agent(),
                          .line = options.line,
                          .valid_during = window,
                          .at = reading.at,
                          .page = {.limit = limits::page}};
  auto during = reading.engine.timeline(request);
  while (during.next) {
    request.page.cursor = *during.next;
    auto more = reading.engine.timeline(request);
    during.segments.insert(during.segments.end(), more.segments.begin(), more.segments.end());
    during.next = std::move(more.next);
  }
  print_answer(session, during, [](const Timeline& it) { return describe(it); });
  return believed(during);
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
  PageOptions page;
};

// People see what became of it all before the claims.
std::string timeline_before(const Session& session, const HistoryOptions& options, const Reading& reading,
                            const AnsweredAt& at) {
  const auto timeline = reading.engine.timeline(
      {.agent = session.agent(), .line = options.line, .at = {.position = at.position, .asked_at = at.asked_at}});
  auto text = describe(timeline);
  if (timeline.next) text += "  … the first " + std::to_string(timeline.segments.size()) + "; timeline goes on\n";
  return text + "\n";
}

ExitCode history(const Session& session, const HistoryOptions& options) {
  const auto reading = open_at(session, options.at);
  const auto history = reading.engine.history(
      {.agent = session.agent(), .line = options.line, .at = reading.at, .page = options.page.request()});
  const bool first = options.page.cursor.empty();
  if (!session.json()) {
    print(first ? timeline_before(session, options, reading, history.at) : describe(history.line, history.at));
  }
  print_answer(session, history, [](const History& it) { return describe(it); });
  if (!session.json()) tell_of_more(history.next);
  return history.claims.empty() && first ? ExitCode::no : ExitCode::fine;
}

struct TimelineOptions {
  LineKey line;
  AtOptions at;
  std::string during;
  PageOptions page;
};

// A list: only where it is all there is, and nothing is believed, the answer is no.
ExitCode timeline(const Session& session, const TimelineOptions& options) {
  TimelineRequest request{.agent = session.agent(), .line = options.line, .page = options.page.request()};
  if (!options.during.empty()) request.valid_during = parse_during(options.during, "--during");
  const auto reading = open_at(session, options.at);
  request.at = reading.at;
  const auto timeline = reading.engine.timeline(request);
  print_answer(session, timeline, [](const Timeline& it) { return describe(it); });
  if (!session.json()) tell_of_more(timeline.next);
  const bool all = options.page.cursor.empty() && !timeline.next;
  return all && !anything_believed(timeline) ? ExitCode::no : ExitCode::fine;
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

  const auto telling = add_command(app, program, group, "history", "Everything ever said on one line, claim by claim",
                                   "claimledger history user city", &history);
  add_line(*telling.app, telling.options->line);
  telling.options->at.add_to(*telling.app);
  telling.options->page.add_to(*telling.app);

  const auto drawing =
      add_command(app, program, group, "timeline", "What is believed on one line over all time, or some of it",
                  "claimledger timeline user city --during 2024", &timeline);
  add_line(*drawing.app, drawing.options->line);
  drawing.app->add_option("--during", drawing.options->during,
                          "Only the stretches that meet this year, month or day; none is cut");
  drawing.options->at.add_to(*drawing.app);
  drawing.options->page.add_to(*drawing.app);

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
