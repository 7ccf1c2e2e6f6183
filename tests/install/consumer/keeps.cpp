#include <claimledger/adapter/batch_codec.hpp>
#include <claimledger/adapter/indexed_store.hpp>
#include <cstdio>

namespace {

// Keeps its batches in a string.
class StringStore : public claimledger::adapter::IndexedStore {
 public:
  explicit StringStore(claimledger::Bytes& kept) : kept_(kept) { restore(kept_, "the string"); }
  std::vector<claimledger::Capability> capabilities() const override { return {}; }
  std::vector<std::pair<std::string, std::string>> describe(const claimledger::Call& call) const override {
    return described({{"backend", "string"}}, call);
  }

 private:
  void keep(const claimledger::Commit& commit) override {
    kept_ += claimledger::adapter::encode(commit.header, commit.entries);
  }

  claimledger::Bytes& kept_;
};

}  // namespace

// Appends a batch of one entry, opens the store again and looks for it.
int main() {
  const claimledger::AgentId ada{"ada"};
  claimledger::Bytes kept;
  claimledger::Commit commit;
  commit.after.hash = claimledger::genesis_hash(ada);
  commit.header.agent = ada;
  commit.header.entries = 1;
  commit.entries.resize(1);
  commit.entries[0].seq = claimledger::Position{1};
  StringStore(kept).append(std::span(&commit, 1), {});

  const bool there = StringStore(kept).head(ada, {}).position == claimledger::Position{1};
  std::printf("the batch is %s\n", there ? "kept" : "lost");
  return there ? 0 : 1;
}
