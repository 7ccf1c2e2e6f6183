#include "application/filed_words.hpp"

#include <algorithm>
#include <array>

#include "claimledger/ports/search_index.hpp"
#include "domain/fnv.hpp"

namespace claimledger::application {

namespace {

// Of a term and how often it stands there. Who may write to the index may forge it.
std::uint64_t hash(std::string_view term, std::uint32_t count) {
  Fnv sum;
  sum.add(term);
  for (int shift = 0; shift < 32; shift += 8) sum.add(static_cast<unsigned char>(count >> shift));
  return sum.value();
}

}  // namespace

FiledWords::FiledWords(const Context& context, const AgentId& agent, Position end, const Call& call) {
  const auto* index = context.store().search_index();
  if (index == nullptr) return;
  sums_.resize(end.value);
  const std::array everything = {TermQuery{TermQuery::Kind::beginning, ""}};
  try {
    const auto reach = index->postings(
        agent, context.recipe(), everything, Position{1}, end,
        [&](const Posting& posting) { sums_[posting.seq.value - 1] += hash(posting.term, posting.count); }, call);
    sums_.resize(reach.recipe == context.recipe() ? std::min(end, reach.up_to).value : 0);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    problem_ = failure.detail();
    sums_.clear();
  }
}

bool FiledWords::are(Position seq, const std::vector<TermCount>& terms) const {
  if (seq.value > sums_.size()) return true;
  std::uint64_t sum = 0;
  for (const auto& [term, count] : terms) sum += hash(term, count);
  return sums_[seq.value - 1] == sum;
}

}  // namespace claimledger::application
