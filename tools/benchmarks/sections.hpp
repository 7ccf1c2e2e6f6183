#pragma once

#include <string>

#include "claimledger/engine.hpp"

// What is measured; each function prints its part of the table. Nothing is asserted: a number says something only
// beside another of the same run.
namespace claimledger::benchmarks {

// How much: `claims` in the large ledger, `calls` of what is repeated.
struct Scale {
  int claims = 100'000;
  int calls = 400;
};

// A ledger grown in batches of 1,000 claims: the last tenth against the first, and recall as it grows.
void growing_ledger(Engine& engine, const Scale& scale);
// Recall on lines of 1 to 1,000 entries.
void long_lines(Engine& engine, const Scale& scale);
// Lines that are hardest on the rules: thousands of values of one line, in one ledger each.
void hard_lines(Engine& engine, const Scale& scale);
// One claim a batch against a program that writes the same rows by hand. `folder` is on the disk to be measured.
void single_remember(const std::string& folder, const Scale& scale);
// One claim a batch by 1, 4 and 16 writers at once against another client of the same database.
struct Rival {
  std::string pgbench;  // a word for the shell; empty where there is none
  std::string connection;
  std::string schema;
};
std::string find_pgbench();
void many_writers(Engine& engine, const Rival& rival, const Scale& scale);
// The nodes that reading a line makes and frees.
void nodes(const Scale& scale);

// Writes `count` batches of one claim each into a database that the SQLite adapter has made, by hand-written
// statements; seconds for each.
std::vector<double> raw_sqlite(const std::string& path, int count);

// --- workload.cpp --------------------------------------------------------------------------------------------------

Statement statement(const std::string& subject, int value);
// … that holds on one day, the `day`th from 2000 on.
Statement dated(const std::string& subject, int value, int day);

}  // namespace claimledger::benchmarks
