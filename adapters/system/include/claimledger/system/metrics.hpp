#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "claimledger/ports/observer.hpp"

namespace claimledger::system {

// Counts what engines do and how long it takes, for Prometheus. Give it to an engine as Parts::observer, or to several,
// and serve text() where metrics are fetched:
//
//   db_client_operation_duration_seconds  histogram, by db_operation_name (the engine's method) and, for those that
//                                         failed, error_type; named after OpenTelemetry's conventions for databases
//   claimledger_append_writes             histogram: how many writes came to the store in one append
//   claimledger_append_entries_total      counter: entries that landed
//
// Threads:  any. A call costs two looks at the clock and a look-up.
class Metrics : public Observer {
 public:
  struct Slow {
    std::chrono::milliseconds at_least{0};  // 0: nothing is slow
    // The name of the operation and how long it took. Called by the thread of the operation; must not throw.
    std::function<void(std::string_view name, std::chrono::milliseconds took)> tell = {};
  };
  Metrics();
  explicit Metrics(Slow slow);
  ~Metrics() override;

  // In Prometheus' text format, in the order of the names.
  std::string text() const;

  std::unique_ptr<Operation> begin(std::string_view name) noexcept override;
  void appended(std::size_t writes, std::size_t entries) noexcept override;

 private:
  template <std::size_t bound_count>
  struct Histogram;
  struct Durations;
  struct Appends;
  class Running;

  Durations& durations(std::string_view name, std::string_view error);

  Slow slow_;
  mutable std::mutex mutex_;  // of the map; what is in it stays where it is
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Durations>> by_operation_;
  std::unique_ptr<Appends> appends_;
};

}  // namespace claimledger::system
