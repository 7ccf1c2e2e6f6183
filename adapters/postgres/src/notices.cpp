#include "notices.hpp"

#include <spdlog/spdlog.h>

namespace claimledger::postgres {

namespace {

// A role with client_min_messages at debug is told something new again and again.
constexpr std::size_t most_kept = 1'000;

spdlog::level::level_enum level_of(std::string_view severity) {
  // The call that it ends fails, and says so.
  if (severity == "ERROR" || severity == "FATAL" || severity == "PANIC") return spdlog::level::info;
  if (severity == "NOTICE" || severity == "INFO" || severity == "LOG") return spdlog::level::debug;
  return severity.starts_with("DEBUG") ? spdlog::level::trace : spdlog::level::warn;
}

}  // namespace

void Notices::take(std::string_view severity, std::string_view message) noexcept {
  try {
    const auto level = level_of(severity);
    if (!log_ || !log_->should_log(level)) return;
    {
      const std::scoped_lock lock(mutex_);
      if (said_.contains(message)) return;
      if (said_.size() >= most_kept) said_.clear();
      said_.emplace(message);
    }
    log_->log(level, "the server says: {}", message);
  } catch (const std::exception&) {
    // No memory for it.
  }
}

}  // namespace claimledger::postgres
