#include "shell.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <stdexcept>

#include "support/known_leaks.hpp"

namespace claimledger::tests {

Shell::Shell() {
  auto name = (std::filesystem::temp_directory_path() / "claimledger-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test: " + name);
  folder_ = name;
}

Shell::~Shell() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Ran Shell::run(const std::string& script) const {
  write(".script", script + "\n");
  write(".leaks", known_leaks);
  const auto program = std::filesystem::path(CLAIMLEDGER_CLI).parent_path().string();
  const auto command = "cd '" + folder_.string() + "' && env -i PATH='" + program + "':\"$PATH\" HOME='" +
                       folder_.string() + "' LC_ALL=C.UTF-8 CLAIMLEDGER_STORE=sqlite:agent.db DATA='" +
                       example_data().string() +
                       "' LSAN_OPTIONS='print_suppressions=0:suppressions=" + folder_.string() +
                       "/.leaks' sh .script >.out 2>.err </dev/null";
  const int status = std::system(command.c_str());
  const int exit = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return {exit, read(".out"), read(".err")};
}

void Shell::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name, std::ios::binary) << text;
}

std::string Shell::read(const std::string& name) const {
  std::ifstream in(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path example_data() { return std::filesystem::path(CLAIMLEDGER_SOURCE_DIR) / "tools/examples/data"; }

std::string masked(const std::string& text, const Shell& shell) {
  static const std::regex varying(
      "([0-9a-f]{64})|([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})|"
      "(20(?:2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\\.[0-9]{6})?Z)");
  std::map<std::string, std::string> ids;
  std::string out;
  auto rest = text.cbegin();
  for (std::sregex_iterator match(text.cbegin(), text.cend(), varying), end; match != end; ++match) {
    out.append(rest, (*match)[0].first);
    rest = (*match)[0].second;
    if ((*match)[1].matched) out += "<hash>";
    if ((*match)[2].matched) {
      const auto next = "<id " + std::to_string(ids.size() + 1) + ">";
      out += ids.try_emplace((*match)[2].str(), next).first->second;
    }
    if ((*match)[3].matched) out += "<time>";
  }
  out.append(rest, text.cend());
  const auto folder = shell.folder().string();
  for (auto at = out.find(folder); at != std::string::npos; at = out.find(folder))
    out.replace(at, folder.size(), "<folder>");
  return out;
}

}  // namespace claimledger::tests
