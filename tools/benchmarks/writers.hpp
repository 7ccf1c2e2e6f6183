#pragma once

#include <string>
#include <vector>

#include "claimledger/engine.hpp"

// Writers at once, of one process, each of which says one claim after the other.
namespace claimledger::benchmarks {

struct Written {
  double a_second = 0;
  std::vector<double> seconds = {};  // of each call
};

// `run` keeps ledgers of several runs apart. For so many seconds.
Written write_at_once(Engine& engine, int run, int writers, int agents, double length);

std::string writers_on(int writers, int agents);

// What several rounds of the same came to.
struct Rounds {
  std::vector<double> a_second = {};
  std::vector<double> calls = {};  // seconds of each

  void add(Written written);
  // `lone`: the claims a second of one writer.
  // … and returns how far p99 of a call is from p50.
  double print(const std::string& what, double lone) const;
};

}  // namespace claimledger::benchmarks
