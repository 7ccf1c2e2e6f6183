#pragma once

#include "claimledger/search.hpp"
#include "rules/rules.hpp"

namespace claimledger::application {

// What of a ledger a search may find. It is asked before anything takes a place among the best.
// Threads: any. Lives no longer than the request.
class Filter {
 public:
  explicit Filter(const SearchRequest& request) : filter_(request.filter), history_(request.history) {}

  bool takes(const LineKey& line) const;
  bool takes(const Belief& belief) const;
  bool takes(const rules::LineState& line, const rules::ClaimState& claim, ValidTime valid_at) const;

 private:
  bool in_time(const rules::ClaimState& claim, ValidTime valid_at) const;

  const SearchFilter& filter_;
  bool history_;
};

}  // namespace claimledger::application
