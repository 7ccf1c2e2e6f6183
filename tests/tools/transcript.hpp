#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shell.hpp"

// A transcript is a conversation with the program: "$ command", then what it prints on both streams, then "[exit n]"
// where that is not 0. Other lines before a command are remarks. One file is one shell, so variables live on.
namespace claimledger::tests {

struct Exchange {
  std::string remarks;
  std::string command;
  std::string answer;
};

std::vector<Exchange> read_transcript(const std::filesystem::path& path);

// Both streams of each command, in the order a terminal would show them, and how it ended. `before` is run first.
std::vector<std::string> converse(const std::vector<Exchange>& exchanges, const Shell& shell,
                                  const std::string& before = "");

std::filesystem::path transcript_path(const std::string& name);
std::vector<std::string> transcript_names();

}  // namespace claimledger::tests
