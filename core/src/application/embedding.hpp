#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "application/context.hpp"
#include "claimledger/domain/claim.hpp"
#include "claimledger/domain/statement.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::application {

// A model, for people.
std::string shown(const EmbeddingModel& model);

// The text of a statement that its vector is of.
std::string text_to_embed(const Content& content);

// A vector of a caller, by the model that he names. Failure: InvalidInput{field}, or {model …} for a model that is
// none.
search::UnitVector unit_vector(std::span<const float> vector, const EmbeddingModel& model, const std::string& field);
void admit_model(const EmbeddingModel& model);

// Where texts point, by an embedder. Failure: what it throws; StoreFailure{incompatible} for what is no answer.
std::vector<search::UnitVector> embed(Embedder& embedder, std::span<const std::string> texts, EmbeddedText kind,
                                      const Call& call);

// The vectors that are filed with a write: those that its caller brought, or else those of the engine's embedder.
class WriteVectors {
 public:
  WriteVectors(const Context& context, const Call& call) : context_(context), call_(call) {}

  // A write without any.
  static WriteVectors none(const Context& context, const Call& call) {
    WriteVectors vectors(context, call);
    vectors.brought_ = true;
    return vectors;
  }

  // The caller brings them: of statements that say the same by the first. Failure: InvalidInput.
  void bring(const EmbeddingModel& model, std::span<const Statement> statements);
  // Asks the embedder, before the write has its turn.
  void embed_all(std::span<const Statement> statements);
  void embed_all(std::span<const Content> contents);

  // What made them; absent: none are filed.
  std::optional<EmbeddingModel> model() const {
    return !model_ && asks_embedder() ? context_.parts.embedder->model() : model_;
  }
  // Of a statement. Where nobody has prepared it the embedder is asked now. Empty: it has none.
  Bytes of(const Content& content);

 private:
  bool asks_embedder() const { return !brought_ && !failed_ && context_.files_vectors(); }
  void embed_texts(const std::vector<std::string>& texts);

  const Context& context_;
  const Call& call_;
  bool brought_ = false;
  bool failed_ = false;
  std::optional<EmbeddingModel> model_;
  std::map<std::string, Bytes> vectors_;  // by text
};

}  // namespace claimledger::application
