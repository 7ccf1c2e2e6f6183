#include <algorithm>

#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

// The shapes of what a command prints with --json: one document, or one a line.
struct Printed {
  const char* command;
  std::vector<std::string> shapes = {};
  wiring::Absent absent = wiring::Absent::never;
  const char* instead = nullptr;  // what a command does that has no shape
};

const std::vector<Printed>& printed() {
  static const std::vector<Printed> all = {
      {"remember", {"RememberAnswer", "WriteAnswer"}},
      {"end", {"WriteAnswer"}},
      {"retract", {"WriteAnswer"}},
      {"correct", {"WriteAnswer"}},
      {"reopen", {"WriteAnswer"}},
      {"recall", {"Belief", "Timeline"}},
      {"history", {"History"}},
      {"timeline", {"Timeline"}},
      {"subject", {"PageOfLineBelief"}},
      {"contested", {"PageOfContestedLine"}},
      {"pending", {"PageOfOpenQuestion"}},
      {"search", {"SearchAnswer"}},
      {"context", {"ContextAnswer"}},
      {"adjudicate", {"WriteAnswer"}},
      {"review", {"WriteAnswer"}},
      {"reconcile", {"ReconcileAnswer"}},
      {"sweep", {"WriteAnswer"}},
      {"claim", {"ClaimHistory"}, wiring::Absent::is_null},
      {"lineage", {"PageOfLineageNode"}, wiring::Absent::is_null},
      {"served", {"PageOfServing"}},
      {"outcome", {"Receipt"}, wiring::Absent::is_null},
      {"audit", {"PageOfAuditEntry"}},
      {"agents", {"PageOfLedger"}},
      {"subjects", {"PageOfText"}},
      {"predicates", {"PageOfLine"}},
      {"ingest", {"IngestReport", "Acknowledgement"}},
      {"answer", {"ShortAnswer"}},
      {"export", {"ExportReport"}},
      {"import", {"ImportReport"}},
      {"copy", {"CopyReport"}},
      {"tail", {"Batch"}},
      {"verify", {"LedgerVerification", "VerificationReport"}},
      {"status", {"StatusReport"}},
      {"reindex", {"ReindexReport"}},
      {"embed", {"EmbedReport", "QuestionVector"}},
      {"doctor", {"DoctorReport"}},
      {"vectors", {"VectorsReport", "DropVectorsAnswer"}},
      {"backup", {"BackupReport"}},
      {"restore", {"RestoreReport"}},
      {"migrate", {"MigrationReport"}},
      {"init", {"InitReport"}},
      // What has no shape says why.
      {.command = "schema", .instead = "prints JSON Schemas, with --json too"},
      {.command = "help", .instead = "prints text, with --json too"},
      {.command = "completion", .instead = "prints a script, with --json too"},
  };
  return all;
}

struct SchemaOptions {
  std::string name;
  bool list = false;
};

// The commands that have a schema.
std::string list_of_commands(const char* between) {
  std::string out;
  for (const auto& each : printed())
    if (each.instead == nullptr) out.append(out.empty() ? "" : between).append(each.command);
  return out;
}

ExitCode schema(const Session&, const SchemaOptions& options) {
  const auto shapes = wiring::shape_names();
  if (options.list) {
    print(list_of_commands("\n") + "\n");
    for (const auto& name : shapes) print(name + "\n");
    return ExitCode::fine;
  }
  const auto& commands = printed();
  const auto command =
      std::find_if(commands.begin(), commands.end(), [&](const auto& it) { return it.command == options.name; });
  if (command != commands.end() && command->instead != nullptr)
    throw InvalidInput("name", options.name + " " + command->instead + "; there is no schema of it");
  if (command == commands.end() && !options.name.empty() &&
      std::find(shapes.begin(), shapes.end(), options.name) == shapes.end()) {
    constexpr std::size_t quotable = 40;
    throw InvalidInput("name", "there is no shape or command " + shortened(options.name, quotable) + ". Commands: " +
                                   list_of_commands(", ") + ". claimledger schema --list names the shapes, too");
  }
  if (command != commands.end())
    print(wiring::schema_of(command->shapes, command->absent));
  else if (options.name.empty())
    print(wiring::schema_of({}));
  else
    print(wiring::schema_of({options.name}));
  return ExitCode::fine;
}

}  // namespace

void add_schema(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, "Keep", "schema", "JSON Schemas of what is read and what --json prints",
                  "claimledger schema recall > belief.schema.json", &schema);
  auto* name = command->add_option("name", options->name,
                                   "A command, for what it prints with --json, or a shape (default: all shapes)");
  command->add_flag("--list", options->list, "The commands, and the names of all shapes, one a line")->excludes(name);
  command->footer(
      "ingest reads IngestLine, answer reads Question; a failure is a FailureReport. Shapes whose names end in "
      "Request\n"
      "are for hosts that link the engine: no command reads them.\n\n" +
      command->get_footer());
}

}  // namespace claimledger::cli
