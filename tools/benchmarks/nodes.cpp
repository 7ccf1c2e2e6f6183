#include <boost/pool/object_pool.hpp>
#include <boost/pool/pool_alloc.hpp>

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/system/random_ids.hpp"
#include "rules/line_state.hpp"

namespace claimledger::benchmarks {

namespace {

using rules::ClaimState;

// The ways to hold the claims of a line: each makes one and frees all when it goes.
struct ByNew {
  std::vector<std::unique_ptr<ClaimState>> held;
  void add(ClaimState&& state) { held.push_back(std::make_unique<ClaimState>(std::move(state))); }
};
struct ByDeque {
  std::deque<ClaimState> held;
  void add(ClaimState&& state) { held.push_back(std::move(state)); }
};
// Blocks grow to the given number of claims: beyond about a hundred a block is pages fetched from the system each time.
template <int first_block, int largest_block>
struct ByObjectPool {
  boost::object_pool<ClaimState> pool{first_block, largest_block};
  void add(ClaimState&& state) { new (pool.malloc()) ClaimState(std::move(state)); }
};
template <int first_block, int largest_block>
struct ByPool {
  boost::pool<> pool{sizeof(ClaimState), first_block, largest_block};
  std::vector<ClaimState*> held;
  void add(ClaimState&& state) { held.push_back(new (pool.malloc()) ClaimState(std::move(state))); }
  ~ByPool() {
    for (auto* state : held) state->~ClaimState();
  }
};

// The index of a line by claim id.
struct IdHash {
  std::size_t operator()(const ClaimId& id) const { return boost::uuids::hash_value(id.value); }
};
using Link = std::pair<const ClaimId, const ClaimState*>;
using Index = std::unordered_map<ClaimId, const ClaimState*, IdHash>;
using PooledIndex =
    std::unordered_map<ClaimId, const ClaimState*, IdHash, std::equal_to<>, boost::fast_pool_allocator<Link>>;
using Tree = std::map<ClaimId, const ClaimState*>;
using PooledTree = std::map<ClaimId, const ClaimState*, std::less<>, boost::fast_pool_allocator<Link>>;

template <class Map>
double time_of_index(const std::vector<ClaimId>& ids, int times) {
  return median_seconds(times, [&] {
    Map map;
    for (const auto& id : ids) map.emplace(id, nullptr);
  });
}

template <class Holder>
double time_of(int length, int times) {
  ClaimState claim;
  claim.id.value.data[0] = 1;
  claim.seq = {1};
  claim.decided.counts_from = claim.seq;
  claim.decided.statements = {claim.seq};
  claim.statements = {0};
  claim.said = {TxTime{}};
  claim.base = rules::Validity(claim.window);
  return median_seconds(times, [&] {
    Holder holder;
    for (int i = 0; i < length; ++i) holder.add(ClaimState(claim));
  });
}

}  // namespace

void nodes(const Scale& scale) {
  heading("Nodes of a line: made, filled and freed (" + std::to_string(sizeof(ClaimState)) + " bytes each)");
  for (const int length : {1, 10, 100, 2'000}) {
    const int times = std::max(20, scale.calls * 50 / length);
    const auto plain = time_of<ByNew>(length, times);
    const auto say = [&](const char* how, double time) {
      row(std::to_string(length) + ", " + how, time * 1e6, "us", time / plain, "new and delete");
    };
    say("new and delete", plain);
    say("std::deque", time_of<ByDeque>(length, times));
    say("boost::object_pool, blocks of 32 and up", time_of<ByObjectPool<32, 0>>(length, times));
    say("boost::object_pool, blocks of 4 to 64", time_of<ByObjectPool<4, 64>>(length, times));
    say("boost::pool, blocks of 4 to 64", time_of<ByPool<4, 64>>(length, times));
  }

  heading("Nodes of its index by claim id");
  system::RandomIds random;
  for (const int length : {1, 10, 100, 2'000}) {
    const int times = std::max(20, scale.calls * 50 / length);
    std::vector<ClaimId> ids;
    ids.reserve(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) ids.push_back({random.uuid(earliest_instant)});
    const auto plain = time_of_index<Index>(ids, times);
    const auto say = [&](const char* how, double time) {
      row(std::to_string(length) + ", " + how, time * 1e6, "us", time / plain, "std::unordered_map");
    };
    say("std::unordered_map", plain);
    say("std::unordered_map, boost::fast_pool_allocator", time_of_index<PooledIndex>(ids, times));
    say("std::map", time_of_index<Tree>(ids, times));
    say("std::map, boost::fast_pool_allocator", time_of_index<PooledTree>(ids, times));
  }
}

}  // namespace claimledger::benchmarks
