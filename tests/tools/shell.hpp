#pragma once

#include <filesystem>
#include <string>

// Runs commands as a user would: /bin/sh in a fresh folder, with the program under test first in PATH, a store of its
// own, and nothing of the tester's environment that could change an answer.
namespace claimledger::tests {

struct Ran {
  int exit = 0;  // as $? in a shell: 128 + n when signal n ended it
  std::string out;
  std::string err;
};

class Shell {
 public:
  Shell();
  ~Shell();
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  Ran run(const std::string& script) const;

  const std::filesystem::path& folder() const { return folder_; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

// The facts in tools/examples/data.
std::filesystem::path example_data();

// The text with all that differs from run to run replaced: ids by their order of appearance, times from this century's
// present on, hashes, the shell's folder.
std::string masked(const std::string& text, const Shell& shell);

}  // namespace claimledger::tests
