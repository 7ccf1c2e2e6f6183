#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/ports/embedder.hpp"

namespace claimledger::embedders {

// What a command says when it is asked.
struct CommandAnswer {
  EmbeddingModel model;
  std::vector<std::vector<float>> vectors;
  std::string error;  // not empty: it answered with this, and nothing else is set
};

// The line that asks for the vectors of texts, with its end. Bytes that are not UTF-8 go as U+FFFD.
std::string question_line(std::span<const std::string> texts, EmbeddedText kind);

// How long a line that answers may be.
std::size_t longest_answer(std::size_t texts, std::size_t dimensions);

// Reads the answer to a question with so many texts.
//
// Failure: std::invalid_argument, with what is wrong with it: "answered with no JSON object".
CommandAnswer read_answer(std::string_view line, std::size_t texts);

}  // namespace claimledger::embedders
