#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "transcript.hpp"

// CLAIMLEDGER_UPDATE_TRANSCRIPTS=1 writes down what the program says now; read the difference before you keep it.
namespace claimledger::tests {
namespace {

void write_transcript(const std::filesystem::path& path, const std::vector<Exchange>& exchanges,
                      const std::vector<std::string>& answers) {
  std::ofstream out(path);
  for (std::size_t i = 0; i < exchanges.size(); ++i)
    out << exchanges[i].remarks << "$ " << exchanges[i].command << "\n" << answers[i];
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, ComesOutAsWritten) {
  const auto path = transcript_path(GetParam());
  const auto exchanges = read_transcript(path);
  const Shell shell;

  const auto answers = converse(exchanges, shell);

  ASSERT_EQ(answers.size(), exchanges.size());
  if (std::getenv("CLAIMLEDGER_UPDATE_TRANSCRIPTS") != nullptr) return write_transcript(path, exchanges, answers);
  for (std::size_t i = 0; i < exchanges.size(); ++i)
    EXPECT_EQ(answers[i], exchanges[i].answer) << "$ " << exchanges[i].command;
}

// Behind a command of the page a transcript may have what masks its answer.
void expect_runs(const std::string& transcript, const std::string& path, std::size_t least) {
  const auto exchanges = read_transcript(transcript_path(transcript));
  std::ifstream page(std::string(CLAIMLEDGER_SOURCE_DIR) + path);
  std::size_t commands = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("$ ")) continue;
    ++commands;
    const auto runs = [&, command = line.substr(2)](const auto& it) { return it.command.starts_with(command); };
    EXPECT_TRUE(std::any_of(exchanges.begin(), exchanges.end(), runs)) << line;
  }
  EXPECT_GE(commands, least) << path;
}

TEST(Pages, ShowOnlyWhatATestRuns) {
  expect_runs("search", "/core/SEARCH.md", 10);
  expect_runs("embedders", "/adapters/embedders/README.md", 5);
  expect_runs("other_stores", "/adapters/embedders/OTHER_STORES.md", 6);
}

INSTANTIATE_TEST_SUITE_P(Cli, Transcript, testing::ValuesIn(transcript_names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace claimledger::tests
