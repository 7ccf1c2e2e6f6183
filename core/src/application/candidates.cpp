#include "application/candidates.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "application/batch_sizer.hpp"
#include "application/read_entry.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "search/content_text.hpp"

namespace claimledger::application {

namespace {

// A value may have a mebibyte, so as many are read at a time as the entries before let expect.
std::size_t entries_at_once(std::span<const StoredEntry> last) {
  constexpr std::size_t most = 256;
  return std::clamp<std::size_t>(last.size() * BatchSizer::bytes_at_once / (1 + BatchSizer::bytes_of(last)), 1, most);
}

// Numbers the lines as they come.
class LineNumbers {
 public:
  explicit LineNumbers(std::vector<LineKey>& lines) : lines_(lines) {}

  std::uint32_t of(const LineKey& line) {
    const auto [found, fresh] = numbers_.try_emplace(line, static_cast<std::uint32_t>(lines_.size()));
    if (fresh) lines_.push_back(line);
    return found->second;
  }

 private:
  std::vector<LineKey>& lines_;
  std::map<LineKey, std::uint32_t> numbers_;
};

bool has_wanted(const search::Question& question, const std::vector<std::uint32_t>& counts) {
  const auto& lookups = question.lookups();
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    if (counts[i] > 0 && lookups[i].wanted) return true;
  }
  return false;
}

void rank(Candidates& candidates, const search::Question& question, Position at) {
  for (const auto statements : candidates.statements) {
    candidates.weights.push_back(search::idf({.documents = at.value, .with_term = statements}));
  }
  for (auto& each : candidates.found) each.score = question.score(candidates.weights, each.counts);
  std::sort(candidates.found.begin(), candidates.found.end(),
            [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.seq > b.seq; });
}

}  // namespace

Candidates find_candidates(const Context& context, const AgentId& agent, Position at, const search::Question& question,
                           const Progress& progress, const Call& call) {
  Candidates candidates;
  candidates.statements.resize(question.lookups().size());
  LineNumbers numbers(candidates.lines);
  EntryQuery query{.key = key::All{}, .kinds = {kind_number<ClaimRecorded>, kind_number<Corroborated>}, .limit = 16};
  for (;;) {
    const auto page = context.store().entries(agent, query, at, call);
    for (const auto& stored : page) {
      const auto read = read_entry(stored);
      if (read.record.content_state != ContentState::present) continue;
      ++candidates.scanned;
      auto counts = question.counts(context.analysis.terms(search::ContentText(read.record.content).document()));
      for (std::size_t i = 0; i < counts.size(); ++i) candidates.statements[i] += counts[i] > 0;
      if (!has_wanted(question, counts) || !question.may_match(counts)) continue;
      candidates.found.push_back({stored.seq, numbers.of(*stored.line), 0, std::move(counts)});
    }
    if (page.size() < query.limit) break;
    query.from = Position{page.back().seq.value + 1};
    query.limit = entries_at_once(page);
    if (progress) progress(page.back().seq.value, at.value);
  }
  rank(candidates, question, at);
  return candidates;
}

}  // namespace claimledger::application
