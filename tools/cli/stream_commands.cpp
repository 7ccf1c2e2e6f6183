#include <fstream>
#include <utility>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"
#include "cli/ingest.hpp"
#include "cli/text.hpp"
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
  bool allow_future = false;
  std::string provenance = "UserAsserted", cardinality = "Unknown", criticality = "Medium", source;
  double confidence = 1.0;
  std::optional<double> valid_time_confidence;
};

IngestOptions read_options(const IngestWords& words) {
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
  options.acknowledge = words.acknowledge;

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
             std::to_string(report.claims) + " taken, " + std::to_string(report.rejected) + " rejected\n";
  for (const auto& [disposition, count] : report.dispositions)
    out += "  " + padded(std::string(text(disposition)), 22) + std::to_string(count) + "\n";
  if (report.clock_behind_by)
    out += "The ledger is ahead: the clock is " + seconds(*report.clock_behind_by) + " behind.\n";
  return out;
}

ExitCode ingest(const Session& session, const IngestWords& words) {
  const auto options = read_options(words);
  Ingest ingest(session, options);
  ingest.run();
  print_answer(session, ingest.report(), [](const wiring::IngestReport& it) { return describe(it); });
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
  bool all = false;
};

ExitCode export_ledger(const Session& session, const ExportOptions& options) {
  auto engine = session.open(Access::operate);
  // Half a batch can't be imported, and to leave it out without a word would be to lose it.
  if (options.after != 0) require_end_of_batch(engine, session.agent(), Position{options.after}, "--after");
  std::ofstream file;
  if (options.output != "-") {
    file.open(options.output, std::ios::binary | std::ios::trunc);
    if (!file) throw InvalidInput("--output", "cannot be written: " + options.output);
  }
  Progress progress("exporting");
  for (const auto& agent : options.all ? every_agent(engine) : std::vector{session.agent()}) {
    const auto head = engine.head({.agent = agent}).position;
    ExportRequest request{.agent = agent, .after = {options.after}};
    for (;;) {
      const auto some = engine.export_batches(request);
      if (some.lines.empty()) break;
      for (const auto& line : some.lines) {
        if (file.is_open())
          file << line << '\n';
        else
          print(line + "\n");
      }
      progress.at(some.last.value, head.value);
      request.after = some.last;
    }
  }
  if (file.is_open() && !file.flush()) throw OutputFailure{};
  return ExitCode::fine;
}

struct ImportOptions {
  std::string file;
  bool allow_future = false;
};

ExitCode import_ledger(const Session& session, const ImportOptions& options) {
  JsonLines input(options.file, JsonLines::batch_line);
  auto engine = session.open(Access::write);
  Progress progress("importing");
  const auto future = options.allow_future ? FutureTimes::allowed : FutureTimes::refused;
  wiring::ImportReport report;
  each_line(input, [&](const std::string& line) {
    ++(engine.import_batch({.line = line, .future_times = future}) ? report.imported : report.skipped);
    progress.at(input.size() ? input.bytes() : input.number(), input.size());
  });
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
                  "claimledger export --all > ledgers.jsonl", &export_ledger);
  out.app->add_option("--output", out.options->output, "A file (default: standard output)");
  auto* after = out.app->add_option("--after", out.options->after, "Only batches after this position, the end of one");
  out.app->add_flag("--all", out.options->all, "The ledgers of all agents")->excludes(after);

  const auto in =
      add_command(app, program, group, "import", "Read what export wrote: same ids, same times, same hashes",
                  "claimledger --store sqlite:copy.db import ledgers.jsonl", &import_ledger);
  in.app->add_option("file", in.options->file, "A file, or - for standard input")->required();
  in.app->add_flag("--allow-future", in.options->allow_future, "Batches recorded ahead of the clock, too");
}

}  // namespace claimledger::cli
