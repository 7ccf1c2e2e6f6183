#include "claimledger/ports/observer.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"

// What an observer hears: each call once, by its name and how it ended.
namespace claimledger {
namespace {

class Notes : public Observer {
 public:
  class Noted : public Operation {
   public:
    Noted(Notes& notes, std::string_view name) : notes_(notes), name_(name) {}
    ~Noted() override {
      if (!ended_) notes_.note(name_ + " never ended");
    }
    void end(std::string_view error) noexcept override {
      ended_ = true;
      notes_.note(name_ + (error.empty() ? "" : ": ") + std::string(error));
    }

   private:
    Notes& notes_;
    std::string name_;
    bool ended_ = false;
  };

  std::unique_ptr<Operation> begin(std::string_view name) noexcept override {
    return name == unobserved ? nullptr : std::make_unique<Noted>(*this, name);
  }
  void appended(std::size_t writes, std::size_t entries) noexcept override {
    note("appended " + std::to_string(writes) + ", entries " + std::to_string(entries));
  }

  std::vector<std::string> heard;
  std::string unobserved;

 private:
  void note(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    heard.push_back(what);
  }
  std::mutex mutex_;
};

// Appends fail as is said.
class Failing : public conformance::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    if (!failure) return inner().append(commits, call);
    return {commits.size(), {AppendOutcome::failed, "as asked", *failure}};
  }
  std::optional<FailureKind> failure;
};

class Observed : public testing::Test {
 protected:
  std::shared_ptr<Failing> store_ = std::make_shared<Failing>(memory::open());
  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  Engine engine_{{.store = std::make_unique<conformance::ForwardingStore>(store_),
                  .clock = std::make_shared<conformance::ManualClock>(),
                  .ids = std::make_shared<conformance::SeededIds>(1),
                  .observer = notes_}};
  using Heard = std::vector<std::string>;
};

}  // namespace

TEST_F(Observed, IsEachCallByTheNameOfItsMethod) {
  engine_.remember("ada", "city", Value("Berlin"));
  engine_.recall("ada", "city");
  engine_.history("ada", "city");
  engine_.ingest({.agent = AgentId{"default"},
                  .statements = {{.subject = "ada", .predicate = "city", .value = Value("Bonn")},
                                 {.subject = "ada", .predicate = "pet", .value = Value("cat")}}});
  engine_.search({.agent = AgentId{"default"}, .text = "cat"});

  EXPECT_EQ(notes_->heard, (Heard{"appended 1, entries 1", "ingest", "recall", "history", "appended 1, entries 2",
                                  "ingest", "search"}));
}

TEST_F(Observed, IsHowACallFails) {
  EXPECT_THROW(engine_.remember("", "city", Value("Berlin")), InvalidInput);
  store_->failure = FailureKind::exhausted;
  EXPECT_THROW(engine_.remember("ada", "city", Value("Berlin")), StoreFailure);

  EXPECT_EQ(notes_->heard, (Heard{"ingest: invalid_input", "ingest: exhausted"}));
}

TEST_F(Observed, IsNotWhatNobodyAsksFor) {
  notes_->unobserved = "recall";

  engine_.recall("ada", "city");
  engine_.head({.agent = AgentId{"default"}});

  EXPECT_EQ(notes_->heard, Heard{"head"});
}

}  // namespace claimledger
