#include "database.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "claimledger/adapter/call_check.hpp"
#include "errors.hpp"

namespace claimledger::postgres {

namespace {

using std::chrono::milliseconds;

// libpq's connect_timeout: whole seconds, of which it takes at least two.
std::string connect_timeout(milliseconds timeout, const Call& call) {
  if (call.deadline) {
    const auto left = *call.deadline - std::chrono::steady_clock::now();
    timeout = std::min(timeout, std::chrono::ceil<milliseconds>(left));
  }
  return std::to_string(std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(timeout).count(), 2));
}

// A longer name would be cut without a word, and then be that of another schema.
std::string checked_schema(const std::string& schema) {
  constexpr std::size_t longest = 63;
  if (schema.empty() || schema.size() > longest || schema.find('\0') != std::string::npos) {
    throw StoreFailure(FailureKind::incompatible, "open", "the name of a schema has 1 to 63 bytes");
  }
  return schema;
}

// Counts the messages that a session sends meanwhile, each of which waits for its answer.
class RoundTrips {
 public:
  RoundTrips(const Options& options, const Session& session)
      : options_(options), session_(session), before_(session.sent()) {}
  ~RoundTrips() {
    if (options_.round_trips) *options_.round_trips += session_.sent() - before_;
  }
  RoundTrips(const RoundTrips&) = delete;
  RoundTrips& operator=(const RoundTrips&) = delete;

 private:
  const Options& options_;
  const Session& session_;
  std::uint64_t before_;
};

}  // namespace

Uuid agent_key(const AgentId& agent) {
  const auto digest = sha256({"claimledger/1 agent\n", agent.value});
  Uuid key{};
  std::copy_n(digest.bytes.begin(), sizeof key.data, key.data);
  return key;
}

Database::Database(Options options)
    : options_(std::move(options)),
      statements_(checked_schema(options_.schema)),
      address_(ConnectionString(options_.connection, "open")
                   .with("application_name", options_.application_name)
                   .with_ours("client_encoding", "UTF8")),
      notices_(std::make_shared<Notices>(options_.log)),
      pool_([this](const Call& call, milliseconds timeout,
                   const char* operation) { return connect(call, timeout, operation); },
            options_.pool_size, options_.acquire_timeout) {
  // All connections meet the same server settings as this first one.
  const Call call;
  auto first = std::make_unique<Session>(
      address_.with("connect_timeout", connect_timeout(options_.acquire_timeout, call)), "open", notices_);
  {
    const auto watched = watch(*first, call, "open");
    server_ = inspect_server(*first, "open");
  }
  if (options_.bouncer != Bouncer::automatic) server_.bouncer = options_.bouncer == Bouncer::yes;
  begin_session(*first, call, "open");
  pool_.adopt(std::move(first));
}

Server Database::inspect_server(Session& session, const char* operation) const {
  auto row = session.run(statements_[Query::server], Parameters(), operation);
  row.next();
  if (row.text(1) != "UTF8") {
    throw StoreFailure(FailureKind::incompatible, operation,
                       "the database is encoded in " + std::string(row.text(1)) +
                           "; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0");
  }
  Server server;
  server.bouncer = row.integer(0) != session.backend();
  server.version = row.text(2);
  server.standby = row.flag(3);
  if (row.text(4) == "off") server.not_durable = "fsync is off on this server";
  if (row.text(5) == "off") {
    server.not_durable +=
        std::string(server.not_durable.empty() ? "" : "; ") + "synchronous_commit is off for this role or database";
  }
  return server;
}

std::unique_ptr<Session> Database::connect(const Call& call, milliseconds timeout, const char* operation) const {
  auto session =
      std::make_unique<Session>(address_.with("connect_timeout", connect_timeout(timeout, call)), operation, notices_);
  begin_session(*session, call, operation);
  return session;
}

void Database::begin_session(Session& session, const Call& call, const char* operation) const {
  if (server_.bouncer) return;
  // Longer than the client's own limit, for a client that is gone and cannot cancel.
  const auto limit = options_.statement_timeout.count() == 0 ? 0 : options_.statement_timeout.count() + 1'000;
  auto watched = watch(session, call, operation);
  try {
    session.run(statements_[Query::settings], Parameters(std::to_string(limit)), operation);
  } catch (const StoreFailure&) {
    if (watched.finish() != Watcher::CancelCause::none) adapter::check(call, operation);
    throw;
  }
  // The cancel may be on its way still, and would hit what is sent next.
  if (watched.finish() != Watcher::CancelCause::none) {
    adapter::check(call, operation);
    throw StoreFailure(FailureKind::unreachable, operation, "the server took too long to let a session begin");
  }
}

template <class Work>
auto Database::watched(Session& session, std::string_view name, const Call& call, const char* operation,
                       Work work) const {
  using CancelCause = Watcher::CancelCause;
  const RoundTrips counted(options_, session);
  const auto begun = std::chrono::steady_clock::now();
  auto watched = watch(session, call, operation);
  try {
    auto answer = work();
    if (watched.finish() != CancelCause::none) session.mark_unusable();
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    if (options_.log && took >= options_.slow) options_.log->warn("{} took {} ms", name, took.count());
    return answer;
  } catch (const StoreFailure& failure) {
    const auto cause = watched.finish();
    if (cause != CancelCause::none) session.mark_unusable();
    if (cause == CancelCause::stop) throw StoreFailure(FailureKind::cancelled, operation, "the caller asked to stop");
    if (cause == CancelCause::deadline) {
      throw StoreFailure(FailureKind::timeout, operation, "the deadline of the call has passed");
    }
    if (cause == CancelCause::limit) {
      throw StoreFailure(FailureKind::busy, operation,
                         "took longer than " + std::to_string(options_.statement_timeout.count()) +
                             " ms; try again later, or allow more by statement_timeout");
    }
    // It waited for a lock as long as the call allowed.
    if (failure.kind() == FailureKind::busy) adapter::check(call, operation);
    throw;
  }
}

Rows Database::send(Session& session, Query query, const Parameters& parameters, const Call& call,
                    const char* operation) const {
  return watched(session, Statements::name(query), call, operation, [&] {
    // Behind a pooler the next statement may meet another server, which knows no name of ours.
    return server_.bouncer
               ? session.run(statements_[query], parameters, operation)
               : session.run_prepared(std::string(Statements::name(query)), statements_[query], parameters, operation);
  });
}

void Database::execute(Session& session, Query query, const Call& call, const char* operation) const {
  watched(session, Statements::name(query), call, operation, [&] {
    session.execute(statements_[query], operation);
    return true;
  });
}

Rows Database::read(Session& session, Query query, const Parameters& parameters, const Call& call,
                    const char* operation, WaitForStandbys wait) const {
  session.warned();  // of what came before
  auto rows = send(session, query, parameters, call, operation);
  // It waits for the standbys that the write may not have reached, and this wait was cut short.
  if (wait == WaitForStandbys::yes && session.warned()) {
    session.mark_unusable();
    throw StoreFailure(FailureKind::in_doubt, operation,
                       "the server warned while it answered, so a standby may not have what was found; ask again");
  }
  return rows;
}

Rows Database::ask(Query query, const Parameters& parameters, const Call& call, const char* operation,
                   WaitForStandbys wait) const {
  {
    const auto lease = pool_.acquire(call, operation);
    try {
      return read(*lease, query, parameters, call, operation, wait);
    } catch (const StoreFailure& failure) {
      if (!lease->lost() || !lease.reused() || failure.kind() != FailureKind::unreachable) throw;
      if (options_.log) options_.log->info("a connection was lost; connecting anew");
    }
  }
  const auto lease = pool_.acquire_new(call, operation);
  return read(*lease, query, parameters, call, operation, wait);
}

}  // namespace claimledger::postgres
