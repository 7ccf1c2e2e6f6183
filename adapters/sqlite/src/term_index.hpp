#pragma once

#include <functional>
#include <span>
#include <string>

#include "claimledger/ports/search_index.hpp"
#include "database.hpp"

// The terms of contents in one database. `agent`: its number.
namespace claimledger::sqlite::term_index {

TextIndex read(Database& database, std::int64_t agent);

// These three run inside a write transaction.

// Files what a batch brings, if the index reaches up to it, and takes out what it erases. `index` is that of the agent,
// and is brought up to date.
void follow(Database& database, std::int64_t agent, const Commit& commit, TextIndex& index);
// As SearchIndex::extend().
bool extend(Database& database, const AgentId& agent, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents);

// As SearchIndex::postings().
TextIndex postings(Database& database, const AgentId& agent, const std::string& recipe,
                   std::span<const TermQuery> queries, Position from, Position to,
                   const std::function<void(const Posting&)>& visit);

}  // namespace claimledger::sqlite::term_index
