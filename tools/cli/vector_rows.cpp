#include "cli/vector_rows.hpp"

#include <string>
#include <utility>

namespace claimledger::cli {

VectorRows::VectorRows(const Engine& engine, AgentId agent, EmbeddingModel model, Call call)
    : engine_(engine),
      agent_(std::move(agent)),
      model_(std::move(model)),
      call_(std::move(call)),
      page_(read(0)),
      filed_(page_.filed.value_or(FiledModel{model_, {}})) {}

VectorsAnswer VectorRows::read(std::uint64_t after) const {
  constexpr std::size_t page = 256;
  return engine_.vectors({.agent = agent_, .model = model_, .after = after, .limit = page, .call = call_});
}

std::optional<StatementVector> VectorRows::next() {
  // A page may be empty, where all of it was erased while it was read.
  while (given_of_page_ == page_.vectors.size()) {
    if (!page_.more || page_.last >= filed_.filed) return std::nullopt;
    page_ = read(page_.last);
    given_of_page_ = 0;
  }
  auto& vector = page_.vectors[given_of_page_];
  if (vector.number > filed_.filed) return std::nullopt;  // filed since
  ++given_of_page_;
  ++given_;
  return std::move(vector);
}

bool VectorRows::are_all_there() const {
  const auto now = engine_.vectors({.agent = agent_, .model = model_, .limit = 1, .call = call_}).filed;
  if (now.value_or(FiledModel{model_, {}}).erased != filed_.erased) return false;
  if (given_ == count()) return true;
  throw StoreFailure(FailureKind::corrupt, "vectors export",
                     "of " + std::to_string(count()) + " vectors " + std::to_string(given_) +
                         " belong to a statement; claimledger verify says more");
}

}  // namespace claimledger::cli
