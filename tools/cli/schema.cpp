#include <algorithm>

#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

// The shapes of what a command prints with --json: one document, or one a line.
struct Printed {
  const char* command;
  std::vector<std::string> shapes;
  wiring::Absent absent = wiring::Absent::never;
};

const std::vector<Printed>& printed() {
  static const std::vector<Printed> all = {
      {"remember", {"RememberAnswer", "WriteAnswer"}},
      {"end", {"WriteAnswer"}},
      {"retract", {"WriteAnswer"}},
      {"correct", {"WriteAnswer"}},
      {"reopen", {"WriteAnswer"}},
      {"recall", {"Belief", "DuringAnswer"}},
      {"history", {"History"}},
      {"subject", {"PageOfLineBelief"}},
      {"contested", {"PageOfContestedLine"}},
      {"pending", {"PageOfOpenQuestion"}},
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
      {"import", {"ImportReport"}},
      {"copy", {"CopyReport"}},
      {"tail", {"Batch"}},
      {"verify", {"LedgerVerification", "VerificationReport"}},
      {"status", {"Status"}},
      {"backup", {"BackupReport"}},
      {"migrate", {"MigrationReport"}},
      {"init", {"InitReport"}},
  };
  return all;
}

struct SchemaOptions {
  std::string name;
  bool list = false;
};

ExitCode schema(const Session&, const SchemaOptions& options) {
  if (options.list) {
    for (const auto& name : wiring::shape_names()) print(name + "\n");
    return ExitCode::fine;
  }
  const auto& commands = printed();
  const auto command =
      std::find_if(commands.begin(), commands.end(), [&](const auto& it) { return it.command == options.name; });
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
  command->add_flag("--list", options->list, "The names of all shapes")->excludes(name);
}

}  // namespace claimledger::cli
