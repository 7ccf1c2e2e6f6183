#include "application/candidates.hpp"

#include <algorithm>
#include <limits>

#include "application/batch_sizer.hpp"
#include "application/read_entry.hpp"
#include "application/terms.hpp"
#include "claimledger/ports/search_index.hpp"

namespace claimledger::application {

namespace {

bool has_wanted(const search::Question& question, Candidates::Counts counts) {
  const auto& lookups = question.lookups();
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    if (counts[i] > 0 && lookups[i].wanted) return true;
  }
  return false;
}

std::vector<TermQuery> queries_of(const search::Question& question) {
  std::vector<TermQuery> queries;
  for (const auto& lookup : question.lookups()) {
    const bool beginning = lookup.kind == search::Lookup::Kind::beginning;
    queries.push_back({beginning ? TermQuery::Kind::beginning : TermQuery::Kind::term, lookup.text});
  }
  return queries;
}

// That a statement has a lookup, and how often.
struct Hit {
  Position seq;
  std::uint32_t lookup;
  std::uint32_t count;
};

bool by_seq(const Hit& a, const Hit& b) { return a.seq < b.seq; }

// Merges runs that are in order into one; `ends` are those of the runs.
void merge_runs(std::vector<Hit>& hits, std::vector<std::size_t> ends) {
  while (ends.size() > 1) {
    std::vector<std::size_t> merged;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      const auto end = i + 1 < ends.size() ? ends[i + 1] : ends[i];
      const auto at = [&](std::size_t place) { return hits.begin() + static_cast<std::ptrdiff_t>(place); };
      std::inplace_merge(at(begin), at(ends[i]), at(end), by_seq);
      merged.push_back(end);
      begin = end;
    }
    ends = std::move(merged);
  }
}

}  // namespace

Candidates::Candidates(const Context& context, const AgentId& agent, Position at, const search::Question& question,
                       std::uint32_t least_score, const Progress& progress, const Call& call)
    : lookups_(question.lookups().size()), least_score_(least_score), statements_(lookups_) {
  const auto indexed = look_up(context, agent, at, question, call);
  scan(context, agent, indexed, at, question, progress, call);
  rank(at, question);
}

Position Candidates::look_up(const Context& context, const AgentId& agent, Position at,
                             const search::Question& question, const Call& call) {
  const auto* index = context.store().search_index();
  if (index == nullptr) return {};
  std::vector<Hit> hits;
  std::vector<std::size_t> ends;  // of the postings of each term, which are in order
  std::string last_term;
  const auto reach = index->postings(
      agent, context.recipe(), queries_of(question), {}, at,
      [&](const Posting& posting) {
        const auto lookup = static_cast<std::uint32_t>(posting.query);
        const bool same_run = !hits.empty() && hits.back().lookup == lookup && last_term == posting.term;
        if (!same_run) {
          if (!hits.empty()) ends.push_back(hits.size());
          last_term = posting.term;
        }
        hits.push_back({posting.seq, lookup, posting.count});
      },
      call);
  if (reach.recipe != context.recipe()) return {};
  ends.push_back(hits.size());
  merge_runs(hits, std::move(ends));
  std::vector<std::uint32_t> counts(lookups_);
  for (auto hit = hits.begin(); hit != hits.end();) {
    const auto seq = hit->seq;
    std::ranges::fill(counts, 0);
    for (; hit != hits.end() && hit->seq == seq; ++hit) {
      auto& count = counts[hit->lookup];
      count += std::min(hit->count, std::numeric_limits<std::uint32_t>::max() - count);
    }
    add(seq, counts, question);
  }
  return std::min(reach.up_to, at);
}

void Candidates::scan(const Context& context, const AgentId& agent, Position after, Position at,
                      const search::Question& question, const Progress& progress, const Call& call) {
  EntryQuery query{.key = key::All{}, .kinds = kinds_with_words(), .from = Position{after.value + 1}, .limit = 16};
  while (query.from <= at) {
    const auto page = context.store().entries(agent, query, at, call);
    for (const auto& stored : page) {
      const auto read = read_entry(stored);
      if (read.record.content_state != ContentState::present) continue;
      ++scanned_;
      add(stored.seq, question.counts(terms_of(context, stored.kind, read.record.content)), question);
    }
    if (page.size() < query.limit) break;
    query.from = Position{page.back().seq.value + 1};
    query.limit = BatchSizer::entries_after(page, 256);
    if (progress) progress(page.back().seq.value, at.value);
  }
}

void Candidates::add(Position seq, Counts counts, const search::Question& question) {
  for (std::size_t i = 0; i < counts.size(); ++i) statements_[i] += counts[i] > 0;
  if (!has_wanted(question, counts) || !question.may_match(counts)) return;
  found_.push_back({seq, 0});
  counts_.insert(counts_.end(), counts.begin(), counts.end());
}

void Candidates::rank(Position at, const search::Question& question) {
  for (const auto statements : statements_) {
    weights_.push_back(search::idf({.documents = at.value, .with_term = statements}));
  }
  left_.reserve(found_.size());
  for (std::uint32_t place = 0; place < found_.size(); ++place) {
    auto& candidate = found_[place];
    candidate.score = question.score(weights_, counts(candidate));
    if (candidate.score >= least_score_) left_.push_back(place);
  }
  std::ranges::make_heap(left_, [&](auto a, auto b) { return found_[b] < found_[a]; });
}

std::vector<Candidate> Candidates::next(std::size_t most) {
  std::vector<Candidate> given;
  while (given.size() < most && !left_.empty()) {
    std::ranges::pop_heap(left_, [&](auto a, auto b) { return found_[b] < found_[a]; });
    given.push_back(found_[left_.back()]);
    left_.pop_back();
  }
  return given;
}

const Candidate* Candidates::find(Position statement) const {
  const auto place = std::ranges::lower_bound(found_, statement, {}, &Candidate::seq);
  const bool found = place != found_.end() && place->seq == statement && place->score >= least_score_;
  return found ? &*place : nullptr;
}

Candidates::Counts Candidates::counts(const Candidate& candidate) const {
  return {counts_.data() + static_cast<std::size_t>(&candidate - found_.data()) * lookups_, lookups_};
}

}  // namespace claimledger::application
