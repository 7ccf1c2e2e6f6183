#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>

#include "claimledger/conformance/rules.hpp"

// The report of a run: the rules that passed, how much those compared that draw their ledgers and questions at random,
// and the capabilities that the backend declares missing, as JSON and as a short Markdown page. Written after the run
// to the path in CLAIMLEDGER_CONFORMANCE_REPORT with .json and .md added. GoogleTest itself writes JUnit XML.
namespace claimledger::conformance {

namespace {

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

struct Result {
  Rule rule;
  std::string outcome;  // passed, failed, skipped
  std::string reason;   // why skipped
  Counts pairs = {};    // compared, by how the ledgers were filed
};

struct BackendResults {
  std::vector<Result> results;
  std::vector<std::pair<std::string, std::string>> declared;  // what the store says it can't do, and why

  std::size_t count(std::string_view outcome) const {
    std::size_t found = 0;
    for (const auto& result : results) found += result.outcome == outcome ? 1 : 0;
    return found;
  }
};

std::string json_text(std::string_view text) {
  std::ostringstream out;
  out << '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << static_cast<int>(c) << std::dec;
    } else {
      out << c;
    }
  }
  out << '"';
  return std::move(out).str();
}

Result result_of(const testing::TestInfo& test) {
  Result result{rule_of(test.name()), "passed", {}};
  if (test.result()->Failed()) result.outcome = "failed";
  if (!test.result()->Skipped()) return result;
  result.outcome = "skipped";
  for (int i = 0; i < test.result()->total_part_count(); ++i) {
    if (test.result()->GetTestPartResult(i).skipped()) result.reason = test.result()->GetTestPartResult(i).message();
  }
  while (!result.reason.empty() && result.reason.back() == '\n') result.reason.pop_back();
  return result;
}

void take_properties(const testing::TestInfo& test, BackendResults& backend) {
  for (int i = 0; i < test.result()->test_property_count(); ++i) {
    const auto& property = test.result()->GetTestProperty(i);
    const std::string key = property.key();
    if (key.starts_with(pairs_property)) {
      backend.results.back().pairs.emplace_back(key.substr(pairs_property.size()), std::stoull(property.value()));
    } else {
      backend.declared.emplace_back(key, property.value());
    }
  }
}

std::map<std::string, BackendResults> results_of(const testing::UnitTest& run) {
  std::map<std::string, BackendResults> backends;
  for (int i = 0; i < run.total_test_suite_count(); ++i) {
    for (int j = 0; j < run.GetTestSuite(i)->total_test_count(); ++j) {
      const auto& test = *run.GetTestSuite(i)->GetTestInfo(j);
      if (!test.should_run() || !test.value_param() || rule_of(test.name()).number.empty()) continue;
      auto& backend = backends[test.value_param()];
      backend.results.push_back(result_of(test));
      take_properties(test, backend);
    }
  }
  return backends;
}

void write_pairs(std::ostream& out, const Counts& pairs) {
  out << ", \"pairs\": {";
  std::string_view between;
  for (const auto& [filed, count] : pairs) {
    out << between << json_text(filed) << ": " << count;
    between = ", ";
  }
  out << '}';
}

void write_json(std::ostream& out, const std::map<std::string, BackendResults>& backends) {
  out << "{\"rules\": " << number_of_rules << ", \"backends\": [";
  std::string_view between_backends = "\n";
  for (const auto& [name, backend] : backends) {
    out << between_backends << " {\"name\": " << json_text(name) << ", \"passed\": " << backend.count("passed")
        << ", \"failed\": " << backend.count("failed") << ", \"skipped\": " << backend.count("skipped")
        << ", \"declared\": {";
    std::string_view between;
    for (const auto& [capability, reason] : backend.declared) {
      out << between << json_text(capability) << ": " << json_text(reason);
      between = ", ";
    }
    out << "}, \"results\": [";
    between = "\n";
    for (const auto& [rule, outcome, reason, pairs] : backend.results) {
      out << between << "  {\"rule\": " << json_text(rule.number) << ", \"sentence\": " << json_text(rule.sentence)
          << ", \"outcome\": " << json_text(outcome);
      if (!reason.empty()) out << ", \"reason\": " << json_text(reason);
      if (!pairs.empty()) write_pairs(out, pairs);
      out << '}';
      between = ",\n";
    }
    out << "]}";
    between_backends = ",\n";
  }
  out << "]}\n";
}

// "680 random questions like the model: half 120, whole 560".
std::string pairs_text(const Counts& pairs) {
  std::uint64_t sum = 0;
  std::string parts;
  for (const auto& [filed, count] : pairs) {
    sum += count;
    parts += (parts.empty() ? "" : ", ") + filed + ' ' + std::to_string(count);
  }
  return std::to_string(sum) + " random questions like the model: " + parts;
}

void write_markdown(std::ostream& out, const std::map<std::string, BackendResults>& backends) {
  out << "| Backend | Rules | Passed | Failed | Can't, by declaration |\n|---|---|---|---|---|\n";
  for (const auto& [name, backend] : backends) {
    out << "| " << name << " | " << backend.results.size() << " of " << number_of_rules << " | "
        << backend.count("passed") << " | " << backend.count("failed") << " | " << backend.count("skipped") << " |\n";
  }
  for (const auto& [name, backend] : backends) {
    std::map<std::string, std::string> skipped;  // reason → rules
    for (const auto& [rule, outcome, reason, pairs] : backend.results) {
      if (!pairs.empty()) out << "\n- " << name << " answered " << pairs_text(pairs) << " (" << rule.number << ")";
      if (outcome == "failed") out << "\n- " << name << " **fails** " << rule.number << ": " << rule.sentence;
      if (outcome == "skipped") skipped[reason] += (skipped[reason].empty() ? "" : ", ") + rule.number;
    }
    for (const auto& [reason, numbers] : skipped)
      out << "\n- " << name << " can't: " << reason << " (" << numbers << ")";
    for (const auto& [capability, reason] : backend.declared)
      out << "\n- " << name << " declares no " << capability << ": " << reason;
  }
  out << '\n';
}

class Report : public testing::EmptyTestEventListener {
 public:
  void OnTestProgramEnd(const testing::UnitTest& run) override {
    const char* path = std::getenv("CLAIMLEDGER_CONFORMANCE_REPORT");
    if (!path) return;
    const auto backends = results_of(run);
    std::ofstream json(std::string(path) + ".json");
    write_json(json, backends);
    std::ofstream markdown(std::string(path) + ".md");
    write_markdown(markdown, backends);
    if (!json.flush() || !markdown.flush()) std::cerr << "can't write the report to " << path << '\n';
  }
};

[[maybe_unused]] const bool listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Report);
  return true;
}();

}  // namespace

}  // namespace claimledger::conformance
