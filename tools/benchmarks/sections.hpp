#pragma once

#include <functional>
#include <string>

#include "claimledger/engine.hpp"

// The sections of the benchmark; each function prints its part of the table. No time is asserted: a number says
// something only beside another of the same run. The exception is `instructions`, which other work on the machine does
// not change.
namespace claimledger::benchmarks {

// How much.
struct Scale {
  int claims = 100'000;      // in a ledger that grows
  int calls = 400;           // of what is repeated
  int turns = 5'000;         // of ours and its rival, one after the other
  int warming = 20'000;      // turns before those, at most, until neither log grows
  int rivals = 2'000;        // on one line
  int successions = 10'000;  // on one line
  int lines = 10'000;        // of the ledger whose peaks are taken …
  int claims_a_line = 100;   // … and the length of each
  int rounds = 5;            // of many writers
  double round_seconds = 2;  // each
  int rows = 100'000;        // vectors to search …
  int dimensions = 384;      // … and the width of each
};
Scale quick_scale();
Scale smallest_scale();  // runs every line of code once

// --- On any store ----------------------------------------------------------------------------------------------------

// A ledger grown in batches of 1,000 claims: the last tenth against the first, and recall as it grows.
void growing_ledger(Engine& engine, const Scale& scale);
// Recall on lines of 1 to 1,000 entries.
void long_lines(Engine& engine, const Scale& scale);
// Lines that are hardest on the rules: thousands of values of one line, in one ledger each.
void hard_lines(Engine& engine, const Scale& scale);

// What one caller waits for: single claims and batches, searches, corrections, with words filed.
void calls(Engine& engine, const Scale& scale);

// --- On SQLite, in an empty folder on the disk to be measured --------------------------------------------------------

// One claim a batch, turn by turn with the same rows written by hand.
void single_remember(const std::string& folder, const Scale& scale);
// Such batches by up to 64 writers at once, of one agent and of as many.
void writers_of_a_file(const std::string& folder, const Scale& scale);
// The cost of such a batch on disk: pages, bytes and flushes.
void log_of_commits(const std::string& folder, const Scale& scale);
// Thousands of values on one line: CPU time, file, entries and peak memory.
void one_line(const std::string& folder, const Scale& scale);
// Large batches, in two orders, beside the same rows written by hand.
void bulk(const std::string& folder, const Scale& scale);
// What a service sees that keeps a store open: reads beside writes, opening a large one, calls that are counted, a
// folder of thousands of ledgers.
void service(const std::string& folder, const Scale& scale);
// Commands that read a whole ledger, each in a process of its own: CPU time and peak memory.
void whole_ledger(const std::string& folder, const Scale& scale);
// Searches by words, turn by turn with SQLite's own index of full text, and the cost of filing words.
void text_search(const std::string& folder, const Scale& scale);
// Claims found by their meaning, and by both, beside a scan of their vectors.
void meaning_search(const std::string& folder, const Scale& scale);

// --- On Postgres -----------------------------------------------------------------------------------------------------

// One claim a batch by up to 256 writers at once against another client of the same database.
struct Rival {
  std::string pgbench;  // a word for the shell; empty where there is none
  std::string connection;
  std::string schema;
};
std::string find_pgbench();
void many_writers(Engine& engine, const Rival& rival, const Scale& scale);
// The first search by meaning of a process: vectors read, and compared by pgvector, where that is created.
void nearest(const Rival& at, const Scale& scale);
// Searches by words, turn by turn with the search of text that Postgres has.
void text_search_on_postgres(const Rival& at, const Scale& scale);
// The script that pgbench runs for each claim; `run` keeps ledgers of several runs apart. It is the benchmark's only
// knowledge of the adapter's schema.
std::string pgbench_script(const std::string& schema, int run);

// --- Anywhere --------------------------------------------------------------------------------------------------------

// The nodes that reading a line makes and frees.
void nodes(const Scale& scale);
// Vectors looked through: by floats, by bytes, and by a plain loop.
void vectors(const Scale& scale);

// Instructions of one claim, counted by callgrind, beside those in the file `baseline`. False when one of them is more
// than 3 % above; `record` writes the file instead. `program` is this one.
struct Instructions {
  std::string program;
  std::string baseline;
  bool record = false;
};
bool instructions(const Instructions& how, const std::string& folder, const Scale& scale);
// The work that is counted, `times` times: "lone", "batch" or "recall".
void repeat(const std::string& work, int times, const std::string& folder);

// Two agents (see against/agent.cpp), a turn each.
void against(const std::string& older, const std::string& newer, const std::string& folder, const Scale& scale);

// --- workload.cpp, children.cpp --------------------------------------------------------------------------------------

Statement statement(const std::string& subject, int value);
// … that holds on one day, the `day`th from 1980 on, and from that day on, with an open end.
Statement dated(const std::string& subject, int value, int day);
Statement since(const std::string& subject, int value, int day);
// Whether engines file the words of what they write: --words. The programs that they are measured beside file none.
inline bool files_words = false;
inline Config configuration() { return {.index_words = files_words}; }
// An engine as a program would have it, over a SQLite file, which is made if absent.
Engine engine_on_file(const std::string& path, const Config& config = configuration(),
                      std::shared_ptr<Observer> observer = nullptr);
// How large a database is, with what is still in its log alone; the log itself, which is written over, doesn't count.
double database_mib(const std::string& path);
void remove_database(const std::string& path);  // and what stands beside it

// Runs `work` in a process of its own, so that its peak of memory and its CPU time are its own, and waits for it.
// Failure: runtime_error when it fails there; it has said why.
// Threads:  only while this process has one thread.
void in_child(const std::function<void()>& work);

}  // namespace claimledger::benchmarks
