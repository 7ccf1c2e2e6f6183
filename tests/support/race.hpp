#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/engine.hpp"

// Writers in several processes race on shared lines while servers fail and writers are killed, and what each was told
// is recorded and judged afterwards: a history in the sense of Herlihy and Wing, with an interval of time for each
// answer. Such a race is begun in a process without other threads and without an open store.
namespace claimledger::tests {

struct Race {
  std::function<std::unique_ptr<Store>()> open;
  std::uint32_t seed = 1;
  int processes = 4;
  int writers = 8;  // in each process
  int agents = 8;
  int lines = 2;       // of each agent
  int operations = 8;  // of each writer: a claim acknowledged, and by turns a read
  std::uint64_t claims() const {
    return static_cast<std::uint64_t>(processes) * static_cast<std::uint64_t>(writers) *
           static_cast<std::uint64_t>(operations);
  }
};

// Strikes once so many claims were acknowledged: counted, so that one seed tells one story as nearly as may be.
struct Fault {
  std::uint64_t after = 0;
  std::string name;
  std::function<void()> strike;
  int process = -1;  // is killed, instead
};
// A process of writers is killed wherever it is, and begun again: its writers ask for all of theirs once more, under
// the same keys.
Fault killed(std::uint64_t after, int process);

// The answer that a writer got between two moments of the clock that all processes of a machine share.
struct Told {
  int agent = 0;
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  Position position;
  std::string claim;         // of a write
  bool replayed = false;     // … that had landed before
  int line = 0;              // of a read …
  TxTime asked_at = {};      // … and so that it can be asked again
  std::uint64_t answer = 0;  // … what it answered, as a number
};

struct History {
  std::vector<Told> writes;
  std::vector<Told> reads;
  std::map<std::string, int> failures;  // by kind, of attempts that were made again
  std::vector<std::string> problems;    // what no fault excuses
};

AgentId racing_agent(int number);

// Runs the race to its end; faults strike in the order of `after`.
History run(const Race& race, std::vector<Fault> faults);

// Every acknowledged claim is there once, nothing else is; positions without gaps; what was acknowledged or read before
// something else began has the smaller position; each read answers the same again; the ledgers verify.
void expect_sound(const Race& race, const History& history);

}  // namespace claimledger::tests
