#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "application/context.hpp"
#include "application/nearness.hpp"
#include "claimledger/reads.hpp"
#include "claimledger/search.hpp"
#include "search/question.hpp"

namespace claimledger::application {

// A statement that may answer a question.
struct Candidate {
  Position seq;
  std::uint32_t score = 0;                  // in millionths
  std::uint32_t words = 0;                  // likewise: by its words alone
  std::optional<std::int32_t> cosine = {};  // likewise: of its meaning, where it was compared
  bool exact = true;                        // false: not compared yet, the score and the cosine are none that is less
  // Of two the better one: by score, then the newer.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.seq > b.seq;
  }
};

// What is asked of one ledger.
struct CandidateRequest {
  const AgentId& agent;
  Position at;
  const search::Question& question;
  SearchBy by = SearchBy::words;
  const AskedMeaning* meaning = nullptr;  // absent: by words alone
  bool looks_up_words = true;
  std::uint32_t least_score = 0;
  const Progress& progress;
  const Call& call;
};

// The statements of a ledger that may answer a question, the best first: those that have words of it, with a count for
// each of its lookups, and others that lie near it.
class Candidates {
 public:
  using Counts = std::span<const std::uint32_t>;

  // Those of at least this score up to a position. Statements whose content is erased have no words. Failure:
  // StoreFailure.
  Candidates(const Context& context, const CandidateRequest& request);

  // The next ones in their order, each once; fewer where there are no more.
  std::vector<Candidate> next(std::size_t most);
  // The best of those that next() has not given.
  std::optional<Candidate> best_left();
  // How many next() has not given, or more.
  std::size_t left() const { return left_.size() + others_.size() + (takes_others() ? nearness_->left() : 0); }

  // Makes ready what find() needs of these, where that is cheaper than of one after the other.
  void prepare(std::span<const Position> statements) const;
  // A statement that is one, given or not.
  std::optional<Candidate> find(Position statement) const;
  // The same where its words do not answer, as its text shows: by its meaning alone, if that is near enough.
  std::optional<Candidate> without_words(Candidate candidate) const;
  // Nothing for one that has none of the words.
  std::optional<Counts> counts(Position statement) const;

  // Statements that have each lookup, whether they are candidates or not, and its weight.
  const std::vector<std::uint64_t>& statements() const { return statements_; }
  const std::vector<std::uint32_t>& weights() const { return weights_; }
  // Statements whose terms were made for this question: those that no index has.
  std::uint64_t scanned() const { return scanned_; }
  // The vectors; absent where meaning was not asked for.
  const std::optional<Nearness>& nearness() const { return nearness_; }

 private:
  // Answers from the index of the store, and returns the end of what that has.
  Position look_up(const Context& context, const CandidateRequest& request);
  void scan(const Context& context, const CandidateRequest& request, Position after);
  void add(Position seq, Counts counts, const search::Question& question);
  void weigh(const CandidateRequest& request);
  void compare();
  void add_others();
  void add_up_ranks();

  // Whether some that have no words are read from the vectors one after the other, the nearest first.
  bool takes_others() const { return nearness_ && by_ != SearchBy::ranks; }
  std::optional<Candidate> best_other();
  void read_others();
  // The best of those with words that were not given, compared.
  std::optional<Candidate> best_with_words();
  void compare_best();
  Candidate compared(Candidate candidate) const;
  bool has_words(Position statement) const;
  std::uint32_t score_of(const Candidate& candidate) const;
  // Whether a statement that is as near may be found for that.
  bool is_near(std::optional<std::int32_t> cosine) const;
  bool takes(const Candidate& candidate) const;

  std::size_t lookups_;
  std::uint32_t least_score_;
  SearchBy by_;
  const AskedMeaning* meaning_;
  std::vector<Candidate> found_;       // by seq
  std::vector<std::uint32_t> counts_;  // of those with words in turn, one for each lookup
  std::vector<Position> with_words_;   // which those are
  std::vector<std::uint32_t> left_;    // places in found_; a heap with the best at its top
  std::vector<Candidate> others_;      // the next that have no words, all of one score, the best at the end
  std::vector<std::uint32_t> meant_;   // by ranks: what the meaning of each of found_ is worth
  std::optional<Nearness> nearness_;
  std::size_t compared_at_once_ = 0;
  std::vector<std::uint64_t> statements_;
  std::vector<std::uint32_t> weights_;
  std::uint64_t scanned_ = 0;
};

}  // namespace claimledger::application
