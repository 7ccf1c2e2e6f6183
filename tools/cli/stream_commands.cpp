#include <unistd.h>

#include <csignal>
#include <optional>
#include <utility>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"
#include "cli/ingest.hpp"
#include "cli/output_file.hpp"
#include "cli/stopping.hpp"
#include "cli/text.hpp"
#include "wiring/hidden.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Move many";

// Hands over line after line. What is wrong with one says which it is.
template <class Take>
void each_line(JsonLines& input, Take take) {
  std::string text;
  try {
    while (input.next(text)) take(text);
  } catch (const InvalidInput& cause) {
    if (cause.field() == JsonLines::unreadable) throw;
    auto failure = wiring::failure_of(cause);
    failure.line = input.number();
    throw CommandFailure{ExitCode::bad_input, std::move(failure)};
  }
}

// --- ingest --------------------------------------------------------------------------------------------------------

struct IngestWords {
  std::string file, batch_by, clock, on_error = "stop", rejects;
  std::size_t batch_size = 1000;
  bool acknowledge = false;
  bool wait = false;
  bool allow_future = false;
  std::string provenance = "UserAsserted", cardinality = "Unknown", criticality = "Medium", source;
  double confidence = 1.0;
  std::optional<double> valid_time_confidence;
};

IngestOptions read_options(const Session& session, const IngestWords& words) {
  IngestOptions options;
  options.file = words.file;
  options.batch_size = words.batch_size;
  if (words.batch_size < 1 || words.batch_size > limits::batch_claims)
    throw InvalidInput("--batch-size", "must be 1 to " + std::to_string(limits::batch_claims));
  options.replay = !words.clock.empty();
  if (words.allow_future && !options.replay) throw InvalidInput("--allow-future", "needs --clock recorded_at");
  options.future_times = words.allow_future ? FutureTimes::allowed : FutureTimes::refused;
  // The claims of one time can only be one batch: a second one would have to come later.
  if (options.replay || !words.batch_by.empty()) options.batch_by = BatchBy::recorded_at;
  options.on_error = words.on_error == "skip" ? OnError::skip : OnError::stop;
  options.rejects = words.rejects;
  if (!words.rejects.empty() && options.on_error != OnError::skip)
    throw InvalidInput("--rejects", "needs --on-error skip: without it the first bad line ends the ingest");
  if (words.rejects == "-")
    throw InvalidInput("--rejects", "must be a file; without it the reasons go to standard error");
  options.acknowledge = words.acknowledge;
  if (words.wait && !session.on_a_server())
    throw InvalidInput("--wait", "is for a store on a server; a file that was taken away does not come back");
  options.wait = words.wait;

  auto& defaults = options.defaults;
  defaults.provenance = typed_word<Provenance>(words.provenance, "--provenance");
  defaults.cardinality = typed_word<Cardinality>(words.cardinality, "--cardinality");
  defaults.criticality = typed_word<Criticality>(words.criticality, "--criticality");
  defaults.source = given(words.source);
  defaults.value_confidence = Confidence::from(words.confidence, "--confidence");
  if (words.valid_time_confidence)
    defaults.valid_time_confidence = Confidence::from(*words.valid_time_confidence, "--valid-time-confidence");
  return options;
}

std::string describe(const wiring::IngestReport& report) {
  auto out = counted(report.lines, "line", "lines") + ", " + counted(report.batches, "batch", "batches") + ", " +
             std::to_string(report.claims) + " taken, " + std::to_string(report.rejected) + " rejected" +
             (report.replayed == 0 ? "" : ", " + std::to_string(report.replayed) + " replayed: there already") + "\n";
  for (const auto& [disposition, count] : report.dispositions)
    out += "  " + padded(std::string(text(disposition)), 22) + std::to_string(count) + "\n";
  if (report.clock_behind_by)
    out += "The ledger is ahead: the clock is " + seconds(*report.clock_behind_by) + " behind.\n";
  return out;
}

ExitCode ingest(const Session& session, const IngestWords& words) {
  const auto options = read_options(session, words);
  Ingest ingest(session, options);
  ingest.run();
  const auto& report = ingest.report();
  note_done(std::to_string(report.claims) + " taken, " + std::to_string(report.rejected) + " rejected" +
                (report.position ? ", up to position " + std::to_string(report.position->value) : ""),
            report.last_line);
  print_answer(session, report, [](const wiring::IngestReport& it) { return describe(it); });
  return ExitCode::fine;
}

void add_ingest(CLI::App& app, Program& program) {
  auto [command, words] =
      add_command(app, program, group, "ingest", "Read claims, one JSON object a line",
                  "claimledger ingest facts.jsonl --provenance ExternalFirstHand --on-error skip", &ingest);
  command->add_option("file", words->file, "A file, or - for standard input")->required();
  command->add_option("--batch-size", words->batch_size, "Lines that land together or not at all")
      ->capture_default_str();
  take_one_of(command->add_option("--batch-by", words->batch_by,
                                  "recorded_at: lines of one time are one batch, whatever its size"),
              {"recorded_at"});
  take_one_of(
      command->add_option(
          "--clock", words->clock,
          "recorded_at: replay history: the ledger's time is what the lines say, and must go on from its last batch. "
          "Implies --batch-by recorded_at"),
      {"recorded_at"});
  command->add_flag("--allow-future", words->allow_future, "Replay times that lie ahead of the clock, too");
  take_one_of(command->add_option("--on-error", words->on_error, "stop at a bad line, or skip it"), {"stop", "skip"})
      ->capture_default_str();
  command->add_option("--rejects", words->rejects, "Where skipped lines go, each with its number and what is wrong");
  command->add_flag("--acknowledge", words->acknowledge, "Print a line for each batch once it is durable");
  command->add_flag("--wait", words->wait,
                    "Wait for a store that is away and go on; what may be in the ledger is said again only with keys");
  const auto of_lines = [](const std::string& meaning) { return meaning + "; of lines that do not say"; };
  const auto said = [&](const char* field) { return of_lines(meaning_of<Statement>(field)); };
  command
      ->add_option("--provenance", words->provenance,
                   of_lines(with_words<Provenance>(meaning_of<Statement>("provenance"))))
      ->capture_default_str();
  command
      ->add_option("--cardinality", words->cardinality,
                   of_lines(with_words<Cardinality>(meaning_of<Statement>("cardinality"))))
      ->capture_default_str();
  command
      ->add_option("--criticality", words->criticality,
                   of_lines(with_words<Criticality>(meaning_of<Statement>("criticality"))))
      ->capture_default_str();
  command->add_option("--confidence", words->confidence, said("value_confidence"))->capture_default_str();
  command->add_option("--valid-time-confidence", words->valid_time_confidence, said("valid_time_confidence"));
  command->add_option("--source", words->source, said("source"));
}

// --- answer --------------------------------------------------------------------------------------------------------

struct AnswerOptions {
  std::string file;
};

// Right is one answer, and exactly that one.
bool is_right(const Belief& belief, const Value& expected) {
  return belief.primary && belief.primary->value == expected;
}

std::string describe_wrong(std::uint64_t number, const wiring::Question& question, const Belief& belief) {
  return "line " + std::to_string(number) + ": expected " + show_short(*question.expected) + ", " +
         one_line(question.line, belief);
}

ExitCode answer(const Session& session, const AnswerOptions& options) {
  JsonLines input(options.file);
  auto engine = session.open(Access::query);
  RecallRequest request{.agent = session.agent(), .line = {}};
  Progress progress("answering");
  wiring::AnswerReport report;
  each_line(input, [&](const std::string& text) {
    const auto question = wiring::parse_request<wiring::Question>(text);
    request.line = question.line;
    request.at.as_of = question.as_of;
    request.valid_at = question.valid_at;
    const auto belief = engine.recall(request);
    ++report.questions;
    const bool judged = question.expected.has_value();
    const bool good = judged && is_right(belief, *question.expected);
    if (judged) ++(good ? report.right : report.wrong);
    if (session.json())
      print_json(wiring::short_answer(belief));
    else if (!judged)
      print(one_line(question.line, belief));
    else if (!good)
      print(describe_wrong(input.number(), question, belief));
    progress.at(input.size() ? input.bytes() : input.number(), input.size());
  });
  // With --json standard output holds one line a question and nothing else.
  if (session.json())
    note(wiring::json_line(report) + "\n");
  else
    print(counted(report.questions, "question", "questions") + ", " + std::to_string(report.right) + " right, " +
          std::to_string(report.wrong) + " wrong\n");
  return report.wrong == 0 ? ExitCode::fine : ExitCode::no;
}

void add_answer(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, group, "answer", "Read questions, one JSON object a line, and check the answers",
                  "claimledger answer questions.jsonl --json", &answer);
  command->add_option("file", options->file, "A file, or - for standard input")->required();
}

// --- export and import ---------------------------------------------------------------------------------------------

struct ExportOptions {
  std::string output = "-";
  std::uint64_t after = 0;
  std::string until;
  bool all = false;
};

// Where the batches of an export go: a file, or standard output.
class ExportTarget {
 public:
  ExportTarget(const Session& session, const std::string& output) {
    if (output != "-" && !OutputFile::is_standard_output(output)) file_.emplace(session, output, "--output");
  }

  void write(const std::string& line) { file_ ? file_->write(line + "\n") : print(shown(line) + "\n"); }
  // With an ending the file goes beside its place: what is not whole replaces nothing.
  void commit(const std::string& ending) { file_ ? file_->commit(ending) : flush_output(); }
  const std::string& named() const { return file_->named(); }
  bool is_file() const { return file_.has_value(); }

 private:
  // On a terminal nothing that does not show, as in every answer: to JSON it is the same either way.
  static std::string shown(const std::string& line) {
    return isatty(STDOUT_FILENO) != 0 ? wiring::without_hidden(line) : line;
  }

  std::optional<OutputFile> file_;
};

// The ledgers to export, each with its end, or with its problem. Failure: CommandFailure where there is none: whoever
// mistypes an agent is not to read that all went well.
std::vector<AgentHead> ledgers_to_export(const Session& session, const Engine& engine, const ExportOptions& options) {
  const auto until = options.until.empty() ? std::nullopt : std::optional(parse_tx_time(options.until, "--until"));
  std::vector<AgentHead> ledgers;
  for (auto& ledger : ledgers_of(engine, session.agent(), options.all)) {
    const auto moment = until ? Moment{*until} : Moment{AtHead{}};
    if (ledger.problem.empty()) ledger.position = engine.head({.agent = ledger.agent, .moment = moment}).position;
    if (!ledger.problem.empty() || ledger.position != Position{}) ledgers.push_back(ledger);
  }
  if (!ledgers.empty()) return ledgers;
  const auto whose = options.all ? std::string("no ledger") : "no ledger of " + printable(session.agent().value);
  const auto when = until ? ", or nothing until then" : "";
  throw CommandFailure{ExitCode::no,
                       {.kind = "not_found", .why = "there is " + whose + " in " + session.store_name() + when}};
}

// One ledger up to where it ended. Returns how many batches there were.
std::uint64_t export_one(const Engine& engine, const AgentHead& ledger, const ExportOptions& options,
                         ExportTarget& target, const Stopping& stopping) {
  Progress progress("exporting");
  ExportRequest request{.agent = ledger.agent, .after = {options.after}, .until = ledger.position};
  std::uint64_t batches = 0;
  for (auto some = engine.export_batches(request); !some.lines.empty(); some = engine.export_batches(request)) {
    for (const auto& line : some.lines) target.write(line);
    batches += some.lines.size();
    if (stopping.requested()) {
      if (stopping.signal() == SIGPIPE && !target.is_file()) throw OutputFailure{};  // whoever read has seen enough
      const auto place = printable(ledger.agent.value) + " is written up to entry " + std::to_string(some.last.value);
      end_stopped(stopping, {.why = target.is_file() ? "nothing was changed at " + options.output : place});
    }
    progress.at(some.last.value, ledger.position.value);
    request.after = some.last;
  }
  return batches;
}

ExitCode export_ledger(const Session& session, const ExportOptions& options) {
  const Stopping stopping;
  ExportTarget target(session, options.output);
  auto engine = session.open(Access::operate);
  // Half a batch can't be imported, and to leave it out without a word would be to lose it.
  if (options.after != 0) require_end_of_batch(engine, session.agent(), Position{options.after}, "--after");
  wiring::ExportReport report{.file = options.output};
  bool whole = true;
  const auto leave_out = [&](const AgentHead& ledger, const std::string& problem) {
    whole = false;
    remark(session.json(), ledger.agent.value + " is not whole: " + problem);
  };
  for (const auto& ledger : ledgers_to_export(session, engine, options)) {
    if (!ledger.problem.empty()) {
      leave_out(ledger, ledger.problem);
      continue;
    }
    try {
      report.batches += export_one(engine, ledger, options, target, stopping);
      ++report.ledgers;
    } catch (const StoreFailure& failure) {
      if (!options.all || failure.kind() != FailureKind::corrupt) throw;
      leave_out(ledger, failure.what());
    }
  }
  if (report.batches == 0 && whole) {
    const auto until = options.until.empty() ? "" : " and until " + options.until;
    remark(session.json(),
           "there is nothing after " + std::to_string(options.after) + until + ", and nothing was written");
    return ExitCode::fine;
  }
  target.commit(whole ? "" : OutputFile::not_whole);
  const auto exit = whole ? ExitCode::fine : ExitCode::no;
  if (!target.is_file()) return exit;
  report.file = target.named();
  note_done(report.file + " is written");
  print_answer(session, report, [](const wiring::ExportReport& it) {
    return counted(it.batches, "batch", "batches") + " of " + counted(it.ledgers, "ledger", "ledgers") +
           " written to " + printable(it.file) + "\n";
  });
  return exit;
}

struct ImportOptions {
  std::string file;
  bool allow_future = false;
};

// Batch by batch: what is said of a failure names the line up to which all is in the ledgers.
ExitCode import_ledger(const Session& session, const ImportOptions& options) {
  const Stopping stopping;
  JsonLines input(options.file, JsonLines::batch_line, &stopping);
  auto engine = session.open(Access::write, {.stop = stopping.token()});
  Progress progress("importing");
  ImportRequest request{.line = {},
                        .agent = session.settings().agent_given ? std::optional(session.agent()) : std::nullopt,
                        .future_times = options.allow_future ? FutureTimes::allowed : FutureTimes::refused};
  wiring::ImportReport report;
  std::uint64_t last_line = 0;
  const auto stop = [&](ExitCode exit, wiring::Failure failure) {
    if (failure.field != JsonLines::unreadable) failure.line = input.number();
    failure.last_line = last_line;
    throw CommandFailure{exit, std::move(failure)};
  };
  std::string line;  // read from by the request, also after a failure
  try {
    for (; input.next(line); last_line = input.number()) {
      request.line = line;
      ++(engine.import_batch(request) ? report.imported : report.skipped);
      progress.at(input.size() ? input.bytes() : input.number(), input.size());
    }
  } catch (const InvalidInput& cause) {
    auto failure = wiring::failure_of(with_way_to_insist(cause));
    if (input.number() == 1 && request.line.find("\"entries\"") == std::string_view::npos)
      failure.why += "; import reads what export wrote, and claimledger ingest reads claims";
    stop(ExitCode::bad_input, std::move(failure));
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::cancelled) stop(ExitCode::store_failed, wiring::failure_of(failure));
  }
  if (stopping.requested()) end_stopped(stopping, {.last_line = last_line});
  note_done(counted(report.imported, "batch", "batches") + " imported", last_line);
  print_answer(session, report, [](const wiring::ImportReport& it) {
    return counted(it.imported, "batch", "batches") + " imported, " + std::to_string(it.skipped) +
           " were there already\n";
  });
  return ExitCode::fine;
}

}  // namespace

void add_stream_commands(CLI::App& app, Program& program) {
  add_ingest(app, program);
  add_answer(app, program);

  const auto out =
      add_command(app, program, group, "export", "Write the ledger, one batch a line, to be imported elsewhere",
                  "claimledger export --all --output ledgers.jsonl", &export_ledger);
  out.app->add_option("--output", out.options->output,
                      "A file, which is replaced once the export is whole (default: standard output)");
  auto* after = out.app->add_option("--after", out.options->after, "Only batches after this position, the end of one");
  out.app->add_option("--until", out.options->until, "Only batches that were recorded at or before this time");
  out.app->add_flag("--all", out.options->all, "The ledgers of all agents")->excludes(after);

  const auto in =
      add_command(app, program, group, "import", "Read what export wrote: same ids, same times, same hashes",
                  "claimledger --store sqlite:copy.db import ledgers.jsonl", &import_ledger);
  in.app->add_option("file", in.options->file, "A file, or - for standard input")->required();
  in.app->add_flag("--allow-future", in.options->allow_future, "Batches recorded ahead of the clock, too");
}

}  // namespace claimledger::cli
