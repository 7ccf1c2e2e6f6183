#include "term_index.hpp"

#include "appending.hpp"
#include "errors.hpp"
#include "rows.hpp"
#include "term_columns.hpp"

namespace claimledger::postgres::term_index {

TextIndex read(const Reader& reader, const AgentId& agent) { return postings(reader, agent, {}, {}, {}, {}, {}); }

TextIndex postings(const Reader& reader, const AgentId& agent, const std::string& recipe,
                   std::span<const TermQuery> queries, Position from, Position to,
                   const std::function<void(const Posting&)>& visit) {
  auto beginnings = Array::flags(), texts = Array::texts();
  for (const auto& query : queries) {
    beginnings.add_flag(query.kind == TermQuery::Kind::beginning);
    texts.add(query.text);
  }
  auto row = reader.ask(Query::read_postings, Parameters(agent_key(agent), recipe, beginnings, texts, from, to));
  row.next();
  TextIndex index{std::string(row.text(1)), position_column(row, 2)};
  while (row.next()) {
    const auto query = place_column(row, 0, queries.size(), reader.operation);
    const auto term = row.null(1) ? std::string_view(queries[query].text) : row.text(1);
    const auto seqs = row.integers(3);
    const auto counts = row.integers(4);
    if (seqs.size() != counts.size()) corrupt(reader.operation, "a term is counted otherwise than it is there");
    for (std::size_t i = 0; i < seqs.size(); ++i)
      visit({query, term, {static_cast<std::uint64_t>(seqs[i])}, static_cast<std::uint32_t>(counts[i])});
  }
  return index;
}

// A connection that is lost meanwhile puts nothing in doubt: whoever asks again sees whether the index was moved.
bool extend(const Reader& reader, const AgentId& agent, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents) {
  TermColumns terms;
  for (const auto& content : contents) terms.add(number(content.seq), content.terms);
  Parameters all(agent_key(agent), appending::lock_timeout(reader.database, reader.call), before.recipe, before.up_to,
                 after.recipe, after.up_to);
  terms.lend_to(all);
  auto row = reader.ask(Query::append_terms, all);
  row.next();
  return row.flag(0);
}

}  // namespace claimledger::postgres::term_index
