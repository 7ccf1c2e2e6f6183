#include "term_index.hpp"

#include "appending.hpp"
#include "errors.hpp"
#include "rows.hpp"
#include "term_columns.hpp"

namespace claimledger::postgres::term_index {

namespace {

// The postings of one term: the first content of each block with its count, and the others of all blocks as the
// database writes them, "{3,7}{1,2};;{1};".
class Blocks {
 public:
  Blocks(const Rows& row, const char* operation)
      : firsts_(row.integers(3)), counts_(row.integers(4)), others_(row.text(5)), operation_(operation) {
    if (firsts_.size() != counts_.size()) refuse();
  }

  void visit(const auto& visitor) {
    std::vector<std::int64_t> distances, counts;
    for (std::size_t i = 0; i < firsts_.size(); ++i) {
      const auto first = static_cast<std::uint64_t>(firsts_[i]);
      visitor(Position{first}, counts_[i]);
      distances.clear();
      counts.clear();
      if (others_.starts_with('{') && !take_array(others_, distances)) refuse();
      if (others_.starts_with('{') && (!take_array(others_, counts) || counts.size() != distances.size())) refuse();
      if (!others_.starts_with(';')) refuse();
      others_.remove_prefix(1);
      for (std::size_t k = 0; k < distances.size(); ++k)
        visitor(Position{first + static_cast<std::uint64_t>(distances[k])}, counts.empty() ? 1 : counts[k]);
    }
    if (!others_.empty()) refuse();
  }

 private:
  [[noreturn]] void refuse() const { corrupt(operation_, "a term is filed in a way that nobody files it"); }

  std::vector<std::int64_t> firsts_, counts_;
  std::string_view others_;
  const char* operation_;
};

}  // namespace

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
    Blocks(row, reader.operation).visit([&](Position seq, std::int64_t count) {
      if (from <= seq && seq <= to) visit({query, term, seq, static_cast<std::uint32_t>(count)});
    });
  }
  return index;
}

// A connection that is lost meanwhile puts nothing in doubt: whoever asks again sees whether the index was moved.
bool extend(const Reader& reader, const AgentId& agent, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents) {
  TermColumns terms;
  auto filed = Array::integers();
  for (const auto& content : contents) {
    terms.add(number(content.seq), content.terms);
    filed.add(number(content.seq));
  }
  Parameters all(agent_key(agent), appending::lock_timeout(reader.database, reader.call), before.recipe, before.up_to,
                 after.recipe, after.up_to);
  terms.lend_to(all);
  all.add(filed);
  auto row = reader.ask(Query::append_terms, all);
  row.next();
  return row.flag(0);
}

}  // namespace claimledger::postgres::term_index
