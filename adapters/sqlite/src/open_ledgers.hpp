#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"
#include "file_identity.hpp"

namespace claimledger::sqlite {

// A cache of the open databases of a directory, by agent. When there are too many, the least recently used one is
// closed after its last user.
//
// A ledger that was closed is opened again only if it is the same: the file that it was, with the history that it had.
// What its path names otherwise is unreachable, as for a ledger that stayed open. Remembered are the ledgers that were
// opened last, 10,000 at most.
//
// Threads: any method from any thread.
class OpenLedgers {
 public:
  // `options`: of each database; the path is that of the directory.
  explicit OpenLedgers(Options options) : options_(std::move(options)) {}

  // Nothing for an agent that never had a database; never makes one. Failure: StoreFailure.
  std::shared_ptr<Store> find(const AgentId& agent, const Call& call, const char* operation);
  // Makes a database with these commits of one agent in it; nothing where something has its name. Failure:
  // StoreFailure.
  std::optional<std::vector<Outcome>> begin(std::span<const Commit> commits, const Call& call);
  // Ledgers that were opened and are not what their paths name any more, each with its problem: agents after `after`,
  // up to `last`, or all of them.
  std::vector<AgentHead> lost(const std::optional<AgentId>& after, const std::optional<AgentId>& last) const;
  std::size_t size() const;

 private:
  // A place in the list. It has a mutex of its own, so that opening one database does not delay the others.
  struct Slot {
    explicit Slot(std::string of) : agent(std::move(of)) {}
    std::string agent;
    std::mutex mutex;
    std::shared_ptr<Store> store;
  };
  // A ledger as it was.
  struct Known {
    FileAt file;
    Head head;  // some head that it had
  };
  using Slots = std::list<std::shared_ptr<Slot>>;

  std::string path_of(const AgentId& agent) const;
  Options options_of(const AgentId& agent) const;
  std::shared_ptr<Store> open(const AgentId& agent, const Call& call);
  std::shared_ptr<Store> open_its_own(const AgentId& agent, const Call& call);
  std::optional<Known> known(const AgentId& agent) const;
  void remember(const AgentId& agent, const Known& known);
  void remember_end(Slot& slot);
  void require_known_file(const AgentId& agent) const;
  void require_known_history(const AgentId& agent, const Store& store, const Call& call);
  bool is_open(const AgentId& agent) const;
  std::shared_ptr<Slot> take_slot(const AgentId& agent);
  bool is_listed(const std::shared_ptr<Slot>& slot) const;
  void forget(const std::shared_ptr<Slot>& slot);

  Options options_;
  mutable std::mutex mutex_;
  Slots slots_;  // the one used last comes first
  std::unordered_map<std::string, Slots::iterator> by_agent_;
  std::map<std::string, Known> known_;      // by agent
  std::deque<std::string> known_in_order_;  // the agents of these, the one known longest first
};

}  // namespace claimledger::sqlite
