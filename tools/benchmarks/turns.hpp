#pragma once

#include <string>
#include <vector>

#include "benchmarks/measure.hpp"
#include "claimledger/writes.hpp"

// Ours and its rival, turn by turn: what else the machine does meets both alike.
namespace claimledger::benchmarks {

// Seconds of each turn of both. The order changes with every turn, since the second finds the disk and the processor's
// caches as the first left them.
struct Turns {
  std::vector<double> first = {};
  std::vector<double> second = {};
  template <class First, class Second>
  void take(First one, Second other) {
    if (first.size() % 2 == 0) {
      first.push_back(seconds(one));
      second.push_back(seconds(other));
    } else {
      second.push_back(seconds(other));
      first.push_back(seconds(one));
    }
  }
};

// Whether the write-ahead logs of these databases are as long as `sizes` says; notes how long they are now.
bool logs_stand_still(const std::vector<std::string>& databases, std::vector<std::uintmax_t>& sizes);

// Takes turns until no log has grown for a while, and `at_most` so many. A log that grows makes each flush write the
// size of the file too, and take about half as long again: a state that a ledger leaves after its first hundreds of
// claims. Returns whether it was left.
template <class Turn>
bool warm(const std::vector<std::string>& databases, int at_most, Turn turn) {
  constexpr int long_enough = 100;  // a log that is made longer some way ahead stands still for that long
  const Progress progress("filling the logs");
  std::vector<std::uintmax_t> sizes;
  int still = 0;
  for (int taken = 0; taken < at_most && still < long_enough; ++taken) {
    turn();
    still = logs_stand_still(databases, sizes) ? still + 1 : 0;
  }
  return still == long_enough;
}

void note_growing_logs();  // prints that the figures below were taken before that

// The `number`th of the claims that are each said alone, on a line of its own.
IngestRequest lone(int number);

}  // namespace claimledger::benchmarks
