#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "random_story.hpp"

// Random ledgers and random questions, search() beside a model that goes over everything. The model knows of search
// only what core/SEARCH.md says: it splits texts at blanks, reckons BM25 in floating point, and asks history(),
// recall() and audit() what is believed. The words are made up, so that no stem, accent or stop word comes between.
namespace claimledger::property {

// Two agents' ledgers, the same for the same seed. Where the store has a search index it reaches anywhere in the end:
// engines of several minds wrote, words were filed since, or not all, and some of what they were filed for is erased.
class Ledgers {
 public:
  explicit Ledgers(std::uint64_t seed, std::shared_ptr<Store> store = memory::open());

  std::string some_words(std::size_t most);
  ValidEnd day();
  Engine& engine() { return engine_; }
  // It reads all that it searches.
  Engine& reference() { return reference_; }
  // Some content is erased, of which the model knows nothing.
  bool erased() const { return erased_; }
  // How many of the entries of the first agent the index reaches.
  Position indexed() const;

  Random random;
  const std::array<AgentId, 2> agents = {AgentId{"first"}, AgentId{"second"}};
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();

 private:
  static Config config();
  Engine engine_over(std::unique_ptr<Store> store, Config config);
  // An engine that files words, one that files none, and one that files others.
  Engine& some_writer();
  // Files what is not filed, begins anew, or is broken off at that.
  void move_index(const AgentId& agent);
  void erase_some(const AgentId& agent);
  Statement statement();
  void step(const AgentId& agent);

  std::shared_ptr<Store> store_;
  std::shared_ptr<conformance::SeededIds> ids_;
  Random whims_;  // about the index alone, so that the ledgers of a seed are the same in every store
  Engine engine_;
  Engine reference_;
  std::vector<Engine> writers_;
  std::size_t writer_ = 0;
  bool erased_ = false;
  std::vector<Statement> said_;
  std::map<AgentId, std::vector<ClaimId>> claims_;
};

struct Tally {
  std::uint64_t questions = 0, found = 0, claims = 0, more = 0;
  std::uint64_t whole = 0, part = 0, nothing = 0;  // how far the index reached
};

// Asks something, and compares the answer with that of the model, and with that of an engine that reads everything.
void expect_equal(Ledgers& ledgers, std::uint64_t seed, Tally& tally);

}  // namespace claimledger::property
