#include "claimledger/memory/memory_store.hpp"

#include "claimledger/adapter/indexed_store.hpp"

namespace claimledger::memory {

namespace {

class MemoryStore : public adapter::IndexedStore {
 public:
  std::vector<Capability> capabilities() const override {
    const std::string gone = "everything is forgotten with the object";
    return {{"durable", false, gone},
            {"reopen", false, gone},
            {"multi_process", false, "lives in one process"},
            {"second_handle", false, "every open() is a store of its own"},
            {"parallel_agents", false, "one writer at a time"},
            {"search_index", false, "a search reads what it searches"},
            {"vectors", true, ""},
            {"erasure", true, ""}};
  }

  bool reads_are_near() const override { return true; }
  Vectors* vectors() override { return this; }

  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return described({{"backend", "memory"}}, call);
  }

 private:
  void keep(const Commit&) override {}
};

}  // namespace

std::unique_ptr<Store> open() { return std::make_unique<MemoryStore>(); }

}  // namespace claimledger::memory
