#include "postgres_tenants.hpp"

#include <unistd.h>

#include <mutex>
#include <pqxx/pqxx>
#include <set>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/postgres/initialise.hpp"
#include "postgres_places.hpp"

namespace claimledger::conformance {

namespace {

// Roles belong to the server: those of this process end in its number.
std::string role(const std::string& name) { return "cl_kit_" + name + "_" + std::to_string(getpid()); }
postgres::Roles roles() { return {role("owner"), role("writer"), role("reader")}; }

void as_operator(const std::string& statements) {
  pqxx::connection connection(postgres_under_test());
  pqxx::work work(connection);
  work.exec("SET LOCAL client_min_messages = error; " + statements);
  work.commit();
}

bool is_there(const std::string& name) {
  pqxx::connection connection(postgres_under_test());
  pqxx::work work(connection);
  return !work.exec("SELECT 1 FROM pg_roles WHERE rolname = " + work.quote(name)).empty();
}

// Has whoever is written to admitted first.
class AdmittingStore : public ForwardingStore {
 public:
  AdmittingStore(std::shared_ptr<Store> inner, postgres::Options as_operator)
      : ForwardingStore(std::move(inner)), operator_(std::move(as_operator)) {}

  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    for (const auto& commit : commits) admit(commit.header.agent);
    return inner().append(commits, call);
  }
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    for (const auto& intent : intents) admit(intent.agent);
    return inner().begin_write(std::move(intents), call);
  }

 private:
  void admit(const AgentId& agent) {
    const std::scoped_lock lock(mutex_);
    if (!admitted_.contains(agent)) postgres::admit_tenant(operator_, role("login"), agent);
    admitted_.insert(agent);
  }

  postgres::Options operator_;
  std::mutex mutex_;
  std::set<AgentId> admitted_;
};

}  // namespace

std::unique_ptr<Store> open_as_tenant(postgres::Options options) {
  const auto of_operator = options;
  // A role without any agent does not get in.
  const AgentId nobody{"nobody"};
  if (!is_there(role("login"))) as_operator("CREATE ROLE " + role("login") + " LOGIN");
  postgres::initialise(
      of_operator,
      {.roles = true, .names = roles(), .tenancy = postgres::Tenancy::enforced, .tenants = {{role("login"), nobody}}});
  as_operator("GRANT " + roles().writer + " TO " + role("login"));
  options.connection += " user=" + role("login");
  options.tenancy = postgres::Tenancy::enforced;
  options.migrate = postgres::Migrate::require_current;
  return std::make_unique<AdmittingStore>(postgres::open(options), of_operator);
}

void remove_tenants() {
  for (const auto& name : {role("login"), role("owner"), role("writer"), role("reader")}) {
    if (is_there(name)) as_operator("DROP OWNED BY " + name + " CASCADE; DROP ROLE " + name);
  }
}

}  // namespace claimledger::conformance
