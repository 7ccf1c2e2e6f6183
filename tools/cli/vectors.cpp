#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.hpp"
#include "cli/npy.hpp"
#include "cli/output_file.hpp"
#include "cli/stopping.hpp"
#include "cli/vector_rows.hpp"
#include "wiring/new_folder.hpp"
#include "wiring/shapes/reports.hpp"

// The vectors that a ledger has: carried to stores and programs that compare them themselves, as a table for numpy and
// what its rows are of, or taken away.
namespace claimledger::cli {
namespace {

constexpr auto operation = "vectors export";
constexpr auto numbers_file = "vectors.npy";
constexpr auto statements_file = "statements.jsonl";
constexpr auto about_file = "export.json";

struct VectorsOptions {
  std::string what;
  std::string to;
  std::string model;
};

// As somebody can type it where two models have one name.
std::string full_name(const EmbeddingModel& model) {
  return model.name + " (" + counted(model.dimensions, "dimension", "dimensions") +
         (model.fingerprint.empty() ? ")" : ", fingerprint " + model.fingerprint + ")");
}

std::string listed_models(const std::vector<EmbeddingModel>& models) {
  std::string out;
  for (const auto& each : models) out += (out.empty() ? "" : "; ") + full_name(each);
  return out;
}

[[noreturn]] void end_without(const std::string& why) {
  throw CommandFailure{ExitCode::no, {.kind = "not_found", .why = why}};
}

// The model whose vectors are meant. Failure: CommandFailure where there are none, InvalidInput where the ledger has
// them of others only, or of several.
EmbeddingModel model_meant(const Status& status, const Session& session, const std::string& typed) {
  const auto whose = "the ledger of " + printable(status.agent.value);
  if (status.head.position == Position{})
    end_without("there is no ledger of " + printable(status.agent.value) + " in " + session.store_name());
  std::vector<EmbeddingModel> models;
  for (const auto& [it, comparing] : status.models)
    if (it.filed != it.erased) models.push_back(it.model);
  if (models.empty()) end_without(whose + " has no vectors; claimledger embed files them");
  auto meant = models;
  if (!typed.empty())
    std::erase_if(meant, [&](const auto& each) { return each.name != typed && full_name(each) != typed; });
  if (meant.size() == 1) return meant.front();
  if (meant.empty())
    throw InvalidInput("--model", whose + " has no vectors of " + printable(typed) + ", but of " +
                                      printable(listed_models(models)) + "; claimledger embed files those of others");
  throw InvalidInput("--model", "must name one: " + whose + " has vectors of " + printable(listed_models(meant)));
}

// Row i of one file is of line i of the other.
void write_rows(VectorRows& vectors, const wiring::ExportedVectors& exported, const std::string& folder,
                const Session& session, const Stopping& stopping) {
  OutputFile numbers(session, folder + "/" + numbers_file, "to");
  OutputFile statements(session, folder + "/" + statements_file, "to");
  OutputFile about(session, folder + "/" + about_file, "to");
  Progress progress("exporting");
  std::uint64_t written = 0;
  numbers.write(npy_header(exported.vectors, exported.model.dimensions));
  while (const auto vector = vectors.next()) {
    if (stopping.requested()) throw StoreFailure(FailureKind::cancelled, operation, "it was stopped");
    numbers.write(npy_row(vector->vector));
    statements.write(wiring::json_line(*vector) + "\n");
    progress.at(++written, exported.vectors);
  }
  about.write(wiring::json_line(exported) + "\n");
  numbers.commit();
  statements.commit();
  about.commit();
}

// Absent: some were erased while they were read, and nothing is left of what was written.
std::optional<wiring::VectorsReport> export_once(const Engine& engine, const Session& session,
                                                 const VectorsOptions& options, const Stopping& stopping) {
  const Call call{.stop = stopping.token()};
  const auto agent = session.agent();
  const auto model = model_meant(engine.status({.agent = agent, .call = call}), session, options.model);
  VectorRows vectors(engine, agent, model, call);
  const auto head = engine.head({.agent = agent, .call = call});  // after them, so that all are of entries up to it
  wiring::NewFolder folder(options.to, operation);
  wiring::VectorsReport report{folder.name(),
                               {.agent = agent,
                                .model = model,
                                .position = head.position,
                                .head_hash = head.hash,
                                .up_to = vectors.up_to(),
                                .vectors = vectors.count()}};
  write_rows(vectors, report.exported, folder.path(), session, stopping);
  if (!vectors.are_all_there()) return std::nullopt;
  folder.put_in_place();
  return report;
}

std::string describe(const wiring::VectorsReport& report) {
  const auto& [agent, model, position, hash, up_to, vectors] = report.exported;
  return counted(vectors, "vector", "vectors") + " of " + printable(model.name) + ", up to entry " +
         std::to_string(position.value) + " of " + printable(agent.value) + ", written to " + printable(report.folder) +
         "\n";
}

ExitCode export_vectors(const Session& session, const VectorsOptions& options) {
  wiring::require_place_for_folder(options.to);
  const Stopping stopping;
  const auto engine = session.open(Access::operate);
  std::optional<wiring::VectorsReport> report;
  try {
    while (!report) report = export_once(engine, session, options, stopping);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::cancelled) throw;
    end_stopped(stopping, {.why = "nothing is left of the export"});
  }
  note_done(report->folder + " is written");
  print_answer(session, *report, [](const wiring::VectorsReport& it) { return describe(it); });
  if (!session.json() && report->exported.up_to < report->exported.position)
    remark(false, "not all statements have a vector; claimledger embed files those that are missing");
  return ExitCode::fine;
}

// A model is always named: that of today is thrown away by embed --anew, which files its vectors again.
ExitCode drop_vectors(const Session& session, const VectorsOptions& options) {
  if (options.model.empty()) throw InvalidInput("--model", "must name the model whose vectors are taken away");
  auto engine = session.open(Access::operate);
  const auto agent = session.agent();
  const auto model = model_meant(engine.status({.agent = agent}), session, options.model);
  const auto answer = engine.drop_vectors({.agent = agent, .model = model});
  note_done("the vectors of " + model.name + " are taken away");
  print_answer(session, answer, [](const DropVectorsAnswer& it) {
    return counted(it.vectors, "vector", "vectors") + " of " + printable(full_name(it.model)) + " taken away from " +
           printable(it.agent.value) + "\n";
  });
  return ExitCode::fine;
}

ExitCode vectors(const Session& session, const VectorsOptions& options) {
  const bool drops = options.what == "drop";
  if (drops != options.to.empty())
    throw InvalidInput("to", drops ? "is for export; drop takes --model" : "must be a folder that does not exist yet");
  return drops ? drop_vectors(session, options) : export_vectors(session, options);
}

}  // namespace

void add_vectors(CLI::App& app, Program& program) {
  const auto [command, options] =
      add_command(app, program, "Move many", "vectors",
                  "Write the vectors of a ledger for other vector stores, or drop those of a model",
                  "claimledger vectors export ada-vectors --agent ada", &vectors);
  take_one_of(
      command->add_option("what", options->what, "export: what they are of comes with them; drop: they are gone"),
      {"export", "drop"})
      ->required();
  command->add_option("to", options->to, "For export: a folder that does not exist yet");
  command->add_option("--model", options->model,
                      "What made the vectors, where there are those of several models: its name, or all that a refusal "
                      "says of it");
}

}  // namespace claimledger::cli
