#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

// Stopwatches, quantiles and the table that everything is printed in.
namespace claimledger::benchmarks {

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Of this process, all its threads: user and system time.
double cpu_seconds_so_far();
template <class Work>
double cpu_seconds(Work work) {
  const auto start = cpu_seconds_so_far();
  work();
  return cpu_seconds_so_far() - start;
}
// The most memory that this process had at once; a child of a small process begins small.
double peak_mib();

double median(std::vector<double> times);
struct Quantiles {
  double p10 = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};
Quantiles quantiles(std::vector<double> times);

// Of one call, over `times` calls.
template <class Work>
double median_seconds(int times, Work work) {
  std::vector<double> taken;
  taken.reserve(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) taken.push_back(seconds(work));
  return median(std::move(taken));
}

void heading(const std::string& title);
void row(const std::string& what, double measured, const char* unit);
void row(const std::string& what, double measured, const char* unit, double ratio, const char* to);
// Two that took turns, a line each and one of ratios, `second` to `first`, which it returns: of each quantile, and of
// how far p99 is from p50.
struct Ratios {
  Quantiles of;
  double spread = 0;
};
Ratios rows_of_turns(const std::string& first, const std::vector<double>& first_seconds, const std::string& second,
                     const std::vector<double>& second_seconds);

// A goal of the project, beside what was measured of it: a line that begins with "  goal", which `tools/bench --check`
// gathers.
enum class Goal { at_least, at_most };
void goal(const std::string& what, double measured, Goal side, double bound);

// A point of a figure of `tools/bench --plot`, beside others of its curve: a line that begins with "  point", printed
// where points are asked for.
extern std::string curves_of;  // what the curves are named after; empty: no points are asked for
void point(const char* figure, const std::string& curve, double x, double y);

// A line that says how far it is, on a terminal, where the work goes on for more than two seconds. It is gone with the
// object, so that the table is the same everywhere.
class Progress {
 public:
  // `total` 0: how far is not known, and the line stands from the start.
  explicit Progress(std::string what, std::uint64_t total = 0);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  void at(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  std::chrono::steady_clock::time_point next_;
  bool shown_ = false;
};

}  // namespace claimledger::benchmarks
