#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "named_statement.hpp"
#include "postgres_sql.hpp"

namespace claimledger::postgres {

// A statement of queries.sql.
enum class Query : std::size_t {
  read_snapshot,
  append,
  append_terms,
  append_vectors,
  append_nearest,
  drop_vectors,
  append_nothing,
  read_taken,
  read_dependants,
  read_open_adjudications,
  read_lines,
  read_lines_of_subject,
  read_subjects,
  read_batches,
  read_agents,
  read_entries,
  read_postings,
  read_models,
  read_vectors,
  read_nearest,
  read_vectors_of,
  read_without_vector,
  read_size,
  read_guards,
  read_inventory,
  server,
  settings,
  tenant,
  describe,
  identity,
  missing_roles,
  may_act_as,
  strangers,
  own_schema,
  partitions,
  grant_roles,
  enforce_tenancy,
  admit_tenant,
  dismiss_tenant,
  tell,
  has_migrations,
  routines_applied,
  migrations_applied,
  lock_migrations,
  take_time,
  become_owner,
  create_schema,
  begin,
  commit,
  begin_turn,
  rollback,
  drop_terms,
  drop_embeddings,
  enter_schema,
  pin_functions,
  prepare_nearest,
  pgvector,
  uncompared,
  ask_partitions,
  create_migrations,
  add_migration,
  add_routines,
};

inline constexpr std::size_t query_count = static_cast<std::size_t>(Query::add_routines) + 1;

consteval std::string_view pick(std::string_view name) { return common::named_statement(embedded::queries, name); }

struct Statement {
  std::string_view name;
  std::string_view text;
};

// In the order of the enumeration.
inline constexpr std::array<Statement, query_count> statements = {{
    {"read_snapshot", pick("read_snapshot")},
    {"append", pick("append")},
    {"append_terms", pick("append_terms")},
    {"append_vectors", pick("append_vectors")},
    {"append_nearest", pick("append_nearest")},
    {"drop_vectors", pick("drop_vectors")},
    {"append_nothing", pick("append_nothing")},
    {"read_taken", pick("read_taken")},
    {"read_dependants", pick("read_dependants")},
    {"read_open_adjudications", pick("read_open_adjudications")},
    {"read_lines", pick("read_lines")},
    {"read_lines_of_subject", pick("read_lines_of_subject")},
    {"read_subjects", pick("read_subjects")},
    {"read_batches", pick("read_batches")},
    {"read_agents", pick("read_agents")},
    {"read_entries", pick("read_entries")},
    {"read_postings", pick("read_postings")},
    {"read_models", pick("read_models")},
    {"read_vectors", pick("read_vectors")},
    {"read_nearest", pick("read_nearest")},
    {"read_vectors_of", pick("read_vectors_of")},
    {"read_without_vector", pick("read_without_vector")},
    {"read_size", pick("read_size")},
    {"read_guards", pick("read_guards")},
    {"read_inventory", pick("read_inventory")},
    {"server", pick("server")},
    {"settings", pick("settings")},
    {"tenant", pick("tenant")},
    {"describe", pick("describe")},
    {"identity", pick("identity")},
    {"missing_roles", pick("missing_roles")},
    {"may_act_as", pick("may_act_as")},
    {"strangers", pick("strangers")},
    {"own_schema", pick("own_schema")},
    {"partitions", pick("partitions")},
    {"grant_roles", pick("grant_roles")},
    {"enforce_tenancy", pick("enforce_tenancy")},
    {"admit_tenant", pick("admit_tenant")},
    {"dismiss_tenant", pick("dismiss_tenant")},
    {"tell", pick("tell")},
    {"has_migrations", pick("has_migrations")},
    {"routines_applied", pick("routines_applied")},
    {"migrations_applied", pick("migrations_applied")},
    {"lock_migrations", pick("lock_migrations")},
    {"take_time", pick("take_time")},
    {"become_owner", pick("become_owner")},
    {"create_schema", pick("create_schema")},
    {"begin", pick("begin")},
    {"commit", pick("commit")},
    {"begin_turn", pick("begin_turn")},
    {"rollback", pick("rollback")},
    {"drop_terms", pick("drop_terms")},
    {"drop_embeddings", pick("drop_embeddings")},
    {"enter_schema", pick("enter_schema")},
    {"pin_functions", pick("pin_functions")},
    {"prepare_nearest", pick("prepare_nearest")},
    {"pgvector", pick("pgvector")},
    {"uncompared", pick("uncompared")},
    {"ask_partitions", pick("ask_partitions")},
    {"create_migrations", pick("create_migrations")},
    {"add_migration", pick("add_migration")},
    {"add_routines", pick("add_routines")},
}};

// A name as SQL quotes it: "my ""schema""".
std::string quoted(std::string_view name);

// The statements with the schema's name put in, once for each store.
class Statements {
 public:
  explicit Statements(const std::string& schema);
  const std::string& operator[](Query query) const { return texts_[static_cast<std::size_t>(query)]; }
  static std::string_view name(Query query) { return statements[static_cast<std::size_t>(query)].name; }

 private:
  std::array<std::string, query_count> texts_;
};

}  // namespace claimledger::postgres
