#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/conformance/backend.hpp"
#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/matchers.hpp"

// The contract that every store keeps. To judge an adapter, instantiate it inside this namespace:
//
//   INSTANTIATE_TEST_SUITE_P(Acme, StoreContract, testing::Values(acme_backend()), BackendName{});
//
// Every rule is one test, named by the rule's number and its sentence.
namespace claimledger::conformance {

// A fresh empty place, one handle on it, and an agent of the test's own.
class StoreContract : public testing::TestWithParam<Backend> {
 protected:
  StoreContract();
  ~StoreContract() override;
  void SetUp() override { store_ = open_place(place_); }

  const Backend& backend() const { return GetParam(); }
  const std::string& place() const { return place_; }
  Store& store();
  // Another handle on the same place, for backends that can share.
  std::unique_ptr<Store> second_handle();
  // A handle on another, empty place.
  std::unique_ptr<Store> fresh_store();
  // Why the store has no search index, by what it claims; empty: it has one, and is held to it.
  std::string files_no_words();
  // Why the store keeps no vectors, likewise.
  std::string keeps_no_vectors();
  void close();
  // Closes the handle of store() and opens the place again.
  void reopen();
  // Closes the handle and damages what is stored; store() then opens the place again.
  void damage(const Damage& what);

  const AgentId& agent() const { return agent_; }
  AgentId other_agent() const { return AgentId{agent_.value + "/other"}; }
  static LineKey line(std::string_view predicate = "likes") { return {"alice", std::string(predicate)}; }
  ExampleIds& ids() { return ids_; }
  Head head() { return store().head(agent(), unlimited); }

  // A commit after the head, one second later, not appended.
  Commit draft(std::vector<StoredEntry> entries) { return draft_for(agent(), std::move(entries)); }
  Commit draft_for(const AgentId& agent, std::vector<StoredEntry> entries);
  // The same appended; it has to land.
  Commit write(std::vector<StoredEntry> entries) { return write_for(agent(), std::move(entries)); }
  Commit write_for(const AgentId& agent, std::vector<StoredEntry> entries);
  Commit write_at(TxTime recorded_at, std::vector<StoredEntry> entries);
  Outcome append(const Commit& commit) { return append(store(), commit); }
  static Outcome append(Store& store, const Commit& commit);
  // Appends a commit that breaks a rule: it is refused with a reason, and nothing of it is left behind.
  void expect_refused(const Commit& commit);

  std::vector<StoredBatch> all_batches() { return all_batches(agent()); }
  std::vector<StoredBatch> all_batches(const AgentId& agent) {
    return store().batches(agent, Position{0}, 1'000'000, unlimited);
  }
  std::vector<StoredEntry> all_entries(EntryQuery query = {});  // every one, whatever the limit

  inline static const Call unlimited{};
  static constexpr Position anywhere{1'000'000'000'000};  // later than every entry

 private:
  std::unique_ptr<Store> open_place(const std::string& place);
  void land(const Commit& commit);

  std::string place_;
  AgentId agent_;
  ExampleIds ids_;
  std::unique_ptr<Store> store_;
  std::vector<std::string> places_;
};

}  // namespace claimledger::conformance

namespace claimledger {

// For messages.
void PrintTo(const StoredEntry& entry, std::ostream* out);
void PrintTo(const Position& position, std::ostream* out);
void PrintTo(const LineKey& line, std::ostream* out);

}  // namespace claimledger
