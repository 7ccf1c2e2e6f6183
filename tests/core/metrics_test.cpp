#include "claimledger/system/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

// Metrics as Prometheus reads them.
namespace claimledger::system {
namespace {

void operate(Metrics& metrics, std::string_view name, std::string_view error = {}) { metrics.begin(name)->end(error); }

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// The number behind the name of a sample.
double sample(const std::string& text, const std::string& name) {
  const auto at = ("\n" + text).find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 1));
}

const std::string labels = "db_system_name=\"claimledger\",db_operation_name=";
const std::string durations = "db_client_operation_duration_seconds";

}  // namespace

TEST(Metrics, SayWhatTheyAreAlsoBeforeAnythingHappened) {
  const auto text = Metrics().text();

  EXPECT_TRUE(has_line(text, "# TYPE db_client_operation_duration_seconds histogram"));
  EXPECT_TRUE(has_line(text, "# TYPE claimledger_append_writes histogram"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"+Inf\"} 0"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_sum 0"));
  EXPECT_TRUE(has_line(text, "claimledger_append_entries_total 0"));
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST(Metrics, CountOperationsByNameAndFailure) {
  Metrics metrics;
  operate(metrics, "recall");
  operate(metrics, "ingest");
  operate(metrics, "ingest");
  operate(metrics, "ingest", "busy");
  const auto text = metrics.text();

  EXPECT_EQ(sample(text, durations + "_count{" + labels + "\"ingest\"}"), 2);
  EXPECT_EQ(sample(text, durations + "_count{" + labels + "\"ingest\",error_type=\"busy\"}"), 1);
  EXPECT_EQ(sample(text, durations + "_count{" + labels + "\"recall\"}"), 1);
  EXPECT_EQ(sample(text, durations + "_bucket{" + labels + "\"ingest\",le=\"+Inf\"}"), 2);
  EXPECT_GE(sample(text, durations + "_sum{" + labels + "\"ingest\"}"), 0);
  EXPECT_LT(text.find("\"ingest\""), text.find("\"recall\""));
}

TEST(Metrics, PutEachAppendIntoTheBucketsThatHoldIt) {
  Metrics metrics;
  metrics.appended(1, 1);
  metrics.appended(3, 5);
  metrics.appended(1000, 1000);
  const auto text = metrics.text();

  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"1\"} 1"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"2\"} 1"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"4\"} 2"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"256\"} 2"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_sum 1004"));
  EXPECT_TRUE(has_line(text, "claimledger_append_writes_count 3"));
  EXPECT_TRUE(has_line(text, "claimledger_append_entries_total 1006"));
}

TEST(Metrics, TellOfWhatIsSlow) {
  std::vector<std::string> told;
  Metrics metrics({std::chrono::milliseconds{1}, [&](std::string_view name, std::chrono::milliseconds took) {
                     EXPECT_GE(took.count(), 1);
                     told.emplace_back(name);
                   }});
  operate(metrics, "recall");
  const auto slow = metrics.begin("verify");
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds{2}) {
  }
  slow->end({});

  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "verify");
}

TEST(Metrics, AreKeptByManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, name = thread % 2 == 0 ? "ingest" : "recall"] {
      for (int i = 0; i < 500; ++i) {
        operate(metrics, name);
        metrics.appended(2, 3);
        if (i % 100 == 0) metrics.text();
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(sample(metrics.text(), durations + "_count{" + labels + "\"ingest\"}"), 1000);
  EXPECT_TRUE(has_line(metrics.text(), "claimledger_append_entries_total 6000"));
}

}  // namespace claimledger::system
