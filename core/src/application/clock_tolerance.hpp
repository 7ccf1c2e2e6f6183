#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "application/write.hpp"

// Keeps ledgers from running ahead of the world's clock.
namespace claimledger::application {

// How far the world's clock is behind this time, where that is more than Config::clock_tolerance.
std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, TxTime recorded_at);
// The same of a ledger's end.
std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, const Head& head);

// Refuses a transaction time from outside that lies too far ahead. Failure: InvalidInput{recorded_at}.
void require_not_ahead(const Context& context, TxTime recorded_at, FutureTimes future_times);

// For people: a notice that a write was stamped this far ahead.
std::string stamped_ahead(std::chrono::microseconds behind, TxTime recorded_at);

}  // namespace claimledger::application
