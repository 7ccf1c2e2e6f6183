#pragma once

#include <functional>
#include <span>
#include <string>

#include "claimledger/ports/search_index.hpp"
#include "reading.hpp"

// SearchIndex, each call one statement. What an append files goes with it (appending.hpp).
namespace claimledger::postgres::term_index {

using reading::Reader;

TextIndex read(const Reader& reader, const AgentId& agent);
TextIndex postings(const Reader& reader, const AgentId& agent, const std::string& recipe,
                   std::span<const TermQuery> queries, Position from, Position to,
                   const std::function<void(const Posting&)>& visit);
bool extend(const Reader& reader, const AgentId& agent, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents);

}  // namespace claimledger::postgres::term_index
