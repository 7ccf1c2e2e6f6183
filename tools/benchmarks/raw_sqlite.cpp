#include <sqlite3.h>

#include <memory>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Prepared = std::unique_ptr<sqlite3_stmt, Close>;

void check(int result, sqlite3* database) {
  if (result != SQLITE_OK && result != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
}

Prepared prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr), database);
  return Prepared(statement);
}

void run(sqlite3* database, const Prepared& statement) {
  check(sqlite3_step(statement.get()), database);
  check(sqlite3_reset(statement.get()), database);
}

}  // namespace

// Bodies, ids and digests are zeros of the usual sizes but where they must differ.
std::vector<double> raw_sqlite(const std::string& path, int count) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open(path.c_str(), &opened);
  const Database owner(opened);
  check(result, opened);
  check(sqlite3_exec(opened,
                     "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; INSERT INTO agent (name) VALUES ('raw')",
                     nullptr, nullptr, nullptr),
        opened);

  const auto begin = prepare(opened, "BEGIN IMMEDIATE");
  const auto line = prepare(opened, "INSERT INTO line VALUES (1, 'person ' || ?1, 'lives_in', ?1)");
  const auto entry =
      prepare(opened,
              "INSERT INTO entry (agent_id, stream_seq, batch_offset, recorded_at, kind, disposition, line_no, "
              "claim_id, begins, "
              "hash, body, salt, content, search_text, subject, predicate, batch_id, batch_size, clock, actor, format) "
              "VALUES (1, "
              "?1, 0, ?1, 16, 0, ?1, ?2, 1, zeroblob(32), zeroblob(150), zeroblob(16), zeroblob(100), 'the register of "
              "residents', 'person ' || ?1, 'lives_in', ?2, 1, 0, '', 1)");
  const auto commit = prepare(opened, "COMMIT");

  std::vector<double> taken;
  for (int number = 1; number <= count; ++number) {
    taken.push_back(seconds([&] {
      unsigned char id[16] = {};
      for (int i = 0; i < 4; ++i) id[12 + i] = static_cast<unsigned char>(number >> (24 - 8 * i));
      for (const auto* statement : {&line, &entry}) check(sqlite3_bind_int(statement->get(), 1, number), opened);
      check(sqlite3_bind_blob(entry.get(), 2, id, sizeof id, SQLITE_TRANSIENT), opened);
      for (const auto* statement : {&begin, &line, &entry, &commit}) run(opened, *statement);
    }));
  }
  return taken;
}

}  // namespace claimledger::benchmarks
