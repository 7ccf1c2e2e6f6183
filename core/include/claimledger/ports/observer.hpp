#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace claimledger {

// Hears of what an engine does, for metrics, for traces, and for a log of what is slow: names, counts and outcomes,
// never what is in a ledger or whose it is.
//
// Threads:  any, and several at once. An operation begins and ends in the thread that called the engine.
// Failure:  none.
class Observer {
 public:
  // One call of an engine, from its beginning to its answer.
  class Operation {
   public:
    virtual ~Operation() = default;
    // Once, before it is destroyed. `error`: empty where there is an answer, whatever that says; "invalid_input"; the
    // kind of a StoreFailure, as text(FailureKind); "error" for anything else.
    virtual void end(std::string_view error) noexcept = 0;
  };

  virtual ~Observer() = default;

  // `name`: the engine's method, such as "ingest". Null: this one is not observed.
  virtual std::unique_ptr<Operation> begin(std::string_view name) noexcept = 0;
  // So many writes, with so many entries, came to the store in one append, and landed.
  virtual void appended(std::size_t writes, std::size_t entries) noexcept = 0;
};

}  // namespace claimledger
