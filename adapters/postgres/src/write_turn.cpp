#include "write_turn.hpp"

#include <algorithm>

#include "appending.hpp"
#include "reading.hpp"

namespace claimledger::postgres {

namespace {

using appending::Answer;
using appending::Basis;

constexpr const char* operation = "append";

// A session that can keep an agent's turn from one statement to the next. While it does, it has no place in the pool:
// a decision may need one for a read.
class TurnSession {
 public:
  TurnSession(const Database& database, const AgentId& agent, const Call& call)
      : database_(database), agent_(agent), call_(call), lease_(database.pool().acquire(call, operation)) {}
  ~TurnSession() {
    if (keeps_ == Keeps::nothing) return;
    try {
      if (keeps_ == Keeps::transaction) {
        database_.execute(*lease_, Query::rollback, {}, operation);
      } else {
        database_.send(*lease_, Query::append_nothing, Parameters(agent_key(agent_)), {}, operation);
      }
    } catch (const StoreFailure&) {
      lease_->mark_unusable();  // the turn ends with the session
    }
  }
  TurnSession(const TurnSession&) = delete;
  TurnSession& operator=(const TurnSession&) = delete;

  void begin_transaction() {
    database_.execute(*lease_, Query::begin_turn, call_, operation);
    keeps_ = Keeps::transaction;
  }

  // Sends a commit. Where the basis no longer holds, keeps the turn if it can. Failure: StoreFailure.
  Answer send(const Commit& commit, const Basis& basis) {
    const auto kept = std::exchange(keeps_, Keeps::nothing);
    const bool lasts = !database_.server().bouncer;
    try {
      auto answer = appending::send(
          database_, *lease_, commit, &basis,
          {.kept = kept == Keeps::lock, .keeps = lasts, .in_transaction = kept == Keeps::transaction}, call_);
      if (answer.fresh) {
        keeps_ = lasts ? Keeps::lock : kept;
        if (keeps()) lease_.leave_pool();
      } else if (kept == Keeps::transaction) {
        end_transaction();
      }
      // A statement that failed has undone what it set for the session.
      if (kept != Keeps::nothing && answer.outcome.outcome != AppendOutcome::done) lease_->mark_unusable();
      return answer;
    } catch (const StoreFailure&) {
      if (kept != Keeps::nothing) lease_->mark_unusable();
      throw;
    }
  }

  bool keeps() const { return keeps_ != Keeps::nothing; }
  Session& session() const { return *lease_; }

 private:
  enum class Keeps { nothing, lock, transaction };

  void end_transaction() {
    lease_->warned();
    database_.execute(*lease_, Query::commit, call_, operation);
    if (!lease_->warned()) return;
    lease_->mark_unusable();
    throw StoreFailure(FailureKind::in_doubt, operation,
                       "the server warned while it committed, so a standby may not have the batch; append the same "
                       "batch again");
  }

  const Database& database_;
  const AgentId& agent_;
  const Call& call_;
  ConnectionPool::Lease lease_;
  Keeps keeps_ = Keeps::nothing;
};

// The write of one agent.
class AgentTurn {
 public:
  AgentTurn(const Database& database, RecentLedgers& recent, WriteIntent intent, const Call& call)
      : database_(database),
        recent_(recent),
        agent_(std::move(intent.agent)),
        wanted_(std::move(intent.wanted)),
        call_(call) {
    if (intent.assumed) {
      basis_ = std::move(*intent.assumed);
    } else if (auto guess = recent_.guess(agent_, wanted_)) {
      basis_ = std::move(guess->snapshot);
      last_seqs_ = std::move(guess->last_seqs);
    } else {
      take(reading::snapshot({database_, call_, "begin_write"}, agent_, AtHead{}, wanted_));
    }
  }

  const AgentId& agent() const { return agent_; }
  const Snapshot& snapshot() const { return basis_; }

  TurnOutcome append(const Commit& commit) {
    auto outcome = try_append(commit);
    if (outcome.outcome.outcome == AppendOutcome::done) {
      recent_.note_written(commit, wanted_, basis_);
    } else if (outcome.fresh) {
      basis_ = *outcome.fresh;
    } else if (outcome.outcome.outcome != AppendOutcome::refused) {
      recent_.forget(agent_);
    }
    return outcome;
  }

 private:
  void take(reading::Look look) {
    recent_.read(agent_, wanted_, look.snapshot, look.last_tombstone);
    basis_ = std::move(look.snapshot);
    last_seqs_.clear();
  }

  TurnOutcome try_append(const Commit& commit) {
    try {
      if (auto refused = appending::refusal(database_, commit, call_)) return {std::move(*refused)};
      auto answer = sent(commit);
      if (!answer.fresh) return {std::move(answer.outcome)};
      auto fresh = answer.fresh->snapshot;
      take(std::move(*answer.fresh));
      return {std::move(answer.outcome), std::move(fresh)};
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::in_doubt) recent_.note_in_doubt(commit.header.id, {wanted_, last_seqs_});
      return {failed(failure)};
    }
  }

  Answer sent(const Commit& commit) {
    if (!session_) session_ = std::make_unique<TurnSession>(database_, agent_, call_);
    const auto before = session_->session().sent();
    const Basis basis{wanted_, last_seqs_};
    try {
      constexpr int guesses = 2;
      if (database_.server().bouncer && attempts_++ == guesses) session_->begin_transaction();
      auto answer = session_->send(commit, basis);
      if (!session_->keeps()) session_.reset();
      return answer;
    } catch (const StoreFailure& failure) {
      const auto session = std::exchange(session_, nullptr);
      const auto& its = session->session();
      // A commit that the server reported an error for did not land, nor did one that was never sent.
      const bool unknown = its.sent() != before && (its.lost() || its.sqlstate().empty());
      if (failure.kind() == FailureKind::in_doubt || !unknown) throw;
    }
    return appending::resolve_unknown_commit(database_, commit, &basis, call_);
  }

  const Database& database_;
  RecentLedgers& recent_;
  AgentId agent_;
  Wanted wanted_;
  const Call& call_;
  Snapshot basis_;
  std::vector<Position> last_seqs_;
  int attempts_ = 0;
  std::unique_ptr<TurnSession> session_;
};

class PostgresTurn : public WriteTurn {
 public:
  PostgresTurn(const Database& database, RecentLedgers& recent, std::vector<WriteIntent> intents, const Call& call,
               std::function<void()> told)
      : told_(std::move(told)) {
    for (auto& intent : intents) {
      agents_.push_back(std::make_unique<AgentTurn>(database, recent, std::move(intent), call));
      snapshots.push_back(agents_.back()->snapshot());
    }
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    std::vector<TurnOutcome> outcomes;
    outcomes.reserve(commits.size());
    for (const auto& commit : commits) {
      const auto agent = std::find_if(agents_.begin(), agents_.end(),
                                      [&](const auto& each) { return each->agent() == commit.header.agent; });
      if (agent == agents_.end()) {
        outcomes.push_back({{AppendOutcome::refused, "the turn is not one of this agent"}});
      } else {
        outcomes.push_back((*agent)->append(commit));
      }
    }
    if (std::any_of(outcomes.begin(), outcomes.end(),
                    [](const TurnOutcome& each) { return each.outcome.outcome == AppendOutcome::done; })) {
      told_();
    }
    return outcomes;
  }

 private:
  std::function<void()> told_;
  std::vector<std::unique_ptr<AgentTurn>> agents_;
};

}  // namespace

std::unique_ptr<WriteTurn> begin_write(const Database& database, RecentLedgers& recent,
                                       std::vector<WriteIntent> intents, const Call& call, std::function<void()> told) {
  return std::make_unique<PostgresTurn>(database, recent, std::move(intents), call, std::move(told));
}

}  // namespace claimledger::postgres
