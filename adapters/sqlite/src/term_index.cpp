#include "term_index.hpp"

#include <algorithm>
#include <vector>

#include "reading.hpp"
#include "rows.hpp"

namespace claimledger::sqlite::term_index {

namespace {

// Behind every term that begins with a text.
constexpr std::string_view last_character = "\U0010FFFF";

// Postings on their way to the table, which is in their order: so a page of it is met once by all that go there.
class NewPostings {
 public:
  void add(Position seq, std::span<const TermCount> terms) {
    for (const auto& term : terms) postings_.push_back({&term, seq});
  }
  void write(Database& database, std::int64_t agent) {
    std::ranges::stable_sort(
        postings_, {}, [](const auto& posting) -> const auto& { return posting.term->term; });
    for (const auto& [term, seq] : postings_)
      Run(database, Query::add_posting, agent, term->term, seq, std::int64_t{term->count}).once();
  }

 private:
  struct NewPosting {
    const TermCount* term;
    Position seq;
  };
  std::vector<NewPosting> postings_;
};

void set(Database& database, std::int64_t agent, const TextIndex& index) {
  Run(database, Query::set_text_index, agent, index.recipe, index.up_to).once();
}

// A posting is found by its term, and the terms may be of any recipe: so all of the agent's are looked at, once for a
// batch. Erasing is rare, and a second index would be paid for by every write.
void erase(Database& database, std::int64_t agent, const Commit& commit) {
  std::string seqs;
  for (const auto& entry : commit.entries) {
    if (!entry.erases) continue;
    seqs += seqs.empty() ? '[' : ',';
    seqs += std::to_string(entry.erases->value);
  }
  if (!seqs.empty()) Run(database, Query::erase_postings, agent, std::string_view(seqs += ']')).once();
}

}  // namespace

TextIndex read(Database& database, std::int64_t agent) {
  Run row(database, Query::text_index, agent);
  if (!row.next()) return {};
  return {std::string(row.text(0)), position_column(row, 1)};
}

void follow(Database& database, std::int64_t agent, const Commit& commit, TextIndex& index) {
  const auto last = commit.entries.back().seq;
  const bool begins = commit.after.position == Position{} && index == TextIndex{};
  if (begins) index.recipe = commit.recipe;
  if (!commit.recipe.empty() && index == TextIndex{commit.recipe, commit.after.position}) {
    NewPostings postings;
    for (const auto& entry : commit.entries) postings.add(entry.seq, entry.content.terms);
    postings.write(database, agent);
    index.up_to = last;
    set(database, agent, index);
  }
  erase(database, agent, commit);  // also of what an index had that somebody dropped
}

bool extend(Database& database, const AgentId& name, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents) {
  const auto agent = reading::agent_number(database, name);
  if (!agent || read(database, *agent) != before) return false;
  const bool goes_on = after.recipe == before.recipe && after.up_to > before.up_to;
  if (!goes_on) Run(database, Query::drop_postings, *agent).once();
  NewPostings postings;
  for (const auto& [seq, terms] : contents)
    if (Run(database, Query::has_content, *agent, seq).next()) postings.add(seq, terms);
  postings.write(database, *agent);
  set(database, *agent, after);
  return true;
}

TextIndex postings(Database& database, const AgentId& name, const std::string& recipe,
                   std::span<const TermQuery> queries, Position from, Position to,
                   const std::function<void(const Posting&)>& visit) {
  const auto agent = reading::agent_number(database, name);
  if (!agent) return {};
  auto index = read(database, *agent);
  if (index.recipe != recipe) return index;
  to = std::min(to, index.up_to);  // behind that is none of the index

  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto& text = queries[i].text;
    if (queries[i].kind == TermQuery::Kind::term) {
      Run row(database, Query::postings_of_term, *agent, text, from, to);
      while (row.next()) visit({i, text, position_column(row, 0), static_cast<std::uint32_t>(row.integer(1))});
    } else {
      const auto end = text + std::string(last_character);
      Run row(database, Query::postings_of_beginning, *agent, text, end, from, to);
      while (row.next()) visit({i, row.text(0), position_column(row, 1), static_cast<std::uint32_t>(row.integer(2))});
    }
  }
  return index;
}

}  // namespace claimledger::sqlite::term_index
