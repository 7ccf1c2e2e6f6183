#include "open_ledgers.hpp"

#include <filesystem>

#include "agent_files.hpp"
#include "claimledger/adapter/call_check.hpp"
#include "file_identity.hpp"
#include "file_store.hpp"
#include "making.hpp"

namespace claimledger::sqlite {

std::string OpenLedgers::path_of(const AgentId& agent) const {
  return (std::filesystem::path(options_.path) / file_name(agent)).string();
}

std::shared_ptr<Store> OpenLedgers::find(const AgentId& agent, const Call& call, const char* operation) {
  adapter::check(call, operation);
  if (!is_open(agent) && !is_there(path_of(agent))) {
    require_known_file(agent);
    return nullptr;
  }
  return open(agent, call);
}

// It is opened at once, so that this store knows it from now on.
std::optional<std::vector<Outcome>> OpenLedgers::begin(std::span<const Commit> commits, const Call& call) {
  const auto& agent = commits.front().header.agent;
  const auto options = options_of(agent);
  if (!options.create) {
    throw StoreFailure(FailureKind::unreachable, "append", options.path + ": there is no ledger here");
  }
  auto outcomes = begin_ledger(options, commits, call);
  if (!outcomes) return outcomes;
  try {
    if (is_there(options.path)) open(agent, Call{});
  } catch (const StoreFailure&) {
    // What landed has landed; whoever asks next is told.
  }
  return outcomes;
}

// Nothing when there is no database. Only what is open keeps its place.
std::shared_ptr<Store> OpenLedgers::open(const AgentId& agent, const Call& call) {
  auto slot = take_slot(agent);
  std::unique_lock lock(slot->mutex);
  // Another thread may have removed the slot from the list meanwhile.
  while (!slot->store && !is_listed(slot)) {
    lock.unlock();
    slot = take_slot(agent);
    lock = std::unique_lock(slot->mutex);
  }
  if (slot->store) return slot->store;
  try {
    require_known_file(agent);
    if (is_there(path_of(agent))) slot->store = open_its_own(agent, call);
  } catch (...) {
    forget(slot);
    throw;
  }
  if (!slot->store) forget(slot);
  return slot->store;
}

Options OpenLedgers::options_of(const AgentId& agent) const {
  auto options = options_;
  options.path = path_of(agent);
  return options;
}

std::shared_ptr<Store> OpenLedgers::open_its_own(const AgentId& agent, const Call& call) {
  auto options = options_of(agent);
  options.create = false;
  std::shared_ptr<Store> store = open_file(std::move(options));
  const auto inside = store->agents({}, 2, call);
  if (inside.empty()) throw StoreFailure(FailureKind::corrupt, "open", path_of(agent) + ": " + no_entries);
  for (const auto& each : inside) {
    if (each.agent != agent) {
      throw StoreFailure(FailureKind::incompatible, "open",
                         path_of(agent) + ": holds the ledger of another agent, '" + each.agent.value + "'");
    }
  }
  require_known_history(agent, *store, call);
  return store;
}

std::optional<OpenLedgers::Known> OpenLedgers::known(const AgentId& agent) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(agent.value);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void OpenLedgers::remember(const AgentId& agent, const Known& known) {
  constexpr std::size_t most = 10'000;
  const std::scoped_lock lock(mutex_);
  if (!known_.insert_or_assign(agent.value, known).second) return;
  known_in_order_.push_back(agent.value);
  if (known_in_order_.size() <= most) return;
  known_.erase(known_in_order_.front());
  known_in_order_.pop_front();
}

// How far it went before it is closed. What its last users write after that is not known.
void OpenLedgers::remember_end(Slot& slot) {
  std::shared_ptr<Store> store;
  {
    const std::scoped_lock lock(slot.mutex);
    store = slot.store;
  }
  if (!store) return;
  try {
    const auto head = store->head(AgentId{slot.agent}, Call{});
    const std::scoped_lock lock(mutex_);
    const auto found = known_.find(slot.agent);
    if (found != known_.end() && found->second.head.position < head.position) found->second.head = head;
  } catch (const StoreFailure&) {
    // An earlier one is known.
  }
}

void OpenLedgers::require_known_file(const AgentId& agent) const {
  const auto before = known(agent);
  if (!before) return;
  const auto path = path_of(agent);
  const auto now = file_at(path);
  if (!now || !now->is(before->file)) throw StoreFailure(FailureKind::unreachable, "open", replaced_while_open(path));
}

// A file system gives the number of a file that is gone to another.
void OpenLedgers::require_known_history(const AgentId& agent, const Store& store, const Call& call) {
  const auto path = path_of(agent);
  const auto before = known(agent);
  const auto file = file_at(path);
  const bool same = !before || store.snapshot(agent, before->head.position, {}, call).head == before->head;
  if (!file || !same) throw StoreFailure(FailureKind::unreachable, "open", replaced_while_open(path));
  remember(agent, {*file, store.head(agent, call)});
}

std::vector<AgentHead> OpenLedgers::lost(const std::optional<AgentId>& after,
                                         const std::optional<AgentId>& last) const {
  std::vector<std::pair<AgentId, FileAt>> candidates;
  {
    const std::scoped_lock lock(mutex_);
    auto each = after ? known_.upper_bound(after->value) : known_.begin();
    const auto end = last ? known_.upper_bound(last->value) : known_.end();
    for (; each != end; ++each) candidates.emplace_back(AgentId{each->first}, each->second.file);
  }
  std::vector<AgentHead> found;
  for (auto& [agent, file] : candidates) {
    const auto path = path_of(agent);
    const auto now = file_at(path);
    if (!now || !now->is(file)) found.push_back({std::move(agent), {}, replaced_while_open(path)});
  }
  return found;
}

bool OpenLedgers::is_open(const AgentId& agent) const {
  const std::scoped_lock lock(mutex_);
  return by_agent_.contains(agent.value);
}

std::size_t OpenLedgers::size() const {
  const std::scoped_lock lock(mutex_);
  return slots_.size();
}

// Puts the agent's slot first; the one used longest ago goes, and its database closes after its last user.
std::shared_ptr<OpenLedgers::Slot> OpenLedgers::take_slot(const AgentId& agent) {
  std::shared_ptr<Slot> taken;
  std::shared_ptr<Slot> gone;  // closed outside the lock
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = by_agent_.find(agent.value); found != by_agent_.end()) {
      slots_.splice(slots_.begin(), slots_, found->second);
      return slots_.front();
    }
    taken = std::make_shared<Slot>(agent.value);
    slots_.push_front(taken);
    by_agent_[agent.value] = slots_.begin();
    if (slots_.size() > options_.max_open) {
      gone = std::move(slots_.back());
      by_agent_.erase(gone->agent);
      slots_.pop_back();
    }
  }
  if (gone) remember_end(*gone);
  return taken;
}

bool OpenLedgers::is_listed(const std::shared_ptr<Slot>& slot) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_agent_.find(slot->agent);
  return found != by_agent_.end() && *found->second == slot;
}

void OpenLedgers::forget(const std::shared_ptr<Slot>& slot) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_agent_.find(slot->agent);
  if (found == by_agent_.end() || *found->second != slot) return;
  slots_.erase(found->second);
  by_agent_.erase(found);
}

}  // namespace claimledger::sqlite
