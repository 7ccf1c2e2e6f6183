#include "claimledger/conformance/store_contract.hpp"

#include <atomic>

namespace claimledger::conformance {

namespace {

// Places differ also when a test is repeated in one process.
std::string next_place(const std::string& test) {
  static std::atomic<int> opened = 0;
  return test.substr(0, test.find('/')).substr(0, 40) + "-" + std::to_string(++opened);
}

std::string this_test() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

}  // namespace

std::string_view text(DamageKind kind) {
  switch (kind) {
    case DamageKind::flip_body:
      return "flip_body";
    case DamageKind::flip_content:
      return "flip_content";
    case DamageKind::flip_hash:
      return "flip_hash";
    case DamageKind::unknown_kind:
      return "unknown_kind";
    case DamageKind::unknown_disposition:
      return "unknown_disposition";
    case DamageKind::remove_entry:
      return "remove_entry";
    case DamageKind::remove_content:
      return "remove_content";
  }
  return "";
}

StoreContract::StoreContract() : place_(next_place(this_test())), agent_{"agent of " + this_test()} {}

StoreContract::~StoreContract() {
  store_.reset();
  if (!backend().remove) return;
  for (const auto& place : places_) backend().remove(place);
}

std::unique_ptr<Store> StoreContract::open_place(const std::string& place) {
  places_.push_back(place);
  return backend().open(place);
}

Store& StoreContract::store() {
  if (!store_) store_ = backend().open(place_);
  return *store_;
}

std::unique_ptr<Store> StoreContract::second_handle() { return backend().open(place_); }

void StoreContract::reopen() {
  store_.reset();
  store_ = backend().open(place_);
}

void StoreContract::close() { store_.reset(); }

void StoreContract::damage(const Damage& what) {
  store_.reset();
  backend().damage(place_, what);
}

std::unique_ptr<Store> StoreContract::fresh_store() { return open_place(next_place(this_test())); }

std::string StoreContract::files_no_words() {
  for (const auto& capability : store().capabilities()) {
    if (capability.name == "search_index") return capability.reason;
  }
  return "files no words";
}

std::string StoreContract::keeps_no_vectors() {
  for (const auto& capability : store().capabilities()) {
    if (capability.name == "vectors") return capability.reason;
  }
  return "keeps no vectors";
}

Commit StoreContract::draft_for(const AgentId& agent, std::vector<StoredEntry> entries) {
  const auto head = store().head(agent, unlimited);
  const auto time =
      head.position.value == 0 ? example_time() : TxTime{head.recorded_at.value + std::chrono::seconds{1}};
  return commit_after(head, agent, ids_.batch(), time, std::move(entries));
}

Commit StoreContract::write_for(const AgentId& agent, std::vector<StoredEntry> entries) {
  auto commit = draft_for(agent, std::move(entries));
  land(commit);
  return commit;
}

Commit StoreContract::write_at(TxTime recorded_at, std::vector<StoredEntry> entries) {
  auto commit = commit_after(head(), agent(), ids_.batch(), recorded_at, std::move(entries));
  land(commit);
  return commit;
}

void StoreContract::land(const Commit& commit) {
  const auto outcome = append(commit);
  EXPECT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail << "\nof\n" << entries_text(commit.entries);
}

Outcome StoreContract::append(Store& store, const Commit& commit) {
  auto outcomes = store.append(std::span(&commit, 1), unlimited);
  EXPECT_EQ(outcomes.size(), 1U);
  return outcomes.empty() ? Outcome{AppendOutcome::refused, "no outcome"} : outcomes.front();
}

void StoreContract::expect_refused(const Commit& commit) {
  const auto head_before = store().head(commit.header.agent, unlimited);
  const auto batches_before = all_batches(commit.header.agent);
  const auto lines_before = store().lines(commit.header.agent, {}, {}, 1'000, anywhere, unlimited);
  const auto open_before = store().open_adjudications(commit.header.agent, {}, 1'000, anywhere, unlimited);

  const auto outcome = append(commit);

  EXPECT_EQ(outcome.outcome, AppendOutcome::refused) << entries_text(commit.entries);
  EXPECT_NE(outcome.detail, "") << "a refusal names the rule";
  EXPECT_EQ(store().head(commit.header.agent, unlimited), head_before);
  EXPECT_EQ(all_batches(commit.header.agent), batches_before);
  EXPECT_EQ(store().lines(commit.header.agent, {}, {}, 1'000, anywhere, unlimited), lines_before);
  EXPECT_EQ(store().open_adjudications(commit.header.agent, {}, 1'000, anywhere, unlimited), open_before);
}

std::vector<StoredEntry> StoreContract::all_entries(EntryQuery query) {
  query.limit = 1'000'000;
  return store().entries(agent(), query, anywhere, unlimited);
}

}  // namespace claimledger::conformance
