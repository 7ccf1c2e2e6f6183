#pragma once

#include <functional>

#include "cli/exit_code.hpp"
#include "cli/session.hpp"
#include "wiring/reports.hpp"

namespace CLI {
class App;
}

// The commands, by what they do. Each function adds its commands to the command line; the one that was typed leaves in
// Program::command what is to be done.
namespace claimledger::cli {

// Thrown by a command whose failure has more to say than InvalidInput and StoreFailure have.
struct CommandFailure {
  ExitCode exit = ExitCode::bad_input;
  wiring::Failure failure = {};
  int signal = 0;  // that stopped it, and by which the program ends once this was said
};

struct Program {
  Settings settings;
  std::function<ExitCode(const Session&)> command;
};

void add_write_commands(CLI::App& app, Program& program);       // remember, end, retract, correct, reopen
void add_adjudicate_commands(CLI::App& app, Program& program);  // adjudicate, review, reconcile, sweep
void add_read_commands(CLI::App& app, Program& program);    // recall, history, timeline, subject, contested, pending
void add_search_commands(CLI::App& app, Program& program);  // search, context
void add_trace_commands(CLI::App& app,
                        Program& program);  // claim, lineage, served, outcome, audit, agents, subjects, predicates
void add_stream_commands(CLI::App& app, Program& program);    // ingest, answer, export, import
void add_copy(CLI::App& app, Program& program);               // copy
void add_tail(CLI::App& app, Program& program);               // tail
void add_maintain_commands(CLI::App& app, Program& program);  // verify, status, backup, restore, migrate
void add_doctor(CLI::App& app, Program& program);             // doctor
void add_filing_commands(CLI::App& app, Program& program);    // reindex, embed
void add_vectors(CLI::App& app, Program& program);            // vectors
void add_init(CLI::App& app, Program& program);               // init
void add_schema(CLI::App& app, Program& program);             // schema
void add_help(CLI::App& app, Program& program);               // help
void add_completion(CLI::App& app, Program& program);         // completion

}  // namespace claimledger::cli
