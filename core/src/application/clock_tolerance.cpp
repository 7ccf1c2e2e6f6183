#include "application/clock_tolerance.hpp"

namespace claimledger::application {

namespace {

// No time from outside is recorded on or after this day. That leaves room for later entries of a ledger, each of which
// is at least a microsecond later than the one before.
constexpr Instant last_day = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};

}  // namespace

std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, TxTime recorded_at) {
  const auto behind = recorded_at.value - context.world().now();
  return behind > context.config.clock_tolerance ? std::optional(behind) : std::nullopt;
}

std::optional<std::chrono::microseconds> clock_behind_by(const Context& context, const Head& head) {
  return head.position == Position{} ? std::nullopt : clock_behind_by(context, head.recorded_at);
}

void require_not_ahead(const Context& context, TxTime recorded_at, FutureTimes future_times) {
  const auto refuse = [&](const std::string& why) { throw InvalidInput("recorded_at", to_text(recorded_at) + why); };
  if (recorded_at.value >= last_day) {
    refuse(" lies on the last day of the year 9999, which is kept free so that a ledger can go on");
  }
  if (future_times == FutureTimes::allowed || !clock_behind_by(context, recorded_at)) return;
  refuse(" lies further ahead of the clock, " + to_text(TxTime{context.world().now()}) +
         ", than clock_tolerance allows");
}

std::string stamped_ahead(std::chrono::microseconds behind, TxTime recorded_at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(behind).count();
  return "recorded at " + to_text(recorded_at) + ", since the ledger has come that far: the clock is " +
         std::to_string(seconds) + " s behind it";
}

}  // namespace claimledger::application
