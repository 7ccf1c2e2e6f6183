#include <algorithm>

#include "entry_filter.hpp"
#include "errors.hpp"
#include "reading.hpp"
#include "rows.hpp"

// A page of entries: the most selective key of the filter gives positions from its index, in order; each entry is then
// fetched and held against the rest of the filter.
namespace claimledger::sqlite::reading {

namespace {

struct Range {
  std::int64_t agent;
  Position first;
  Position last;
};

class Page {
 public:
  Page(Database& database, const EntryPage& wanted, Range range)
      : database_(database), wanted_(wanted), range_(range) {}

  std::vector<StoredEntry> read() {
    const auto& filter = wanted_.filter;
    if (wanted_.limit == 0 || range_.first > range_.last) return {};
    if (filter.served) {
      follow(Query::seqs_of_served_up, filter.served->value);
    } else if (filter.handle) {
      follow(Query::seqs_of_handle_up, filter.handle->value);
    } else if (filter.claim) {
      follow(Query::seqs_of_claim_up, filter.claim->value);
    } else if (filter.line) {
      const auto line = line_row(database_, range_.agent, *filter.line);
      if (line) follow(Query::seqs_of_line_up, line->number);
    } else if (filter.lookup) {
      follow(Query::seqs_of_lookup_up, *filter.lookup);
    } else if (filter.disposition) {
      follow(Query::seqs_of_disposition_up, *filter.disposition);
    } else if (!filter.kinds.empty()) {
      follow_kinds();
    } else {
      follow(Query::seqs_up);
      check_gapless();
    }
    return std::move(page_);
  }

 private:
  // The statement for ascending order; its twin for the other stands right behind it.
  Query directed(Query ascending) const {
    return wanted_.order == Order::ascending ? ascending : static_cast<Query>(static_cast<std::size_t>(ascending) + 1);
  }

  template <class... Key>
  void follow(Query ascending, const Key&... key) {
    Run row(database_, directed(ascending), range_.agent, range_.first, range_.last, key...);
    while (page_.size() < wanted_.limit && row.next()) take(position_column(row, 0));
  }

  // Each kind gives at most a page; together they are merged into one.
  void follow_kinds() {
    auto kinds = wanted_.filter.kinds;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    std::vector<Position> seqs;
    for (const auto& kind : kinds) {
      Run row(database_, directed(Query::seqs_of_kind_up), range_.agent, range_.first, range_.last, kind,
              count(wanted_.limit));
      while (row.next()) seqs.push_back(position_column(row, 0));
    }
    std::sort(seqs.begin(), seqs.end());
    if (wanted_.order == Order::descending) std::reverse(seqs.begin(), seqs.end());
    if (seqs.size() > wanted_.limit) seqs.resize(wanted_.limit);
    for (const auto seq : seqs) take(seq);
  }

  // Where nothing is left out, a number that is missing is a lost entry.
  void check_gapless() const {
    const bool up = wanted_.order == Order::ascending;
    auto expected = up || page_.empty() ? std::max(range_.first.value, std::uint64_t{1}) : page_.front().seq.value;
    for (const auto& entry : page_) {
      if (entry.seq.value != expected)
        corrupt(database_.operation(), "entry " + std::to_string(expected) + " is missing");
      expected += up ? 1 : std::uint64_t{0} - 1;
    }
  }

  void take(Position seq) {
    auto found = entry(database_, range_.agent, seq);
    if (common::passes(found, wanted_.filter)) page_.push_back(std::move(found));
  }

  Database& database_;
  const EntryPage& wanted_;
  Range range_;
  std::vector<StoredEntry> page_;
};

}  // namespace

std::vector<StoredEntry> entries(Database& database, const AgentId& agent, const EntryPage& page) {
  const auto number = agent_number(database, agent);
  if (!number) return {};
  const auto last = page.filter.to ? std::min(*page.filter.to, page.at) : page.at;
  return Page(database, page, {*number, page.filter.from, last}).read();
}

}  // namespace claimledger::sqlite::reading
