#include "appending.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "agent_files.hpp"
#include "claimledger/adapter/commit_check.hpp"
#include "file_identity.hpp"
#include "reading.hpp"
#include "term_index.hpp"
#include "vector_table.hpp"

namespace claimledger::sqlite::appending {

namespace {

// Writes the rows of one commit.
class Rows {
 public:
  Rows(Database& database, std::int64_t agent, const Commit& commit, Known& known)
      : database_(database), agent_(agent), commit_(commit), known_(known), first_(commit.entries.front().seq) {}

  void write() {
    for (const auto& entry : commit_.entries) write(entry);
  }

 private:
  void write(const StoredEntry& entry) {
    const auto line = line_of(entry);
    const bool begins_line = line == entry.seq;
    const bool begins_batch = entry.seq == first_;
    const bool has_content = entry.content_state == ContentState::present;
    const auto& header = commit_.header;
    const auto& content = entry.content;
    const Blob salt{{reinterpret_cast<const char*>(content.salt.data()), content.salt.size()}};
    const auto given = []<class Field>(bool condition, const Field& field) {
      return condition ? std::optional<Field>(field) : std::nullopt;
    };
    const auto value = []<class Id>(const std::optional<Id>& id) {
      return id ? std::optional<Uuid>(id->value) : std::nullopt;
    };
    const std::optional<std::string_view> none;
    Run(database_, Query::add_entry, agent_, entry.seq, std::int64_t(entry.seq.value - first_.value), entry.recorded_at,
        std::int64_t{entry.kind}, entry.disposition ? std::optional(std::int64_t{*entry.disposition}) : std::nullopt,
        line, value(entry.claim), std::int64_t{entry.begins}, value(entry.handle), entry.idempotency_key, entry.erases,
        entry.hash, Blob{entry.body}, given(has_content, salt), given(has_content, Blob{content.body}),
        has_content && !content.search_text.empty() ? std::optional<std::string_view>(content.search_text) : none,
        begins_line ? std::optional<std::string_view>(entry.line->subject) : none,
        begins_line ? std::optional<std::string_view>(entry.line->predicate) : none,
        given(begins_batch, header.id.value), given(begins_batch, std::int64_t{header.entries}),
        given(begins_batch, static_cast<std::int64_t>(header.clock)),
        begins_batch ? std::optional<std::string_view>(header.actor) : none,
        given(begins_batch, std::int64_t{header.format}))
        .once();
    for (const auto& parent : entry.derived_from) {
      Run(database_, Query::add_derivation, agent_, parent.value, entry.seq).once();
    }
    for (const auto& served : entry.served) Run(database_, Query::add_served, agent_, served.value, entry.seq).once();
    if (entry.erases) Run(database_, Query::erase_content, agent_, *entry.erases).once();
  }

  // Neighbours in a batch often share their line.
  std::optional<Position> line_of(const StoredEntry& entry) {
    if (!entry.line) return {};
    if (last_line_ && *last_line_ == *entry.line) return last_number_;
    last_line_ = &*entry.line;
    const auto [line, unknown] = known_.lines.try_emplace(*entry.line);
    auto& begins = line->second;
    if (unknown) begins = reading::line_number(database_, agent_, *entry.line);
    if (!begins) {
      Run(database_, Query::add_line, agent_, entry.line->subject, entry.line->predicate, entry.seq).once();
      begins = entry.seq;
    }
    last_number_ = *begins;
    return last_number_;
  }

  Database& database_;
  std::int64_t agent_;
  const Commit& commit_;
  Known& known_;
  Position first_;
  const LineKey* last_line_ = nullptr;
  Position last_number_;
};

// Which unique key of the ledger a commit reuses.
std::optional<std::string> reuse(Database& database, std::int64_t agent, const Commit& commit) {
  using adapter::CommitCheck;
  const auto has = [&](Query query, const auto&... key) { return Run(database, query, agent, key...).next(); };
  for (const auto& entry : commit.entries) {
    if (entry.begins && has(Query::has_claim, entry.claim->value)) return CommitCheck::reused_claim(entry);
    if (entry.idempotency_key && has(Query::has_key, *entry.idempotency_key)) return CommitCheck::reused_key(entry);
    if (entry.handle && has(Query::has_handle, entry.handle->value, std::int64_t{entry.kind})) {
      return CommitCheck::reused_handle(entry);
    }
  }
  return {};
}

// `number`: the agent's, where it has one.
void write(Database& database, const Commit& commit, Known& known, std::optional<std::int64_t> number) {
  if (!number) {
    Run(database, Query::add_agent, commit.header.agent.value).once();
    number = sqlite3_last_insert_rowid(database.handle());
  }
  Rows(database, *number, commit, known).write();
  if (!known.index) known.index = term_index::read(database, *number);
  term_index::follow(database, *number, commit, *known.index);
  vector_table::follow(database, *number, commit);
}

}  // namespace

bool any_done(std::span<const Outcome> outcomes) {
  return std::ranges::any_of(outcomes, [](const auto& each) { return each.outcome == AppendOutcome::done; });
}

bool has_batch(Database& database, const AgentId& agent, const BatchId& batch) {
  const auto number = reading::agent_number(database, agent);
  return number && Run(database, Query::has_batch, *number, batch.value).next();
}

std::optional<std::string> refusal_of_first(Database& database, const AgentId& agent) {
  const std::filesystem::path path = sqlite3_db_filename(database.handle(), "main");
  const auto name = path.filename().string();
  const auto read = read_file_name(name);
  if (!read || name == file_name(agent) || !is_directory_of_ledgers(folder_of(path.string()))) return {};
  const auto inside = reading::agents(database, {}, 2);
  if (inside.size() > 1 || (inside.size() == 1 && file_name(inside.front().agent) != name)) return {};
  const auto whose = read->agent ? "the ledger of '" + read->agent->value + "'" : "that of another agent";
  return "this is " + whose +
         " in a directory that has one for each agent, and takes no other; open the directory, or a file elsewhere";
}

Outcome append(Database& database, const Commit& commit, Known& known, Refused refused) {
  const bool undone_alone = refused == Refused::undone_alone;
  const auto& agent = commit.header.agent;
  if (commit.after != known.head) {
    return {has_batch(database, agent, commit.header.id) ? AppendOutcome::already_there : AppendOutcome::conflict};
  }
  if (auto breach = adapter::CommitCheck(commit).breach()) return {AppendOutcome::refused, std::move(*breach)};
  const auto known_as = reading::agent_number(database, agent);
  if (auto refusal = known_as ? std::nullopt : refusal_of_first(database, agent))
    return {AppendOutcome::refused, std::move(*refusal)};
  if (undone_alone) Run(database, Query::begin_commit).once();
  try {
    write(database, commit, known, known_as);
  } catch (const StoreFailure& failure) {
    if (!database.broke_a_constraint()) throw;
    // The guards refuse a key that is there already; which one it is, is asked once the commit is undone.
    database.agents.erase(agent.value);
    known.lines.clear();
    known.index.reset();
    Run(database, undone_alone ? Query::undo_commit : Query::rollback).once();
    if (undone_alone) Run(database, Query::end_commit).once();
    const auto number = reading::agent_number(database, agent);
    if (number && has_batch(database, agent, commit.header.id)) return {AppendOutcome::already_there};
    if (auto breach = number ? reuse(database, *number, commit) : std::nullopt) {
      return {AppendOutcome::refused, std::move(*breach)};
    }
    return {AppendOutcome::refused, failure.detail()};
  }
  if (undone_alone) Run(database, Query::end_commit).once();
  known.head = end_of(commit);
  return {};
}

}  // namespace claimledger::sqlite::appending
