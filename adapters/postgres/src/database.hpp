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
  // Connects, to inspect the server; the pool keeps the connection. Failure: StoreFailure.
  explicit Database(Options options);

  // Sends one statement on a session and waits, at most as long as the call and statement_timeout allow.
  Rows send(Session& session, Query query, const Parameters& parameters, const Call& call, const char* operation) const;
  // Sends the begin or the end of a transaction in the same way.
  void execute(Session& session, Query query, const Call& call, const char* operation) const;
  // A read on any connection; if that one died since its last use, once more on a new one.
  // `wait`: the caller takes the rows for an acknowledged write, so they have to have reached the standbys.
  enum class WaitForStandbys { no, yes };
  Rows ask(Query query, const Parameters& parameters, const Call& call, const char* operation,
           WaitForStandbys wait = WaitForStandbys::no) const;

  ConnectionPool& pool() const { return pool_; }
  // A connection outside the pool.
  std::unique_ptr<Session> connect(const Call& call, const char* operation) const {
    return connect(call, options_.acquire_timeout, operation);
  }
  // Watches a statement that is sent on such a session directly: cancels it when the call or statement_timeout is over.
  Watcher::Watch watch(Session& session, const Call& call, const char* operation) const {
    return {watcher_, session, call, options_.statement_timeout, operation};
  }

  const Options& options() const { return options_; }
  const Statements& statements() const { return statements_; }
  const ConnectionString& address() const { return address_; }
  const Server& server() const { return server_; }

 private:
  std::unique_ptr<Session> connect(const Call& call, std::chrono::milliseconds timeout, const char* operation) const;
  // Gives a session its settings, where it is one of its own.
  void begin_session(Session& session, const Call& call, const char* operation) const;
  Rows read(Session& session, Query query, const Parameters& parameters, const Call& call, const char* operation,
            WaitForStandbys wait) const;

  template <class Work>
  auto watched(Session& session, std::string_view name, const Call& call, const char* operation, Work work) const;
  Server inspect_server(Session& session, const char* operation) const;

  Options options_;
  Statements statements_;
  ConnectionString address_;
  std::shared_ptr<Notices> notices_;
  Server server_;
  mutable Watcher watcher_;
  mutable ConnectionPool pool_;
};

// The first 16 bytes of SHA-256("claimledger/1 agent" LF name), as agent_key() in the database.
Uuid agent_key(const AgentId& agent);

}  // namespace claimledger::postgres
