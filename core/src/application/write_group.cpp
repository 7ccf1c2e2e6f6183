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

bool has_landed(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::done || outcome.outcome == AppendOutcome::already_there;
}

bool in_doubt(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed && outcome.failure == FailureKind::in_doubt;
}

// Whether the call by which all were appended was over.
bool was_over(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed &&
         (outcome.failure == FailureKind::timeout || outcome.failure == FailureKind::cancelled);
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
    try {
      decide(members_.front());
      decide_others();
      append();
      while (conclude()) {
        for (auto& member : members_) decide(member);
        append();
      }
    } catch (...) {
      const bool leader_was_done = leader_is_done_;
      // Who may have been written must not be decided again.
      for (const auto& member : members_) {
        member.write->fail(std::current_exception());
        note_done(member);
      }
      store_turn_.reset();
      tell();
      if (!leader_was_done) throw;
      continue;
    }
    store_turn_.reset();
    tell();
  }
}

void WriteGroup::begin() {
  const auto seen = look_ahead();
  try {
    begin_as_planned();
  } catch (const StoreFailure& failure) {
    // What only others want may be what cannot be read: each of them finds out by itself.
    if (seen == 0 || failure.kind() != FailureKind::corrupt) throw;
    store_turn_.reset();
    look_ahead(0);
    begin_as_planned();
  }
}

std::size_t WriteGroup::look_ahead(std::size_t most) {
  ledgers_.clear();
  std::size_t seen = 0;
  auto wanted = size_of(leader_.request().wanted);
  ledgers_[leader_.request().agent].wanted = leader_.request().wanted;
  turn_.look_ahead([&](const Write& write) {
    const auto& request = write.request();
    wanted += size_of(request.wanted);
    if (seen == most || leader_.request().alone || wanted > most_wanted) return false;
    add(ledgers_[request.agent].wanted, request.wanted);
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
  for (const auto& [agent, ledger] : ledgers_) intents.push_back({agent, ledger.wanted});
  store_turn_ = context_.store().begin_write(std::move(intents), call);
  auto snapshot = store_turn_->snapshots.begin();
  for (auto& [agent, ledger] : ledgers_) read(ledger, agent, *snapshot++);
}

void WriteGroup::read(Ledger& ledger, const AgentId& agent, const Snapshot& snapshot) {
  ledger.view = std::make_unique<View>(context_.store(), agent, ledger.wanted, snapshot, leader_.request().call);
  ledger.head = snapshot.head;
  ledger.sound = true;
}

void WriteGroup::decide(Member& member) {
  auto& ledger = *member.ledger;
  member.commit.reset();
  auto commit = member.write->decide(*ledger.view, ledger.head);
  if (!commit) return;
  member.commit = commits_.size();
  const auto& last = commit->entries.back();
  ledger.head = {last.seq, commit->header.recorded_at, last.hash};
  commits_.push_back(std::move(*commit));
}

void WriteGroup::decide_others() {
  const auto began = context_.world().now();
  std::size_t entries = commits_.empty() ? 0 : commits_.front().entries.size();
  while (members_.size() < most_writes && entries < most_entries && context_.world().now() - began < longest) {
    auto* write = turn_.take();
    if (!write) return;
    auto& member = members_.emplace_back(Member{write, &ledgers_.at(write->request().agent)});
    decide(member);
    if (member.commit) entries += commits_.back().entries.size();
  }
}

// A batch that is in doubt is appended again unchanged: its id tells whether it had landed. If that attempt fails too,
// the batch stays in doubt, whatever the second failure was.
void WriteGroup::append() {
  outcomes_.clear();
  if (commits_.empty()) return;
  outcomes_ = store_turn_->append(commits_);
  if (const auto& observer = context_.parts.observer) tell_of_what_landed(*observer);
  for (const auto& member : members_) {
    if (!member.commit || !in_doubt(outcomes_[*member.commit].outcome)) continue;
    auto& outcome = outcomes_[*member.commit].outcome;
    const std::span commit(&commits_[*member.commit], 1);
    outcome = std::move(context_.store().append(commit, member.write->request().call).front());
    if (outcome.outcome == AppendOutcome::failed && !in_doubt(outcome)) {
      outcome.failure = FailureKind::in_doubt;
      outcome.detail = "nobody could say whether it was written: " + outcome.detail;
    }
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
bool WriteGroup::is_done(const Member& member) {
  auto& ledger = *member.ledger;
  if (!member.commit) return ledger.sound;
  const auto& outcome = outcomes_[*member.commit].outcome;
  if (has_landed(outcome)) {
    member.write->landed(commits_[*member.commit].entries.back().seq);
    return true;
  }
  const bool follows_what_is_there = std::exchange(ledger.sound, false);
  // The call of the leader is no matter of the others.
  const bool by_leader = was_over(outcome) && member.write != &leader_;
  const bool again = outcome.outcome == AppendOutcome::conflict || by_leader || !follows_what_is_there;
  if (again && !in_doubt(outcome)) return false;
  member.write->fail(failure_of(outcome));
  return true;
}

bool WriteGroup::conclude() {
  std::vector<Member> again;
  again.reserve(members_.size());
  done_.reserve(done_.size() + members_.size());
  put_back_.reserve(put_back_.size() + members_.size());
  for (const auto& member : members_) {
    if (is_done(member) || !member.write->may_try_again()) {
      note_done(member);
    } else {
      again.push_back(member);
    }
  }
  members_ = std::move(again);
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (!outcomes_[i].fresh) continue;
    const auto ledger = ledgers_.find(commits_[i].header.agent);
    if (ledger->second.sound) continue;
    try {
      read(ledger->second, ledger->first, *outcomes_[i].fresh);
    } catch (const StoreFailure&) {
      // Begun again, it is found out whose failure this is.
    }
  }
  commits_.clear();
  // The others begin again with a turn of their own.
  std::erase_if(members_, [&](const Member& member) {
    if (member.ledger->sound) return false;
    if (member.write != &leader_) put_back_.push_back(member.write);
    return true;
  });
  return !members_.empty();
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
