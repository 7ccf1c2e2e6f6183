#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

// What the report says of rules that draw ledgers and questions at random. This program starts itself, with two rules
// of the store in memory.
namespace claimledger::conformance {

namespace {

namespace fs = std::filesystem;

class ConformanceReport : public testing::Test {
 protected:
  ConformanceReport() {
    if (!mkdtemp(folder_.data())) throw std::runtime_error("no temporary folder at " + folder_);
  }
  ~ConformanceReport() override { fs::remove_all(folder_); }

  // Runs the two rules with these settings of the environment.
  void run(const std::string& settings) const {
    const auto self = fs::read_symlink("/proc/self/exe").string();
    const auto command = "env -u CLAIMLEDGER_CONFORMANCE_PAIRS CLAIMLEDGER_CONFORMANCE_REPORT='" + folder_ +
                         "/report' " + settings + " '" + self +
                         "' --gtest_filter='Memory/StoreContract.H01_*:Memory/StoreContract.D04_*' > '" + folder_ +
                         "/printed'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  testing::AssertionResult has(const std::string& file, const std::string& text) const {
    std::ifstream stream(folder_ + '/' + file);
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (content.find(text) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no '" << text << "' in " << file << ":\n" << content;
  }

 private:
  std::string folder_ = (fs::temp_directory_path() / "claimledger-report-XXXXXX").string();
};

}  // namespace

TEST_F(ConformanceReport, SaysHowManyAnswersWereCompared) {
  run("");
  EXPECT_TRUE(has("printed", "H01: 120 pairs of a ledger and a question, as written 120\n"));
  EXPECT_TRUE(has("report.md", "- memory answered 120 random questions like the model: as written 120 (H01)"));
  EXPECT_TRUE(has("report.json", R"("outcome": "passed", "pairs": {"as written": 120}})"));
  EXPECT_TRUE(has("report.md", "- memory declares no durable: ")) << "what else a rule recorded";
  EXPECT_TRUE(has("report.json", R"("declared": {"durable": )"));
}

TEST_F(ConformanceReport, HasAsManyComparedAsTheRunAsksFor) {
  run("CLAIMLEDGER_CONFORMANCE_PAIRS=121");
  EXPECT_TRUE(has("report.md", "- memory answered 180 random questions like the model")) << "another ledger's";
}

}  // namespace claimledger::conformance
