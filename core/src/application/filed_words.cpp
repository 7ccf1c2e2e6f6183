#include "application/filed_words.hpp"

#include <algorithm>
#include <array>

#include "claimledger/ports/search_index.hpp"

namespace claimledger::application {

namespace {

// FNV-1a, of a term and how often it stands there. It finds accidents: who may write to the index may forge it.
std::uint64_t hash(std::string_view term, std::uint32_t count) {
  std::uint64_t sum = 0xCBF29CE484222325U;
  const auto add = [&](unsigned char byte) { sum = (sum ^ byte) * 0x100000001B3U; };
  for (const auto byte : term) add(static_cast<unsigned char>(byte));
  for (int shift = 0; shift < 32; shift += 8) add(static_cast<unsigned char>(count >> shift));
  return sum;
}

}  // namespace

FiledWords::FiledWords(const Context& context, const AgentId& agent, Position end, const Call& call) {
  const auto* index = context.store().search_index();
  if (index == nullptr) return;
  sums_.resize(end.value);
  const std::array everything = {TermQuery{TermQuery::Kind::beginning, ""}};
  const auto reach = index->postings(
      agent, context.recipe(), everything, Position{1}, end,
      [&](const Posting& posting) { sums_[posting.seq.value - 1] += hash(posting.term, posting.count); }, call);
  sums_.resize(reach.recipe == context.recipe() ? std::min(end, reach.up_to).value : 0);
}

bool FiledWords::are(Position seq, const std::vector<TermCount>& terms) const {
  if (seq.value > sums_.size()) return true;
  std::uint64_t sum = 0;
  for (const auto& [term, count] : terms) sum += hash(term, count);
  return sums_[seq.value - 1] == sum;
}

}  // namespace claimledger::application
