#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "cli/common.hpp"
#include "cli/filed.hpp"
#include "cli/head_notes.hpp"
#include "cli/stopping.hpp"
#include "wiring/ledger_metrics.hpp"
#include "wiring/open_store.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Keep";

// --- verify --------------------------------------------------------------------------------------------------------

struct VerifyOptions {
  bool all = false;
  std::string head_file;
  bool accept = false;
};

constexpr std::string_view no_such_ledger = "there is no such ledger in this store";

// A ledger that is ahead of the clock is whole, but all that is written to it is stamped ahead too.
std::string ahead(const std::optional<std::chrono::microseconds>& clock_behind_by) {
  if (!clock_behind_by) return {};
  return "  its last entry lies ahead: the clock is " + seconds(*clock_behind_by) +
         " behind it; export --until a time, and import into a new ledger, leaves that behind\n";
}

std::string describe(const AgentId& agent, const Verification& verification) {
  const auto name = printable(agent.value);
  if (!verification.ok) {
    const auto verdict = verification.problem == no_such_ledger ? "NONE" : "BROKEN";
    return toned(Tone::bad, verdict) + "  " + name + ": " + printable(verification.problem) + "\n";
  }
  return toned(Tone::good, "OK") + "  " + name + ": " + counted(verification.entries, "entry", "entries") + ", head " +
         verification.head_hash.hex() + "\n" + ahead(verification.clock_behind_by) +
         (verification.remark.empty() ? "" : "  no vectors were made again: " + printable(verification.remark) + "\n");
}

Verification broken(std::string problem) {
  Verification verification;
  verification.ok = false;
  verification.problem = std::move(problem);
  return verification;
}

Verification verify_one(const Engine& engine, const AgentId& agent, HeadNotes* heads, const Call& call = {}) {
  Progress progress("verifying");
  auto verification = engine.verify(
      {.agent = agent, .progress = [&](auto done, auto total) { progress.at(done, total); }, .call = call});
  if (!verification.ok) return verification;
  if (heads != nullptr) {
    if (auto fault = heads->fault(engine, agent, verification.position); !fault.empty())
      return broken(std::move(fault));
  }
  // Nothing is no whole ledger: the name may be mistyped, or the ledger lost.
  if (verification.position == Position{}) {
    if (heads != nullptr) heads->forget(agent);
    return broken(std::string(no_such_ledger));
  }
  if (heads != nullptr) heads->note(agent, verification.position, verification.head_hash);
  return verification;
}

// The ledgers that are there, whether they can be read or not, and those that were noted and may have gone.
std::map<AgentId, std::string> ledgers_to_look_at(const Engine& engine, const HeadNotes* heads) {
  std::map<AgentId, std::string> problems;
  for (const auto& each : every_ledger(engine)) problems[each.agent] = each.problem;
  if (heads != nullptr)
    for (const auto& [agent, head] : heads->noted()) problems.try_emplace(agent);
  return problems;
}

ExitCode verify(const Session& session, const VerifyOptions& options) {
  std::optional<HeadNotes> noted;  // before a store is opened
  if (!options.head_file.empty()) noted.emplace(session, options.head_file, options.accept);
  auto* heads = noted ? &*noted : nullptr;
  const auto engine = session.open(Access::operate);
  wiring::VerificationReport report;
  const auto ledgers =
      options.all ? ledgers_to_look_at(engine, heads) : std::map<AgentId, std::string>{{session.agent(), ""}};
  for (const auto& [agent, problem] : ledgers) {
    Verification verification;
    try {
      verification = problem.empty() ? verify_one(engine, agent, heads) : broken(problem);
    } catch (const StoreFailure& failure) {
      if (!options.all) throw;
      verification = broken(failure.what());  // the others are looked at all the same
    }
    if (!session.json()) print(describe(agent, verification));
    report.ledgers.push_back({agent, std::move(verification)});
  }
  report.ok = !report.ledgers.empty() && std::all_of(report.ledgers.begin(), report.ledgers.end(),
                                                     [](const auto& ledger) { return ledger.verification.ok; });
  if (heads != nullptr) {
    heads->save();
    note_done("where the ledgers end is noted in " + options.head_file);
  }
  if (session.json() && options.all)
    print_json(report);
  else if (session.json())
    print_json(report.ledgers.front());
  else if (report.ledgers.empty())
    print(toned(Tone::bad, "NONE") + "  there is no ledger in this store\n");
  return report.ok ? ExitCode::fine : ExitCode::no;
}

// --- status --------------------------------------------------------------------------------------------------------

struct StatusOptions {
  bool metrics = false;
  bool all = false;
};

std::string describe(const wiring::StatusReport& report) {
  const auto& status = report.status;
  std::string out;
  std::size_t width = 18;
  for (const auto& [name, text] : status.store) width = std::max(width, name.size());
  for (const auto& capability : status.capabilities)
    if (!capability.available) width = std::max(width, capability.name.size() + std::string_view("not ").size());
  const auto field = [&](const std::string& name, const std::string& text) {
    out += toned(Tone::faint, padded(name, width + 2)) + printable(text) + "\n";
  };
  const bool empty = status.head.position.value == 0;
  field("agent", status.agent.value);
  field("entries", std::to_string(status.head.position.value));
  if (!empty) field("last recorded", to_text(status.head.recorded_at));
  if (status.clock_behind_by) field("clock", seconds(*status.clock_behind_by) + " behind the last entry");
  field("head hash", status.head.hash.hex());
  if (status.words) field("words", shown(*status.words, status.head.position));
  for (const auto& [filed, comparing] : status.models) {
    field("vectors", shown(filed, status.head.position));
    if (comparing) field("compared", shown(*comparing));
  }
  out += "\n";
  for (const auto& [name, text] : status.store) field(name, text);
  for (const auto& capability : status.capabilities)
    if (!capability.available) field("not " + capability.name, capability.reason);
  for (const auto& problem : report.problems)
    out += toned(Tone::bad, padded("problem", width + 2)) + printable(problem) + "\n";
  return out;
}

// For Prometheus: how the ledgers stand, and how long it took to find that out.
ExitCode print_metrics(const Session& session, bool all) {
  if (session.json()) throw InvalidInput("--metrics", "are text: leave --json out");
  const auto engine = session.open(Access::operate);
  const auto ledgers = ledgers_of(engine, session.agent(), all);
  std::vector<wiring::StandingLedger> standing;
  for (const auto& ledger : ledgers) {
    standing.push_back({ledger.agent, std::nullopt});
    if (!ledger.problem.empty()) continue;
    try {
      standing.back().status = engine.status({.agent = ledger.agent});
    } catch (const StoreFailure& failure) {
      if (!all || failure.kind() != FailureKind::corrupt) throw;  // the others are looked at all the same
    }
  }
  print(wiring::ledger_metrics(standing) + session.metrics().text());
  const bool well = std::ranges::all_of(standing, [](const auto& each) { return each.status.has_value(); });
  return well ? ExitCode::fine : ExitCode::no;
}

ExitCode status(const Session& session, const StatusOptions& options) {
  if (options.metrics) return print_metrics(session, options.all);
  const auto engine = session.open(Access::operate);
  wiring::StatusReport report{.status = engine.status({.agent = session.agent()})};
  if (wiring::is_folder_store(session.store_address()))
    for (const auto& each : every_ledger(engine))
      if (!each.problem.empty()) report.problems.push_back(each.problem);
  print_answer(session, report, [](const wiring::StatusReport& it) { return describe(it); });
  return report.problems.empty() ? ExitCode::fine : ExitCode::no;
}

// --- backup, restore and migrate -----------------------------------------------------------------------------------

struct BackupOptions {
  std::string to;
  bool no_verify = false;
};

// The fault of the first of these ledgers that is not whole.
std::string fault_of(const Engine& engine, const std::vector<AgentHead>& ledgers, const Call& call) {
  for (const auto& [agent, position, problem] : ledgers) {
    if (!problem.empty()) return problem;
    const auto verification = verify_one(engine, agent, nullptr, call);
    if (!verification.ok) return printable(agent.value) + ": " + verification.problem;
  }
  return "";
}

// What is done with whole databases is done for all whose ledgers are in them.
void refuse_agent(const Session& session, const std::string& why) {
  if (session.settings().agent_typed) throw InvalidInput("--agent", why);
}

// A step of copying is where such a command may be stopped.
wiring::CopyProgress shown(Progress& progress, const Stopping& stopping) {
  return [&](std::uint64_t done, std::uint64_t total) {
    if (stopping.requested()) throw StoreFailure(FailureKind::cancelled, "copying", "it was stopped");
    progress.at(done, total);
  };
}

// In the words of a failure, which is one sentence.
std::string done_by(const wiring::BackupReport& report) {
  std::string done;
  for (const auto& file : report.files) done += (done.empty() ? "copied to " : ", ") + file;
  if (done.empty()) return done;
  for (const auto& problem : report.problems) done += "; " + problem;
  return done;
}

ExitCode backup(const Session& session, const BackupOptions& options) {
  refuse_agent(session, "is of no use here: a backup has the ledgers of all agents; export writes those of one");
  const Stopping stopping;
  const Call call{.stop = stopping.token()};
  session.require_store();
  const auto check = [&](std::unique_ptr<Store> copy) {
    const auto engine = session.engine_on(std::move(copy));
    return fault_of(engine, every_ledger(engine), call);
  };
  wiring::BackupReport report;
  try {
    Progress progress("copying");
    report = wiring::copy_store(session.store_address(), options.to,
                                {.verify = options.no_verify ? wiring::Verify() : wiring::Verify(check),
                                 .progress = shown(progress, stopping)});
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::cancelled) throw;
    end_stopped(stopping, {.why = "nothing is left of the copy"});
  }
  note_done(done_by(report));
  print_answer(session, report, [](const wiring::BackupReport& it) {
    std::string out;
    for (const auto& file : it.files) out += "copied to " + printable(file) + "\n";
    for (const auto& problem : it.problems) out += toned(Tone::bad, "PROBLEM") + "  " + printable(problem) + "\n";
    return out;
  });
  return report.problems.empty() ? ExitCode::fine : ExitCode::no;
}

struct RestoreOptions {
  std::string from;
};

std::string fault_of_backup(const Engine& engine, const Call& call) {
  const auto ledgers = every_ledger(engine);
  return ledgers.empty() ? "there is no ledger in it" : fault_of(engine, ledgers, call);
}

std::string describe(const wiring::RestoreReport& report) {
  std::string out;
  for (const auto& each : report.databases) {
    if (!each.fault.empty()) {
      out += toned(Tone::bad, "NOT RESTORED") + "  " + printable(each.to) + " from " + printable(each.from) + ": " +
             printable(each.fault) + "; nothing was changed\n";
      continue;
    }
    out += toned(Tone::good, "RESTORED") + "  " + printable(each.to) + " from " + printable(each.from) + "\n";
    for (const auto& file : each.set_aside) out += "  set aside " + printable(file) + "\n";
    if (!each.access.empty()) out += "  " + printable(each.access) + "\n";
  }
  return out;
}

std::string done_by(const wiring::RestoreReport& report) {
  std::string done;
  for (const auto& each : report.databases) {
    done += (done.empty() ? "" : "; ") + each.to +
            (each.fault.empty() ? " is restored" : " is not restored: " + each.fault);
    for (const auto& file : each.set_aside) done += ", set aside " + file;
  }
  return done;
}

ExitCode restore(const Session& session, const RestoreOptions& options) {
  refuse_agent(session,
               "is of no use here: restore puts whole databases in place; of a folder's backup name the one "
               "file, as in backup/ann.db");
  const Stopping stopping;
  const Call call{.stop = stopping.token()};
  session.make_default_folder();
  wiring::RestoreReport report;
  try {
    Progress progress("copying");
    report.databases = wiring::restore_store(
        session.store_address(), options.from,
        {.verify =
             [&](std::unique_ptr<Store> copy) { return fault_of_backup(session.engine_on(std::move(copy)), call); },
         .progress = shown(progress, stopping),
         .call = call});
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::cancelled) throw;
    std::error_code error;
    const bool folder = std::filesystem::is_directory(options.from, error);
    end_stopped(stopping, {.why = folder ? "the ledgers that were done are in place, and no other was changed"
                                         : "nothing was changed at " + session.store_name()});
  }
  report.ok = !report.databases.empty() && std::all_of(report.databases.begin(), report.databases.end(),
                                                       [](const auto& each) { return each.fault.empty(); });
  if (std::any_of(report.databases.begin(), report.databases.end(),
                  [](const auto& each) { return each.fault.empty(); }))
    note_done(done_by(report));
  print_answer(session, report, [](const wiring::RestoreReport& it) {
    return it.databases.empty() ? "there is no ledger to restore\n" : describe(it);
  });
  return report.ok ? ExitCode::fine : ExitCode::no;
}

struct MigrateOptions {
  bool dry_run = false;
};

std::string describe(const wiring::MigrationReport& report) {
  std::string out;
  for (const auto& database : report.databases) {
    out += printable(database.database) + "\n";
    if (!database.problem.empty()) out += "  " + toned(Tone::bad, "problem  ") + printable(database.problem) + "\n";
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
  if (!options.dry_run) note_done("the store is brought up to this program's schema");
  print_answer(session, report, [](const wiring::MigrationReport& it) { return describe(it); });
  const bool all_fine = std::all_of(report.databases.begin(), report.databases.end(),
                                    [](const auto& database) { return database.problem.empty(); });
  return all_fine ? ExitCode::fine : ExitCode::no;
}

}  // namespace

void add_maintain_commands(CLI::App& app, Program& program) {
  const auto checking = add_command(app, program, group, "verify", "Walk a whole ledger: hashes, contents, references",
                                    "claimledger verify --all", &verify);
  checking.app->add_flag("--all", checking.options->all, "The ledgers of all agents");
  auto* head_file = checking.app->add_option(
      "--head-file", checking.options->head_file,
      "Compare with where the ledger ended the last time, and note where it ends now. To be kept "
      "where nobody who may write the ledger may: hashes alone do not show a cut end or an old copy");
  checking.app
      ->add_flag("--accept", checking.options->accept,
                 "Note where it ends now also where it is not the ledger that was noted, as after a restore")
      ->needs(head_file);

  const auto standing =
      add_command(app, program, group, "status", "The store, its settings in force, and where the ledger ends",
                  "claimledger status --json", &status);
  auto* metrics = standing.app->add_flag("--metrics", standing.options->metrics,
                                         "As metrics for Prometheus: where it ends, and how far words and vectors go");
  standing.app->add_flag("--all", standing.options->all, "Those of the ledgers of all agents")->needs(metrics);

  const auto copying =
      add_command(app, program, group, "backup", "Copy the store while it is in use, and verify the copy",
                  "claimledger backup agent-2026-06-01.db", &backup);
  copying.app->add_option("to", copying.options->to, "A file that does not exist yet; a folder where the store is one")
      ->required();
  copying.app->add_flag("--no-verify", copying.options->no_verify,
                        "Only copy: what is damaged in the store is so in the copy, and restore will say so");

  const auto restoring =
      add_command(app, program, group, "restore",
                  "Verify a backup and put it in the place of the store; what was there is set aside",
                  "claimledger restore agent-2026-06-01.db", &restore);
  restoring.app->add_option("from", restoring.options->from, "What backup made: a file, or a folder for a folder")
      ->required();

  const auto migrating = add_command(app, program, group, "migrate", "Bring a store up to the schema of this program",
                                     "claimledger migrate --dry-run", &migrate);
  migrating.app->add_flag("--dry-run", migrating.options->dry_run, "Only say what would be done");
}

}  // namespace claimledger::cli
