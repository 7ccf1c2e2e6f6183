#include "command_protocol.hpp"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "claimledger/limits.hpp"

namespace claimledger::embedders {
namespace {

using Json = nlohmann::json;

[[noreturn]] void wrong(const std::string& what) { throw std::invalid_argument(what); }

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

// A member that is a text; empty where it is not there.
std::string text_in(const Json& answer, const char* name) {
  const auto found = answer.find(name);
  if (found == answer.end()) return {};
  if (!found->is_string()) wrong("answered with \"" + std::string(name) + "\" that is no text");
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() > limits::text_bytes || text.find('\0') != text.npos) {
    wrong("answered with \"" + std::string(name) + "\" of more than " + std::to_string(limits::text_bytes) +
          " bytes or with NUL in it");
  }
  return text;
}

EmbeddingModel model_in(const Json& answer) {
  EmbeddingModel model{text_in(answer, "model"), 0, text_in(answer, "fingerprint")};
  if (model.name.empty()) wrong("answered without \"model\", the name of its model");
  const auto found = answer.find("dimensions");
  const auto dimensions =
      found != answer.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : std::uint64_t{0};
  if (dimensions < 1 || dimensions > limits::dimensions) {
    wrong("answered without \"dimensions\", a whole number from 1 to " + std::to_string(limits::dimensions));
  }
  model.dimensions = static_cast<std::uint32_t>(dimensions);
  return model;
}

std::vector<float> vector_in(const Json& numbers, std::uint32_t dimensions) {
  if (!numbers.is_array()) wrong("answered with a vector that is no array");
  if (numbers.size() != dimensions) {
    wrong("answered with a vector of " + counted(numbers.size(), "number", "numbers") + " where it says " +
          std::to_string(dimensions));
  }
  std::vector<float> vector;
  vector.reserve(dimensions);
  for (const auto& number : numbers) {
    if (!number.is_number()) wrong("answered with a vector of something else than numbers");
    vector.push_back(number.get<float>());
    if (!std::isfinite(vector.back())) wrong("answered with a number that is too large for a vector");
  }
  return vector;
}

}  // namespace

std::string question_line(std::span<const std::string> texts, EmbeddedText kind) {
  Json question;
  question["kind"] = kind == EmbeddedText::question ? "question" : "statement";
  question["texts"] = Json::array();
  for (const auto& text : texts) question["texts"].push_back(text);
  return question.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::size_t longest_answer(std::size_t texts, std::size_t dimensions) {
  constexpr std::size_t beside_vectors = 1024 * 1024;
  constexpr std::size_t bytes_of_a_number = 64;
  return beside_vectors + texts * dimensions * bytes_of_a_number;
}

CommandAnswer read_answer(std::string_view line, std::size_t texts) {
  constexpr bool may_throw = false;
  const auto answer = Json::parse(line, nullptr, may_throw);
  if (!answer.is_object()) wrong("answered with no JSON object");
  CommandAnswer read;
  if (answer.contains("error")) {
    read.error = text_in(answer, "error");
    if (read.error.empty()) wrong("answered with an empty \"error\"");
    return read;
  }
  read.model = model_in(answer);
  const auto vectors = answer.find("vectors");
  if (vectors == answer.end() || !vectors->is_array()) wrong("answered without \"vectors\", an array");
  if (vectors->size() != texts) {
    wrong("answered with " + counted(vectors->size(), "vector", "vectors") + " for " + counted(texts, "text", "texts"));
  }
  for (const auto& numbers : *vectors) read.vectors.push_back(vector_in(numbers, read.model.dimensions));
  return read;
}

}  // namespace claimledger::embedders
