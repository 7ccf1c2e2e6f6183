#include "appending.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "claimledger/adapter/commit_check.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "rows.hpp"
#include "term_columns.hpp"

namespace claimledger::postgres::appending {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* operation = "append";

// The lines of a commit: those that are wanted first, then the others that it writes to, each once.
class Lines {
 public:
  explicit Lines(const Basis* basis) {
    if (!basis) return;
    const auto& wanted = basis->wanted.lines;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      // Wanted twice, it is sent twice, and entries name the first.
      add(wanted[i].key);
      if (basis->last_seqs.empty()) {
        last_seqs_.add_null();
      } else {
        last_seqs_.add(number(basis->last_seqs[i]));
      }
    }
  }

  std::int32_t number_of(const LineKey& line) {
    if (const auto known = numbers_.find({line.subject, line.predicate}); known != numbers_.end()) return known->second;
    last_seqs_.add_null();
    return add(line);
  }

  void lend_to(Parameters& parameters) const {
    for (const auto* column : {&subjects_, &predicates_, &last_seqs_}) parameters.borrow(*column);
  }

 private:
  std::int32_t add(const LineKey& line) {
    subjects_.add(line.subject);
    predicates_.add(line.predicate);
    return numbers_.try_emplace({line.subject, line.predicate}, ++count_).first->second;
  }

  std::int32_t count_ = 0;
  std::map<std::pair<std::string_view, std::string_view>, std::int32_t> numbers_;
  Array subjects_ = Array::texts(), predicates_ = Array::texts(), last_seqs_ = Array::integers();
};

// The headers of commits, one array for each column.
class Headers {
 public:
  explicit Headers(std::span<const Commit> commits) {
    for (const auto& commit : commits) {
      const auto& header = commit.header;
      ids_.add(header.id.value);
      times_.add(std::int64_t{header.recorded_at.value.time_since_epoch().count()});
      clocks_.add_number(static_cast<std::uint8_t>(header.clock));
      actors_.add(header.actor);
      formats_.add_small(static_cast<std::int32_t>(header.format));
      sizes_.add_small(static_cast<std::int32_t>(commit.entries.size()));
    }
  }

  void lend_to(Parameters& parameters) const {
    for (const auto* column : {&ids_, &times_, &clocks_, &actors_, &formats_, &sizes_}) parameters.borrow(*column);
  }

 private:
  Array ids_ = Array::uuids(), times_ = Array::integers(), clocks_ = Array::numbers(), actors_ = Array::texts();
  Array formats_ = Array::small_integers(), sizes_ = Array::small_integers();
};

// Visits the entries of commits, each with its place among all of them, from 1.
template <class Visit>
void each_entry(std::span<const Commit> commits, const Visit& visit) {
  std::int64_t place = 0;
  for (const auto& commit : commits) {
    for (const auto& entry : commit.entries) visit(entry, ++place);
  }
}

// The entries of commits, one array for each column. A column that not every entry has is paired with an array of the
// entries' places.
class Entries {
 public:
  Entries(std::span<const Commit> commits, Lines& lines) {
    each_entry(commits, [&](const StoredEntry& entry, std::int64_t place) { add(entry, place, lines); });
  }

  void lend_to(Parameters& parameters) const {
    for (const auto* column :
         {&kinds_, &dispositions_, &lines_, &claims_, &begins_, &handles_, &erases_, &bodies_, &hashes_, &salts_,
          &contents_, &search_texts_, &keys_, &parents_, &child_places_, &served_, &served_places_}) {
      parameters.borrow(*column);
    }
  }

 private:
  void add(const StoredEntry& entry, std::int64_t place, Lines& lines) {
    kinds_.add_number(entry.kind);
    if (entry.disposition) {
      dispositions_.add_number(*entry.disposition);
    } else {
      dispositions_.add_null();
    }
    if (entry.line) {
      lines_.add_small(lines.number_of(*entry.line));
    } else {
      lines_.add_null();
    }
    add_id(claims_, entry.claim);
    begins_.add_flag(entry.begins);
    add_id(handles_, entry.handle);
    if (entry.erases) {
      erases_.add(number(*entry.erases));
    } else {
      erases_.add_null();
    }
    bodies_.add(entry.body);
    hashes_.add(entry.hash);
    add_content(entry);
    for (const auto& parent : entry.derived_from) {
      parents_.add(parent.value);
      child_places_.add(place);
    }
    for (const auto& claim : entry.served) {
      served_.add(claim.value);
      served_places_.add(place);
    }
  }

  void add_content(const StoredEntry& entry) {
    const bool present = entry.content_state == ContentState::present;
    if (present) {
      const auto& salt = entry.content.salt;
      salts_.add(std::string_view(reinterpret_cast<const char*>(salt.data()), salt.size()));
      contents_.add(entry.content.body);
    } else {
      salts_.add_null();
      contents_.add_null();
    }
    if (present && !entry.content.search_text.empty()) {
      search_texts_.add(entry.content.search_text);
    } else {
      search_texts_.add_null();
    }
    keys_.add(entry.idempotency_key);
  }

  template <class Id>
  static void add_id(Array& column, const std::optional<Id>& id) {
    if (id) {
      column.add(id->value);
    } else {
      column.add_null();
    }
  }

  Array kinds_ = Array::numbers(), dispositions_ = Array::numbers(), lines_ = Array::small_integers();
  Array claims_ = Array::uuids(), begins_ = Array::flags(), handles_ = Array::uuids(), erases_ = Array::integers();
  Array bodies_ = Array::bytes(), hashes_ = Array::bytes(), salts_ = Array::bytes(), contents_ = Array::bytes();
  Array search_texts_ = Array::texts(), keys_ = Array::bytes();
  Array parents_ = Array::uuids(), child_places_ = Array::integers();
  Array served_ = Array::uuids(), served_places_ = Array::integers();
};

// By the places of their entries.
TermColumns terms_of(std::span<const Commit> commits) {
  TermColumns columns;
  if (commits.front().recipe.empty()) return columns;
  each_entry(commits, [&](const StoredEntry& entry, std::int64_t place) { columns.add(place, entry.content.terms); });
  return columns;
}

// By the places of their entries.
class VectorColumns {
 public:
  explicit VectorColumns(std::span<const Commit> commits) {
    if (!commits.front().model) return;
    each_entry(commits, [&](const StoredEntry& entry, std::int64_t place) {
      if (entry.content_state != ContentState::present || entry.content.vector.empty()) return;
      vectors_.add(entry.content.vector);
      places_.add(place);
    });
  }
  void lend_to(Parameters& parameters) const {
    for (const auto* column : {&vectors_, &places_}) parameters.borrow(*column);
  }

 private:
  Array vectors_ = Array::bytes(), places_ = Array::integers();
};

Rows ask(const Database& database, Session& session, std::span<const Commit> commits, const Basis* basis, Turn turn,
         const Call& call) {
  static const Wanted nothing;
  const auto& wanted = basis ? basis->wanted : nothing;
  const reading::WantedColumns columns(wanted);
  Lines lines(basis);
  const Headers headers(commits);
  const Entries entries(commits, lines);
  auto terms = terms_of(commits);
  const VectorColumns vectors(commits);
  const auto& agent = commits.front().header.agent;
  const auto& after = commits.front().after;
  Parameters all(agent_key(agent), agent.value, genesis_hash(agent), lock_timeout(database, call), turn.kept,
                 turn.keeps, after.position, after.recorded_at, after.hash);
  headers.lend_to(all);
  lines.lend_to(all);
  all.add(basis != nullptr);
  all.add(static_cast<std::int32_t>(wanted.lines.size()));
  all.borrow(columns.after);
  all.borrow(columns.keys);
  all.borrow(columns.claims);
  entries.lend_to(all);
  all.add(commits.front().recipe);
  terms.lend_to(all);
  const auto model = commits.front().model.value_or(EmbeddingModel{});
  all.add(model.name);
  all.add(static_cast<std::int32_t>(model.dimensions));
  all.add(model.fingerprint);
  all.add(commits.front().every_vector);
  vectors.lend_to(all);
  session.warned();  // of what came before
  return database.send(session, Query::append, all, call, operation);
}

// Which of the keys that a commit brings is taken.
Outcome taken(const Database& database, Session& session, const Commit& commit, const Call& call) {
  auto claims = Array::uuids(), keys = Array::bytes(), handles = Array::uuids(), kinds = Array::numbers();
  std::vector<const StoredEntry*> with_claim, with_key, with_handle;
  for (const auto& entry : commit.entries) {
    if (entry.begins && entry.claim) {
      claims.add(entry.claim->value);
      with_claim.push_back(&entry);
    }
    if (entry.idempotency_key) {
      keys.add(*entry.idempotency_key);
      with_key.push_back(&entry);
    }
    if (entry.handle) {
      handles.add(entry.handle->value);
      kinds.add_number(entry.kind);
      with_handle.push_back(&entry);
    }
  }
  auto row =
      database.send(session, Query::read_taken,
                    Parameters(agent_key(commit.header.agent), commit.header.id.value, claims, keys, handles, kinds),
                    call, operation);
  // Only the primary key is taken: another writer was faster.
  if (!row.next()) return {AppendOutcome::conflict};
  const auto part = row.text(0);
  if (part == "batch") return {AppendOutcome::already_there};
  const auto entry = [&](const std::vector<const StoredEntry*>& entries) -> const StoredEntry& {
    return *entries[place_column(row, 1, entries.size(), operation)];
  };
  using Check = adapter::CommitCheck;
  if (part == "claim") return {AppendOutcome::refused, Check::reused_claim(entry(with_claim))};
  if (part == "key") return {AppendOutcome::refused, Check::reused_key(entry(with_key))};
  return {AppendOutcome::refused, Check::reused_handle(entry(with_handle))};
}

// Waits, unless the caller stops meanwhile.
void pause(milliseconds time, const Call& call) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, call.stop, time, [] { return false; });
}

}  // namespace

std::string lock_timeout(const Database& database, const Call& call) {
  auto allowed = database.options().lock_timeout;
  if (call.deadline) {
    const auto left = std::chrono::ceil<milliseconds>(*call.deadline - steady_clock::now());
    if (allowed.count() == 0 || left < allowed) allowed = std::max(left, milliseconds{1});
  }
  return std::to_string(allowed.count());
}

std::optional<Outcome> refusal(const Database& database, const Commit& commit, const Call& call) {
  auto breach = adapter::CommitCheck(commit).breach();
  if (!breach) return std::nullopt;
  const auto& header = commit.header;
  // A late or repeated commit gets that outcome instead.
  const auto none = Array::uuids();
  auto batch =
      database.ask(Query::read_taken,
                   Parameters(agent_key(header.agent), header.id.value, none, Array::bytes(), none, Array::numbers()),
                   call, operation);
  if (batch.next()) return Outcome{AppendOutcome::already_there};
  const auto head = reading::snapshot({database, call, operation}, header.agent, AtHead{}, {}).snapshot.head;
  if (head != commit.after) return Outcome{AppendOutcome::conflict};
  return Outcome{AppendOutcome::refused, std::move(*breach)};
}

std::size_t go_together(std::span<const Commit> commits) {
  const auto& first = commits.front();
  auto end = first.after;
  std::size_t count = 0;
  for (const auto& commit : commits) {
    const bool follows = commit.header.agent == first.header.agent && commit.after == end;
    const bool filed_alike =
        commit.recipe == first.recipe && commit.model == first.model && commit.every_vector == first.every_vector;
    if (!follows || !filed_alike || adapter::CommitCheck(commit).breach()) break;
    end = end_of(commit);
    ++count;
  }
  return std::max<std::size_t>(count, 1);
}

Answer send(const Database& database, Session& session, std::span<const Commit> commits, const Basis* basis, Turn turn,
            const Call& call) {
  try {
    auto row = ask(database, session, commits, basis, turn, call);
    if (session.warned()) {
      session.mark_unusable();
      throw StoreFailure(FailureKind::in_doubt, operation,
                         "the server warned while it committed, so a standby may not have the batch; append the same "
                         "batch again");
    }
    row.next();
    const auto outcome = row.text(0);
    if (outcome == "done") return {};
    if (outcome == "already_there") return {{AppendOutcome::already_there}};
    if (outcome == "conflict") return {{AppendOutcome::conflict}};
    return {{AppendOutcome::conflict}, reading::sorted(row, commits.front().header.agent, basis->wanted, operation)};
  } catch (const StoreFailure& failure) {
    if (failure.kind() == FailureKind::conflict) {
      // In a transaction that has failed nothing can be asked, and of several nobody knows whose it is; the next
      // attempt tells.
      const bool unknown = turn.in_transaction || commits.size() > 1;
      return {unknown ? Outcome{AppendOutcome::conflict} : taken(database, session, commits.front(), call)};
    }
    // A guard of the database forbids the batch.
    if (session.sqlstate() == "23001") return {{AppendOutcome::refused, failure.detail()}};
    throw;
  }
}

Answer append(const Database& database, const Commit& commit, const Basis* basis, const Call& call) {
  const std::span one(&commit, 1);
  try {
    if (auto refused = refusal(database, commit, call)) return {std::move(*refused)};
    {
      const auto lease = database.pool().acquire(call, operation);
      const auto sent = lease->sent();
      try {
        return send(database, *lease, one, basis, {}, call);
      } catch (const StoreFailure& failure) {
        // A commit that the server reported an error for did not land, nor did one that was never sent.
        const bool unknown = lease->sent() != sent && (lease->lost() || lease->sqlstate().empty());
        if (failure.kind() == FailureKind::in_doubt || !unknown) throw;
      }
    }
    return resolve_unknown_commit(database, one, basis, call);
  } catch (const StoreFailure& failure) {
    return {failed(failure)};
  }
}

// Appends the same batches again. The first attempt cannot land later: the head that it names has moved, or its basis
// no longer holds and never will again. They landed together or not at all, so the first tells.
Answer resolve_unknown_commit(const Database& database, std::span<const Commit> commits, const Basis* basis,
                              const Call& call) {
  auto until = steady_clock::now() + database.options().acquire_timeout;
  if (call.deadline) until = std::min(until, *call.deadline);
  std::string why = "the connection was lost";
  for (milliseconds wait{10};; wait = std::min(2 * wait, milliseconds{500})) {
    if (call.stop.stop_requested() || steady_clock::now() + wait >= until) break;
    try {
      const auto lease = database.pool().acquire_new(call, operation);
      auto answer = send(database, *lease, commits, basis, {}, call);
      if (answer.outcome.outcome == AppendOutcome::already_there) answer.outcome.outcome = AppendOutcome::done;
      return answer;
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::in_doubt) throw;
      why = failure.detail();
    }
    pause(wait, call);
  }
  throw StoreFailure(FailureKind::in_doubt, operation,
                     "nobody could say whether the batch landed; append the same batch again: " + why);
}

}  // namespace claimledger::postgres::appending
