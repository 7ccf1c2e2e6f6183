#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace claimledger::postgres {

// What servers say unasked, for the log: each thing once, whichever connection hears it. Without a log it is dropped.
// Threads:  any method from any thread.
class Notices {
 public:
  explicit Notices(std::shared_ptr<spdlog::logger> log) : log_(std::move(log)) {}

  // `severity`: as the server spells it in English, "WARNING" or "DEBUG".
  void take(std::string_view severity, std::string_view message) noexcept;

 private:
  std::shared_ptr<spdlog::logger> log_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> said_;
};

}  // namespace claimledger::postgres
