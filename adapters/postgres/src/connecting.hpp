#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <memory>

#include "connection_string.hpp"
#include "notices.hpp"

namespace claimledger::postgres {

// Hears what a server says unasked on one connection, from the first message on. libpq would print it.
class Ear {
 public:
  explicit Ear(std::shared_ptr<Notices> notices) : notices_(std::move(notices)) {}
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  // Whether anything was said since the last call. A warning while a batch is committed can mean that a standby does
  // not have it; its text is in the server's language, so only its existence counts.
  bool take() { return heard_.exchange(false); }
  // For PQsetNoticeReceiver.
  static void receive(void* ear, const PGresult* said) noexcept;

 private:
  std::shared_ptr<Notices> notices_;
  std::atomic<bool> heard_ = false;
};

// Connects step by step, as PQconnectdb() does: to the first of the addresses that answers and is wanted, each with
// connect_timeout. `ear` has to outlive the connection. Failure: StoreFailure{unreachable}; {exhausted} without a file
// descriptor.
PGconn* connect(const ConnectionString& to, Ear& ear, const char* operation);

}  // namespace claimledger::postgres
