#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

// Stopwatch, median and the table that everything is printed in.
namespace claimledger::benchmarks {

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

// Of one call, over `times` calls.
template <class Work>
double median_seconds(int times, Work work) {
  std::vector<double> taken;
  taken.reserve(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) taken.push_back(seconds(work));
  return median(std::move(taken));
}

inline void heading(const std::string& title) { std::printf("\n%s\n", title.c_str()); }
inline void row(const std::string& what, double measured, const char* unit) {
  std::printf("  %-52s %12.1f %s\n", what.c_str(), measured, unit);
}
inline void row(const std::string& what, double measured, const char* unit, double ratio, const char* to) {
  std::printf("  %-52s %12.1f %-9s %6.2f x %s\n", what.c_str(), measured, unit, ratio, to);
}

}  // namespace claimledger::benchmarks
