#pragma once

#include "claimledger/postgres/postgres_store.hpp"
#include "connection_pool.hpp"
#include "watcher.hpp"

namespace claimledger::postgres {

// Facts about a server, read when a store opens.
struct Server {
  std::string version;
  bool standby = false;
  bool bouncer = false;     // a pooler stands between
  std::string not_durable;  // why an acknowledged batch may be lost with the server's machine; empty: it may not
};

// One ledger's schema on one server: the connections to it and how a statement is sent.
// Threads:  any method from any thread.
class Database {
 public:
  // Connects once, to see who is there. Failure: StoreFailure.
  explicit Database(Options options);

  // Sends one statement on a session and waits. Heeds the call; statement_timeout too.
  Rows send(Session& session, Query query, const Parameters& parameters, const Call& call, const char* operation) const;
  // Sends what begins or ends a transaction, likewise.
  void execute(Session& session, Query query, const Call& call, const char* operation) const;
  // A read: on any connection, and when that turns out to have died since it was used last, once more on a new one.
  // `wait`: the caller takes the rows for an acknowledged write, so they have to have reached the standbys.
  enum class WaitForStandbys { no, yes };
  Rows ask(Query query, const Parameters& parameters, const Call& call, const char* operation,
           WaitForStandbys wait = WaitForStandbys::no) const;

  ConnectionPool& pool() const { return pool_; }
  // A connection outside the pool.
  std::unique_ptr<Session> connect(const Call& call, const char* operation) const {
    return connect(call, options_.acquire_timeout, operation);
  }
  // For what is sent on such a session by hand: it ends with the call, and with statement_timeout.
  Watcher::Watch watch(Session& session, const Call& call, const char* operation) const {
    return {watcher_, session, call, options_.statement_timeout, operation};
  }

  const Options& options() const { return options_; }
  const Statements& statements() const { return statements_; }
  const ConnectionString& address() const { return address_; }
  const Server& server() const { return server_; }

 private:
  std::unique_ptr<Session> connect(const Call& call, std::chrono::milliseconds timeout, const char* operation) const;
  Rows read(Session& session, Query query, const Parameters& parameters, const Call& call, const char* operation,
            WaitForStandbys wait) const;

  template <class Work>
  auto watched(Session& session, std::string_view name, const Call& call, const char* operation, Work work) const;
  Server inspect_server(Session& session, const char* operation) const;

  Options options_;
  Statements statements_;
  ConnectionString address_;
  Server server_;
  mutable Watcher watcher_;
  mutable ConnectionPool pool_;
};

// The first 16 bytes of SHA-256("claimledger/1 agent" LF name), as agent_key() in the database.
Uuid agent_key(const AgentId& agent);

}  // namespace claimledger::postgres
