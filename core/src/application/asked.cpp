#include "application/asked.hpp"

#include <span>
#include <utility>

#include "application/embedding.hpp"
#include "application/use_cases.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::application {

namespace {

search::UnitVector vector_of(Embedder& embedder, const search::Question& question, const Call& call) {
  return std::move(embed(embedder, std::span(&question.wanted_text(), 1), EmbeddedText::question, call).front());
}

// Where the question points, and why that is not known where it is not.
class MeaningOf {
 public:
  MeaningOf(const Context& context, const SearchRequest& request) : context_(context), request_(request) {}

  void tell(Asked& asked) const {
    if (request_.by == SearchBy::words) return;
    asked.no_meaning = why_not(asked);
    if (!asked.no_meaning.empty()) {
      if (request_.by) throw InvalidInput("by", "asks for meaning, but " + asked.no_meaning);
      return;
    }
    if (!asked.meaning) return;
    asked.meaning->share = request_.meaning_share.millionths;
    asked.meaning->least_cosine = static_cast<std::int32_t>(request_.least_cosine.millionths);
    asked.by = request_.by.value_or(SearchBy::blend);
  }

 private:
  // Fills asked.meaning, or says why not. Neither: nobody asked.
  std::string why_not(Asked& asked) const {
    auto* embedder = context_.parts.embedder.get();
    const bool brings = !request_.vector.empty();
    if (!brings && embedder == nullptr)
      return request_.by ? "there is neither an embedder nor a vector of the question" : "";
    if (context_.store().vectors() == nullptr) return "this store keeps no vectors";
    if (brings) {
      const auto& model = *request_.model;
      asked.meaning = {model, unit_vector(request_.vector, model, "vector")};
      return "";
    }
    if (asked.question.wanted_text().empty()) return request_.by ? "the question has no text" : "";
    try {
      asked.meaning = {embedder->model(), vector_of(*embedder, asked.question, request_.call)};
      return "";
    } catch (const StoreFailure& failure) {
      if (request_.by || failure.kind() == FailureKind::timeout || failure.kind() == FailureKind::cancelled) throw;
      return failure.detail();
    } catch (const std::exception& failure) {
      if (request_.by) throw;
      return failure.what();
    }
  }

  const Context& context_;
  const SearchRequest& request_;
};

}  // namespace

QuestionVector question_vector(const Context& context, const QuestionRequest& request) {
  auto* embedder = context.parts.embedder.get();
  if (embedder == nullptr) throw InvalidInput("embedder", "must be given, to turn texts into vectors");
  const search::Question question(request.text, context.analysis);
  if (question.wanted_text().empty()) throw InvalidInput("text", "asks for nothing");
  const auto vector = vector_of(*embedder, question, request.call);
  const auto values = vector.values();
  return {embedder->model(), {values.begin(), values.end()}};
}

Asked ask(const Context& context, const SearchRequest& request) {
  if (request.vector.empty() != !request.model)
    throw InvalidInput(request.model ? "vector" : "model", "must be given where the other is");
  if (request.model) admit_model(*request.model);
  Asked asked{.question = search::Question(request.text, context.analysis)};
  MeaningOf(context, request).tell(asked);
  return asked;
}

}  // namespace claimledger::application
