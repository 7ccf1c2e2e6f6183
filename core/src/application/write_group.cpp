#include "application/write_group.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace claimledger::application {

namespace {

// The most that a leader does for others, so that it waits little longer than for its own write.
constexpr std::size_t most_entries = 2'000;
constexpr std::size_t most_wanted = 2'000;
constexpr std::chrono::milliseconds longest{5};

void add(Wanted& all, const Wanted& more) {
  all.lines.insert(all.lines.end(), more.lines.begin(), more.lines.end());
  all.keys.insert(all.keys.end(), more.keys.begin(), more.keys.end());
  all.claims.insert(all.claims.end(), more.claims.begin(), more.claims.end());
}

std::size_t size_of(const Wanted& wanted) { return wanted.lines.size() + wanted.keys.size() + wanted.claims.size(); }

template <class Each, class By = std::identity>
void keep_each_once(std::vector<Each>& wanted, By by = {}) {
  std::ranges::sort(wanted, [&](const auto& a, const auto& b) { return std::invoke(by, a) < std::invoke(by, b); });
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
}

void keep_each_once(Wanted& wanted) {
  keep_each_once(wanted.lines, &WantedLine::key);
  keep_each_once(wanted.keys);
  keep_each_once(wanted.claims);
}

bool in_doubt(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed && outcome.failure == FailureKind::in_doubt;
}

// Whether the call by which all were appended was over.
bool was_over(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed &&
         (outcome.failure == FailureKind::timeout || outcome.failure == FailureKind::cancelled);
}

bool is_corrupt(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed && outcome.failure == FailureKind::corrupt;
}

bool ends_before(const Call& call, const Call& leaders) {
  return call.deadline && (!leaders.deadline || *call.deadline < *leaders.deadline);
}

std::exception_ptr failure_of(const Outcome& outcome) {
  try {
    require_landed(outcome, "append");
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

}  // namespace

void WriteGroup::run() {
  while (!leader_is_done_) {
    begin();
    members_.push_back({&leader_, &ledgers_.at(leader_.request().agent)});
    std::exception_ptr failure;
    try {
      decide(members_.front());
      decide_others();
      append();
      while (conclude()) {
        for (auto& member : members_) decide(member);
        append();
      }
    } catch (...) {
      if (!leader_is_done_) failure = std::current_exception();
      // Who may have been written must not be decided again.
      for (const auto& member : members_) {
        member.write->fail(std::current_exception());
        note_done(member);
      }
    }
    store_turn_.reset();
    give_back_lines();
    tell();
    if (failure) std::rethrow_exception(failure);
  }
}

void WriteGroup::begin() {
  const auto seen = look_ahead(leader_.goes_alone());
  members_.reserve(1 + seen);
  try {
    begin_as_planned();
  } catch (const StoreFailure& failure) {
    // What only others want may be what cannot be read: each of them finds out by itself.
    if (seen == 0 || failure.kind() != FailureKind::corrupt) throw;
    store_turn_.reset();
    look_ahead(true);
    begin_as_planned();
  }
}

// Once taken, a write ends with the append of all: one that has less time than the leader waits for a turn of its own.
std::size_t WriteGroup::look_ahead(bool alone) {
  ledgers_.clear();
  std::size_t seen = 0;
  auto wanted = size_of(leader_.request().wanted);
  const auto plan = [&](const Write& write) -> Ledger& {
    auto& ledger = ledgers_[write.request().agent];
    ledger.afresh = ledger.afresh || write.reads_afresh();
    return ledger;
  };
  plan(leader_).wanted = leader_.request().wanted;
  turn_.look_ahead([&](const Write& write) {
    const auto& request = write.request();
    wanted += size_of(request.wanted);
    if (alone || write.goes_alone() || seen + 1 == most_writes || wanted > most_wanted) return false;
    if (ends_before(request.call, leader_.request().call)) return false;
    add(plan(write).wanted, request.wanted);
    ++seen;
    return true;
  });
  if (seen > 0) {
    for (auto& ledger : ledgers_) keep_each_once(ledger.second.wanted);
  }
  return seen;
}

void WriteGroup::begin_as_planned() {
  const auto& call = leader_.request().call;
  std::vector<WriteIntent> intents;  // from a list in braces it would be copied
  intents.reserve(ledgers_.size());
  for (auto& [agent, ledger] : ledgers_) {
    ledger.taken = std::make_unique<TakenLines>(context_.written_lines, context_.store(), agent);
    ledger.taken->take(ledger.wanted);
  }
  for (const auto& [agent, ledger] : ledgers_)
    intents.push_back({.agent = agent, .wanted = ledger.wanted, .afresh = ledger.afresh});
  store_turn_ = context_.store().begin_write(std::move(intents), call);
  const auto& guessed = store_turn_->guessed;
  std::size_t place = 0;
  for (auto& [agent, ledger] : ledgers_) {
    read(ledger, agent, store_turn_->snapshots.at(place), !guessed.empty() && guessed.at(place));
    ++place;
  }
}

void WriteGroup::read(Ledger& ledger, const AgentId& agent, const Snapshot& snapshot, bool guessed) {
  ledger.view = std::make_unique<View>(context_.store(), agent, ledger.wanted, snapshot, leader_.request().call,
                                       ledger.taken.get(), guessed);
  ledger.head = snapshot.head;
  ledger.sound = true;
  ledger.checked = !guessed;
}

void WriteGroup::decide(Member& member) {
  auto& ledger = *member.ledger;
  member.commit.reset();
  auto commit = member.write->decide(*ledger.view, ledger.head);
  if (!commit) return;
  member.commit = commits_.size();
  ledger.head = end_of(*commit);
  commits_.push_back(std::move(*commit));
}

void WriteGroup::decide_others() {
  const auto began = context_.world().now();
  const auto has_time = [&] {
    const auto taken = context_.world().now() - began;
    return taken >= taken.zero() && taken < longest;
  };
  std::size_t entries = commits_.empty() ? 0 : commits_.front().entries.size();
  while (members_.size() < most_writes && entries < most_entries && has_time()) {
    auto* write = turn_.take();
    if (!write) return;
    auto& member = members_.emplace_back(Member{write, &ledgers_.at(write->request().agent)});
    decide(member);
    if (member.commit) entries += commits_.back().entries.size();
  }
}

void WriteGroup::append() {
  outcomes_.clear();
  if (commits_.empty()) return;
  outcomes_ = store_turn_->append(commits_);
  resolve_doubts();
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (!has_landed(outcomes_[i].outcome)) continue;
    auto& ledger = ledgers_.at(commits_[i].header.agent);
    ledger.checked = true;
    ledger.view->note_durable(commits_[i]);
  }
  if (const auto& observer = context_.parts.observer) tell_of_what_landed(*observer);
}

// A batch that is in doubt is appended again unchanged: its id tells whether it had landed. If that attempt fails too,
// the batch stays in doubt, whatever the second failure was; and with it all that follow it, which may land behind it
// yet.
void WriteGroup::resolve_doubts() {
  for (const auto& member : members_) {
    if (!member.commit || !in_doubt(outcomes_[*member.commit].outcome) || member.ledger->doubtful) continue;
    auto& outcome = outcomes_[*member.commit].outcome;
    const std::span commit(&commits_[*member.commit], 1);
    outcome = std::move(context_.store().append(commit, member.write->request().call).front());
    if (outcome.outcome == AppendOutcome::failed && !in_doubt(outcome)) {
      outcome.failure = FailureKind::in_doubt;
      outcome.detail = "nobody could say whether it was written: " + outcome.detail;
    }
    member.ledger->doubtful = in_doubt(outcome);
  }
}

void WriteGroup::tell_of_what_landed(Observer& observer) const {
  std::size_t writes = 0;
  std::size_t entries = 0;
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (outcomes_[i].outcome.outcome != AppendOutcome::done) continue;
    ++writes;
    entries += commits_[i].entries.size();
  }
  if (writes > 0) observer.appended(writes, entries);
}

// What follows a batch that is not there was decided on what is not true: also an answer by which nothing is written.
WriteGroup::Settled WriteGroup::settle(const Member& member) {
  auto& ledger = *member.ledger;
  if (!member.commit) {
    if (!ledger.checked) member.write->read_afresh();
    return ledger.sound && ledger.checked ? Settled::done : Settled::again;
  }
  const auto& outcome = outcomes_[*member.commit].outcome;
  if (has_landed(outcome)) {
    member.write->landed(commits_[*member.commit].entries.back().seq);
    return Settled::done;
  }
  const bool follows_what_is_there = std::exchange(ledger.sound, false);
  if (!in_doubt(outcome)) {
    if (!follows_what_is_there) return Settled::again;
    if (outcome.outcome == AppendOutcome::conflict) return Settled::conflict;
    // The call of the leader is no matter of the others.
    if (was_over(outcome) && member.write != &leader_) return Settled::again;
    // Nor is what one of them met that is damaged.
    if (is_corrupt(outcome) && commits_.size() > 1) {
      member.write->go_alone();
      return Settled::again;
    }
  }
  member.write->fail(failure_of(outcome));
  return Settled::done;
}

bool WriteGroup::conclude() {
  std::vector<Member> again;
  again.reserve(members_.size());
  done_.reserve(done_.size() + members_.size());
  put_back_.reserve(put_back_.size() + members_.size());
  for (const auto& member : members_) {
    const auto settled = settle(member);
    if (settled == Settled::done || (settled == Settled::conflict && !member.write->may_try_again())) {
      note_done(member);
    } else {
      again.push_back(member);
    }
  }
  members_ = std::move(again);
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (!outcomes_[i].fresh) continue;
    const auto ledger = ledgers_.find(commits_[i].header.agent);
    // Begun again, a turn reads whole the lines that it has changed.
    if (ledger->second.sound || ledger->second.taken->is_used()) continue;
    try {
      read(ledger->second, ledger->first, *outcomes_[i].fresh, false);
    } catch (const StoreFailure&) {
      // Begun again, it is found out whose failure this is.
    }
  }
  commits_.clear();
  // The others begin again with a turn of their own.
  std::erase_if(members_, [&](const Member& member) {
    if (member.ledger->sound && member.ledger->checked && !member.write->goes_alone()) return false;
    if (member.write != &leader_) put_back_.push_back(member.write);
    return true;
  });
  return !members_.empty();
}

// So that the next turn, which may begin once the callers are told, finds them.
void WriteGroup::give_back_lines() {
  for (auto& [agent, ledger] : ledgers_) {
    if (!ledger.view || !ledger.sound || !ledger.checked || ledger.doubtful) continue;
    try {
      ledger.view->give_back(ledger.head.position);
    } catch (const std::exception&) {
      // They are read again. What was written is written.
    }
  }
}

void WriteGroup::note_done(const Member& member) {
  if (member.write == &leader_) {
    leader_is_done_ = true;
  } else {
    done_.push_back(member.write);
  }
}

void WriteGroup::tell() {
  turn_.put_back(std::exchange(put_back_, {}));
  const auto done = std::exchange(done_, {});
  leader_is_done_ ? turn_.release(done) : turn_.done(done);
}

}  // namespace claimledger::application
