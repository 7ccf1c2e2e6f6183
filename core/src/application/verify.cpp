#include <algorithm>
#include <map>
#include <set>

#include "application/clock_tolerance.hpp"
#include "application/pace.hpp"
#include "application/references.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"
#include "rules/judge_anew.hpp"

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
    for (const auto& [seq, claim, other] : std::exchange(beside_, {})) require_beside(claim, other, seq, "names");
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
    judge_lines();
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
    if (const auto why = rules::non_canonical_field(read.record.content); !why.empty()) fail(seq, std::string(why));
    check_keys(stored, read.record);
    check_line(stored, read);
    check_references(stored, read.record.entry);
    if (stored.content_state == ContentState::erased) erased_.insert(seq);
    if (stored.content_state != ContentState::none) ++contents_;
    if (stored.line) fold(*stored.line, read);
  }

  // Takes the entry's line one on: an entry that the line cannot go on with stops every read of it.
  void fold(const LineKey& key, const ReadEntry& read) {
    // A long ledger is not held as a whole.
    constexpr std::size_t most_entries = 100'000;
    if (++folded_entries_ > most_entries) {
      folded_.clear();
      folded_entries_ = 0;
    }
    const auto seq = read.record.seq;
    try {
      auto found = folded_.find(key);
      if (found == folded_.end()) {
        const auto before = store_.line(agent_, key, {seq.value - 1}, call_);
        folded_entries_ += before.size();
        found = folded_.emplace(key, fold_line(before)).first;
      }
      go_on(found->second, read);
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::corrupt) throw;
      fail(seq, "cannot follow on its line: " + failure.detail());
    }
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

  // Every line is judged again from its first entry: what was decided about its claims has to be what comes out. Of a
  // line with erased content there is nothing left to judge.
  void judge_lines() const {
    constexpr std::size_t at_once = 64;
    std::vector<WantedLine> wanted;
    const auto look = [&] {
      const auto snapshot = store_.snapshot(agent_, head_, {.lines = wanted}, call_);
      for (const auto& entries : snapshot.lines) judge_line(entries);
      wanted.clear();
    };
    for (const auto& [key, line] : lines_) {
      wanted.emplace_back(key);
      if (wanted.size() == at_once) look();
    }
    if (!wanted.empty()) look();
  }

  static void judge_line(std::span<const StoredEntry> entries) {
    const auto erased = [](const StoredEntry& entry) { return entry.content_state == ContentState::erased; };
    if (std::any_of(entries.begin(), entries.end(), erased) || comes_out_as_decided(entries)) return;
    // The first batch after which it does not, by halves: what was decided wrongly shows from there on, as a rule.
    std::vector<std::size_t> ends;  // of batches
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i + 1 == entries.size() || entries[i + 1].recorded_at != entries[i].recorded_at) ends.push_back(i + 1);
    }
    const auto first_wrong = std::partition_point(
        ends.begin(), ends.end(), [&](std::size_t end) { return comes_out_as_decided(entries.subspan(0, end)); });
    const auto end = first_wrong == ends.end() ? entries.size() : *first_wrong;
    const auto first = first_wrong == ends.begin() || first_wrong == ends.end() ? 0 : *std::prev(first_wrong);
    fail(entries[first_wrong == ends.end() ? end - 1 : first].seq, "decides what its line does not give");
  }

  // At the end of a batch: what an entry changes of other claims is in the entries after it.
  static bool comes_out_as_decided(std::span<const StoredEntry> entries) {
    const auto line = fold_line(entries);
    const auto anew = rules::judge_anew(line, [] { return ClaimId{}; });
    return std::all_of(line.claims().begin(), line.claims().end(), [&](const rules::ClaimState& claim) {
      const auto* again = anew.find(claim.id);
      return again ? again->decided == claim.decided : !claim.has_statement();
    });
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
    const auto* judged = std::get_if<Judged>(&read.record.entry);
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
    } else if (judged && judged->begins) {
      if (!claims_.emplace(judged->claim, line.number).second) fail(stored.seq, "begins a claim a second time");
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

  void require_beside(const ClaimId& claim, const std::vector<ClaimId>& others, Position seq, const char* how) const {
    for (const auto& other : others) require_beside(claim, other, seq, how);
  }
  void require_losers(const ClaimId& claim, const std::vector<Win>& won, Position seq) const {
    for (const auto& win : won) require_beside(claim, win.loser, seq, "wins over");
  }
  void require_promoted(const std::vector<Promotion>& promoted, const ClaimId& by, Position seq) const {
    for (const auto& promotion : promoted) {
      require_beside(by, promotion.claim, seq, "promotes");
      require_losers(by, promotion.won, seq);
    }
  }

  void check_references(const StoredEntry& stored, const Entry& entry) {
    const auto seq = stored.seq;
    if (const auto claim = claim_of(entry)) {
      for (const auto& other : claims_beside(entry)) beside_.push_back({seq, *claim, other});
    }
    if (const auto* recorded = std::get_if<ClaimRecorded>(&entry)) {
      const auto& id = recorded->claim.id;
      for (const auto& parent : recorded->claim.derived_from) require(parent, seq, "is derived from");
      require_beside(id, recorded->ended, seq, "ends");
      require_losers(id, recorded->won, seq);
      require_promoted(recorded->promoted, id, seq);
      if (recorded->correction) require_beside(id, recorded->correction->claim, seq, "corrects");
    } else if (const auto* again = std::get_if<Corroborated>(&entry)) {
      for (const auto& parent : again->stated.derived_from) require(parent, seq, "is derived from");
      require_promoted(again->promoted, again->stated.id, seq);
    } else if (const auto* marked = std::get_if<ReviewMarked>(&entry)) {
      require(marked->cause, seq, "is marked for review on account of");
    } else if (const auto* opened = std::get_if<AdjudicationOpened>(&entry)) {
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
  struct Beside {
    Position seq;
    ClaimId claim;
    ClaimId other;
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
  std::set<AdjudicationId> handles_;
  std::map<ClaimId, AdjudicationOpened> open_;                        // questions, by the claim that they ask about
  std::multimap<ClaimId, std::pair<Position, ClaimId>> derivations_;  // from parent to statement
  std::vector<Beside> beside_;                                        // what the batch in hand names on its own lines
  std::map<LineKey, rules::LineState> folded_;                        // lines up to here
  std::size_t folded_entries_ = 0;                                    // in them, about
  std::set<Position> erased_;
  std::map<Position, Position> tombstones_;  // by the entry whose content each erased
  std::uint64_t contents_ = 0;
  std::uint64_t servings_ = 0;
  std::uint64_t keys_ = 0;
};

// The first entry after `after` that the store has lost or cannot read: batches are read many at a time, so that one of
// them cannot be read does not say which.
Position first_unreadable(const Context& context, const AgentId& agent, Position after, Position head,
                          const Call& call) {
  for (Position seq{after.value + 1}; seq <= head; ++seq.value) {
    try {
      if (context.store().entries(agent, {.from = seq, .to = seq}, head, call).empty()) return seq;
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

Verification verify(const Context& context, const VerifyRequest& request) {
  rules::admit_agent(request.agent);
  const auto inventory = take_inventory(context.store(), request.agent, request.call);
  const auto end = inventory.position;
  Walk walk(context.store(), request.agent, end, request.call);
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
    const auto head = context.store().snapshot(request.agent, end, {}, request.call).head;
    result.head_hash = head.hash;
    result.clock_behind_by = clock_behind_by(context, head);
    while (walk.position() < end) {
      const auto batches = context.store().batches(request.agent, walk.position(), pace.batches(), request.call);
      if (batches.empty()) break;
      pace.heed(batches);
      for (const auto& batch : batches) {
        if (walk.position() >= end) break;  // written since
        walk.take(batch);
        if (request.progress) request.progress(walk.position().value, end.value);
      }
    }
    refuse_stray(context.store(), request.agent, head, request.call);
    walk.finish(head, inventory);
  } catch (const Misfit& misfit) {
    failed(misfit.at, misfit.problem);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    const auto at = first_unreadable(context, request.agent, walk.position(), end, request.call);
    // It may be for want of what the store misses.
    const auto why = inventory.problem.empty() ? "" : "; " + inventory.problem;
    failed(at, "cannot be read: " + failure.detail() + why);
  }
  result.entries = walk.position().value;
  return result;
}

}  // namespace claimledger::application
