#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "shell.hpp"

// A transcript is a conversation with the program: "$ command", then what it prints on both streams, then "[exit n]"
// where that is not 0. Other lines before a command are remarks. One file is one shell, so variables live on.
// CLAIMLEDGER_UPDATE_TRANSCRIPTS=1 writes down what the program says now; read the difference before you keep it.
namespace claimledger::tests {
namespace {

const std::filesystem::path transcripts = std::filesystem::path(CLAIMLEDGER_SOURCE_DIR) / "tests/tools/transcripts";

struct Exchange {
  std::string remarks;
  std::string command;
  std::string answer;
};

std::vector<Exchange> read_transcript(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<Exchange> exchanges;
  std::string remarks, line;
  bool talking = false;  // between a command and the blank line after its answer
  while (std::getline(in, line)) {
    if (line.starts_with("$ ")) {
      exchanges.push_back({std::exchange(remarks, {}), line.substr(2), {}});
      talking = true;
    } else if (line.starts_with("# ")) {
      remarks += line + "\n";
      talking = false;
    } else if (talking) {
      exchanges.back().answer += line + "\n";
    }
  }
  return exchanges;
}

// Both streams of each command, in the order a terminal would show them, and how it ended.
std::vector<std::string> converse(const std::vector<Exchange>& exchanges, const Shell& shell) {
  std::string script = "exec 2>&1\nid() { sed -n 's/.*\"claim_id\":\"\\([^\"]*\\)\".*/\\1/p'; }\n";
  for (const auto& exchange : exchanges)
    script += exchange.command + "\nstatus=$?; [ $status = 0 ] || echo \"[exit $status]\"; printf '\\001\\n'\n";
  const auto ran = shell.run(script);
  std::istringstream all(masked(ran.out, shell));
  std::vector<std::string> answers(1);
  for (std::string line; std::getline(all, line);) {
    if (line == "\001")
      answers.emplace_back();
    else
      answers.back() += line + "\n";
  }
  answers.pop_back();
  return answers;
}

void write_transcript(const std::filesystem::path& path, const std::vector<Exchange>& exchanges,
                      const std::vector<std::string>& answers) {
  std::ofstream out(path);
  for (std::size_t i = 0; i < exchanges.size(); ++i)
    out << exchanges[i].remarks << "$ " << exchanges[i].command << "\n" << answers[i];
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(transcripts))
    found.push_back(entry.path().stem().string());
  std::sort(found.begin(), found.end());
  return found;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, ComesOutAsWritten) {
  const auto path = transcripts / (GetParam() + ".txt");
  const auto exchanges = read_transcript(path);
  const Shell shell;

  const auto answers = converse(exchanges, shell);

  ASSERT_EQ(answers.size(), exchanges.size());
  if (std::getenv("CLAIMLEDGER_UPDATE_TRANSCRIPTS") != nullptr) return write_transcript(path, exchanges, answers);
  for (std::size_t i = 0; i < exchanges.size(); ++i)
    EXPECT_EQ(answers[i], exchanges[i].answer) << "$ " << exchanges[i].command;
}

INSTANTIATE_TEST_SUITE_P(Cli, Transcript, testing::ValuesIn(names()), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace claimledger::tests
