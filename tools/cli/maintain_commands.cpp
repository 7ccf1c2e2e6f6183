#include <algorithm>

#include "cli/common.hpp"
#include "wiring/open_store.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Keep";

// --- verify --------------------------------------------------------------------------------------------------------

struct VerifyOptions {
  bool all = false;
};

constexpr std::string_view no_such_ledger = "there is no such ledger in this store";

// A ledger that is ahead of the clock is whole, but all that is written to it is stamped ahead too.
std::string ahead(const std::optional<std::chrono::microseconds>& clock_behind_by) {
  if (!clock_behind_by) return {};
  return "  its last entry lies ahead: the clock is " + seconds(*clock_behind_by) + " behind it\n";
}

std::string describe(const AgentId& agent, const Verification& verification) {
  const auto name = printable(agent.value);
  if (!verification.ok) {
    const auto verdict = verification.problem == no_such_ledger ? "NONE" : "BROKEN";
    return toned(Tone::bad, verdict) + "  " + name + ": " + printable(verification.problem) + "\n";
  }
  return toned(Tone::good, "OK") + "  " + name + ": " + counted(verification.entries, "entry", "entries") + ", head " +
         verification.head_hash.hex() + "\n" + ahead(verification.clock_behind_by);
}

ExitCode verify(const Session& session, const VerifyOptions& options) {
  const auto engine = session.open(Access::operate);
  wiring::VerificationReport report;
  for (const auto& agent : options.all ? every_agent(engine) : std::vector{session.agent()}) {
    Progress progress("verifying");
    auto verification =
        engine.verify({.agent = agent, .progress = [&](auto done, auto total) { progress.at(done, total); }});
    // Nothing is no whole ledger: the name may be mistyped, or the ledger lost.
    if (verification.ok && verification.position == Position{}) {
      verification.ok = false;
      verification.problem = no_such_ledger;
    }
    if (!session.json()) print(describe(agent, verification));
    report.ledgers.push_back({agent, std::move(verification)});
  }
  report.ok = !report.ledgers.empty() && std::all_of(report.ledgers.begin(), report.ledgers.end(),
                                                     [](const auto& ledger) { return ledger.verification.ok; });
  if (session.json() && options.all)
    print_json(report);
  else if (session.json())
    print_json(report.ledgers.front());
  else if (report.ledgers.empty())
    print(toned(Tone::bad, "NONE") + "  there is no ledger in this store\n");
  return report.ok ? ExitCode::fine : ExitCode::no;
}

// --- status --------------------------------------------------------------------------------------------------------

struct NoOptions {};

std::string describe(const Status& status) {
  std::string out;
  std::size_t width = 18;
  for (const auto& [name, text] : status.store) width = std::max(width, name.size());
  const auto field = [&](const std::string& name, const std::string& text) {
    out += toned(Tone::faint, padded(name, width + 2)) + printable(text) + "\n";
  };
  const bool empty = status.head.position.value == 0;
  field("agent", status.agent.value);
  field("entries", std::to_string(status.head.position.value));
  if (!empty) field("last recorded", to_text(status.head.recorded_at));
  if (status.clock_behind_by) field("clock", seconds(*status.clock_behind_by) + " behind the last entry");
  field("head hash", status.head.hash.hex());
  out += "\n";
  for (const auto& [name, text] : status.store) field(name, text);
  for (const auto& capability : status.capabilities)
    if (!capability.available) field("not " + capability.name, capability.reason);
  return out;
}

ExitCode status(const Session& session, const NoOptions&) {
  const auto status = session.open(Access::operate).status({.agent = session.agent()});
  print_answer(session, status, [](const Status& it) { return describe(it); });
  return ExitCode::fine;
}

// --- backup and migrate --------------------------------------------------------------------------------------------

struct BackupOptions {
  std::string to;
};

ExitCode backup(const Session& session, const BackupOptions& options) {
  session.require_store();
  Progress progress("copying");
  const auto files = wiring::copy_store(session.store_address(), options.to,
                                        [&](std::uint64_t done, std::uint64_t total) { progress.at(done, total); });
  print_answer(session, wiring::BackupReport{files}, [](const wiring::BackupReport& report) {
    std::string out;
    for (const auto& file : report.files) out += "copied to " + printable(file) + "\n";
    return out;
  });
  return ExitCode::fine;
}

struct MigrateOptions {
  bool dry_run = false;
};

std::string describe(const wiring::MigrationReport& report) {
  std::string out;
  for (const auto& database : report.databases) {
    out += printable(database.database) + "\n";
    for (const auto& name : database.applied) out += "  had      " + name + "\n";
    for (const auto& name : database.pending) out += (report.dry_run ? "  lacks    " : "  was given ") + name + "\n";
  }
  return out;
}

ExitCode migrate(const Session& session, const MigrateOptions& options) {
  session.require_store();
  const auto migration = options.dry_run ? wiring::Migration::look : wiring::Migration::apply;
  const wiring::MigrationReport report{
      options.dry_run, wiring::migrate_store(session.store_address(), migration, session.settings().postgres)};
  print_answer(session, report, [](const wiring::MigrationReport& it) { return describe(it); });
  return ExitCode::fine;
}

}  // namespace

void add_maintain_commands(CLI::App& app, Program& program) {
  const auto checking = add_command(app, program, group, "verify", "Walk a whole ledger: hashes, contents, references",
                                    "claimledger verify --all", &verify);
  checking.app->add_flag("--all", checking.options->all, "The ledgers of all agents");

  add_command(app, program, group, "status", "The store, its settings in force, and where the ledger ends",
              "claimledger status --json", &status);

  const auto copying = add_command(app, program, group, "backup", "Copy the store while it is in use",
                                   "claimledger backup agent-2026-06-01.db", &backup);
  copying.app->add_option("to", copying.options->to, "A file that does not exist yet; a folder where the store is one")
      ->required();

  const auto migrating = add_command(app, program, group, "migrate", "Bring a store up to the schema of this program",
                                     "claimledger migrate --dry-run", &migrate);
  migrating.app->add_flag("--dry-run", migrating.options->dry_run, "Only say what would be done");
}

}  // namespace claimledger::cli
