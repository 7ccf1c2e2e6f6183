#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "application/write.hpp"

// A ledger must not run ahead of the world.
namespace claimledger::application {

// How far the world's clock is behind this time, where that is more than Config::clock_tolerance.
std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, TxTime recorded_at);
// The same of a ledger's end.
std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, const Head& head);

// May a batch be recorded at this time, which is not the clock's? Failure: InvalidInput{recorded_at}.
void require_not_ahead(const Context& context, TxTime recorded_at, FutureTimes future_times);

// For people: that a write was stamped so far ahead.
std::string stamped_ahead(std::chrono::microseconds behind, TxTime recorded_at);

}  // namespace claimledger::application
