#include "claimledger/system/metrics.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

namespace claimledger::system {

namespace {

using std::chrono::steady_clock;

// Those that OpenTelemetry advises, and two below, since an operation on a local file takes less.
constexpr std::array<double, 12> second_bounds = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60};
constexpr std::array<double, 9> write_bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256};

// The shortest decimal form.
std::string decimal(double number) {
  std::array<char, 32> text{};
  const auto length = std::snprintf(text.data(), text.size(), "%.12g", number);
  return {text.data(), static_cast<std::size_t>(length)};
}

// Names of operations and errors are the engine's own words: nothing in them has to be escaped.
std::string labels_of(const std::pair<std::string, std::string>& operation) {
  auto labels = "db_system_name=\"claimledger\",db_operation_name=\"" + operation.first + "\"";
  if (!operation.second.empty()) labels += ",error_type=\"" + operation.second + "\"";
  return labels;
}

void describe(std::string& text, const std::string& name, const std::string& type, const std::string& help) {
  text += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
}

}  // namespace

template <std::size_t bound_count>
struct Metrics::Histogram {
  std::array<std::atomic<std::uint64_t>, bound_count + 1> counts{};  // the last: above every bound
  std::atomic<std::uint64_t> sum{0};                                 // in units of its own

  void add(const std::array<double, bound_count>& bounds, double value, std::uint64_t units) {
    const auto bucket = std::ranges::lower_bound(bounds, value) - bounds.begin();
    counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum.fetch_add(units, std::memory_order_relaxed);
  }

  // The count is that of all buckets, so that a text that is made meanwhile agrees with itself.
  void print(std::string& text, const std::string& name, const std::string& labels,
             const std::array<double, bound_count>& bounds, double a_unit) const {
    std::uint64_t total = 0;
    const auto comma = labels.empty() ? "" : ",";
    for (std::size_t i = 0; i <= bound_count; ++i) {
      total += counts[i].load(std::memory_order_relaxed);
      const auto bound = i == bound_count ? std::string("+Inf") : decimal(bounds[i]);
      text.append(name).append("_bucket{").append(labels).append(comma).append("le=\"").append(bound).append("\"} ");
      text.append(std::to_string(total)) += '\n';
    }
    const auto braces = labels.empty() ? "" : '{' + labels + '}';
    text += name + "_sum" + braces + ' ' + decimal(static_cast<double>(sum.load(std::memory_order_relaxed)) * a_unit) +
            '\n';
    text += name + "_count" + braces + ' ' + std::to_string(total) + '\n';
  }
};

struct Metrics::Durations : Histogram<second_bounds.size()> {};

struct Metrics::Appends : Histogram<write_bounds.size()> {
  std::atomic<std::uint64_t> entries{0};
};

class Metrics::Running : public Observer::Operation {
 public:
  Running(Metrics& metrics, std::string_view name) : metrics_(metrics), name_(name), began_(steady_clock::now()) {}

  void end(std::string_view error) noexcept override {
    const auto took = steady_clock::now() - began_;
    try {
      metrics_.durations(name_, error)
          .add(second_bounds, std::chrono::duration<double>(took).count(),
               static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()));
    } catch (const std::exception&) {
      // Without memory for a name that is new it is not counted.
    }
    const auto& slow = metrics_.slow_;
    if (slow.at_least.count() > 0 && slow.tell && took >= slow.at_least)
      slow.tell(name_, std::chrono::duration_cast<std::chrono::milliseconds>(took));
  }

 private:
  Metrics& metrics_;
  std::string_view name_;  // the engine's, which stays
  steady_clock::time_point began_;
};

Metrics::Metrics() : Metrics(Slow{}) {}
Metrics::Metrics(Slow slow) : slow_(std::move(slow)), appends_(std::make_unique<Appends>()) {}
Metrics::~Metrics() = default;

std::unique_ptr<Observer::Operation> Metrics::begin(std::string_view name) noexcept {
  try {
    return std::make_unique<Running>(*this, name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void Metrics::appended(std::size_t writes, std::size_t entries) noexcept {
  appends_->add(write_bounds, static_cast<double>(writes), writes);
  appends_->entries.fetch_add(entries, std::memory_order_relaxed);
}

Metrics::Durations& Metrics::durations(std::string_view name, std::string_view error) {
  const std::scoped_lock lock(mutex_);
  auto& durations = by_operation_[{std::string(name), std::string(error)}];
  if (!durations) durations = std::make_unique<Durations>();
  return *durations;
}

std::string Metrics::text() const {
  std::string text;
  const std::string name = "db_client_operation_duration_seconds";
  describe(text, name, "histogram", "How long operations of the engine took.");
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [operation, durations] : by_operation_)
      durations->print(text, name, labels_of(operation), second_bounds, 1e-9);
  }
  describe(text, "claimledger_append_writes", "histogram", "How many writes came to the store in one append.");
  appends_->print(text, "claimledger_append_writes", "", write_bounds, 1);
  describe(text, "claimledger_append_entries_total", "counter", "Entries that landed.");
  text +=
      "claimledger_append_entries_total " + std::to_string(appends_->entries.load(std::memory_order_relaxed)) + '\n';
  return text;
}

}  // namespace claimledger::system
