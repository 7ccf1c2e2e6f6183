#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

struct HelpOptions {
  std::string command;
  const CLI::App* app = nullptr;  // what is explained
};

// Prints what --help prints. Not App::help: it would explain the command that was typed, and that is this one.
ExitCode help(const Session&, const HelpOptions& options) {
  const auto& app = *options.app;
  if (options.command.empty()) {
    print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
    return ExitCode::fine;
  }
  const auto found = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == options.command; });
  if (found.empty())
    throw InvalidInput("command", "there is none of the name " + options.command + "; claimledger help lists them");
  const auto* command = found.front();
  print(
      command->get_formatter()->make_help(command, app.get_name() + " " + options.command, CLI::AppFormatMode::Normal));
  return ExitCode::fine;
}

}  // namespace

void add_help(CLI::App& app, Program& program) {
  auto [command, options] = add_command(app, program, "Keep", "help", "What --help says, of all or of one command",
                                        "claimledger help recall", &help);
  options->app = &app;
  command->add_option("command", options->command, "Only of this command");
}

}  // namespace claimledger::cli
