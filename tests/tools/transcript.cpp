#include "transcript.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace claimledger::tests {
namespace {

// A function: names are asked for while the tests of other files are still being made.
std::filesystem::path transcripts() {
  return std::filesystem::path(CLAIMLEDGER_SOURCE_DIR) / "tests/tools/transcripts";
}

}  // namespace

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

std::vector<std::string> converse(const std::vector<Exchange>& exchanges, const Shell& shell,
                                  const std::string& before) {
  std::string script = before + "exec 2>&1\nid() { sed -n 's/.*\"claim_id\":\"\\([^\"]*\\)\".*/\\1/p'; }\n";
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

std::vector<std::string> transcript_names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(transcripts()))
    found.push_back(entry.path().stem().string());
  std::sort(found.begin(), found.end());
  return found;
}

std::filesystem::path transcript_path(const std::string& name) { return transcripts() / (name + ".txt"); }

}  // namespace claimledger::tests
