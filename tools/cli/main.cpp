#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <numeric>
#include <utility>

#include "claimledger/version.hpp"
#include "cli/common.hpp"
#include "cli/stopping.hpp"
#include "wiring/logging.hpp"
#include "wiring/open_store.hpp"
#include "wiring/reports.hpp"
#include "wiring/store_files.hpp"

namespace claimledger::cli {
namespace {

// Settings that a connection string has no words for.
void add_postgres_settings(CLI::App& app, wiring::PostgresSettings& settings) {
  const auto group = "Of a store in Postgres";
  app.add_option("--schema", settings.schema, "Where the ledger is in its database")
      ->envname("CLAIMLEDGER_SCHEMA")
      ->capture_default_str()
      ->group(group);
  take_one_of(app.add_option("--tenancy", settings.tenancy,
                             "scoped (default), or enforced: the login role decides which agents it sees"),
              {"scoped", "enforced"})
      ->envname("CLAIMLEDGER_TENANCY")
      ->group(group);
  take_one_of(app.add_option("--bouncer", settings.bouncer, "Whether a PgBouncer gives out connections by transaction"),
              {"automatic", "yes", "no"})
      ->envname("CLAIMLEDGER_BOUNCER")
      ->capture_default_str()
      ->group(group);
  take_one_of(app.add_option("--pgvector", settings.pgvector,
                             "Whether the database compares vectors: where it can, always, or this program"),
              {"automatic", "required", "never"})
      ->envname("CLAIMLEDGER_PGVECTOR")
      ->capture_default_str()
      ->group(group);
  app.add_option("--pool-size", settings.pool_size, "Connections at most")
      ->envname("CLAIMLEDGER_POOL_SIZE")
      ->capture_default_str()
      ->group(group);
}

void add_policy(CLI::App& app, Settings& settings) {
  // Decided anew at each call; what a decision needed is in the ledger.
  const auto policy = "How to decide, for this call";
  const auto option = [&](const char* name, auto& variable, const std::string& description, const char* environment) {
    return app.add_option(name, variable, description)->envname(environment)->group(policy);
  };
  const auto flag = [&](const char* name, bool& variable, const char* description, const char* environment) {
    app.add_flag(name, variable, description)->envname(environment)->group(policy);
  };
  option("--overturn", settings.overturn, "contested_first (default) or newest_first_hand_wins",
         "CLAIMLEDGER_OVERTURN");
  option("--overturn-floor", settings.overturn_floor,
         with_words<Criticality>("From this criticality on nothing is overturned") + " (default: High)",
         "CLAIMLEDGER_OVERTURN_FLOOR");
  flag("--queue", settings.queue, "Contradictions become questions: see pending and adjudicate", "CLAIMLEDGER_QUEUE");
  option("--ttl", settings.ttl, "How long a question waits: 90s, 15m, 24h, 7d (default: for ever)", "CLAIMLEDGER_TTL");
  option("--trust-floor", settings.trust_floor, "valid_time_confidence from which dates count (default: 0.7)",
         "CLAIMLEDGER_TRUST_FLOOR");
  option("--confidence-floor", settings.confidence_floor, "Less sure claims are parked (default: 0.2)",
         "CLAIMLEDGER_CONFIDENCE_FLOOR");
  option("--depth-cap", settings.depth_cap, "Longest derivation that is believed (default: 3)",
         "CLAIMLEDGER_DEPTH_CAP");
  flag("--quarantine-future", settings.quarantine_future, "Park what starts in the future",
       "CLAIMLEDGER_QUARANTINE_FUTURE");
  option("--served-window", settings.served_window, "How long served content is recognised (default: 24h)",
         "CLAIMLEDGER_SERVED_WINDOW");
  option("--aging-after", settings.aging_after, "When belief ages (default: 30d)", "CLAIMLEDGER_AGING_AFTER");
  option("--decayed-after", settings.decayed_after, "When belief has decayed (default: 90d)",
         "CLAIMLEDGER_DECAYED_AFTER");
  option("--search-language", settings.search_language,
         "Whose word endings search looks behind, or none (default: english)", "CLAIMLEDGER_SEARCH_LANGUAGE");
  flag("--no-word-index", settings.no_word_index,
       "Write faster, and file no words: searches read what is written so, until reindex files it",
       "CLAIMLEDGER_NO_WORD_INDEX");
  flag("--no-accelerators", settings.no_accelerators,
       "Keep no long line that was read or written; answers are the same, and later", "CLAIMLEDGER_NO_ACCELERATORS");
}

// Options that every command knows, before or after it.
void add_settings(CLI::App& app, Settings& settings) {
  const auto common = "Options of every command";
  app.add_option("--store", settings.store,
                 "sqlite:PATH, sqlite:DIR/ (one database for each agent), postgres:CONNECTION, postgres://… or memory: "
                 "(default: in the user's data directory)")
      ->envname("CLAIMLEDGER_STORE")
      ->group(common);
  app.add_option("--agent", settings.agent, "Whose ledger")
      ->envname("CLAIMLEDGER_AGENT")
      ->capture_default_str()
      ->group(common);
  app.add_option("--actor", settings.actor, "Who calls, as the ledger records it")
      ->envname("CLAIMLEDGER_ACTOR")
      ->group(common);
  app.add_flag("--json", settings.json, "Answer in JSON")->group(common);
  app.add_option("--log-slow", settings.log_slow, "Log what takes as long, by name: 250ms, 2s (default: nothing)")
      ->envname("CLAIMLEDGER_LOG_SLOW")
      ->group(common);

  add_postgres_settings(app, settings.postgres);

  add_policy(app, settings);

  const auto meaning = "What finds meaning";
  app.add_option("--embedder", settings.embedder,
                 "A file of an embedder, or none: words alone (default: the English one that comes with claimledger)")
      ->envname("CLAIMLEDGER_EMBEDDER")
      ->group(meaning);
  app.add_option("--embed-cmd", settings.embed_command,
                 "A command that turns texts into vectors, by lines of JSON; instead of --embedder")
      ->envname("CLAIMLEDGER_EMBED_CMD")
      ->group(meaning);
  app.add_option("--embed-timeout", settings.embed_timeout,
                 "How long that command may take for an answer (default: 60s)")
      ->envname("CLAIMLEDGER_EMBED_TIMEOUT")
      ->group(meaning);
}

void add_everything(CLI::App& app, Program& program) {
  app.name("claimledger");
  app.set_version_flag("--version", "claimledger " + std::string(version));
  app.footer(
      "Examples:\n"
      "  claimledger remember user city Berlin --since 2020-03\n"
      "  claimledger recall user city --valid-at 2024\n"
      "  claimledger history user city\n\n"
      "Exit codes: 0 fine, also for a write that is recorded as Contested; 1 the answer is no (contested, no belief,\n"
      "not found, ambiguous, conflict, rejected, a wrong answer, not verified, a copy that diverged); 2 bad input;\n"
      "3 the store, or the output, failed.");
  app.require_subcommand(1);
  app.fallthrough();  // "claimledger recall user city --agent tz" is fine
  add_settings(app, program.settings);
  add_write_commands(app, program);
  add_read_commands(app, program);
  add_search_commands(app, program);
  add_adjudicate_commands(app, program);
  add_trace_commands(app, program);
  add_stream_commands(app, program);
  add_copy(app, program);
  add_tail(app, program);
  add_maintain_commands(app, program);
  add_doctor(app, program);
  add_filing_commands(app, program);
  add_vectors(app, program);
  add_init(app, program);
  add_schema(app, program);
  add_help(app, program);
  add_completion(app, program);
}

int code(ExitCode exit) { return static_cast<int>(exit); }

// How many letters have to be put in, taken out or changed to make one word of another (Levenshtein).
std::size_t distance(const std::string& from, const std::string& to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const auto changed = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

// The command whose name is close to what was typed; empty: none is.
std::string command_like(const CLI::App& app, const std::string& typed) {
  std::string nearest;
  auto least = std::min<std::size_t>(typed.size() / 2, 2) + 1;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto apart = distance(typed, command->get_name());
    if (apart < least) least = apart, nearest = command->get_name();
  }
  return nearest;
}

// The command line as it was typed, and what it calls the fields of a request.
class CommandLine {
 public:
  CommandLine(const CLI::App& app, int argc, char** argv) : app_(app), words_(argv, argv + argc) {}

  // The parser may have failed before it came to the flag.
  bool json() const { return typed("--json"); }
  bool typed(const std::string& option) const {
    return std::any_of(words_.begin(), words_.end(),
                       [&](const auto& word) { return word == option || word.starts_with(option + "="); });
  }

  // The option that sets the field, or the variable of the environment where it comes from there. Else the field.
  std::string name_of(const std::string& field) const {
    const auto end = std::min(field.find_first_of(".["), field.size());
    const auto* option = option_of(field.substr(0, end));
    if (option == nullptr) return field;
    const auto variable = option->get_envname();
    const bool from_environment = !variable.empty() && !typed(option->get_name()) && std::getenv(variable.c_str());
    return (from_environment ? variable : option->get_name()) + field.substr(end);
  }

  InvalidInput complaint_of(const CLI::ParseError& bad) const;
  // The parser takes the next word for the value of `--source=`, and a flag for given. Before it parses.
  void refuse_empty_values() const;

  // Where to read what would be right.
  std::string help() const {
    const auto typed = app_.get_subcommands();
    return " (claimledger " + (typed.empty() ? std::string() : typed.front()->get_name() + " ") + "--help)";
  }

 private:
  const CLI::Option* find(const std::string& name) const {
    for (const auto* command : app_.get_subcommands())
      if (const auto* option = command->get_option_no_throw(name)) return option;
    return app_.get_option_no_throw(name);
  }
  const CLI::Option* option_of(std::string field) const;
  std::string wanted_of(const std::string& name) const;

  const CLI::App& app_;
  std::vector<std::string> words_;
};

const CLI::Option* CommandLine::option_of(std::string field) const {
  if (field.starts_with("--")) return find(field);
  if (find(field) != nullptr) return nullptr;  // an argument, which has no other name
  // Where an option is not called as its field.
  static const std::map<std::string, std::string> others = {
      {"adjudication_ttl", "ttl"}, {"claim_id", "claim"},     {"idempotency_key", "key"},
      {"kinds", "kind"},           {"more_agents", "agents"}, {"recorded_from", "from"},
      {"recorded_until", "until"}, {"text", "question"},      {"valid_during", "during"},
      {"valid_from", "since"},     {"valid_until", "until"},  {"value_confidence", "confidence"}};
  if (const auto other = others.find(field); other != others.end()) field = other->second;
  std::replace(field.begin(), field.end(), '_', '-');
  return find("--" + field);
}

void CommandLine::refuse_empty_values() const {
  for (const auto& word : words_) {
    if (word == "--") return;
    const auto sign = word.find('=');
    if (!word.starts_with("--") || sign + 1 != word.size()) continue;
    const auto name = word.substr(0, sign);
    const auto* option = app_.get_option_no_throw(name);
    for (const auto* command : app_.get_subcommands([](const CLI::App*) { return true; }))
      if (option == nullptr) option = command->get_option_no_throw(name);
    if (option == nullptr) continue;  // the parser says so
    throw InvalidInput(name, option->get_expected_max() == 0 ? "must be true or false" : "needs a value behind the =");
  }
}

// What an option takes whose text the parser could not convert.
std::string CommandLine::wanted_of(const std::string& name) const {
  const auto* option = find(name);
  const auto type = option == nullptr ? std::string() : option->get_type_name();
  if (type.starts_with("UINT")) return whole_number_wanted;
  if (type.starts_with("FLOAT")) return "must be a number from 0 to 1";
  return "must be true or false";  // a flag
}

// In the parser's messages the option's name comes first.
InvalidInput CommandLine::complaint_of(const CLI::ParseError& bad) const {
  const auto left = app_.remaining(true);
  // The parser complains first of what is missing, where a word is too much.
  const auto option = std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with('-'); });
  if (option != left.end()) return {*option, "there is no such option; a value that begins with - comes after --"};
  if (!left.empty() && app_.get_subcommands().empty()) {
    const auto like = command_like(app_, left.front());
    return {"command", "there is none of the name " + left.front() +
                           (like.empty() ? "; claimledger help lists them" : "; did you mean " + like + "?")};
  }
  if (!left.empty()) return {left.front(), "is a word too many"};
  const std::string message = bad.what();
  const auto kind = bad.get_name();
  if (kind == "RequiredError" && app_.get_subcommands().empty())
    return {"command", "is required; claimledger help lists them"};

  constexpr std::string_view conversion = "Could not convert: ";
  const auto begin = message.starts_with(conversion) ? conversion.size() : 0;
  const auto end = std::min(message.find_first_of(": ", begin), message.size());
  const auto name = message.substr(begin, end - begin);
  const auto rest = message.substr(std::min(message.find_first_not_of(": ", end), message.size()));
  if (kind == "ConversionError") return {name_of(name), wanted_of(name)};
  if (kind == "ArgumentMismatch") {
    const bool missing = rest.ends_with("missing") || message.find("received 0") != std::string::npos;
    return {name_of(name), missing ? "needs a value" : "is given more often than once"};
  }
  if (kind == "ValidationError" || kind == "RequiredError" || kind == "RequiresError" || kind == "ExcludesError")
    return {name_of(name), rest};
  return {"command line", message};
}

// A shell can make a file of a store the standard output of a program (`1<>agent.db`). Before a store is opened.
void require_output_elsewhere(const Session& session) {
  struct stat status {};
  if (fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return;
  std::string address;
  try {
    address = session.store_address();
  } catch (const InvalidInput&) {  // for a command that needs no store
  }
  const auto what = wiring::store_file_at("/dev/stdout", address);
  if (!what.empty()) throw InvalidInput("standard output", "is " + what + "; name another file");
}

int run(const Program& program, const CommandLine& line) {
  const bool json = program.settings.json;
  try {
    const Session session(program.settings,
                          wiring::make_logger(json ? wiring::LogLines::json : wiring::LogLines::text));
    require_output_elsewhere(session);
    const auto exit = program.command(session);
    flush_output();
    return code(exit);
  } catch (const CommandFailure& failed) {
    report(json, failed.failure);
    if (failed.signal != 0) end_by(failed.signal);
    return code(failed.exit);
  } catch (const InvalidInput& bad) {
    report(json, wiring::failure_of(InvalidInput(line.name_of(bad.field()), bad.why())));
    return code(ExitCode::bad_input);
  } catch (const StoreFailure& failure) {
    report(json, wiring::failure_of(failure));
  } catch (const OutputFailure&) {
    const bool unread = forget_closed_output();
    if (!unread || anything_done()) report(json, output_failure());
    if (unread) end_by(SIGPIPE);
  } catch (const std::exception& failure) {
    report(json, {.kind = "failed", .why = failure.what()});
  }
  return code(ExitCode::store_failed);
}

// A closed stream stays one that nothing can be read from, or written to: the next file that is opened would take its
// place, and a database would get our words.
void keep_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int start(int argc, char** argv) {
  keep_closed_streams();
  // A reader that has seen enough (`| head`) ends the program as it ends any other, without a word.
  std::signal(SIGPIPE, SIG_DFL);
  // A file that may grow no further is a failure to write, which is reported.
  std::signal(SIGXFSZ, SIG_IGN);
  wiring::prepare_process();
  CLI::App app("A ledger of claims: what was said, by whom, when, and for which time");
  Program program;
  add_everything(app, program);
  const CommandLine line(app, argc, argv);
  try {
    line.refuse_empty_values();
    app.parse(argc, argv);
    require_sense(app);
    program.settings.agent_given = app.get_option("--agent")->count() > 0;
    program.settings.agent_typed = line.typed("--agent");
    // What is typed stands for what the environment says of the other.
    if (line.typed("--embedder") && !line.typed("--embed-cmd")) program.settings.embed_command.clear();
    if (line.typed("--embed-cmd") && !line.typed("--embedder")) program.settings.embedder.clear();
  } catch (const CLI::Success& asked) {  // --help, --version
    const auto exit = app.exit(asked);
    if (std::cout.flush()) return exit;
    report(line.json(), output_failure());
    return code(ExitCode::store_failed);
  } catch (const CLI::ParseError& bad) {
    report(line.json(), wiring::failure_of(line.complaint_of(bad)), line.help());
    return code(ExitCode::bad_input);
  } catch (const InvalidInput& bad) {
    report(line.json(), wiring::failure_of(InvalidInput(line.name_of(bad.field()), bad.why())));
    return code(ExitCode::bad_input);
  }
  return run(program, line);
}

}  // namespace
}  // namespace claimledger::cli

int main(int argc, char** argv) { return claimledger::cli::start(argc, argv); }
