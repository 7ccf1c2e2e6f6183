#include "open_ledgers.hpp"

#include <filesystem>

#include "agent_files.hpp"
#include "claimledger/adapter/call_check.hpp"
#include "file_identity.hpp"
#include "file_store.hpp"

namespace claimledger::sqlite {

std::string OpenLedgers::path_of(const AgentId& agent) const {
  return (std::filesystem::path(options_.path) / file_name(agent)).string();
}

std::shared_ptr<Store> OpenLedgers::find(const AgentId& agent, const Call& call, const char* operation) {
  adapter::check(call, operation);
  if (!is_open(agent) && !is_there(path_of(agent))) return nullptr;
  return open(agent, IfMissing::nothing, call);
}

// Nothing when there is no database and none is to be made. Only what is open keeps its place.
std::shared_ptr<Store> OpenLedgers::open(const AgentId& agent, IfMissing if_missing, const Call& call) {
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
    const bool there = is_there(path_of(agent));
    if (there || if_missing == IfMissing::create) slot->store = open_its_own(agent, !there, call);
  } catch (...) {
    forget(slot);
    throw;
  }
  if (!slot->store) forget(slot);
  return slot->store;
}

std::shared_ptr<Store> OpenLedgers::open_its_own(const AgentId& agent, bool create, const Call& call) const {
  auto options = options_;
  options.create = options.create && create;
  options.path = path_of(agent);
  std::shared_ptr<Store> store = open_file(std::move(options));
  for (const auto& inside : store->agents({}, 2, call)) {
    if (inside.agent != agent) {
      throw StoreFailure(FailureKind::incompatible, "open",
                         path_of(agent) + ": holds the ledger of another agent, '" + inside.agent.value + "'");
    }
  }
  return store;
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
  std::shared_ptr<Slot> gone;  // closed outside the lock
  const std::scoped_lock lock(mutex_);
  if (const auto found = by_agent_.find(agent.value); found != by_agent_.end()) {
    slots_.splice(slots_.begin(), slots_, found->second);
    return slots_.front();
  }
  slots_.push_front(std::make_shared<Slot>(agent.value));
  by_agent_[agent.value] = slots_.begin();
  if (slots_.size() > options_.max_open) {
    gone = std::move(slots_.back());
    by_agent_.erase(gone->agent);
    slots_.pop_back();
  }
  return slots_.front();
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
