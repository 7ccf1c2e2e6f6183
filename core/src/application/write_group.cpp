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

bool WriteGroup::run() {
  while (!leader_is_done_) {
    if (passed_on_) turn_.wait_to_decide(leader_.request().call, std::exchange(put_back_, {}));
    start_again();
    const bool ahead = decide_ahead();
    if (!ahead && !follows_what_landed()) return false;
    if (!ahead) begin();
    std::exception_ptr failure;
    try {
      if (!ahead) {
        decide(leader_);
        decide_others();
      }
      pass_on();
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
    if (!failure) continue;
    turn_.put_back(std::exchange(put_back_, {}));
    std::rethrow_exception(failure);
  }
  return true;
}

bool WriteGroup::follows_what_landed() const {
  const auto* place = leader_.request().place;
  return !place || place->follows_what_landed();
}

void WriteGroup::start_again() {
  store_turn_.reset();
  passed_on_ = false;
  members_.clear();
  ledgers_.clear();
  planned_ = wanted_ = 0;
  before_ = nullptr;
  mine_ = std::make_shared<Appended>();
}

void WriteGroup::plan(const Write& write) {
  const auto& request = write.request();
  auto& ledger = ledgers_[request.agent];
  ledger.planned = true;
  ledger.afresh = ledger.afresh || write.reads_afresh();
  add(ledger.wanted, request.wanted);
  wanted_ += size_of(request.wanted);
  ++planned_;
}

// Once taken, a write ends with the append of all: one that has less time than the leader waits for a turn of its own.
bool WriteGroup::look_ahead(bool alone) {
  const bool all = turn_.look_ahead([&](const Write& write) {
    const auto& request = write.request();
    if (alone || write.goes_alone() || planned_ == most_writes) return false;
    if (wanted_ + size_of(request.wanted) > most_wanted) return false;
    if (ends_before(request.call, leader_.request().call)) return false;
    plan(write);
    return true;
  });
  // Before they are taken: then none of them can be lost for want of memory.
  for (auto* writes : {&done_, &put_back_}) writes->reserve(planned_);
  members_.reserve(planned_);
  return all;
}

// --- In the store's turn ---------------------------------------------------------------------------------------------

void WriteGroup::begin() {
  turn_.wait_to_append(leader_.request().call);
  plan(leader_);
  look_ahead(leader_.goes_alone());
  try {
    begin_as_planned();
  } catch (const StoreFailure& failure) {
    // What only others want may be what cannot be read: each of them finds out by itself.
    if (planned_ == 1 || failure.kind() != FailureKind::corrupt) throw;
    start_again();
    plan(leader_);
    look_ahead(true);
    begin_as_planned();
  }
}

void WriteGroup::begin_as_planned() {
  std::vector<WriteIntent> intents;  // from a list in braces it would be copied
  intents.reserve(ledgers_.size());
  for (auto& [agent, ledger] : ledgers_) {
    if (planned_ > 1) keep_each_once(ledger.wanted);
    ledger.decided = std::make_unique<DecidedLedger>(context_, agent);
    ledger.decided->taken.take(ledger.wanted);
    intents.push_back({.agent = agent, .wanted = ledger.wanted, .afresh = ledger.afresh});
  }
  store_turn_ = context_.store().begin_write(std::move(intents), leader_.request().call);
  const auto& guessed = store_turn_->guessed;
  std::size_t place = 0;
  for (auto& entry : ledgers_) {
    read(entry.second, store_turn_->snapshots.at(place), !guessed.empty() && guessed.at(place));
    ++place;
  }
}

void WriteGroup::read(Ledger& ledger, const Snapshot& snapshot, bool guessed) {
  auto& decided = *ledger.decided;
  decided.taken.begin(snapshot.head);
  decided.view.emplace(context_.store(), decided.agent, ledger.wanted, snapshot, leader_.request().call, &decided.taken,
                       guessed);
  decided.durable = decided.head = snapshot.head;
  ledger.sound = true;
  ledger.checked = !guessed;
}

// --- While another appends -------------------------------------------------------------------------------------------

bool WriteGroup::decide_ahead() {
  if (!context_.store().reads_are_near() || turn_.may_append()) return false;
  const auto decided = turn_.take_decided();
  if (!decided) return false;
  try {
    decide_over(*decided);
    if (follow()) return true;
    put_back_others();
  } catch (const StoreFailure& failure) {
    put_back_others();
    // In the store's turn it is found out whose failure this is.
    if (failure.kind() != FailureKind::corrupt) throw;
  } catch (...) {
    put_back_others();
    throw;
  }
  start_again();
  return false;
}

void WriteGroup::decide_over(Decided& decided) {
  const auto& call = leader_.request().call;
  before_ = decided.by;
  for (auto& [agent, ledger] : decided.ledgers) {
    ledger->view->read_for(call);
    ledgers_[agent].decided = std::move(ledger);
  }
  if (decided.before) note_durable(decided.before->commits);
  for (auto& entry : ledgers_) {
    auto& ledger = *entry.second.decided;
    ledger.view->advance(ledger.durable.position);
    ledger.taken.end(ledger.durable);
    ledger.durable = ledger.head;
  }
  std::erase_if(ledgers_, [](const auto& entry) { return entry.second.decided->view->batches() == 0; });
  const bool alone = leader_.goes_alone();
  plan(leader_);
  bool more = look_ahead(alone) && !alone;
  read_ahead();
  decide(leader_);
  while (true) {
    more = decide_others() && more;
    if (turn_.may_append()) return;
    turn_.wait_to_append(call, more);
    if (turn_.may_append()) return;
    more = look_ahead(false);
    read_ahead();
  }
}

void WriteGroup::read_ahead() {
  const auto& call = leader_.request().call;
  for (auto& [agent, ledger] : ledgers_) {
    if (!ledger.planned) continue;
    keep_each_once(ledger.wanted);
    if (ledger.decided) {
      ledger.decided->view->read_for(call);
      ledger.decided->view->load(std::exchange(ledger.wanted, {}));
    } else {
      ledger.decided = std::make_unique<DecidedLedger>(context_, agent);
      ledger.decided->taken.take(ledger.wanted);
      read(ledger, context_.store().snapshot(agent, AtHead{}, ledger.wanted, call), false);
      ledger.wanted = {};
    }
  }
}

bool WriteGroup::follow() {
  if (!before_->landed || !follows_what_landed()) return false;
  std::vector<WriteIntent> intents;
  for (const auto& [agent, ledger] : ledgers_) {
    // What is answered without an append has nobody else who checks it.
    if (ledger.planned) intents.push_back({.agent = agent, .wanted = {}, .assumed = {}, .afresh = true});
  }
  store_turn_ = context_.store().begin_write(std::move(intents), leader_.request().call);
  std::size_t place = 0;
  for (const auto& [agent, ledger] : ledgers_) {
    if (ledger.planned && store_turn_->snapshots.at(place++).head != ledger.decided->durable) return false;
  }
  return true;
}

void WriteGroup::put_back_others() {
  for (const auto& member : members_) {
    if (member.write != &leader_) put_back_.push_back(member.write);
  }
  turn_.put_back(std::exchange(put_back_, {}));
}

void WriteGroup::pass_on() {
  const bool checked = std::ranges::all_of(ledgers_, [](const auto& entry) { return entry.second.checked; });
  if (!context_.store().reads_are_near() || commits().empty() || !checked) {
    if (before_) note_durable(before_->commits);
    return;
  }
  auto decided = std::make_shared<Decided>();
  for (auto& [agent, ledger] : ledgers_) decided->ledgers.emplace(agent, std::move(ledger.decided));
  decided->by = mine_;
  decided->before = before_;
  passed_on_ = true;
  if (auto* place = leader_.request().place) place->begin();
  turn_.pass_on(std::move(decided));
}

bool WriteGroup::take_back() {
  const auto decided = turn_.take_decided();
  if (!decided) return false;
  for (auto& [agent, ledger] : decided->ledgers) ledgers_.at(agent).decided = std::move(ledger);
  if (before_) note_durable(before_->commits);
  return true;
}

void WriteGroup::note_durable(const std::vector<Commit>& commits) {
  for (const auto& commit : commits) {
    const auto ledger = ledgers_.find(commit.header.agent);
    if (ledger != ledgers_.end() && ledger->second.decided) ledger->second.decided->view->note_durable(commit);
  }
}

// --- All of them -----------------------------------------------------------------------------------------------------

void WriteGroup::decide(Write& write) {
  decide(members_.emplace_back(Member{&write, &ledgers_.at(write.request().agent)}));
}

void WriteGroup::decide(Member& member) {
  auto& ledger = *member.ledger->decided;
  member.commit.reset();
  auto commit = member.write->decide(*ledger.view, ledger.head);
  if (!commit) return;
  member.commit = commits().size();
  ledger.head = end_of(*commit);
  commits().push_back(std::move(*commit));
}

bool WriteGroup::decide_others() {
  const auto began = context_.world().now();
  const auto has_time = [&] {
    const auto taken = context_.world().now() - began;
    return taken >= taken.zero() && taken < longest;
  };
  std::size_t entries = 0;
  for (const auto& commit : commits()) entries += commit.entries.size();
  while (members_.size() < most_writes && entries < most_entries && has_time()) {
    auto* write = turn_.take();
    if (!write) return true;
    decide(*write);
    if (members_.back().commit) entries += commits().back().entries.size();
  }
  return false;
}

void WriteGroup::append() {
  outcomes_.clear();
  if (commits().empty()) return;
  outcomes_ = store_turn_->append(commits());
  resolve_doubts();
  mine_->landed = std::ranges::all_of(outcomes_, has_landed, &TurnOutcome::outcome);
  if (auto* place = leader_.request().place; place && mine_->landed) place->land();
  if (passed_on_ && !take_back()) {
    store_turn_.reset();
    turn_.end_append();
  }
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    if (!has_landed(outcomes_[i].outcome)) continue;
    auto& ledger = ledgers_.at(commits()[i].header.agent);
    ledger.checked = true;
    if (ledger.decided) ledger.decided->view->note_durable(commits()[i]);
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
    const std::span commit(&commits()[*member.commit], 1);
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
    entries += commits()[i].entries.size();
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
    member.write->landed(commits()[*member.commit].entries.back().seq);
    return Settled::done;
  }
  const bool follows_what_is_there = std::exchange(ledger.sound, false);
  if (!in_doubt(outcome)) {
    if (!follows_what_is_there) return Settled::again;
    if (outcome.outcome == AppendOutcome::conflict) return Settled::conflict;
    // The call of the leader is no matter of the others.
    if (was_over(outcome) && member.write != &leader_) return Settled::again;
    // Nor is what one of them met that is damaged.
    if (is_corrupt(outcome) && commits().size() > 1) {
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
    if (!outcomes_[i].fresh || passed_on_) continue;
    auto& ledger = ledgers_.at(commits()[i].header.agent);
    // Begun again, a turn reads whole the lines that it has changed.
    if (ledger.sound || ledger.decided->taken.is_used()) continue;
    try {
      read(ledger, *outcomes_[i].fresh, false);
    } catch (const StoreFailure&) {
      // Begun again, it is found out whose failure this is.
    }
  }
  mine_ = std::make_shared<Appended>();
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
    if (!ledger.decided || !ledger.sound || !ledger.checked || ledger.doubtful) continue;
    try {
      auto& decided = *ledger.decided;
      decided.view->give_back(decided.head.position);
      decided.taken.end(decided.head);
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
  // Behind a leader that has to wait, too: it came first.
  const bool leader_waits = !leader_is_done_ && passed_on_;
  if (!leader_waits) turn_.put_back(std::exchange(put_back_, {}));
  const auto done = std::exchange(done_, {});
  leader_is_done_ ? turn_.release(done) : turn_.done(done);
}

}  // namespace claimledger::application
