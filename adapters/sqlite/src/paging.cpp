#include <algorithm>
#include <iterator>

#include "claimledger/domain/entry_number.hpp"
#include "errors.hpp"
#include "reading.hpp"
#include "rows.hpp"

// A page of entries. The index of the key gives positions in order; each entry is then read and its kind compared.
namespace claimledger::sqlite::reading {

namespace {

class Page {
 public:
  Page(Database& database, const EntryQuery& query, std::int64_t agent, Position last)
      : database_(database), query_(query), agent_(agent), last_(last) {}

  std::vector<StoredEntry> read() {
    if (query_.limit != 0 && query_.from <= last_) std::visit(*this, query_.key);
    return std::move(page_);
  }

  void operator()(const key::All&) {
    if (!query_.kinds.empty() && !wants(kind_number<ClaimRecorded>)) return follow_kinds();
    walk(std::nullopt);
    if (query_.kinds.empty()) check_gapless();
  }
  void operator()(const key::Claim& key) { follow(Query::seqs_of_claim_up, key.claim.value); }
  void operator()(const key::Line& key) {
    if (const auto line = line_number(database_, agent_, key.line)) follow(Query::seqs_of_line_up, *line);
  }
  void operator()(const key::Handle& key) { follow(Query::seqs_of_handle_up, key.handle.value); }
  void operator()(const key::ServedClaim& key) { follow(Query::seqs_of_served_up, key.claim.value); }
  void operator()(const key::Text& key) {
    if (!key.text.empty()) follow(Query::seqs_of_text_up, key.text);
  }
  void operator()(const key::Disposition& key) {
    if (key.disposition == disposition_number(Disposition::committed_cheap)) return walk(key.disposition);
    follow(Query::seqs_of_disposition_up, std::int64_t{key.disposition});
  }
  void operator()(const key::Positions& key) {
    std::vector<Position> seqs;
    std::ranges::copy_if(key.positions, std::back_inserter(seqs),
                         [&](Position seq) { return seq >= query_.from && seq <= last_; });
    in_order(seqs);
    for (const auto seq : seqs) {
      if (full()) break;
      Run row(database_, Query::entry, agent_, seq);
      if (!row.next()) continue;
      auto found = entry_row(row, database_.operation());
      if (wants(found.kind)) page_.push_back(std::move(found));
    }
  }

 private:
  // The statement for ascending order; its twin for the other stands right behind it.
  Query directed(Query ascending) const {
    return query_.order == Order::ascending ? ascending : static_cast<Query>(static_cast<std::size_t>(ascending) + 1);
  }
  bool full() const { return page_.size() >= query_.limit; }
  bool wants(std::uint8_t kind) const {
    return query_.kinds.empty() || std::find(query_.kinds.begin(), query_.kinds.end(), kind) != query_.kinds.end();
  }

  template <class... Key>
  void follow(Query ascending, const Key&... key) {
    Run row(database_, directed(ascending), agent_, query_.from, last_, key...);
    while (!full() && row.next()) {
      auto found = entry(database_, agent_, position_column(row, 0));
      if (wants(found.kind)) page_.push_back(std::move(found));
    }
  }

  // Along the positions, since most entries match.
  void walk(std::optional<std::uint8_t> disposition) {
    Run row(database_, directed(Query::seqs_up), agent_, query_.from, last_);
    while (!full() && row.next()) {
      if (!query_.kinds.empty() && (row.integer(1) > 255 || !wants(static_cast<std::uint8_t>(row.integer(1)))))
        continue;
      if (disposition && (row.null(2) || row.integer(2) != *disposition)) continue;
      page_.push_back(entry(database_, agent_, position_column(row, 0)));
    }
  }

  // Each kind gives at most a page; together they are merged into one.
  void follow_kinds() {
    auto kinds = query_.kinds;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    std::vector<Position> seqs;
    for (const auto kind : kinds) {
      Run row(database_, directed(Query::seqs_of_kind_up), agent_, query_.from, last_, std::int64_t{kind},
              count(query_.limit));
      while (row.next()) seqs.push_back(position_column(row, 0));
    }
    in_order(seqs);
    if (seqs.size() > query_.limit) seqs.resize(query_.limit);
    for (const auto seq : seqs) page_.push_back(entry(database_, agent_, seq));
  }

  // Each once.
  void in_order(std::vector<Position>& seqs) const {
    std::sort(seqs.begin(), seqs.end());
    seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
    if (query_.order == Order::descending) std::reverse(seqs.begin(), seqs.end());
  }

  // Where nothing is left out, a number that is missing is a lost entry.
  void check_gapless() const {
    const bool up = query_.order == Order::ascending;
    auto expected = up || page_.empty() ? std::max(query_.from.value, std::uint64_t{1}) : page_.front().seq.value;
    for (const auto& entry : page_) {
      if (entry.seq.value != expected)
        corrupt(database_.operation(), "entry " + std::to_string(expected) + " is missing");
      expected += up ? 1 : std::uint64_t{0} - 1;
    }
  }

  Database& database_;
  const EntryQuery& query_;
  std::int64_t agent_;
  Position last_;
  std::vector<StoredEntry> page_;
};

}  // namespace

std::vector<StoredEntry> entries(Database& database, const AgentId& agent, const EntryQuery& query, Position at) {
  const auto number = agent_number(database, agent);
  if (!number) return {};
  return Page(database, query, *number, query.to ? std::min(*query.to, at) : at).read();
}

}  // namespace claimledger::sqlite::reading
