#include <algorithm>
#include <optional>
#include <utility>

#include "application/embedding.hpp"
#include "application/read_entry.hpp"
#include "application/terms.hpp"
#include "application/use_cases.hpp"
#include "claimledger/ports/vectors.hpp"

// Filing the vectors of what is in a ledger already. Page by page, each in a transaction of its own, so that it may be
// broken off anywhere and goes on from there. Others write meanwhile.
namespace claimledger::application {

namespace {

constexpr std::size_t most_at_once = 256;

class Embedding {
 public:
  Embedding(const Context& context, Vectors& vectors, const EmbedRequest& request)
      : context_(context), vectors_(vectors), request_(request), model_(context.parts.embedder->model()) {}

  EmbedAnswer run() {
    if (request_.anew) vectors_.drop_vectors(request_.agent, model_, request_.call);
    while (!extend()) {
    }
    make_ready();
    return {request_.agent, model_, reach_, statements_};
  }

 private:
  // By one page. True: there is no more.
  bool extend() {
    const auto& [agent, anew, progress, call] = request_;
    reach_ = reach();
    const auto head = context_.store().head(agent, call).position;
    if (reach_ >= head) return true;
    const auto without =
        vectors_.without_vector(agent, model_, kinds_with_words(), {reach_.value + 1}, head, most_at_once, call);
    const auto after = without.size() < most_at_once ? head : without.back();
    const auto vectors = vectors_of(without, head);
    if (!vectors_.file_vectors(agent, model_, reach_, after, vectors, call)) return false;
    statements_ += vectors.size();
    if (progress) progress(after.value, head.value);
    return false;
  }

  // Where the store compares vectors, those that it is not ready for, written before it could.
  void make_ready() {
    for (std::optional<std::uint64_t> after = 0; after;)
      after = vectors_.extend_nearest(request_.agent, model_, *after, request_.call);
  }

  Position reach() const {
    const auto models = vectors_.models(request_.agent, request_.call);
    const auto found = std::ranges::find(models, model_, &FiledModel::model);
    return found == models.end() ? Position{} : found->up_to;
  }

  std::vector<NewVector> vectors_of(const std::vector<Position>& statements, Position head) const {
    std::vector<NewVector> vectors;
    if (statements.empty()) return vectors;
    std::vector<std::string> texts;
    const EntryQuery query{.key = key::Positions{statements}, .limit = statements.size()};
    for (const auto& stored : context_.store().entries(request_.agent, query, head, request_.call)) {
      const auto record = read_entry(stored).record;
      if (record.content_state != ContentState::present) continue;
      vectors.push_back({stored.seq, {}});
      texts.push_back(text_to_embed(record.content));
    }
    const auto made = embed(*context_.parts.embedder, texts, EmbeddedText::statement, request_.call);
    for (std::size_t i = 0; i < made.size(); ++i) vectors[i].vector = made[i].bytes();
    return vectors;
  }

  const Context& context_;
  Vectors& vectors_;
  const EmbedRequest& request_;
  EmbeddingModel model_;
  Position reach_;
  std::uint64_t statements_ = 0;
};

}  // namespace

EmbedAnswer embed(Context& context, const EmbedRequest& request) {
  rules::admit_agent(request.agent);
  if (!context.parts.embedder) throw InvalidInput("embedder", "must be given, to turn texts into vectors");
  admit_model(context.parts.embedder->model());
  auto* vectors = context.store().vectors();
  if (vectors == nullptr) throw StoreFailure(FailureKind::unsupported, "embed", "this store keeps no vectors");
  return Embedding(context, *vectors, request).run();
}

}  // namespace claimledger::application
