#pragma once

#include <string>

namespace claimledger::benchmarks {

std::string shell_word(const std::string& text);    // quoted for the shell
std::string output_of(const std::string& command);  // of a shell command, its standard output

}  // namespace claimledger::benchmarks
