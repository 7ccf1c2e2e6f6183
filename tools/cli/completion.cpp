#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

struct CompletionOptions {
  std::string shell;
  CLI::App* app = nullptr;  // what is completed
};

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& word : list) out += (out.empty() ? "" : " ") + word;
  return out;
}

// In single quotes for every shell here; descriptions hold no other marks that need care.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string bash(const CLI::App& app) {
  std::string names, cases;
  for (const auto* command : commands_of(app)) {
    names += command->get_name() + " ";
    cases += "    " + command->get_name() + ") options=" + in_quotes(words(options_of(*command))) + " ;;\n";
  }
  return "# bash: source <(claimledger completion bash)\n"
         "_claimledger() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} command='' options='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" " +
         names +
         "\" in *\" $word \"*) command=$word; break ;; esac\n"
         "  done\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "  options+=' " +
         words(options_of(app)) +
         "'\n"
         "  if [[ $current == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
         "  elif [[ -z $command ]]; then COMPREPLY=($(compgen -W " +
         in_quotes(names) +
         " -- \"$current\"))\n"
         "  else COMPREPLY=($(compgen -f -- \"$current\")); fi\n"
         "}\n"
         "complete -o filenames -F _claimledger claimledger\n";
}

std::string zsh(const CLI::App& app) {
  std::string names, cases;
  for (const auto* command : commands_of(app)) {
    names += "    " + in_quotes(command->get_name() + ":" + command->get_description()) + "\n";
    cases += "      " + command->get_name() + ") options+=(" + words(options_of(*command)) + ") ;;\n";
  }
  return "#compdef claimledger\n"
         "# zsh: claimledger completion zsh > a folder of $fpath/_claimledger\n"
         "_claimledger() {\n"
         "  local -a commands options\n"
         "  local word command=''\n"
         "  commands=(\n" +
         names +
         "  )\n"
         "  for word in \"${words[@]:1:CURRENT-2}\"; do\n"
         "    if (( ${commands[(I)$word:*]} )); then command=$word; break; fi\n"
         "  done\n"
         "  options=(" +
         words(options_of(app)) +
         ")\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "  if [[ ${words[CURRENT]} == -* ]]; then compadd -- $options\n"
         "  elif [[ -z $command ]]; then _describe command commands\n"
         "  else _files; fi\n"
         "}\n"
         "compdef _claimledger claimledger\n";
}

std::string fish(const CLI::App& app) {
  std::string out = "# fish: claimledger completion fish | source\n";
  const auto add = [&](const std::string& condition, const CLI::App& owner) {
    for (const auto* option : owner.get_options())
      for (const auto& name : option->get_lnames())
        out.append("complete -c claimledger")
            .append(condition)
            .append(" -l ")
            .append(name)
            .append(option->get_expected_max() > 0 ? " -r -d " : " -d ")
            .append(in_quotes(option->get_description()))
            .append("\n");
  };
  add("", app);
  for (const auto* command : commands_of(app)) {
    out += "complete -c claimledger -n __fish_use_subcommand -f -a " + command->get_name() + " -d " +
           in_quotes(command->get_description()) + "\n";
    add(" -n '__fish_seen_subcommand_from " + command->get_name() + "'", *command);
  }
  return out;
}

ExitCode complete(const Session&, const CompletionOptions& options) {
  if (options.shell == "bash")
    print(bash(*options.app));
  else if (options.shell == "zsh")
    print(zsh(*options.app));
  else
    print(fish(*options.app));
  return ExitCode::fine;
}

}  // namespace

void add_completion(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, "Keep", "completion", "A script that completes commands and options in a shell",
                  "source <(claimledger completion bash)", &complete);
  options->app = &app;
  take_one_of(command->add_option("shell", options->shell, "bash, zsh or fish"), {"bash", "zsh", "fish"})->required();
}

}  // namespace claimledger::cli
