#include "appending.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <thread>

#include "call_check.hpp"
#include "commit_checks.hpp"
#include "errors.hpp"

namespace claimledger::postgres::appending {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* operation = "append";

// A unique key that stopped an append is asked about this often: the next attempt finds what stands there.
constexpr int attempts = 4;

// What has to be in the ledger for a commit to land, and what must not be: all that the checks would ask it.
struct Needs {
  std::set<ClaimId> claims;
  std::set<ClaimId> new_claims;
  std::set<AdjudicationId> questions;
  std::set<AdjudicationId> opened;
  std::set<AdjudicationId> closed;
  std::set<Digest> new_keys;
  std::set<std::int64_t> contents;
};

Needs needs_of(const Commit& commit) {
  Needs needs;
  for (const auto& entry : commit.entries) {
    if (entry.kind == common::claim_recorded && entry.claim) needs.new_claims.insert(*entry.claim);
    if (entry.handle && entry.kind == common::adjudication_opened) needs.opened.insert(*entry.handle);
  }
  const auto need = [&](const ClaimId& claim) {
    if (!needs.new_claims.contains(claim)) needs.claims.insert(claim);
  };
  for (const auto& entry : commit.entries) {
    if (entry.claim) need(*entry.claim);
    for (const auto& parent : entry.derived_from) need(parent);
    for (const auto& served : entry.served) need(served);
    if (entry.handle && entry.kind == common::adjudication_closed) {
      needs.closed.insert(*entry.handle);
      if (!needs.opened.contains(*entry.handle)) needs.questions.insert(*entry.handle);
    }
    if (entry.idempotency_key) needs.new_keys.insert(*entry.idempotency_key);
    if (entry.erases && *entry.erases <= commit.after.position) needs.contents.insert(number(*entry.erases));
  }
  return needs;
}

// A ledger that has all a commit needs and nothing else. What breaks a rule even so is the commit's own fault.
class Hopes : public common::LedgerFacts {
 public:
  explicit Hopes(const Needs& needs) : needs_(needs) {}
  bool has_claim(const ClaimId& claim) const override { return needs_.claims.contains(claim); }
  bool has_key(const Digest&) const override { return false; }
  bool has_question(const AdjudicationId& handle, std::string_view kind) const override {
    return kind == common::adjudication_opened && needs_.questions.contains(handle);
  }
  bool has_content(Position) const override { return true; }

 private:
  const Needs& needs_;
};

// What the database says that it has, of what was asked; see append_batch().
class Facts : public common::LedgerFacts {
 public:
  explicit Facts(std::string_view lines) {
    while (!lines.empty()) {
      const auto line = lines.substr(0, lines.find('\n'));
      facts_.emplace(line);
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
  }
  bool has_claim(const ClaimId& claim) const override { return has("claim " + to_text(claim.value)); }
  bool has_key(const Digest& key) const override { return has("key " + key.hex()); }
  bool has_question(const AdjudicationId& handle, std::string_view kind) const override {
    return has(std::string(kind) + ' ' + to_text(handle.value));
  }
  bool has_content(Position entry) const override { return has("content " + std::to_string(entry.value)); }

 private:
  bool has(const std::string& fact) const { return facts_.contains(fact); }

  std::set<std::string> facts_;
};

// The entries of a commit as arrays: what all have, and who has what not all have, by place in the batch, from 1.
class Columns {
 public:
  explicit Columns(const Commit& commit) {
    for (const auto& entry : commit.entries) add(entry, ++place_);
  }

  // Lends them.
  void add_to(Parameters& parameters) const {
    for (const auto* column :
         {&erased_,  &tombstone_places_, &subjects_, &predicates_, &line_places_,    &kinds_, &dispositions_, &lines_,
          &claims_,  &handles_,          &bodies_,   &hashes_,     &content_places_, &salts_, &contents_,     &lookups_,
          &parents_, &child_places_,     &children_, &served_,     &served_places_}) {
      parameters.borrow(*column);
    }
  }
  const Array& new_claims() const { return new_claims_; }
  const Array& new_claim_places() const { return new_claim_places_; }
  const Array& new_keys() const { return new_keys_; }
  const Array& new_key_places() const { return new_key_places_; }

 private:
  void add(const StoredEntry& entry, std::int64_t place) {
    kinds_.add(entry.kind);
    if (entry.disposition.empty()) {
      dispositions_.add_null();
    } else {
      dispositions_.add(entry.disposition);
    }
    add_line(entry, place);
    add_id(claims_, entry.claim);
    add_id(handles_, entry.handle);
    bodies_.add(entry.body);
    hashes_.add(entry.hash);
    if (entry.kind == common::claim_recorded && entry.claim) {
      new_claims_.add(entry.claim->value);
      new_claim_places_.add(place);
    }
    if (entry.idempotency_key) {
      new_keys_.add(*entry.idempotency_key);
      new_key_places_.add(place);
    }
    if (entry.content_state == ContentState::present) add(entry.content, place);
    for (const auto& parent : entry.derived_from) {
      parents_.add(parent.value);
      child_places_.add(place);
      add_id(children_, entry.claim);
    }
    for (const auto& claim : entry.served) {
      served_.add(claim.value);
      served_places_.add(place);
    }
    if (entry.erases) {
      erased_.add(number(*entry.erases));
      tombstone_places_.add(place);
    }
  }

  void add(const StoredContent& content, std::int64_t place) {
    content_places_.add(place);
    salts_.add(std::string_view(reinterpret_cast<const char*>(content.salt.data()), content.salt.size()));
    contents_.add(content.body);
    if (content.lookup.empty()) {
      lookups_.add_null();
    } else {
      lookups_.add(content.lookup);
    }
  }

  // Each line once, with the place of its first entry here.
  void add_line(const StoredEntry& entry, std::int64_t place) {
    if (!entry.line) return lines_.add_null();
    const auto next = static_cast<std::int32_t>(line_numbers_.size()) + 1;
    const auto [found, fresh] = line_numbers_.try_emplace({entry.line->subject, entry.line->predicate}, next);
    if (fresh) {
      subjects_.add(entry.line->subject);
      predicates_.add(entry.line->predicate);
      line_places_.add(place);
    }
    lines_.add_small(found->second);
  }

  template <class Id>
  static void add_id(Array& column, const std::optional<Id>& id) {
    if (id) {
      column.add(id->value);
    } else {
      column.add_null();
    }
  }

  std::int64_t place_ = 0;
  std::map<std::pair<std::string_view, std::string_view>, std::int32_t> line_numbers_;
  Array new_claims_ = Array::uuids(), new_claim_places_ = Array::integers();
  Array new_keys_ = Array::bytes(), new_key_places_ = Array::integers();
  Array erased_ = Array::integers(), tombstone_places_ = Array::integers();
  Array subjects_ = Array::texts(), predicates_ = Array::texts(), line_places_ = Array::integers();
  Array kinds_ = Array::texts(), dispositions_ = Array::texts(), lines_ = Array::small_integers();
  Array claims_ = Array::uuids(), handles_ = Array::uuids(), bodies_ = Array::bytes(), hashes_ = Array::bytes();
  Array content_places_ = Array::integers(), salts_ = Array::bytes(), contents_ = Array::bytes();
  Array lookups_ = Array::texts();
  Array parents_ = Array::uuids(), child_places_ = Array::integers(), children_ = Array::uuids();
  Array served_ = Array::uuids(), served_places_ = Array::integers();
};

template <class Ids>
Array uuids(const Ids& ids) {
  auto array = Array::uuids();
  for (const auto& id : ids) array.add(id.value);
  return array;
}

// How long a writer may wait for the one before it: as long as is allowed and as the call has left. 0: for ever.
std::string patience(milliseconds lock_timeout, const Call& call) {
  if (call.deadline) {
    const auto left = std::chrono::ceil<milliseconds>(*call.deadline - steady_clock::now());
    if (lock_timeout.count() == 0 || left < lock_timeout) lock_timeout = std::max(left, milliseconds{1});
  }
  return std::to_string(lock_timeout.count());
}

// One commit on its way.
class Appending {
 public:
  Appending(const Database& database, const Commit& commit, const Call& call)
      : database_(database), commit_(commit), call_(call), needs_(needs_of(commit)), columns_(commit) {
    sound_ = !common::CommitChecks(commit, Hopes(needs_)).breach();
  }

  Outcome run() {
    for (int attempt = 1;; ++attempt) {
      const auto lease = database_.pool().acquire(call_, operation);
      const auto sent = lease->sent();
      try {
        return send(*lease);
      } catch (const StoreFailure& failure) {
        if (failure.kind() == FailureKind::in_doubt || lease->sent() == sent) throw;
        // Not an error that the server reported: it may have gone through.
        if (lease->lost() || lease->sqlstate().empty()) break;
        if (failure.kind() != FailureKind::conflict) throw;
        // A unique key stopped it; asked again, the database says which of the three it is.
        if (attempt == attempts) return {AppendOutcome::conflict, ""};
      }
    }
    return settle();
  }

 private:
  Outcome send(Session& session) {
    session.warned();  // of what came before
    auto row = database_.send(session, Query::append_batch, parameters(), call_, operation);
    if (session.warned()) {
      session.spoil();
      throw StoreFailure(FailureKind::in_doubt, operation,
                         "the server warned while it committed, so a standby may not have the batch; append the same "
                         "batch again");
    }
    row.next();
    return outcome(row.text(0), row.text(1));
  }

  Parameters parameters() const {
    const auto& header = commit_.header;
    auto keys = Array::bytes();
    for (const auto& key : needs_.new_keys) keys.add(key);
    auto contents = Array::integers();
    for (const auto seq : needs_.contents) contents.add(seq);
    const auto& after = commit_.after;
    Parameters all(agent_key(header.agent), header.agent.value, genesis_hash(header.agent), after.position,
                   after.recorded_at, after.hash, sound_, patience(database_.options().lock_timeout, call_),
                   header.id.value, header.recorded_at, text(header.clock), header.actor,
                   static_cast<std::int32_t>(header.format), uuids(needs_.claims));
    if (sound_) {
      all.borrow(columns_.new_claims());
      all.borrow(columns_.new_claim_places());
      all.borrow(columns_.new_keys());
      all.borrow(columns_.new_key_places());
    } else {
      all.add(uuids(needs_.new_claims));
      all.add(Array::integers());
      all.add(keys);
      all.add(Array::integers());
    }
    all.add(uuids(needs_.questions));
    all.add(uuids(needs_.opened));
    all.add(uuids(needs_.closed));
    all.add(contents);
    columns_.add_to(all);
    return all;
  }

  Outcome outcome(std::string_view word, std::string_view detail) const {
    if (word == "done") return {};
    if (word == "already_there") return {AppendOutcome::already_there, ""};
    if (word == "conflict") return {AppendOutcome::conflict, ""};
    const Facts facts(detail);
    auto breach = common::CommitChecks(commit_, facts).breach();
    if (!breach) throw StoreFailure(FailureKind::refused, operation, "the database names no rule that is broken");
    return {AppendOutcome::refused, std::move(*breach)};
  }

  // The connection went, and with it the answer. The same batch is appended again on another: if it had landed it is
  // there already, and if it had not, now it has, or the database says why not. What was sent first can't land
  // afterwards: its head is then no more.
  Outcome settle() {
    auto until = steady_clock::now() + database_.options().acquire_timeout;
    if (call_.deadline) until = std::min(until, *call_.deadline);
    std::string why = "the connection was lost";
    for (milliseconds wait{10};; wait = std::min(2 * wait, milliseconds{500})) {
      if (call_.stop.stop_requested() || steady_clock::now() + wait >= until) break;
      try {
        const auto lease = database_.pool().acquire_new(call_, operation);
        auto settled = send(*lease);
        if (settled.outcome == AppendOutcome::already_there) settled.outcome = AppendOutcome::done;
        return settled;
      } catch (const StoreFailure& failure) {
        if (failure.kind() == FailureKind::in_doubt) throw;
        why = failure.detail();
      }
      std::this_thread::sleep_for(wait);
    }
    throw StoreFailure(FailureKind::in_doubt, operation,
                       "nobody could say whether the batch landed; append the same batch again: " + why);
  }

  const Database& database_;
  const Commit& commit_;
  const Call& call_;
  Needs needs_;
  Columns columns_;
  bool sound_ = false;  // breaks no rule that the commit alone can break
};

}  // namespace

Outcome append(const Database& database, const Commit& commit, const Call& call) {
  return Appending(database, commit, call).run();
}

}  // namespace claimledger::postgres::appending
