#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "claimledger/version.hpp"
#include "cli/common.hpp"
#include "wiring/logging.hpp"
#include "wiring/open_store.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

// Settings that a connection string has no words for.
void add_postgres_settings(CLI::App& app, wiring::PostgresSettings& settings) {
  const auto group = "Of a store in Postgres";
  app.add_option("--schema", settings.schema, "Where the ledger is in its database")
      ->envname("CLAIMLEDGER_SCHEMA")
      ->capture_default_str()
      ->group(group);
  app.add_option("--tenancy", settings.tenancy,
                 "scoped (default), or enforced: the login role decides which agents it sees")
      ->envname("CLAIMLEDGER_TENANCY")
      ->group(group)
      ->check(CLI::IsMember({"scoped", "enforced"}, CLI::ignore_case));
  app.add_option("--bouncer", settings.bouncer, "Whether a PgBouncer gives out connections by transaction")
      ->envname("CLAIMLEDGER_BOUNCER")
      ->capture_default_str()
      ->group(group)
      ->check(CLI::IsMember({"automatic", "yes", "no"}, CLI::ignore_case));
  app.add_option("--pool-size", settings.pool_size, "Connections at most")
      ->envname("CLAIMLEDGER_POOL_SIZE")
      ->capture_default_str()
      ->group(group);
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

  add_postgres_settings(app, settings.postgres);

  // Decided anew at each call; what a decision needed is in the ledger.
  const auto policy = "How to decide, for this call";
  const auto option = [&](const char* name, auto& variable, const char* description, const char* environment) {
    return app.add_option(name, variable, description)->envname(environment)->group(policy);
  };
  const auto flag = [&](const char* name, bool& variable, const char* description, const char* environment) {
    app.add_flag(name, variable, description)->envname(environment)->group(policy);
  };
  option("--overturn", settings.overturn, "contested_first (default) or newest_first_hand_wins",
         "CLAIMLEDGER_OVERTURN");
  option("--overturn-floor", settings.overturn_floor, "From this criticality on nothing is overturned (default: High)",
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
}

void add_everything(CLI::App& app, Program& program) {
  app.name("claimledger");
  app.set_version_flag("--version", "claimledger " + std::string(version));
  app.footer(
      "Examples:\n"
      "  claimledger remember user city Berlin --since 2020-03\n"
      "  claimledger recall user city --valid-at 2024\n"
      "  claimledger history user city\n\n"
      "Exit codes: 0 fine; 1 the answer is no (contested, no belief, not found, ambiguous, conflict, wrong, not\n"
      "verified); 2 bad input; 3 the store failed.");
  app.require_subcommand(1);
  app.fallthrough();  // "claimledger recall user city --agent tz" is fine
  add_settings(app, program.settings);
  add_write_commands(app, program);
  add_read_commands(app, program);
  add_adjudicate_commands(app, program);
  add_trace_commands(app, program);
  add_stream_commands(app, program);
  add_copy(app, program);
  add_tail(app, program);
  add_maintain_commands(app, program);
  add_init(app, program);
  add_schema(app, program);
  add_help(app, program);
  add_completion(app, program);
}

// With --json a failure is one document too, on standard error.
void report(const Settings& settings, const wiring::Failure& failure, const std::string& text) {
  note(settings.json ? wiring::json_line(wiring::FailureReport{failure}) + "\n"
                     : "claimledger: " + printable(text) + "\n");
}

int code(ExitCode exit) { return static_cast<int>(exit); }

int refuse(const Settings& settings, const InvalidInput& bad) {
  report(settings, wiring::failure_of(bad), bad.what());
  return code(ExitCode::bad_input);
}

int run(const Program& program) {
  const auto& settings = program.settings;
  try {
    const Session session(settings, wiring::make_logger());
    const auto exit = program.command(session);
    flush_output();
    return code(exit);
  } catch (const InvalidInput& bad) {
    return refuse(settings, bad);
  } catch (const StoreFailure& failure) {
    report(settings, wiring::failure_of(failure), failure.what());
  } catch (const OutputFailure&) {
    const std::string why = "the answer could not be written";
    report(settings, {.kind = "output", .why = why}, why);
  } catch (const std::exception& failure) {
    report(settings, {.kind = "failed", .why = failure.what()}, failure.what());
  }
  return code(ExitCode::store_failed);
}

// Names the word that is neither a command nor an option. The parser complains first of what is missing then.
std::string complaint_of(const CLI::App& app, const CLI::ParseError& bad) {
  const auto left = app.remaining(true);
  if (left.empty()) return bad.what();
  const auto option = std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with('-'); });
  if (option != left.end()) return "there is no option " + *option + "; a value that begins with - comes after --";
  if (app.get_subcommands().empty()) return "there is no command " + left.front();
  return bad.what();
}

int start(int argc, char** argv) {
  // A reader that has seen enough (`| head`) ends the program as it ends any other, without a word.
  std::signal(SIGPIPE, SIG_DFL);
  wiring::prepare_process();
  CLI::App app("A ledger of claims: what was said, by whom, when, and for which time");
  Program program;
  add_everything(app, program);
  try {
    app.parse(argc, argv);
    require_sense(app);
    program.settings.agent_given = app.get_option("--agent")->count() > 0;
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& bad) {
    const auto why = complaint_of(app, bad);
    report(program.settings, wiring::failure_of(InvalidInput("command line", why)), why + " (claimledger --help)");
    return code(ExitCode::bad_input);
  } catch (const InvalidInput& bad) {
    return refuse(program.settings, bad);
  }
  return run(program);
}

}  // namespace
}  // namespace claimledger::cli

int main(int argc, char** argv) { return claimledger::cli::start(argc, argv); }
