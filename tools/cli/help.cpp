#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

struct HelpOptions {
  std::string verb;
  const CLI::App* app = nullptr;  // what is explained
};

// What --help prints, and where. Not App::help: it would explain the verb that was typed, and that is this one.
ExitCode help(const Session&, const HelpOptions& options) {
  const auto& app = *options.app;
  if (options.verb.empty()) {
    print(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal));
    return ExitCode::fine;
  }
  const auto found = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == options.verb; });
  if (found.empty())
    throw InvalidInput("verb", "there is none of the name " + options.verb + "; claimledger help lists them");
  const auto* verb = found.front();
  print(verb->get_formatter()->make_help(verb, app.get_name() + " " + options.verb, CLI::AppFormatMode::Normal));
  return ExitCode::fine;
}

}  // namespace

void add_help(CLI::App& app, Program& program) {
  auto [verb, options] = add_verb(app, program, "Keep", "help", "What --help says, of all or of one verb",
                                  "claimledger help recall", &help);
  options->app = &app;
  verb->add_option("verb", options->verb, "Only of this verb");
}

}  // namespace claimledger::cli
