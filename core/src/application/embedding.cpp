#include "application/embedding.hpp"

#include <algorithm>
#include <set>

#include "claimledger/limits.hpp"
#include "rules/rules.hpp"
#include "search/content_text.hpp"
#include "search/meaning_text.hpp"

namespace claimledger::application {

namespace {

constexpr std::size_t texts_at_once = 256;

Content content_of(const Statement& statement) {
  Content content;
  content.subject = statement.subject;
  content.predicate = statement.predicate;
  content.value = statement.value;
  return content;
}

}  // namespace

std::string shown(const EmbeddingModel& model) {
  return model.name + " (" + std::to_string(model.dimensions) + " dimensions" +
         (model.fingerprint.empty() ? "" : ", fingerprint " + model.fingerprint) + ")";
}

std::string text_to_embed(const Content& content) {
  return search::meaning_text(search::ContentText(content).document());
}

void admit_model(const EmbeddingModel& model) {
  rules::admit_text(model.name, "model.name", limits::text_bytes);
  if (model.name.empty()) throw InvalidInput("model.name", "must not be empty");
  if (!model.fingerprint.empty()) rules::admit_text(model.fingerprint, "model.fingerprint", limits::text_bytes);
  if (model.dimensions == 0 || model.dimensions > limits::dimensions)
    throw InvalidInput("model.dimensions", "must be 1 to " + std::to_string(limits::dimensions));
}

search::UnitVector unit_vector(std::span<const float> vector, const EmbeddingModel& model, const std::string& field) {
  if (const auto refusal = search::UnitVector::refusal(vector, model.dimensions)) throw InvalidInput(field, *refusal);
  return search::UnitVector::along(vector);
}

std::vector<search::UnitVector> embed(Embedder& embedder, std::span<const std::string> texts, EmbeddedText kind,
                                      const Call& call) {
  const auto& model = embedder.model();
  const auto refuse = [&](const std::string& why) {
    throw StoreFailure(FailureKind::incompatible, "embed", "the model " + model.name + " " + why);
  };
  std::vector<search::UnitVector> vectors;
  while (vectors.size() < texts.size()) {
    const auto some = texts.subspan(vectors.size(), std::min(texts_at_once, texts.size() - vectors.size()));
    const auto made = embedder.embed(some, kind, call);
    if (made.size() != some.size()) {
      refuse("made " + std::to_string(made.size()) + " vectors of " + std::to_string(some.size()) + " texts");
    }
    for (const auto& values : made) {
      if (const auto why = search::UnitVector::refusal(values, model.dimensions)) refuse("made a vector that " + *why);
      vectors.push_back(search::UnitVector::along(values));
    }
  }
  return vectors;
}

void WriteVectors::bring(const EmbeddingModel& model, std::span<const Statement> statements) {
  admit_model(model);
  brought_ = true;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& statement = statements[i];
    if (statement.vector.empty()) continue;
    const auto path = statements.size() == 1 ? std::string() : "statements[" + std::to_string(i) + "].";
    const auto vector = unit_vector(statement.vector, model, path + "vector");
    vectors_.try_emplace(text_to_embed(content_of(statement)), vector.bytes());
  }
  if (!vectors_.empty() && context_.store().vectors() == nullptr)
    throw StoreFailure(FailureKind::unsupported, "ingest", "this store keeps no vectors");
  model_ = model;
}

void WriteVectors::embed_all(std::span<const Statement> statements) {
  if (!asks_embedder()) return;
  std::vector<Content> contents;
  for (const auto& statement : statements) contents.push_back(content_of(statement));
  embed_all(contents);
}

void WriteVectors::embed_all(std::span<const Content> contents) {
  if (!asks_embedder()) return;
  std::set<std::string> texts;
  for (const auto& content : contents)
    if (content.value) texts.insert(text_to_embed(content));
  embed_texts({texts.begin(), texts.end()});
}

// A model that fails keeps nothing from being written. What the caller himself ended fails the write.
void WriteVectors::embed_texts(const std::vector<std::string>& texts) {
  auto& embedder = *context_.parts.embedder;
  std::string why;
  try {
    const auto vectors = embed(embedder, texts, EmbeddedText::statement, call_);
    model_ = embedder.model();
    for (std::size_t i = 0; i < texts.size(); ++i) vectors_.insert_or_assign(texts[i], vectors[i].bytes());
    return;
  } catch (const StoreFailure& failure) {
    if (failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled) throw;
    why = failure.detail();
  } catch (const std::exception& failure) {
    why = failure.what();
  }
  failed_ = true;
  if (context_.parts.warn) context_.parts.warn("what is written has no vectors yet: " + why);
}

Bytes WriteVectors::of(const Content& content) {
  if (vectors_.empty() && !asks_embedder()) return {};
  const auto text = text_to_embed(content);
  if (!vectors_.contains(text) && asks_embedder()) embed_texts({text});
  const auto found = vectors_.find(text);
  return found == vectors_.end() ? Bytes() : found->second;
}

}  // namespace claimledger::application
