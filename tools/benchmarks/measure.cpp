#include "benchmarks/measure.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace claimledger::benchmarks {

namespace {

bool on_a_terminal() { return isatty(STDERR_FILENO) != 0; }

double at(const std::vector<double>& sorted, double part) {
  const auto place = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

void print_turns(const std::string& who, const Quantiles& of) {
  std::printf("  %-34s p10 %9.1f  p50 %9.1f  p99 %9.1f us   p99/p50 %5.2f\n", who.c_str(), of.p10 * 1e6, of.p50 * 1e6,
              of.p99 * 1e6, of.p99 / of.p50);
}

}  // namespace

double cpu_seconds_so_far() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Not ru_maxrss, which a child has from its parent.
double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

Quantiles quantiles(std::vector<double> times) {
  std::ranges::sort(times);
  return {at(times, 0.10), at(times, 0.50), at(times, 0.95), at(times, 0.99)};
}

void heading(const std::string& title) { std::printf("\n%s\n", title.c_str()); }
void row(const std::string& what, double measured, const char* unit) {
  std::printf("  %-52s %12.1f %s\n", what.c_str(), measured, unit);
}
void row(const std::string& what, double measured, const char* unit, double ratio, const char* to) {
  std::printf("  %-52s %12.1f %-9s %6.2f x %s\n", what.c_str(), measured, unit, ratio, to);
}

Ratios rows_of_turns(const std::string& first, const std::vector<double>& first_seconds, const std::string& second,
                     const std::vector<double>& second_seconds) {
  const auto one = quantiles(first_seconds);
  const auto other = quantiles(second_seconds);
  print_turns(first, one);
  print_turns(second, other);
  const Ratios ratios{{other.p10 / one.p10, other.p50 / one.p50, other.p95 / one.p95, other.p99 / one.p99},
                      (other.p99 / other.p50) / (one.p99 / one.p50)};
  std::printf("  %-34s p10 %9.2f  p50 %9.2f  p99 %9.2f x    p99/p50 %5.2f x\n", "  to the line above", ratios.of.p10,
              ratios.of.p50, ratios.of.p99, ratios.spread);
  return ratios;
}

void goal(const std::string& what, double measured, Goal side, double bound) {
  const bool holds = side == Goal::at_least ? measured >= bound : measured <= bound;
  std::printf("  goal  %-62s %8.2f  at %-5s %8.2f  %s\n", what.c_str(), measured,
              side == Goal::at_least ? "least" : "most", bound, holds ? "holds" : "MISSED");
}

std::string curves_of;

void point(const char* figure, const std::string& curve, double x, double y) {
  if (!curves_of.empty())
    std::printf("  point\t%s\t%s%s%s\t%g\t%g\n", figure, curves_of.c_str(), curve.empty() ? "" : ", ", curve.c_str(), x,
                y);
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)), total_(total), next_(std::chrono::steady_clock::now() + std::chrono::seconds{2}) {
  if (total_ > 0 || !on_a_terminal()) return;
  std::fprintf(stderr, "\r\033[K%s ...", what_.c_str());
  shown_ = true;
}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::at(std::uint64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ || !on_a_terminal()) return;
  next_ = now + std::chrono::milliseconds{200};
  std::fprintf(stderr, "\r\033[K%s: %llu of %llu", what_.c_str(), static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(total_));
  shown_ = true;
}

}  // namespace claimledger::benchmarks
