#include <nlohmann/json.hpp>

#include "cli/common.hpp"
#include "cli/text.hpp"

// What an operator does once for a store, before anybody writes to it.
namespace claimledger::cli {
namespace {

struct InitOptions {
  bool roles = false;
  std::size_t partitions = 0;
  std::vector<std::string> tenants;
  const CLI::Option* tenancy = nullptr;  // the option of every verb: what matters here is whether it was typed
};

wiring::Tenant parse_tenant(const std::string& word) {
  const auto sign = word.find('=');
  if (sign == std::string::npos || sign == 0) {
    throw InvalidInput("--tenant", "must be ROLE=AGENT, the login role first; not '" + printable(word) + "'");
  }
  return {word.substr(0, sign), AgentId::parse(word.substr(sign + 1))};
}

ExitCode init(const Session& session, const InitOptions& options) {
  wiring::Initialisation what{.roles = options.roles, .partitions = options.partitions};
  what.tenancy = options.tenancy->count() > 0;
  for (const auto& word : options.tenants) what.tenants.push_back(parse_tenant(word));
  const auto& settings = session.settings().postgres;
  const auto reports = wiring::initialise_store(session.store_address(), what, settings);
  if (session.json()) {
    auto databases = Json::array();
    for (const auto& report : reports)
      databases.push_back({{"database", report.database}, {"applied", report.applied}, {"made", report.pending}});
    print_json({{"databases", std::move(databases)}});
    return ExitCode::fine;
  }
  if (reports.empty()) print("nothing to make: each agent's database is made with its first claim\n");
  for (const auto& report : reports) {
    print(printable(report.database) + "\n");
    for (const auto& name : report.applied) print("  had        " + name + "\n");
    for (const auto& name : report.pending) print("  was given  " + name + "\n");
  }
  if (options.roles) print("  roles      claimledger_owner, claimledger_writer, claimledger_reader\n");
  if (what.tenancy) print("  tenancy    " + settings.tenancy + "\n");
  for (const auto& tenant : what.tenants)
    print("  tenant     " + printable(tenant.role) + " for " + printable(tenant.agent.value) + "\n");
  return ExitCode::fine;
}

}  // namespace

void add_init(CLI::App& app, Program& program) {
  const auto [verb, options] = add_verb(
      app, program, "Keep", "init", "Make a store; on Postgres also roles, partitions, tenants",
      "claimledger --store postgres:dbname=memory init --roles --tenancy enforced --tenant ada_app=ada", &init);
  verb->add_flag("--roles", options->roles,
                 "Postgres: make claimledger_owner, _writer and _reader; grant the latter two to whoever logs in");
  verb->add_option("--partitions", options->partitions, "Postgres: of each table, by hash of the agent; only when made")
      ->check(CLI::Range(0, 1'024));
  verb->add_option("--tenant", options->tenants,
                   "Postgres: ROLE=AGENT, a login role and the agent it may see and write; may be repeated");
  options->tenancy = app.get_option("--tenancy");
}

}  // namespace claimledger::cli
