#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/domain/embedding_model.hpp"
#include "claimledger/domain/score.hpp"
#include "claimledger/domain/snippet.hpp"
#include "claimledger/domain/statement.hpp"
#include "claimledger/reads.hpp"

// Finding claims by their words.
//
// A claim is found by the words of its subject, predicate, value and source, whichever statement of it has them. Words
// count in their stems ("travels" finds "travelling"), without accents and without case. A question is words of which
// any may stand there; AND, OR, -not, "a phrase", a beginning* and field:word are read as well (core/SEARCH.md). No
// text is a wrong question.
//
// With an embedder (Parts::embedder), or a vector of the question, claims are found by their meaning as well: as near
// as the vectors of what a claim and the question say lie to each other. A statement whose vector is not filed yet
// competes by its words. Vectors of statements are compared one by one, so what is found is exact.
//
// Recency counts where a share of the score is given to it (SearchRequest::recency_share): what began to hold lately
// comes first. The answer is exact then, too: the best by the whole score of all that is found.
//
// What is committed is found at once, and what is believed is decided as recall() decides it: found are lines, each
// with its belief. The same question at the same position, by one recipe and with the same vectors filed, gives the
// same answer from every store.
namespace claimledger {

// Which claims and lines may be found; an absent or empty field excludes none. What is excluded is excluded before the
// best are picked.
struct SearchFilter {
  std::optional<std::string> subject = {};  // exactly
  std::optional<std::string> predicate = {};
  std::optional<std::string> subject_prefix = {};  // begins so, byte by byte
  std::optional<std::string> predicate_prefix = {};
  std::vector<BeliefStatus> statuses = {};  // of the line, at valid_at
  // The claim holds at some time in it. Then, unless valid_at is given, the belief of its line is that of the first
  // instant in it at which it does.
  std::optional<ValidWindow> valid_during = {};
  std::vector<Provenance> provenances = {};
  std::optional<std::string> source = {};           // of any of its statements, exactly
  std::optional<Confidence> least_confidence = {};  // of the value
  std::optional<Criticality> least_criticality = {};
  std::optional<Value> metadata = {};  // an object: the claim's has each of these members, with an equal value
};

struct SearchRequest {
  AgentId agent;
  std::string text;
  SearchFilter filter = {};
  At at = {};
  std::optional<ValidTime> valid_at = {};  // absent: asked_at
  // Also claims that are not part of what is believed at valid_at, and lines without belief: superseded, ended, parked.
  // What was taken back is not found.
  bool history = false;
  // Absent: by blend where there are vectors to compare, otherwise by words. Meaning that was asked for and is missing
  // is an error.
  std::optional<SearchBy> by = {};
  Score meaning_share{200'000};  // of the score of a blend; the rest is that of the words
  Score least_cosine{250'000};   // of what has no word that was asked for; by meaning of everything
  // Of the score of a claim, how much is its freshness; 0: none. A claim that scores s without scores
  //   (1 - recency_share) * s + recency_share * freshness, freshness = 2^(-age / half_life),
  // each a number of millionths, rounded down. Its age is the time from when it began to hold to valid_at or, without
  // one, asked_at; what is yet to begin has none, and so a freshness of 1. It begins where its window does, as stated.
  // One whose start is not known, or not trusted, began when it was first said: to say it again makes it no fresher.
  // What is found is what would be found without: least_score is one of the whole score, least_cosine of the cosine.
  // By ranks, which has places instead of scores, it is InvalidInput.
  Score recency_share = {};
  std::chrono::microseconds half_life = std::chrono::days{30};  // from 1 on; less is InvalidInput
  std::vector<float> vector = {};            // where the question points, instead of asking the embedder
  std::optional<EmbeddingModel> model = {};  // what made the vector
  Score least_score = {};                    // worse ones are not found
  std::size_t limit = 10;                    // lines: 1..limits::found_lines; more is cut to that, 0 is InvalidInput
  std::vector<AgentId> more_agents = {};     // searched too, and the answers merged; not with a position
  bool explain = false;                      // say what was looked up, and how often it was there
  Progress progress = {};                    // called with (entries read, entries in all) of each ledger
  Call call = {};
};

// One claim of a line that has what was asked for.
struct FoundClaim {
  Slot slot;
  Position statement;     // the entry that has the words: of several the best, then the newest
  bool believed = false;  // its value is the answer of the line, or a side of it; otherwise dissent, or history
  Score score;
  Score words = {};                        // that of its words alone; by meaning 0, unless it is explained
  std::optional<double> cosine = {};       // of its meaning; absent: it has no vector, or meaning was not looked at
  std::optional<Score> freshness = {};     // absent: recency does not count
  Snippet snippet;                         // of the value, as text
  std::vector<std::uint32_t> counts = {};  // of each term of its ledger's `terms`; explain only
};

struct FoundLine {
  AgentId agent;
  LineKey line;
  Score score;  // that of its best claim
  Belief belief;
  std::vector<FoundClaim> claims;  // best first, then newest first
};

// Something that was looked up, and what finding it tells.
struct SearchTerm {
  std::string text;
  bool beginning = false;        // found in every word that begins so
  bool wanted = true;            // false: what has it may be excluded
  std::uint64_t statements = 0;  // that have it
  double bits = 0;               // of information
};

struct SearchedLedger {
  AgentId agent;
  AnsweredAt at;
  std::uint64_t scanned = 0;           // statements that were read, since their words are not filed
  std::uint64_t compared = 0;          // statements that were compared by their meaning
  std::uint64_t pending = 0;           // statements without a vector yet, at most limits::page are counted
  std::string no_meaning = {};         // for people: why meaning was not looked at; empty: it was, or nobody asked
  std::vector<SearchTerm> terms = {};  // explain only
};

struct SearchAnswer {
  std::vector<SearchedLedger> ledgers;  // in the order asked
  SearchBy by = SearchBy::words;        // where a ledger has no vectors, its claims are found by words all the same
  std::string recipe;                   // how texts became terms
  std::optional<EmbeddingModel> model = {};  // what made the vectors; absent: none were compared
  std::string remark = {};                   // for people: why nothing was looked up; empty: something was
  bool cut = false;                          // the question was too long, and its end was left out
  std::vector<FoundLine> lines;              // best first; of equal ones the newest
  bool more = false;                         // further lines were found
};

// Files the words of what was written without them: by a program that files none, by one with another recipe, into a
// store of another version. A search answers the same before and after, and is faster after.
struct ReindexRequest {
  AgentId agent;
  bool anew = false;       // from the beginning, whatever is filed
  Progress progress = {};  // called with (entries filed, entries in all) after each page
  Call call = {};
};
struct ReindexAnswer {
  AgentId agent;
  std::string recipe;
  Position up_to;                // the words of all up to here are filed
  std::uint64_t statements = 0;  // whose words were filed now
};

// Files the vectors of what was written without them, by the embedder of the engine.
struct EmbedRequest {
  AgentId agent;
  bool anew = false;       // those that the model has made are thrown away first
  Progress progress = {};  // called with (entries looked at, entries in all) after each page
  Call call = {};
};
struct EmbedAnswer {
  AgentId agent;
  EmbeddingModel model;
  Position up_to;                // all statements up to here have a vector
  std::uint64_t statements = 0;  // whose vectors were filed now
};

// The vectors of a model as they are filed, each with the statement that it is of: for programs that compare vectors
// themselves. What they find is a statement; what is believed about it recall() says.
//
// Whoever has read some reads those that were filed since, from the last number on. Where `filed.erased` has grown,
// some of those that were read are gone, and nobody may keep them: read all again.
struct VectorsRequest {
  AgentId agent;
  EmbeddingModel model;
  std::uint64_t after = 0;  // the number of the last that was read
  std::size_t limit = 100;  // vectors: 1..limits::page; more is cut to that, 0 is InvalidInput
  Call call = {};
};
struct StatementVector {
  std::uint64_t number = 0;  // of those of its model in this ledger, from 1, in the order in which they were filed
  Record statement = {};     // that it is of: ClaimRecorded or Corroborated, with its content
  std::string text = {};     // of the statement, as its model was given it
  std::vector<float> vector = {};  // of length 1
};
struct VectorsAnswer {
  std::optional<FiledModel> filed;       // how the model stands; absent: the ledger never had a vector of it
  std::vector<StatementVector> vectors;  // by number; without those whose content was erased at that moment
  std::uint64_t last = 0;                // to continue with as `after`
  bool more = false;                     // there may be more behind it
};

// Takes away all vectors of a model that nobody asks with any more. Whoever asks with it again files them anew.
struct DropVectorsRequest {
  AgentId agent;
  EmbeddingModel model;
  Call call = {};
};
struct DropVectorsAnswer {
  AgentId agent;
  EmbeddingModel model;
  std::uint64_t vectors = 0;  // that it had
};

// Where a question points for search(), for such programs to look it up. Operators, and what is excluded, are no part
// of what a model is given.
struct QuestionRequest {
  std::string text;
  Call call = {};
};
struct QuestionVector {
  EmbeddingModel model;
  std::vector<float> vector;  // of length 1
};

// What is believed about something, as text for a prompt: each line of the ledger that was found on a line of its own,
// with dates, sources and markers, contested sides together, the best first, and each that there is room for. Values
// are JSON, so that nothing in one can be taken for what stands around it. Where a line does not fit whole, its values
// longer than a few hundred bytes are cut around what was asked for, which "…" shows; of a set ten members are told,
// those that were asked for first. The text is what the ledger holds: a prompt should say that it is data.
struct ContextRequest {
  SearchRequest search;
  // How many tokens the text may have. Estimated, for no tokenizer in particular: a quarter of one for each character
  // of ASCII, one for each other, rounded up.
  std::size_t budget = 800;
  // Record that the claims of the text went to this context (a conversation, a prompt); only at the head.
  std::optional<std::string> serve_to = {};
  Caller caller = {};
};
struct ContextAnswer {
  std::string text;
  std::size_t tokens = 0;       // estimated
  std::size_t lines = 0;        // of ledgers, that it tells of
  bool more = false;            // others were found, or there was no room for some
  std::vector<ClaimId> claims;  // that it tells of, in its order
  std::vector<SearchedLedger> ledgers;
  std::string remark = {};  // as of SearchAnswer
  bool cut = false;         // likewise
};

}  // namespace claimledger
