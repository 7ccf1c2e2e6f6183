#include "appending.hpp"

#include <sqlite3.h>

#include "commit_checks.hpp"
#include "reading.hpp"

namespace claimledger::sqlite::appending {

namespace {

// What the checks ask, each one look-up. An agent never heard of has nothing.
class Facts : public common::LedgerFacts {
 public:
  Facts(Database& database, std::optional<std::int64_t> agent) : database_(database), agent_(agent) {}

  bool has_claim(const ClaimId& claim) const override { return has(Query::has_claim, claim.value); }
  bool has_key(const Digest& key) const override { return has(Query::has_key, key); }
  bool has_question(const AdjudicationId& handle, std::string_view kind) const override {
    return has(Query::has_question, handle.value, kind);
  }
  bool has_content(Position entry) const override { return has(Query::has_content, entry); }

 private:
  template <class... Key>
  bool has(Query query, const Key&... key) const {
    return agent_ && Run(database_, query, *agent_, key...).next();
  }

  Database& database_;
  std::optional<std::int64_t> agent_;
};

// Writes the rows of one commit, parents of foreign keys first.
class Writer {
 public:
  Writer(Database& database, std::int64_t agent, const Commit& commit)
      : database_(database), agent_(agent), commit_(commit), first_(commit.entries.front().seq) {}

  void write() {
    const auto& header = commit_.header;
    Run(database_, Query::add_batch, agent_, first_, commit_.entries.back().seq, header.id.value, header.recorded_at,
        text(header.clock), header.actor, std::int64_t{header.format})
        .once();
    for (const auto& entry : commit_.entries) write(entry);
  }

 private:
  void write(const StoredEntry& entry) {
    const auto seq = entry.seq;
    const auto line = line_of(entry);
    std::optional<Uuid> claim;
    std::optional<Uuid> handle;
    std::optional<std::string_view> disposition;
    if (entry.claim) claim = entry.claim->value;
    if (entry.handle) handle = entry.handle->value;
    if (!entry.disposition.empty()) disposition = entry.disposition;
    if (entry.kind == common::claim_recorded) Run(database_, Query::add_claim, agent_, *claim, seq).once();
    Run(database_, Query::add_entry, agent_, seq, first_, entry.recorded_at, entry.kind, disposition, line, claim,
        handle, Blob{entry.body}, entry.hash)
        .once();
    for (const auto& parent : entry.derived_from) {
      Run(database_, Query::add_edge, agent_, parent.value, seq, *claim).once();
    }
    for (const auto& served : entry.served) Run(database_, Query::add_served, agent_, served.value, seq).once();
    if (entry.idempotency_key) Run(database_, Query::add_idempotency, agent_, *entry.idempotency_key, seq).once();
    if (entry.content_state == ContentState::present) write(entry.content, seq);
    if (entry.erases) {
      Run(database_, Query::add_erased, agent_, *entry.erases, seq).once();
      Run(database_, Query::erase_content, agent_, *entry.erases).once();
    }
  }

  void write(const StoredContent& content, Position seq) {
    const Blob salt{{reinterpret_cast<const char*>(content.salt.data()), content.salt.size()}};
    std::optional<std::string_view> lookup;
    if (!content.lookup.empty()) lookup = content.lookup;
    Run(database_, Query::add_content, agent_, seq, salt, Blob{content.body}, lookup).once();
  }

  // Neighbours in a batch often share their line.
  std::optional<std::int64_t> line_of(const StoredEntry& entry) {
    if (!entry.line) return {};
    if (last_line_ && *last_line_ == *entry.line) return last_number_;
    last_line_ = &*entry.line;
    const auto found = reading::line_row(database_, agent_, *entry.line);
    last_number_ = found ? found->number : add_line(*entry.line, entry.seq);
    return last_number_;
  }

  std::int64_t add_line(const LineKey& key, Position first) {
    if (!next_line_) {
      Run last(database_, Query::last_line_number, agent_);
      next_line_ = last.next() ? last.integer(0) + 1 : 1;
    }
    Run(database_, Query::add_line, agent_, *next_line_, key.subject, key.predicate, first).once();
    return (*next_line_)++;
  }

  Database& database_;
  std::int64_t agent_;
  const Commit& commit_;
  Position first_;
  const LineKey* last_line_ = nullptr;
  std::int64_t last_number_ = 0;
  std::optional<std::int64_t> next_line_;
};

}  // namespace

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch) {
  const auto number = reading::agent_number(database, agent);
  return number && Run(database, Query::has_batch, *number, batch.value).next();
}

Outcome append(Database& database, const Commit& commit) {
  const auto& agent = commit.header.agent;
  if (has_batch(database, agent, commit.header.id)) return {AppendOutcome::already_there, ""};
  if (commit.after != reading::head(database, agent)) return {AppendOutcome::conflict, ""};
  auto number = reading::agent_number(database, agent);
  if (auto breach = common::CommitChecks(commit, Facts(database, number)).breach()) {
    return {AppendOutcome::refused, std::move(*breach)};
  }
  if (!number) {
    Run(database, Query::add_agent, agent.value).once();
    number = sqlite3_last_insert_rowid(database.handle());
  }
  Writer(database, *number, commit).write();
  return {};
}

}  // namespace claimledger::sqlite::appending
