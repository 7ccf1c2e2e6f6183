#include "wiring/ledger_metrics.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "wiring/hidden.hpp"

namespace claimledger::wiring {

namespace {

std::string label(const std::string& name, const std::string& value) {
  auto label = name + "=\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') label += '\\';
    label += c;
  }
  return label + '"';
}

std::string in_seconds(std::chrono::microseconds time) {
  const auto micros = time.count();
  constexpr std::int64_t a_second = 1'000'000;
  const auto fraction = std::to_string(a_second + micros % a_second).substr(1);
  return std::to_string(micros / a_second) + (micros % a_second == 0 ? "" : "." + fraction);
}

// The samples of one metric: (labels beside the agent, value).
using Samples = std::vector<std::pair<std::string, std::string>>;

std::string number(Position position) { return std::to_string(position.value); }

}  // namespace

std::string ledger_metrics(const std::vector<StandingLedger>& ledgers) {
  std::string text;
  const auto gauge = [&](const std::string& name, const std::string& help,
                         const std::function<Samples(const StandingLedger&)>& of) {
    text += "# HELP claimledger_ledger_" + name + ' ' + help + "\n# TYPE claimledger_ledger_" + name + " gauge\n";
    for (const auto& ledger : ledgers)
      for (const auto& [labels, value] : of(ledger))
        text += "claimledger_ledger_" + name + '{' + label("agent", ledger.agent.value) + labels + "} " + value + '\n';
  };
  const auto gauge_if_readable = [&](const std::string& name, const std::string& help,
                                     const std::function<Samples(const Status&)>& of) {
    gauge(name, help, [&](const StandingLedger& ledger) { return ledger.status ? of(*ledger.status) : Samples(); });
  };
  gauge("readable", "Whether it can be read.", [](const StandingLedger& ledger) {
    return Samples{{"", ledger.status ? "1" : "0"}};
  });
  gauge_if_readable("entries", "Where it ends.", [](const Status& status) {
    return Samples{{"", number(status.head.position)}};
  });
  gauge_if_readable("last_recorded_timestamp_seconds", "When its last entry was recorded.", [](const Status& status) {
    if (status.head.position == Position{}) return Samples();
    return Samples{{"", in_seconds(status.head.recorded_at.value.time_since_epoch())}};
  });
  gauge_if_readable("clock_behind_seconds", "How far its last entry lies ahead of the clock.",
                    [](const Status& status) {
                      return Samples{{"", in_seconds(status.clock_behind_by.value_or(std::chrono::microseconds{0}))}};
                    });
  gauge_if_readable("words_filed_entries", "Up to which entry searches find words filed.", [](const Status& status) {
    if (!status.words) return Samples();
    return Samples{{"", number(status.words->current ? status.words->up_to : Position{})}};
  });
  gauge_if_readable("vectors_filed_entries", "Up to which entry each statement has a vector.",
                    [](const Status& status) {
                      Samples samples;
                      for (const auto& model : status.models)
                        samples.emplace_back(',' + label("model", model.filed.model.name), number(model.filed.up_to));
                      return samples;
                    });
  return text;
}

}  // namespace claimledger::wiring
