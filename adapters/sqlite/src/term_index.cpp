#include "term_index.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "errors.hpp"
#include "posting_blocks.hpp"
#include "posting_bytes.hpp"
#include "reading.hpp"
#include "rows.hpp"

namespace claimledger::sqlite::term_index {

namespace {

// Behind every term that begins with a text.
constexpr std::string_view last_character = "\U0010FFFF";

// What is read of the table of postings.
class Block {
 public:
  // `at`: the column of its first content; its count and the others follow. False: nobody filed it so.
  bool read(const Run& row, int at) {
    first_ = row.integer(at);
    count_ = static_cast<std::uint32_t>(row.integer(at + 1));
    constexpr auto most = std::numeric_limits<std::int64_t>::max() - std::numeric_limits<std::uint32_t>::max();
    return first_ <= most && posting_bytes::read(row.blob(at + 2), others_);
  }
  std::int64_t first() const { return first_; }
  void visit(const auto& visitor) const {
    visitor(first_, count_);
    for (const auto& [distance, count] : others_) visitor(first_ + distance, count);
  }

 private:
  std::int64_t first_ = 0;
  std::uint32_t count_ = 0;
  std::vector<common::PostingBlock::Other> others_;
};

void write(Database& database, std::int64_t agent, common::PostingBlocks& blocks) {
  blocks.visit([&](const common::PostingBlock& block) {
    const auto others = posting_bytes::written(block.others);
    std::optional<Blob> bytes;
    if (!others.empty()) bytes = Blob{others};
    Run(database, Query::add_postings, agent, block.term, block.first, std::int64_t{block.count}, bytes).once();
  });
}

void set(Database& database, std::int64_t agent, const TextIndex& index) {
  Run(database, Query::set_text_index, agent, index.recipe, index.up_to).once();
}

// A posting is found by its term, and the terms may be of any recipe: so all of the agent's are looked at, once for a
// batch. Erasing is rare, and a second index would be paid for by every write. Where one cannot be read, nobody knows
// what it has, and all go.
void erase(Database& database, std::int64_t agent, const Commit& commit, TextIndex& index) {
  std::set<std::int64_t> erased;
  for (const auto& entry : commit.entries)
    if (entry.erases) erased.insert(static_cast<std::int64_t>(entry.erases->value));
  if (erased.empty()) return;

  std::vector<std::pair<std::string, Block>> found;
  bool readable = true;
  {
    Block block;
    for (Run row(database, Query::postings_of_agent, agent, *erased.rbegin()); row.next();) {
      readable = block.read(row, 1);
      if (!readable) break;
      bool has = false;
      block.visit([&](std::int64_t content, std::uint32_t) { has = has || erased.contains(content); });
      if (has) found.emplace_back(row.text(0), block);
    }
  }
  if (!readable) {
    Run(database, Query::drop_postings, agent).once();
    set(database, agent, index = {});
    return;
  }
  for (const auto& [term, block] : found) {
    Run(database, Query::remove_postings, agent, term, block.first()).once();
    common::PostingBlocks left;
    block.visit([&, &term = term](std::int64_t content, std::uint32_t count) {
      if (!erased.contains(content)) left.add(content, term, count);
    });
    write(database, agent, left);
  }
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
    common::PostingBlocks blocks;
    for (const auto& entry : commit.entries)
      blocks.add(static_cast<std::int64_t>(entry.seq.value), entry.content.terms);
    write(database, agent, blocks);
    index.up_to = last;
    set(database, agent, index);
  }
  erase(database, agent, commit, index);  // also of what an index had that somebody dropped
}

bool extend(Database& database, const AgentId& name, const TextIndex& before, const TextIndex& after,
            std::span<const ContentTerms> contents) {
  const auto agent = reading::agent_number(database, name);
  if (!agent || read(database, *agent) != before) return false;
  const bool goes_on = after.recipe == before.recipe && after.up_to > before.up_to;
  if (!goes_on) Run(database, Query::drop_postings, *agent).once();
  common::PostingBlocks blocks;
  for (const auto& [seq, terms] : contents)
    if (Run(database, Query::has_content, *agent, seq).next()) blocks.add(static_cast<std::int64_t>(seq.value), terms);
  write(database, *agent, blocks);
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

  Block block;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    // A block may begin before the window and end behind it.
    const auto visit_block = [&](const Run& row, std::string_view term, int at) {
      if (!block.read(row, at))
        corrupt("postings", "the word \"" + shortened(term, 64) + "\" is filed in a way that nobody files words; " +
                                way_to_file_anew);
      block.visit([&](std::int64_t content, std::uint32_t count) {
        const Position seq{static_cast<std::uint64_t>(content)};
        if (from <= seq && seq <= to) visit({i, term, seq, count});
      });
    };
    const auto& text = queries[i].text;
    if (queries[i].kind == TermQuery::Kind::term) {
      Run row(database, Query::postings_of_term, *agent, text, from, to);
      while (row.next()) visit_block(row, text, 0);
    } else {
      const auto end = text + std::string(last_character);
      Run row(database, Query::postings_of_beginning, *agent, text, end, to);
      while (row.next()) visit_block(row, row.text(0), 1);
    }
  }
  return index;
}

}  // namespace claimledger::sqlite::term_index
