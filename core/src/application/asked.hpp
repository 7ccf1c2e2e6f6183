#pragma once

#include <optional>
#include <string>

#include "application/candidates.hpp"
#include "claimledger/search.hpp"
#include "search/question.hpp"

namespace claimledger::application {

// What is asked of every ledger.
struct Asked {
  search::Question question;
  SearchBy by = SearchBy::words;
  std::optional<AskedMeaning> meaning = {};
  std::string no_meaning = {};  // why there is none; empty: nobody asked
};

// Failure: InvalidInput, also for meaning that was asked for and cannot be had; what the embedder throws then.
Asked ask(const Context& context, const SearchRequest& request);

}  // namespace claimledger::application
