#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/ports/store.hpp"

// Where words stand in a ledger: a part of the persistence port that a store may leave out.
//
// The ledger is the truth, and an index never more than a faster way to it. It says which recipe its terms were made by
// and how far it reaches; what lies behind that, and everything where the recipe is another, core reads and makes terms
// of itself. So an index may be behind, be missing or be of another version, and no answer changes.
//
// A store appends to it in the transaction of the ledger, by one rule: where the index of the agent was made by
// Commit::recipe and reaches up to Commit::after, or where the ledger is empty, the terms of the batch are filed and
// the index reaches to the end of the batch. Otherwise the index is left as it is. What a Tombstone erases is gone from
// it in the same transaction.
namespace claimledger {

// How far the index of a ledger reaches: every content up to there that is not erased has its terms in it, and nothing
// else is in it. Without one the recipe is empty and it reaches nowhere.
struct TextIndex {
  std::string recipe;
  Position up_to;
  friend bool operator==(const TextIndex&, const TextIndex&) = default;
};

// What to look up: a term, or all terms that begin so; all there are for the empty beginning.
struct TermQuery {
  enum class Kind { term, beginning };
  Kind kind = Kind::term;
  std::string text;
};

struct Posting {
  std::size_t query;      // its place among those that were asked
  std::string_view term;  // good during the visit
  Position seq;           // of the entry whose content has it
  std::uint32_t count;
};

// The terms of one content.
struct ContentTerms {
  Position seq;
  std::vector<TermCount> terms;
};

// Threads and failure: as those of Store.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  virtual TextIndex text_index(const AgentId& agent, const Call& call) const = 0;

  // Visits the postings of entries from `from` to `to`, by query and then by term, those of a term by seq, and says
  // what it looked into, all in one look. Visits nothing where the recipe is another.
  virtual TextIndex postings(const AgentId& agent, const std::string& recipe, std::span<const TermQuery> queries,
                             Position from, Position to, const std::function<void(const Posting&)>& visit,
                             const Call& call) const = 0;

  // Makes the index reach from `before` to `after`, which is further by the same recipe: files these terms, but for
  // contents that are erased by now. Or lets it begin anew: where the recipe is another, or `after` is not further, all
  // that was filed goes first, and `contents` are those from the beginning. One transaction. False: the index is not
  // `before`, since somebody else moved it, and nothing was done.
  virtual bool extend(const AgentId& agent, const TextIndex& before, const TextIndex& after,
                      std::span<const ContentTerms> contents, const Call& call) = 0;
};

}  // namespace claimledger
