#pragma once

#include <optional>
#include <span>
#include <string>

#include "database.hpp"
#include "reading.hpp"

// Commits of an agent, sent as one statement.
namespace claimledger::postgres::appending {

// The reads that a commit was decided on. The server checks them and answers with fresh ones if they no longer hold.
struct Basis {
  const Wanted& wanted;
  // For each line that is wanted the last entry that was seen of it; empty where the lines were read at the head that
  // the commit follows.
  const std::vector<Position>& last_seqs;
};

// How the agent's lock passes from one statement of a session to the next.
struct Turn {
  bool kept = false;            // the session has it since its last statement
  bool keeps = false;           // it is to be kept where the basis no longer holds
  bool in_transaction = false;  // one that was begun before, and ends after
};

struct Answer {
  Outcome outcome;
  std::optional<reading::Look> fresh = {};  // where the basis no longer holds
};

// The time that a writer may wait for the one before it, in milliseconds: lock_timeout, or the rest of the call. 0: no
// limit.
std::string lock_timeout(const Database& database, const Call& call);

// How many of these commits, from the first on, one statement may bring: at least one, and others that follow each
// other, break no rule, and are filed alike.
std::size_t go_together(std::span<const Commit> commits);

// Sends such commits on this session and waits: they land together or not at all. Of several `conflict` and `refused`
// do not say which of them it is. Failure: StoreFailure, in_doubt where they may have landed.
Answer send(const Database& database, Session& session, std::span<const Commit> commits, const Basis* basis, Turn turn,
            const Call& call);

// Appends a commit on any connection; if that is lost meanwhile, finds out its outcome on another one.
// Failure: none; the outcome says it.
Answer append(const Database& database, const Commit& commit, const Basis* basis, const Call& call);

// Finds out the outcome of commits whose connection was lost, by appending them again on the same basis.
// Failure: StoreFailure{in_doubt}.
Answer resolve_unknown_commit(const Database& database, std::span<const Commit> commits, const Basis* basis,
                              const Call& call);

// The outcome of a commit that breaks a rule by itself: already_there or conflict if the ledger makes it so, else
// refused. Absent if it breaks none.
// Failure: StoreFailure.
std::optional<Outcome> refusal(const Database& database, const Commit& commit, const Call& call);

}  // namespace claimledger::postgres::appending
