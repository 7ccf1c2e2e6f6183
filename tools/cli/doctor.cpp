#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cli/common.hpp"
#include "cli/filed.hpp"
#include "wiring/reports.hpp"

// What is wrong with a store, what makes it slow, and what helps: verify and status, read for whoever keeps it.
namespace claimledger::cli {
namespace {

using wiring::Finding;
using Verdict = Finding::Verdict;

constexpr auto every_vector = std::numeric_limits<std::uint64_t>::max();

struct DoctorOptions {
  bool all = false;
};

std::string value_of(const Status& status, const std::string& name) {
  const auto found = std::ranges::find(status.store, name, [](const auto& line) { return line.first; });
  return found == status.store.end() ? "" : found->second;
}

// Of a database on a server: who sees the rows of whom.
Finding row_level_security(const Status& status) {
  const auto said = value_of(status, "row_level_security");
  const bool off = said.starts_with("off");
  const bool above = said.find("above") != std::string::npos && value_of(status, "tenancy") == "enforced";
  std::string helps;
  if (off) helps = "; whoever owns the schema turns it on: ALTER TABLE … FORCE ROW LEVEL SECURITY";
  if (above) helps = ", so tenancy keeps nothing from it; connect as a role without SUPERUSER and BYPASSRLS";
  return {"row-level security", off || above ? Verdict::wrong : Verdict::fine, said + helps};
}

std::vector<Finding> of_store(const Status& status) {
  std::vector<Finding> findings;
  const auto guards = value_of(status, value_of(status, "backend") == "postgres" ? "guards" : "schema");
  if (!guards.empty()) {
    const bool whole = guards == "whole";
    findings.push_back({"schema", whole ? Verdict::fine : Verdict::wrong,
                        whole ? guards : guards + "; restore a backup, or put back what is gone"});
  }
  if (!value_of(status, "row_level_security").empty()) findings.push_back(row_level_security(status));
  return findings;
}

Finding of_ledger(const Engine& engine, const AgentId& agent) {
  Progress progress("verifying");
  const auto found =
      engine.verify({.agent = agent, .vectors_again = every_vector, .progress = [&](auto done, auto total) {
                       progress.at(done, total);
                     }});
  if (!found.ok) return {"ledger", Verdict::wrong, found.problem};
  if (found.position == Position{}) return {"ledger", Verdict::wrong, "there is no such ledger in this store"};
  auto what = counted(found.entries, "entry", "entries") + ", whole, and so is all that is filed";
  if (found.vectors_again > 0) what += "; " + counted(found.vectors_again, "vector", "vectors") + " made again";
  if (!found.remark.empty()) what += "; vectors could not be made again: " + found.remark;
  return {"ledger", Verdict::fine, what};
}

void add_filed(const Status& status, std::vector<Finding>& findings) {
  const auto head = status.head.position;
  if (status.words) {
    const bool all = status.words->current && status.words->up_to >= head;
    findings.push_back({"words", all ? Verdict::fine : Verdict::slow, shown(*status.words, head)});
  }
  for (const auto& [filed, comparing] : status.models) {
    findings.push_back({"vectors", filed.up_to >= head ? Verdict::fine : Verdict::slow, shown(filed, head)});
    if (comparing) findings.push_back({"compared", Verdict::fine, shown(*comparing)});
  }
  if (status.clock_behind_by)
    findings.push_back({"clock", Verdict::wrong,
                        "is " + seconds(*status.clock_behind_by) +
                            " behind the last entry; export --until a time, and import into a new ledger, leaves "
                            "behind what lies ahead"});
}

wiring::LedgerFindings look_at(const Engine& engine, const AgentHead& ledger) {
  wiring::LedgerFindings found{ledger.agent, {}};
  if (!ledger.problem.empty()) {
    found.findings.push_back({"ledger", Verdict::wrong, ledger.problem});
    return found;
  }
  try {
    found.findings.push_back(of_ledger(engine, ledger.agent));
    const auto status = engine.status({.agent = ledger.agent});
    if (status.head.position != Position{}) add_filed(status, found.findings);
  } catch (const StoreFailure& failure) {
    found.findings.push_back({"ledger", Verdict::wrong, failure.what()});  // the others are looked at all the same
  }
  return found;
}

std::string describe(const std::string& title, const std::vector<Finding>& findings) {
  constexpr std::size_t verdict_width = 7;
  constexpr std::size_t about_width = 20;
  std::string out = printable(title) + "\n";
  for (const auto& [about, verdict, what] : findings) {
    const auto* word = verdict == Verdict::fine ? "fine" : verdict == Verdict::slow ? "slow" : "WRONG";
    const auto tone = verdict == Verdict::fine ? Tone::good : verdict == Verdict::slow ? Tone::faint : Tone::bad;
    out += "  " + toned(tone, padded(word, verdict_width)) + padded(about, about_width) + printable(what) + "\n";
  }
  return out;
}

bool are_well(const std::vector<Finding>& findings) {
  return std::ranges::none_of(findings, [](const auto& each) { return each.verdict == Verdict::wrong; });
}

// What is damaged is a finding, and what else there is to find is looked for all the same.
std::vector<Finding> look_at_store(const Engine& engine, const AgentId& agent) {
  try {
    return of_store(engine.status({.agent = agent}));
  } catch (const StoreFailure& failure) {
    const bool damaged = failure.kind() == FailureKind::corrupt || failure.kind() == FailureKind::incompatible;
    if (!damaged) throw;
    return {{"schema", Verdict::wrong, failure.what()}};
  }
}

ExitCode doctor(const Session& session, const DoctorOptions& options) {
  const auto engine = session.open(Access::operate);
  wiring::DoctorReport report{.ok = true, .store = look_at_store(engine, session.agent()), .ledgers = {}};
  if (!session.json()) print(describe(session.store_name(), report.store));
  const auto ledgers = ledgers_of(engine, session.agent(), options.all);
  for (const auto& ledger : ledgers) {
    report.ledgers.push_back(look_at(engine, ledger));
    if (!session.json()) print(describe(ledger.agent.value, report.ledgers.back().findings));
  }
  report.ok = !ledgers.empty() && are_well(report.store) &&
              std::ranges::all_of(report.ledgers, [](const auto& each) { return are_well(each.findings); });
  if (session.json()) print_json(report);
  if (!session.json() && ledgers.empty()) print(toned(Tone::bad, "NONE") + "  there is no ledger in this store\n");
  return report.ok ? ExitCode::fine : ExitCode::no;
}

}  // namespace

void add_doctor(CLI::App& app, Program& program) {
  const auto [command, options] =
      add_command(app, program, "Keep", "doctor", "Say what is wrong with a store, what makes it slow, and what helps",
                  "claimledger doctor --all", &doctor);
  command->add_flag("--all", options->all, "The ledgers of all agents");
}

}  // namespace claimledger::cli
