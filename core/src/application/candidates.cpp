#include "application/candidates.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "application/batch_sizer.hpp"
#include "application/read_entry.hpp"
#include "application/terms.hpp"
#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"

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

constexpr std::uint32_t million = 1'000'000;

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

Candidates::Candidates(const Context& context, const CandidateRequest& request)
    : lookups_(request.question.lookups().size()),
      least_score_(request.least_score),
      by_(request.by),
      meaning_(request.meaning),
      statements_(lookups_) {
  if (request.looks_up_words) {
    scan(context, request, look_up(context, request));
    weigh(request);
  }
  if (meaning_ != nullptr) {
    const NearRequest near{request.agent, request.at, *meaning_, request.call};
    nearness_.emplace(context, near, by_ == SearchBy::ranks);
  }
  if (by_ == SearchBy::ranks) add_others(), add_up_ranks();
  if (takes_others()) compare();
  left_.reserve(found_.size());
  for (std::uint32_t place = 0; place < found_.size(); ++place)
    if (takes(found_[place])) left_.push_back(place);
  std::ranges::make_heap(left_, [&](auto a, auto b) { return found_[b] < found_[a]; });
}

Position Candidates::look_up(const Context& context, const CandidateRequest& request) {
  const auto* index = context.store().search_index();
  if (index == nullptr) return {};
  std::vector<Hit> hits;
  std::vector<std::size_t> ends;  // of the postings of each term, which are in order
  std::string last_term;
  const auto reach = index->postings(
      request.agent, context.recipe(), queries_of(request.question), {}, request.at,
      [&](const Posting& posting) {
        const auto lookup = static_cast<std::uint32_t>(posting.query);
        const bool same_run = !hits.empty() && hits.back().lookup == lookup && last_term == posting.term;
        if (!same_run) {
          if (!hits.empty()) ends.push_back(hits.size());
          last_term = posting.term;
        }
        hits.push_back({posting.seq, lookup, posting.count});
      },
      request.call);
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
    add(seq, counts, request.question);
  }
  return std::min(reach.up_to, request.at);
}

void Candidates::scan(const Context& context, const CandidateRequest& request, Position after) {
  EntryQuery query{.key = key::All{}, .kinds = kinds_with_words(), .from = Position{after.value + 1}, .limit = 16};
  search::TermMaker terms(context.analysis);
  while (query.from <= request.at) {
    const auto page = context.store().entries(request.agent, query, request.at, request.call);
    for (const auto& stored : page) {
      const auto read = read_entry(stored);
      if (read.record.content_state != ContentState::present) continue;
      ++scanned_;
      add(stored.seq, request.question.counts(terms_of(terms, stored.kind, read.record.content)), request.question);
    }
    if (page.size() < query.limit) break;
    query.from = Position{page.back().seq.value + 1};
    query.limit = BatchSizer::entries_after(page, 256);
    if (request.progress) request.progress(page.back().seq.value, request.at.value);
  }
}

void Candidates::add(Position seq, Counts counts, const search::Question& question) {
  for (std::size_t i = 0; i < counts.size(); ++i) statements_[i] += counts[i] > 0;
  if (!has_wanted(question, counts) || !question.may_match(counts)) return;
  found_.push_back({seq});
  with_words_.push_back(seq);
  counts_.insert(counts_.end(), counts.begin(), counts.end());
}

// The score of each by its words.
void Candidates::weigh(const CandidateRequest& request) {
  for (const auto statements : statements_) {
    weights_.push_back(search::idf({.documents = request.at.value, .with_term = statements}));
  }
  for (auto& candidate : found_) {
    candidate.words = request.question.score(weights_, *counts(candidate.seq));
    candidate.score = candidate.words;
  }
}

// None is nearer than the farthest of the nearest, unless it is one of them. How near it is is seen when it comes to
// it.
void Candidates::compare() {
  const bool there = nearness_->there();
  for (auto& candidate : found_) {
    if (there) candidate.cosine = nearness_->most_of_others();
    candidate.exact = !there;
  }
  for (const auto& [seq, cosine] : nearness_->nearest()) {
    const auto place = std::ranges::lower_bound(with_words_, seq);
    if (place == with_words_.end() || *place != seq) continue;
    auto& candidate = found_[static_cast<std::size_t>(place - with_words_.begin())];
    candidate.cosine = cosine;
    candidate.exact = true;
  }
  for (auto& candidate : found_) candidate.score = score_of(candidate);
}

// Those that have no words and are near enough, at their places among the others.
void Candidates::add_others() {
  auto words = std::exchange(found_, {});
  auto next = words.begin();
  for (const auto& [seq, cosine] : nearness_->all()) {
    while (next != words.end() && next->seq < seq) found_.push_back(*next++);
    const bool has_words = next != words.end() && next->seq == seq;
    if (has_words) next->cosine = cosine;
    if (!has_words && is_near(cosine)) found_.push_back({.seq = seq, .cosine = cosine});
  }
  found_.insert(found_.end(), next, words.end());
}

// Reciprocal rank fusion: what a place in a list is worth falls slowly, so that the two lists vote. The first in both
// gets a million. Cormack, Clarke and Büttcher, SIGIR 2009, with their k.
void Candidates::add_up_ranks() {
  constexpr std::uint32_t k = 60;
  constexpr std::uint32_t of_the_first = million / 2;
  std::vector<Candidate*> list;
  const auto add = [&](auto value) {
    list.clear();
    for (auto& candidate : found_)
      if (value(candidate) > 0) list.push_back(&candidate);
    std::ranges::sort(list, [&](const auto* a, const auto* b) {
      return value(*a) != value(*b) ? value(*a) > value(*b) : a->seq > b->seq;
    });
    for (std::uint32_t rank = 1; auto* candidate : list) candidate->score += of_the_first * (k + 1) / (k + rank++);
  };
  for (auto& candidate : found_) candidate.score = 0;
  add([](const Candidate& each) { return std::int64_t{each.cosine.value_or(0)}; });
  for (const auto& candidate : found_) meant_.push_back(candidate.score);
  add([](const Candidate& each) { return std::int64_t{each.words}; });
}

// What the words tell and what the meaning tells, each with its share.
std::uint32_t Candidates::score_of(const Candidate& candidate) const {
  const auto share = by_ == SearchBy::meaning ? million : meaning_->share;
  const std::uint64_t words = std::uint64_t{candidate.words} * (million - share);
  const std::uint64_t meaning = std::uint64_t(std::max(candidate.cosine.value_or(0), 0)) * share;
  return static_cast<std::uint32_t>((words + meaning) / million);
}

bool Candidates::is_near(std::optional<std::int32_t> cosine) const {
  return meaning_ != nullptr && cosine && *cosine >= std::max(meaning_->least_cosine, 1);
}

bool Candidates::takes(const Candidate& candidate) const {
  return candidate.score >= least_score_ && (by_ != SearchBy::meaning || is_near(candidate.cosine));
}

bool Candidates::has_words(Position statement) const { return std::ranges::binary_search(with_words_, statement); }

Candidate Candidates::compared(Candidate candidate) const {
  if (candidate.exact) return candidate;
  candidate.cosine = nearness_->cosine(candidate.seq);
  candidate.score = score_of(candidate);
  candidate.exact = true;
  return candidate;
}

std::optional<Candidate> Candidates::best_with_words() {
  while (!left_.empty()) {
    if (const auto& best = found_[left_.front()]; best.exact) return best;
    compare_best();
  }
  return std::nullopt;
}

// The best of those that are not compared: one, or as many as are worth it, each time more.
void Candidates::compare_best() {
  const auto worse = [&](auto a, auto b) { return found_[b] < found_[a]; };
  std::vector<std::uint32_t> places;
  std::vector<Position> seqs;
  const auto worth = nearness_->worth_preparing();
  compared_at_once_ = worth == 1 ? 1 : std::clamp(2 * compared_at_once_, worth, 16 * worth);
  while (!left_.empty() && places.size() < compared_at_once_) {
    std::ranges::pop_heap(left_, worse);
    places.push_back(left_.back());
    left_.pop_back();
    if (!found_[places.back()].exact) seqs.push_back(found_[places.back()].seq);
  }
  nearness_->prepare(seqs);
  for (const auto place : places) {
    found_[place] = compared(found_[place]);
    if (!takes(found_[place])) continue;
    left_.push_back(place);
    std::ranges::push_heap(left_, worse);
  }
}

// As near as they come, and where several score the same, as a part of what they are near may make them, the newest
// first.
void Candidates::read_others() {
  for (const auto* near = nearness_->front(); near != nullptr; near = nearness_->front()) {
    Candidate other{.seq = near->seq, .cosine = near->cosine};
    other.score = score_of(other);
    if (!others_.empty() && other.score != others_.front().score) break;
    if (!takes(other)) break;  // nor any behind it
    if (!has_words(other.seq)) others_.push_back(other);
    nearness_->pop();
  }
  std::sort(others_.rbegin(), others_.rend());
}

std::optional<Candidate> Candidates::best_other() {
  if (!takes_others()) return std::nullopt;
  if (others_.empty()) read_others();
  return others_.empty() ? std::nullopt : std::optional(others_.back());
}

std::optional<Candidate> Candidates::best_left() {
  auto best = best_other();
  const auto with_words = best_with_words();
  if (with_words && (!best || *with_words < *best)) best = with_words;
  return best;
}

std::vector<Candidate> Candidates::next(std::size_t most) {
  std::vector<Candidate> given;
  while (given.size() < most) {
    const auto best = best_left();
    if (!best) break;
    given.push_back(*best);
    if (!left_.empty() && found_[left_.front()].seq == best->seq) {
      std::ranges::pop_heap(left_, [&](auto a, auto b) { return found_[b] < found_[a]; });
      left_.pop_back();
    } else {
      others_.pop_back();
    }
  }
  return given;
}

void Candidates::prepare(std::span<const Position> statements) const {
  if (!takes_others()) return;
  std::vector<Position> seqs;
  for (const auto seq : statements) {
    const auto place = std::ranges::lower_bound(found_, seq, {}, &Candidate::seq);
    if (place == found_.end() || place->seq != seq || !place->exact) seqs.push_back(seq);
  }
  nearness_->prepare(seqs);
}

std::optional<Candidate> Candidates::find(Position statement) const {
  const auto place = std::ranges::lower_bound(found_, statement, {}, &Candidate::seq);
  Candidate candidate{.seq = statement};
  if (place != found_.end() && place->seq == statement) {
    candidate = compared(*place);
  } else {
    candidate.cosine = takes_others() ? nearness_->cosine(statement) : std::nullopt;
    if (!is_near(candidate.cosine)) return std::nullopt;
    candidate.score = score_of(candidate);
  }
  return takes(candidate) ? std::optional(candidate) : std::nullopt;
}

std::optional<Candidate> Candidates::without_words(Candidate candidate) const {
  if (!is_near(candidate.cosine)) return std::nullopt;
  candidate.words = 0;
  if (by_ == SearchBy::ranks) {
    const auto place = std::ranges::lower_bound(found_, candidate.seq, {}, &Candidate::seq);
    candidate.score = meant_[static_cast<std::size_t>(place - found_.begin())];
  } else {
    candidate.score = score_of(candidate);
  }
  return takes(candidate) ? std::optional(candidate) : std::nullopt;
}

std::optional<Candidates::Counts> Candidates::counts(Position statement) const {
  const auto place = std::ranges::lower_bound(with_words_, statement);
  if (place == with_words_.end() || *place != statement) return std::nullopt;
  return Counts{counts_.data() + static_cast<std::size_t>(place - with_words_.begin()) * lookups_, lookups_};
}

}  // namespace claimledger::application
