#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "claimledger/sqlite/sqlite_store.hpp"

namespace claimledger::sqlite {

// A cache of the open databases of a directory, by agent. When there are too many, the least recently used one is
// closed after its last user. Threads: any method from any thread.
class OpenLedgers {
 public:
  // `options`: of each database; the path is that of the directory.
  explicit OpenLedgers(Options options) : options_(std::move(options)) {}

  // Nothing for an agent without a database; never makes one. Failure: StoreFailure.
  std::shared_ptr<Store> find(const AgentId& agent, const Call& call, const char* operation);
  std::shared_ptr<Store> find_or_make(const AgentId& agent, const Call& call) {
    return open(agent, IfMissing::create, call);
  }
  std::size_t size() const;

 private:
  // A place in the list. It has a mutex of its own, so that opening one database does not delay the others.
  struct Slot {
    explicit Slot(std::string of) : agent(std::move(of)) {}
    std::string agent;
    std::mutex mutex;
    std::shared_ptr<Store> store;
  };
  using Slots = std::list<std::shared_ptr<Slot>>;
  enum class IfMissing { nothing, create };

  std::string path_of(const AgentId& agent) const;
  std::shared_ptr<Store> open(const AgentId& agent, IfMissing if_missing, const Call& call);
  std::shared_ptr<Store> open_its_own(const AgentId& agent, bool create, const Call& call) const;
  bool is_open(const AgentId& agent) const;
  std::shared_ptr<Slot> take_slot(const AgentId& agent);
  bool is_listed(const std::shared_ptr<Slot>& slot) const;
  void forget(const std::shared_ptr<Slot>& slot);

  Options options_;
  mutable std::mutex mutex_;
  Slots slots_;  // the one used last comes first
  std::unordered_map<std::string, Slots::iterator> by_agent_;
};

}  // namespace claimledger::sqlite
