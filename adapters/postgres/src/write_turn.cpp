#include "write_turn.hpp"

#include <algorithm>
#include <iterator>
#include <span>

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

  // Sends commits. Where the basis no longer holds, keeps the turn if it can. Failure: StoreFailure.
  Answer send(std::span<const Commit> commits, const Basis* basis) {
    const auto kept = std::exchange(keeps_, Keeps::nothing);
    const bool lasts = !database_.server().bouncer;
    try {
      auto answer = appending::send(
          database_, *lease_, commits, basis,
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
      guessed_ = true;
    } else if (auto guess = intent.afresh ? std::nullopt : recent_.guess(agent_, wanted_)) {
      basis_ = std::move(guess->snapshot);
      last_seqs_ = std::move(guess->last_seqs);
      guessed_ = true;
    } else {
      take(reading::snapshot({database_, call_, "begin_write"}, agent_, AtHead{}, wanted_));
    }
  }

  const AgentId& agent() const { return agent_; }
  const Snapshot& snapshot() const { return basis_; }

  // Whether the snapshot is what this process knows, or was told.
  bool guessed() const { return guessed_; }

  // Of commits that follow each other none is tried behind one that did not land.
  std::vector<TurnOutcome> append(std::span<const Commit> commits) {
    std::vector<TurnOutcome> outcomes(commits.size(), TurnOutcome{{AppendOutcome::conflict}});
    std::size_t landed = 0;  // from the first on
    bool one_by_one = false;
    for (std::size_t at = 0; at < commits.size();) {
      const bool follows = at > 0 && commits[at].after == end_of(commits[at - 1]);
      if (follows && !has_landed(outcomes[at - 1].outcome)) {
        ++at;
        continue;
      }
      const auto some = commits.subspan(at, one_by_one ? 1 : appending::go_together(commits.subspan(at)));
      // The first was checked against the basis, and the others follow it.
      auto outcome = try_append(some, at == 0 ? With::basis : With::head_alone);
      const auto what = outcome.outcome.outcome;
      const bool of_all = what == AppendOutcome::done || what == AppendOutcome::failed || outcome.fresh;
      one_by_one = !of_all && some.size() > 1;  // which of them it is, they tell one by one
      if (one_by_one) continue;
      if (what == AppendOutcome::done && landed == at) landed += some.size();
      if (outcome.fresh) {
        outcomes[at] = std::move(outcome);
      } else {
        std::fill_n(outcomes.begin() + static_cast<std::ptrdiff_t>(at), some.size(), outcome);
      }
      at += some.size();
    }
    note(commits.first(landed), outcomes);
    return outcomes;
  }

 private:
  void take(reading::Look look) {
    recent_.read(agent_, wanted_, look.snapshot, look.last_tombstone);
    basis_ = std::move(look.snapshot);
    last_seqs_.clear();
  }

  // What the server checks of that which commits were decided on.
  enum class With { basis, head_alone };

  // What is known of the ledger from now on.
  void note(std::span<const Commit> landed, const std::vector<TurnOutcome>& outcomes) {
    if (!landed.empty()) recent_.note_written(landed, wanted_, basis_);
    bool known = true;
    for (const auto& [outcome, fresh] : outcomes) {
      if (fresh) {
        basis_ = *fresh;
        return;
      }
      known = known && (outcome.outcome == AppendOutcome::done || outcome.outcome == AppendOutcome::refused);
    }
    if (!known) recent_.forget(agent_);
  }

  // All of them or none.
  TurnOutcome try_append(std::span<const Commit> commits, With with) {
    const bool alone = commits.size() == 1;
    try {
      if (auto refused = alone ? appending::refusal(database_, commits.front(), call_) : std::nullopt)
        return {std::move(*refused)};
      auto answer = sent(commits, with);
      if (!answer.fresh) return {std::move(answer.outcome)};
      auto fresh = answer.fresh->snapshot;
      take(std::move(*answer.fresh));
      return {std::move(answer.outcome), std::move(fresh)};
    } catch (const StoreFailure& failure) {
      // Those behind the first stand on it.
      if (failure.kind() == FailureKind::in_doubt && with == With::basis)
        recent_.note_in_doubt(commits.front().header.id, {wanted_, last_seqs_});
      return {failed(failure)};
    }
  }

  Answer sent(std::span<const Commit> commits, With with) {
    if (!session_) session_ = std::make_unique<TurnSession>(database_, agent_, call_);
    const auto before = session_->session().sent();
    const Basis wanted{wanted_, last_seqs_};
    const auto* basis = with == With::basis ? &wanted : nullptr;
    try {
      constexpr int guesses = 2;
      if (database_.server().bouncer && attempts_++ == guesses) session_->begin_transaction();
      auto answer = session_->send(commits, basis);
      if (!session_->keeps()) session_.reset();
      return answer;
    } catch (const StoreFailure& failure) {
      const auto session = std::exchange(session_, nullptr);
      const auto& its = session->session();
      // A commit that the server reported an error for did not land, nor did one that was never sent.
      const bool unknown = its.sent() != before && (its.lost() || its.sqlstate().empty());
      if (failure.kind() == FailureKind::in_doubt || !unknown) throw;
    }
    return appending::resolve_unknown_commit(database_, commits, basis, call_);
  }

  const Database& database_;
  RecentLedgers& recent_;
  AgentId agent_;
  Wanted wanted_;
  const Call& call_;
  Snapshot basis_;
  std::vector<Position> last_seqs_;
  bool guessed_ = false;
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
      guessed.push_back(agents_.back()->guessed());
    }
  }

  std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
    std::vector<TurnOutcome> outcomes;
    outcomes.reserve(commits.size());
    for (std::size_t i = 0; i < commits.size();) {
      const auto& name = commits[i].header.agent;
      const auto others =
          std::ranges::find_if(commits.subspan(i), [&](const Commit& commit) { return commit.header.agent != name; });
      const auto of_agent = commits.subspan(i, static_cast<std::size_t>(others - commits.subspan(i).begin()));
      const auto agent = std::ranges::find_if(agents_, [&](const auto& each) { return each->agent() == name; });
      if (agent == agents_.end()) {
        outcomes.insert(outcomes.end(), of_agent.size(),
                        {{AppendOutcome::refused, "the turn is not one of this agent"}});
      } else {
        std::ranges::move((*agent)->append(of_agent), std::back_inserter(outcomes));
      }
      i += of_agent.size();
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
