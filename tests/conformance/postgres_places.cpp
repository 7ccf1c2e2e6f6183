#include "postgres_places.hpp"

#include <unistd.h>

#include <cstdlib>
#include <pqxx/pqxx>

namespace claimledger::conformance {

namespace {

// A connection that knows nothing of ledgers, in a transaction of its own.
class Raw {
 public:
  explicit Raw(const std::string& schema) : connection_(postgres_under_test()), work_(connection_) {
    work_.exec("SET LOCAL search_path = \"" + schema + "\"; SET LOCAL client_min_messages = error");
  }
  pqxx::work& work() { return work_; }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

std::string flipped(pqxx::work& work, const std::string& table, const std::string& column, const std::string& where) {
  const auto row = work.exec1("SELECT " + column + " FROM " + table + where);
  auto bytes = pqxx::binarystring(row[0]).str();
  bytes.at(bytes.size() / 2) ^= 1;
  return work.quote_raw(bytes);
}

}  // namespace

std::string postgres_under_test() {
  const char* given = std::getenv("CLAIMLEDGER_TEST_POSTGRES");
  return given ? given : "";
}

std::string postgres_schema(const std::string& place) { return "kit_" + std::to_string(getpid()) + "_" + place; }

void remove_postgres(const std::string& place) {
  Raw raw(postgres_schema(place));
  raw.work().exec("DROP SCHEMA IF EXISTS \"" + postgres_schema(place) + "\" CASCADE");
  raw.work().commit();
}

void damage_postgres(const std::string& place, const Damage& damage) {
  Raw raw(postgres_schema(place));
  auto& work = raw.work();
  const auto where = " WHERE agent_id = agent_key(" + work.quote(damage.agent.value) +
                     ") AND stream_seq = " + std::to_string(damage.entry.value);
  const auto flip = [&](const std::string& table, const std::string& column) {
    return "UPDATE " + table + " SET " + column + " = " + flipped(work, table, column, where) + where;
  };
  const auto statement = [&]() -> std::string {
    switch (damage.kind) {
      case DamageKind::flip_body:
        return flip("entry", "body");
      case DamageKind::flip_content:
        return flip("entry", "content");
      case DamageKind::flip_hash:
        return flip("entry", "hash");
      case DamageKind::unknown_kind:
        return "UPDATE entry SET kind = 99" + where;
      case DamageKind::unknown_disposition:
        return "UPDATE entry SET disposition = 99" + where;
      case DamageKind::remove_entry:
        return "DELETE FROM entry" + where;
      case DamageKind::remove_content:
        return "UPDATE entry SET salt = NULL, content = NULL, search_text = NULL, key_digest = NULL" + where;
    }
    return "";
  };
  work.exec("SET LOCAL session_replication_role = replica");
  if (work.exec(statement()).affected_rows() != 1) throw std::runtime_error("nothing to damage");
  work.commit();
}

std::shared_ptr<void> hold_postgres_write(const std::string& place) {
  auto holder = std::make_shared<Raw>(postgres_schema(place));
  holder->work().exec("LOCK TABLE entry IN SHARE MODE");  // as CREATE INDEX does
  return holder;
}

}  // namespace claimledger::conformance
