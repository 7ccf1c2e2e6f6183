#include <algorithm>

#include "cli/common.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

struct InitOptions {
  bool roles = false;
  std::size_t partitions = 0;
  std::vector<std::string> tenants;
};

wiring::Initialisation read_options(const InitOptions& options) {
  constexpr std::size_t most = 1'024;
  if (options.partitions > most) throw InvalidInput("--partitions", "must be at most " + std::to_string(most));
  wiring::Initialisation what;
  what.roles = options.roles;
  what.partitions = options.partitions;
  for (const auto& word : options.tenants) {
    // A role's name has no such sign in practice, an agent's may.
    const auto sign = word.find('=');
    if (sign == std::string::npos || sign == 0) throw InvalidInput("--tenant", "must be ROLE=AGENT");
    what.tenants.push_back({word.substr(0, sign), AgentId::parse(word.substr(sign + 1))});
  }
  return what;
}

std::string describe(const wiring::InitReport& report) {
  std::string out, roles;
  for (const auto& database : report.done.databases) {
    out += printable(database.database) + "\n";
    if (!database.problem.empty()) out += "  " + toned(Tone::bad, "problem  ") + printable(database.problem) + "\n";
    for (const auto& name : database.applied) out += "  had       " + name + "\n";
    for (const auto& name : database.pending) out += "  was given " + name + "\n";
  }
  for (const auto& role : report.done.roles) roles += (roles.empty() ? "" : ", ") + role;
  if (!roles.empty()) out += "  roles     " + roles + "\n";
  if (!report.tenancy.empty()) out += "  tenancy   " + report.tenancy + "\n";
  for (const auto& tenant : report.tenants)
    out += "  tenant    " + printable(tenant.role) + " has the ledger of " + printable(tenant.agent.value) + "\n";
  return out;
}

ExitCode init(const Session& session, const InitOptions& options) {
  const auto what = read_options(options);
  const auto& settings = session.settings().postgres;
  session.make_default_folder();
  wiring::InitReport report{wiring::init_store(session.store_address(), what, settings), settings.tenancy,
                            what.tenants};
  // A folder has no database before an agent has.
  if (report.done.databases.empty()) report.done.databases.push_back({session.store_name(), {}, {}});
  note_done("the store is made, or brought up to this program's schema");
  print_answer(session, report, [](const wiring::InitReport& it) { return describe(it); });
  const auto& databases = report.done.databases;
  const bool all_fine =
      std::all_of(databases.begin(), databases.end(), [](const auto& each) { return each.problem.empty(); });
  return all_fine ? ExitCode::fine : ExitCode::no;
}

}  // namespace

void add_init(CLI::App& app, Program& program) {
  auto [command, options] = add_command(
      app, program, "Keep", "init", "Make a store; in Postgres with roles, partitions, tenants",
      "claimledger --store postgres://admin@db/ledgers init --roles --tenancy enforced --tenant ada_app=ada", &init);
  command->add_flag("--roles", options->roles, "Roles for owner, writers and readers of the ledger, with their grants");
  command->add_option("--partitions", options->partitions,
                      "Split the tables by agent; only where nothing is there yet");
  command->add_option("--tenant", options->tenants,
                      "ROLE=AGENT: this login role has this agent's ledger, under --tenancy enforced; repeated");
}

}  // namespace claimledger::cli
