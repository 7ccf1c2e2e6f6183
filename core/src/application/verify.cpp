#include <algorithm>
#include <map>
#include <set>

#include "application/pace.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

// The whole ledger, entry by entry, against everything it says about itself.
namespace claimledger::application {

namespace {

// What does not fit, and the entry that it begins with where it is one.
struct Misfit {
  std::optional<Position> at;
  std::string problem;
};

class Walk {
 public:
  Walk(const Store& store, const AgentId& agent, Position head, const Call& call)
      : store_(store), agent_(agent), head_(head), call_(call), hash_(genesis_hash(agent)) {}

  void take(const StoredBatch& batch) {
    const auto first = Position{position_.value + 1};
    const auto& header = batch.header;
    if (batch.first != first) fail(first, "is missing: the next batch starts at " + std::to_string(batch.first.value));
    if (header.agent != agent_) fail(first, "stands in a batch of another agent");
    if (header.entries != batch.entries.size()) {
      fail(first, "starts a batch of " + std::to_string(header.entries) + " entries, of which " +
                      std::to_string(batch.entries.size()) + " are there");
    }
    if (position_ != Position{} && header.recorded_at <= recorded_at_) {
      fail(first, "was recorded no later than the batch before it");
    }
    if (!ids_.insert(header.id).second) fail(first, "stands in a batch whose id was used before");
    recorded_at_ = header.recorded_at;
    auto header_bytes = codec::encode(header);
    for (const auto& stored : batch.entries) {
      if (stored.seq.value != position_.value + 1) fail({position_.value + 1}, "is missing");
      if (stored.recorded_at != header.recorded_at) fail(stored.seq, "was recorded at another time than its batch");
      take(stored, header_bytes);
      header_bytes.clear();
      position_ = stored.seq;
    }
    find_claims(batch);
  }

  // What can only be said once everything has been seen. Every row that the entries ask for was looked up on the way;
  // that there are as many, then, says that there is no other.
  void finish(const Head& head, const Inventory& inventory) const {
    find_dependants();
    for (const auto& seq : erased_) {
      if (!tombstones_.contains(seq)) fail(seq, "has lost its content without a tombstone");
    }
    check_inventory(inventory);
    if (head.position != position_) fail({position_.value + 1}, "is missing before the head");
    if (head.position != Position{} && head.hash != hash_) fail(position_, "does not carry the hash of the head");
  }

  Position position() const { return position_; }
  const Digest& hash() const { return hash_; }

 private:
  [[noreturn]] static void fail(Position at, std::string problem) { throw Misfit{at, std::move(problem)}; }

  void check_inventory(const Inventory& inventory) const {
    if (!inventory.problem.empty()) throw Misfit{{}, inventory.problem};
    const auto compare = [](const char* what, std::uint64_t filed, std::uint64_t said) {
      if (filed == said) return;
      throw Misfit{{},
                   "the store has filed " + std::to_string(filed) + " " + what + " where the entries say " +
                       std::to_string(said)};
    };
    if (!inventory.counted) return;
    compare("batches", inventory.batches, ids_.size());
    compare("entries", inventory.entries, position_.value);
    compare("contents", inventory.contents, contents_);
    compare("lines", inventory.lines, lines_.size());
    compare("claims", inventory.claims, claims_.size());
    compare("derivations", inventory.derivations, derivations_.size());
    compare("servings", inventory.servings, servings_);
    compare("idempotency keys", inventory.keys, keys_);
    compare("erasures", inventory.erasures.size(), tombstones_.size());
    for (const auto& [entry, tombstone] : inventory.erasures) {
      const auto said = tombstones_.find(entry);
      if (said == tombstones_.end() || said->second != tombstone)
        fail(entry, "is erased by another than its tombstone");
    }
  }

  void take(const StoredEntry& stored, std::string_view header) {
    const auto seq = stored.seq;
    hash_ = codec::chain(hash_, header, stored.body);
    if (hash_ != stored.hash) fail(seq, "does not fit the hash chain");
    const auto read = readable(stored);
    if (const auto why = rules::misspelling(read.record.content); !why.empty()) fail(seq, std::string(why));
    check_keys(stored, read.record);
    check_line(stored, read);
    check_references(stored, read.record.entry);
    if (stored.content_state == ContentState::erased) erased_.insert(seq);
    if (stored.content_state != ContentState::none) ++contents_;
  }

  static ReadEntry readable(const StoredEntry& stored) {
    try {
      return read_entry(stored);
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::corrupt) throw;
      fail(stored.seq, "cannot be read: " + failure.detail());
    }
  }

  // The keys beside the body are what the body and the content say, and lead back to the entry. Of erased content there
  // is nothing left to compare.
  void check_keys(const StoredEntry& stored, const Record& record) {
    const auto seq = stored.seq;
    StoredEntry expected;
    codec::fill_keys(expected, agent_, record.entry, record.content);
    const bool erased = stored.content_state == ContentState::erased;
    const bool fits = expected.kind == stored.kind && expected.disposition == stored.disposition &&
                      expected.claim == stored.claim && expected.begins == stored.begins &&
                      expected.handle == stored.handle &&
                      (erased || expected.content.search_text == stored.content.search_text);
    if (!fits) fail(seq, "is filed under other keys than its own");
    servings_ += expected.served.size();
    if (expected.idempotency_key) {
      ++keys_;
      const auto found = store_.by_idempotency_key(agent_, *expected.idempotency_key, head_, call_);
      if (!found || found->seq != seq) fail(seq, "is not found by its idempotency key");
    }
    for (const auto& claim : expected.served) {
      const EntryQuery serving{.key = key::ServedClaim{claim}, .from = seq, .to = seq};
      if (store_.entries(agent_, serving, head_, call_).empty()) {
        fail(seq, "is not found by a claim that it serves");
      }
    }
    for (const auto& parent : expected.derived_from) derivations_.emplace(parent, std::pair(seq, *expected.claim));
  }

  void find_claims(const StoredBatch& batch) const {
    std::vector<ClaimId> ids;
    std::vector<Position> seqs;
    for (const auto& stored : batch.entries) {
      if (!stored.begins || !stored.claim) continue;
      ids.push_back(*stored.claim);
      seqs.push_back(stored.seq);
    }
    const auto places = store_.claims(agent_, ids, head_, call_);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!places[i] || places[i]->entry.seq != seqs[i]) fail(seqs[i], "is not found by its claim");
    }
  }

  // Dependants lead from every claim to those derived from it, and nowhere else.
  void find_dependants() const {
    constexpr std::size_t at_once = 256;
    std::vector<ClaimId> parents;
    const auto look = [&] {
      std::size_t expected = 0;
      for (const auto& parent : parents) expected += derivations_.count(parent);
      const auto found = store_.dependants(agent_, parents, head_, call_);
      bool fits = found.size() == expected;
      for (const auto& edge : found) {
        const auto [first, last] = derivations_.equal_range(edge.parent);
        fits = fits && std::any_of(first, last, [&](const auto& known) {
                 return known.second == std::pair(edge.child, edge.claim);
               });
      }
      if (!fits) fail(position_, "is not where the claims derived from others are found: dependants are wrong");
      parents.clear();
    };
    for (const auto& [claim, line] : claims_) {
      parents.push_back(claim);
      if (parents.size() == at_once) look();
    }
    if (!parents.empty()) look();
  }

  void check_line(const StoredEntry& stored, const ReadEntry& read) {
    const auto* recorded = std::get_if<ClaimRecorded>(&read.record.entry);
    if (!stored.line) {
      if (read.previous_on_line != Position{}) fail(stored.seq, "names a line but stands on none");
      return;
    }
    auto& line = lines_.try_emplace(*stored.line, Line{lines_.size() + 1, {}}).first->second;
    if (read.previous_on_line != line.last) fail(stored.seq, "does not follow the entry before it on its line");
    line.last = stored.seq;
    if (recorded) {
      const auto& content = read.record.content;
      const bool present = stored.content_state == ContentState::present;
      if (present && (content.subject != stored.line->subject || content.predicate != stored.line->predicate)) {
        fail(stored.seq, "stands on another line than its content says");
      }
      if (!claims_.emplace(recorded->claim.id, line.number).second) fail(stored.seq, "records a claim a second time");
    } else if (stored.claim) {
      const auto claim = claims_.find(*stored.claim);
      if (claim == claims_.end()) fail(stored.seq, "is about a claim that was never recorded");
      if (claim->second != line.number) fail(stored.seq, "stands on another line than its claim");
    }
  }

  void require(const ClaimId& claim, Position seq, const char* how) const {
    if (!claims_.contains(claim)) fail(seq, std::string(how) + " a claim that was never recorded");
  }
  // `other` is named by an entry about `claim`, and can stand on its line only.
  void require_beside(const ClaimId& claim, const ClaimId& other, Position seq, const char* how) const {
    require(other, seq, how);
    if (claims_.at(other) != claims_.at(claim)) fail(seq, std::string(how) + " a claim of another line");
  }

  void require_rivals(const ClaimId& claim, const std::vector<ClaimId>& rivals, Position seq) const {
    for (const auto& rival : rivals) require_beside(claim, rival, seq, "is contested with");
  }

  void check_references(const StoredEntry& stored, const Entry& entry) {
    const auto seq = stored.seq;
    if (const auto* recorded = std::get_if<ClaimRecorded>(&entry)) {
      for (const auto& parent : recorded->claim.derived_from) require(parent, seq, "is derived from");
      require_rivals(recorded->claim.id, recorded->contested_with, seq);
    } else if (const auto* again = std::get_if<Corroborated>(&entry)) {
      require_rivals(again->claim, again->contested_with, seq);
    } else if (const auto* settled = std::get_if<Settled>(&entry)) {
      require_rivals(settled->claim, settled->contested_with, seq);
    } else if (const auto* cut = std::get_if<Cut>(&entry)) {
      if (cut->cause) require_beside(cut->claim, *cut->cause, seq, "is cut on account of");
      cuts_.emplace(seq, cut->claim);
    } else if (const auto* lifted = std::get_if<Lifted>(&entry)) {
      const auto found = cuts_.find(lifted->cut);
      if (found == cuts_.end() || found->second != lifted->claim) fail(seq, "lifts a cut that its claim does not have");
    } else if (const auto* marked = std::get_if<ReviewMarked>(&entry)) {
      require(marked->cause, seq, "is marked for review on account of");
    } else if (const auto* opened = std::get_if<AdjudicationOpened>(&entry)) {
      require_rivals(opened->claim, opened->rivals, seq);
      if (!handles_.insert(opened->handle).second) fail(seq, "opens a question under a handle that was used before");
      if (!open_.emplace(opened->claim, *opened).second) fail(seq, "opens a question a second time");
    } else if (const auto* closed = std::get_if<AdjudicationClosed>(&entry)) {
      const auto found = open_.find(closed->claim);
      if (found == open_.end() || found->second.handle != closed->handle) {
        fail(seq, "closes a question that is not open");
      }
      if (closed->closing == Closing::expired && !found->second.expires_at) {
        fail(seq, "says that a question without a term has expired");
      }
      open_.erase(found);
    } else if (const auto* served = std::get_if<Served>(&entry)) {
      for (const auto& claim : served->claims) require(claim, seq, "serves");
    } else if (const auto* tombstone = std::get_if<Tombstone>(&entry)) {
      if (!erased_.contains(tombstone->erased)) fail(seq, "erases content that is still there, or never was");
      if (!tombstones_.emplace(tombstone->erased, seq).second) fail(seq, "erases content that was erased before");
    }
  }

  struct Line {
    std::size_t number;
    Position last;
  };

  const Store& store_;
  const AgentId& agent_;
  Position head_;
  const Call& call_;
  Digest hash_;
  Position position_;
  TxTime recorded_at_;
  std::set<BatchId> ids_;
  std::map<LineKey, Line> lines_;
  std::map<ClaimId, std::size_t> claims_;  // to the number of their line
  std::map<Position, ClaimId> cuts_;
  std::set<AdjudicationId> handles_;
  std::map<ClaimId, AdjudicationOpened> open_;                        // questions, by the claim that they ask about
  std::multimap<ClaimId, std::pair<Position, ClaimId>> derivations_;  // from parent to statement
  std::set<Position> erased_;
  std::map<Position, Position> tombstones_;  // by the entry whose content each erased
  std::uint64_t contents_ = 0;
  std::uint64_t servings_ = 0;
  std::uint64_t keys_ = 0;
};

// The first entry after `after` that the store has lost or cannot read: batches are read many at a time, so that one of
// them cannot be read does not say which.
Position first_unreadable(const Ports& ports, const AgentId& agent, Position after, Position head, const Call& call) {
  for (Position seq{after.value + 1}; seq <= head; ++seq.value) {
    try {
      if (ports.store.entries(agent, {.from = seq, .to = seq}, head, call).empty()) return seq;
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::corrupt) throw;
      return seq;
    }
  }
  return {after.value + 1};  // no entry is at fault: its batch is
}

// An entry that no batch holds would stop every later write.
void refuse_stray(const Store& store, const AgentId& agent, const Head& head, const Call& call) {
  const Position next{head.position.value + 1};
  if (store.entries(agent, {.from = next, .to = next}, next, call).empty()) return;
  if (store.head(agent, call) != head) return;  // written since
  throw Misfit{next, "stands in no batch"};
}

// A store too damaged to count says so, and the entries are walked all the same: they may tell where it begins.
Inventory take_inventory(const Store& store, const AgentId& agent, const Call& call) {
  try {
    return store.inventory(agent, call);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    Inventory unknown;
    unknown.position = store.head(agent, call).position;
    unknown.problem = failure.detail();
    return unknown;
  }
}

}  // namespace

Verification verify(const Ports& ports, const AgentId& agent, const Engine::Progress& progress, const Call& call) {
  rules::admit_agent(agent);
  const auto inventory = take_inventory(ports.store, agent, call);
  const auto end = inventory.position;
  Walk walk(ports.store, agent, end, call);
  Pace pace;
  Verification result;
  result.position = end;
  const auto failed = [&](std::optional<Position> at, std::string problem) {
    result.ok = false;
    result.first_bad = at;
    result.problem = (at ? "entry " + std::to_string(at->value) + " " : "") + std::move(problem);
  };
  try {
    // The head that was counted: others may have written since.
    const auto head = ports.store.snapshot(agent, end, {}, call).head;
    result.head_hash = head.hash;
    while (walk.position() < end) {
      const auto batches = ports.store.batches(agent, walk.position(), pace.batches(), call);
      if (batches.empty()) break;
      pace.heed(batches);
      for (const auto& batch : batches) {
        if (walk.position() >= end) break;  // written since
        walk.take(batch);
        if (progress) progress(walk.position().value, end.value);
      }
    }
    refuse_stray(ports.store, agent, head, call);
    walk.finish(head, inventory);
  } catch (const Misfit& misfit) {
    failed(misfit.at, misfit.problem);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    const auto at = first_unreadable(ports, agent, walk.position(), end, call);
    // It may be for want of what the store misses.
    const auto why = inventory.problem.empty() ? "" : "; " + inventory.problem;
    failed(at, "cannot be read: " + failure.detail() + why);
  }
  result.entries = walk.position().value;
  return result;
}

}  // namespace claimledger::application
