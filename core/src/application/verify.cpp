#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "application/batch_sizer.hpp"
#include "application/clock_tolerance.hpp"
#include "application/embedding.hpp"
#include "application/filed_vectors.hpp"
#include "application/filed_words.hpp"
#include "application/line_walk.hpp"
#include "application/references.hpp"
#include "application/terms.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

// Verification of a whole ledger, entry by entry.
namespace claimledger::application {

namespace {

constexpr const char* other_words = "has other words filed than its own; a search may be wrong until `reindex --anew`";
constexpr const char* words_left = "is erased, and its words are still filed; `reindex --anew` takes them away";

std::string other_vector(const EmbeddingModel& model) {
  return "has another vector of " + shown(model) +
         " filed than it should; a search may be wrong until `embed --anew` by that model";
}
std::string vector_left(const EmbeddingModel& model) {
  return "is erased, and its vector of " + shown(model) + " is still filed; `embed --anew` by that model takes it away";
}

// Checks entries in the order of the ledger. References are looked up in the store, which checks its index as well and
// keeps memory small on a long ledger.
class Walk {
 public:
  Walk(const Context& context, const AgentId& agent, Position head, std::uint64_t vectors_again, const Call& call)
      : context_(context),
        store_(context.store()),
        agent_(agent),
        head_(head),
        call_(call),
        words_(context, agent, head, call),
        vectors_(context, agent, head, vectors_again, call),
        hash_(genesis_hash(agent)) {}

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
    ids_.emplace_back(header.id, first);
    recorded_at_ = header.recorded_at;
    auto header_bytes = codec::encode(header);
    for (const auto& stored : batch.entries) {
      if (stored.seq.value != position_.value + 1) fail({position_.value + 1}, "is missing");
      if (stored.recorded_at != header.recorded_at) fail(stored.seq, "was recorded at another time than its batch");
      take(stored, header_bytes);
      header_bytes.clear();
      position_ = stored.seq;
      if (references_.size() + keyed_.size() >= claims_at_once) look_up();
    }
  }

  // Checks that the claims named so far exist on their lines, in the order of the entries that name them, and that the
  // keys find their entries. They are asked for many at a time; call it after the last.
  void look_up() {
    const auto keyed = std::exchange(keyed_, {});
    const auto [places, unfound] = look_for(keyed);
    for (const auto& reference : std::exchange(references_, {})) {
      if (unfound && *unfound <= reference.seq) break;
      const auto place = places.find(reference.claim);
      check(reference, place == places.end() ? nullptr : &place->second);
    }
    const auto descent = [&places = places](const ClaimId& id) {
      return descent_begun_by(codec::decode(places.at(id).entry.body).entry);
    };
    for (const auto& [seq, said] : std::exchange(statements_, {})) {
      if (unfound && *unfound <= seq) break;
      if (const auto fault = fault_of_descent(said, descent); !fault.empty()) fail(seq, std::string(fault));
    }
    if (unfound) fail(*unfound, "is not found by its idempotency key");
  }

  // Reports ids that were used twice; call it after the last entry.
  void finish_ids() {
    const auto refuse_twice = [](auto& used, const char* problem) {
      std::sort(used.begin(), used.end());
      std::optional<Position> first;
      for (std::size_t i = 1; i < used.size(); ++i) {
        if (used[i].first == used[i - 1].first && (!first || used[i].second < *first)) first = used[i].second;
      }
      if (first) fail(*first, problem);
    };
    refuse_twice(ids_, "stands in a batch whose id was used before");
    refuse_twice(handles_, "opens a question under a handle that was used before");
  }

  // The checks that need the whole ledger. Every row that the entries call for was looked up on the way, so equal
  // counts mean that the store has no other row.
  void finish(const Head& head, const Inventory& inventory, const LineWalk& lines) {
    find_dependants();
    for (const auto& seq : erased_) {
      if (!tombstones_.contains(seq)) fail(seq, "has lost its content without a tombstone");
      if (!words_.are(seq, {})) fail(seq, words_left);
      if (const auto* model = vectors_.wrong_at(seq, false)) fail(seq, vector_left(*model));
    }
    check_inventory(inventory, lines.lines());
    if (!words_.problem().empty()) throw Misfit{{}, words_.problem()};
    if (lines.entries() != on_lines_) {
      throw Misfit{{},
                   "the store finds " + std::to_string(lines.entries()) +
                       " entries by their lines where the entries say " + std::to_string(on_lines_)};
    }
    if (head.position != position_) fail({position_.value + 1}, "is missing before the head");
    if (head.position != Position{} && head.hash != hash_) fail(position_, "does not carry the hash of the head");
  }

  Position position() const { return position_; }
  const VectorsAgain& vectors_again() const { return vectors_.made_again(); }

 private:
  [[noreturn]] static void fail(Position at, std::string problem) { throw Misfit{at, std::move(problem)}; }

  void check_inventory(const Inventory& inventory, std::uint64_t lines) const {
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
    compare("lines", inventory.lines, lines);
    compare("claims", inventory.claims, claims_);
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
    const auto& content = read.record.content;
    if (const auto why = rules::non_canonical_field(content); !why.empty()) fail(seq, std::string(why));
    check_keys(stored, read.record);
    note_references(stored, read);
    // Erased since the words were read, it has none any more; finish() knows.
    const bool compares = stored.content_state != ContentState::erased;
    if (compares && !words_.are(seq, terms_of(terms_, stored.kind, content))) fail(seq, other_words);
    const bool may_have_vector = is_found_by_words(stored.kind) && stored.content_state == ContentState::present;
    const auto* wrong = compares ? vectors_.wrong_at(seq, may_have_vector) : nullptr;
    if (wrong != nullptr) fail(seq, other_vector(*wrong));
    if (stored.content_state == ContentState::erased) erased_.insert(seq);
    if (stored.content_state != ContentState::none) ++contents_;
  }

  // Compares the keys beside the body with those of the body and the content, and checks that they find the entry. Keys
  // of erased content cannot be compared.
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
      keyed_.emplace_back(*expected.idempotency_key, seq);
    }
    for (const auto& claim : expected.served) {
      const EntryQuery serving{.key = key::ServedClaim{claim}, .from = seq, .to = seq};
      if (store_.entries(agent_, serving, head_, call_).empty()) {
        fail(seq, "is not found by a claim that it serves");
      }
    }
    for (const auto& parent : expected.derived_from) derivations_.emplace_back(parent, seq, *expected.claim);
  }

  enum class Refers { begins, about, names, beside };
  using DerivationKey = std::tuple<ClaimId, Position, ClaimId>;  // parent, statement, the claim it was filed under
  struct Reference {
    Position seq;
    Refers how;
    ClaimId claim;
    std::optional<LineKey> line;  // where the entry stands
  };

  void note_references(const StoredEntry& stored, const ReadEntry& read) {
    const auto seq = stored.seq;
    const auto& entry = read.record.entry;
    const auto& content = read.record.content;
    if (stored.line) ++on_lines_;
    if (!stored.line && read.previous_on_line != Position{}) fail(seq, "names a line but stands on none");
    const bool filed =
        stored.line && std::holds_alternative<ClaimRecorded>(entry) && stored.content_state == ContentState::present;
    if (filed && (content.subject != stored.line->subject || content.predicate != stored.line->predicate)) {
      fail(seq, "stands on another line than its content says");
    }
    if (stored.claim)
      references_.push_back({seq, stored.begins ? Refers::begins : Refers::about, *stored.claim, stored.line});
    if (stored.begins) ++claims_;
    if (const auto* said = statement_in(entry)) statements_.emplace_back(seq, *said);
    for (const auto& claim : named_claims(entry)) references_.push_back({seq, Refers::names, claim, {}});
    for (const auto& claim : claims_beside(entry)) references_.push_back({seq, Refers::beside, claim, stored.line});
    if (const auto* opened = std::get_if<AdjudicationOpened>(&entry)) handles_.emplace_back(opened->handle, seq);
    if (const auto* tombstone = std::get_if<Tombstone>(&entry)) {
      if (!erased_.contains(tombstone->erased)) fail(seq, "erases content that is still there, or never was");
      if (!tombstones_.emplace(tombstone->erased, seq).second) fail(seq, "erases content that was erased before");
    }
  }

  struct Looked {
    std::map<ClaimId, ClaimPlace> places;
    std::optional<Position> unfound;  // the first entry that its key does not find
  };
  Looked look_for(std::span<const std::pair<Digest, Position>> keyed) const {
    std::vector<ClaimId> ids;
    for (const auto& reference : references_) ids.push_back(reference.claim);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    Looked looked;
    const auto part = [](auto all, std::size_t from) {
      const auto begin = std::min(from, all.size());
      return all.subspan(begin, std::min(claims_at_once, all.size() - begin));
    };
    for (std::size_t i = 0; i < std::max(ids.size(), keyed.size()); i += claims_at_once) {
      const auto claims = part(std::span<const ClaimId>(ids), i);
      const auto keys = part(keyed, i);
      Wanted wanted{.claims = {claims.begin(), claims.end()}};
      for (const auto& [key, seq] : keys) wanted.keys.push_back(key);
      auto found = store_.snapshot(agent_, head_, wanted, call_);
      for (std::size_t k = 0; k < claims.size(); ++k) {
        if (!found.claims[k]) continue;
        found.claims[k]->entry.content = {};
        looked.places.emplace(claims[k], std::move(*found.claims[k]));
      }
      for (std::size_t k = 0; k < keys.size() && !looked.unfound; ++k) {
        if (!found.keys[k] || found.keys[k]->seq != keys[k].second) looked.unfound = keys[k].second;
      }
    }
    return looked;
  }

  static void check(const Reference& reference, const ClaimPlace* place) {
    const auto seq = reference.seq;
    const bool elsewhere = place && reference.line && place->line != *reference.line;
    switch (reference.how) {
      case Refers::begins:
        if (place && place->entry.seq < seq) fail(seq, "begins a claim a second time");
        if (!place || place->entry.seq != seq || elsewhere) fail(seq, "is not found by its claim");
        break;
      case Refers::about:
        if (!place || seq < place->entry.seq) fail(seq, "is about a claim that was never recorded");
        if (elsewhere) fail(seq, "stands on another line than its claim");
        break;
      case Refers::names:
        if (!place || seq <= place->entry.seq) fail(seq, "names a claim that was not recorded before it");
        break;
      case Refers::beside:
        if (!place) fail(seq, "names a claim that was never recorded");
        if (elsewhere) fail(seq, "names a claim of another line");
        break;
    }
  }

  // Checks that dependants() returns exactly the derivations of every claim.
  void find_dependants() {
    constexpr std::size_t at_once = 256;
    std::sort(derivations_.begin(), derivations_.end());
    std::vector<ClaimId> parents;
    std::vector<DerivationKey> expected;
    const auto look = [&] {
      auto found = store_.dependants(agent_, parents, head_, call_);
      std::vector<DerivationKey> stored;
      stored.reserve(found.size());
      for (const auto& each : found) stored.emplace_back(each.parent, each.child, each.claim);
      std::sort(stored.begin(), stored.end());
      if (stored != expected)
        fail(position_, "is not where the claims derived from others are found: dependants are wrong");
      parents.clear();
      expected.clear();
    };
    for (const auto& derivation : derivations_) {
      const auto& parent = std::get<0>(derivation);
      if (parents.empty() || parents.back() != parent) {
        if (parents.size() == at_once) look();
        parents.push_back(parent);
      }
      expected.push_back(derivation);
    }
    if (!parents.empty()) look();
  }

  const Context& context_;
  search::TermMaker terms_{context_.analysis};
  const Store& store_;
  const AgentId& agent_;
  Position head_;
  const Call& call_;
  FiledWords words_;
  FiledVectors vectors_;
  Digest hash_;
  Position position_;
  TxTime recorded_at_;
  std::vector<std::pair<BatchId, Position>> ids_;
  std::vector<std::pair<AdjudicationId, Position>> handles_;
  std::vector<std::pair<Digest, Position>> keyed_;      // that are still to be looked up
  std::vector<Reference> references_;                   // likewise
  std::vector<std::pair<Position, Claim>> statements_;  // whose parents are still to be looked up
  std::vector<DerivationKey> derivations_;              // of statements
  std::set<Position> erased_;
  std::map<Position, Position> tombstones_;  // by the entry whose content each erased
  std::uint64_t on_lines_ = 0;
  std::uint64_t claims_ = 0;
  std::uint64_t contents_ = 0;
  std::uint64_t servings_ = 0;
  std::uint64_t keys_ = 0;
};

std::optional<Misfit> misfit_of(const std::function<void()>& look) {
  try {
    look();
  } catch (const Misfit& misfit) {
    return misfit;
  }
  return std::nullopt;
}

// Checks every batch up to the end, and returns the first misfit.
std::optional<Misfit> walk_batches(const Store& store, const AgentId& agent, Walk& walk, Position end,
                                   const std::function<void(std::uint64_t)>& report, const Call& call) {
  BatchSizer sizer;
  while (walk.position() < end) {
    const auto batches = store.batches(agent, walk.position(), sizer.batches(), call);
    if (batches.empty()) break;
    sizer.adapt_to(batches);
    auto first = misfit_of([&] {
      for (const auto& batch : batches) {
        if (walk.position() >= end) break;  // written since
        walk.take(batch);
        report(walk.position().value);
      }
    });
    try {
      const auto unfound = misfit_of([&] { walk.look_up(); });
      if (unfound && (!first || *unfound->at < *first->at)) first = unfound;
    } catch (const StoreFailure& failure) {
      if (!first || failure.kind() != FailureKind::corrupt) throw;
    }
    if (first) return first;
  }
  return std::nullopt;
}

// The first entry after `after` that the store has lost or cannot read. Batches are read many at a time, so a failure
// there does not name one.
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

// Looks for an entry beyond the last batch, which would block every later write.
void refuse_stray(const Store& store, const AgentId& agent, const Head& head, const Call& call) {
  const Position next{head.position.value + 1};
  if (store.entries(agent, {.from = next, .to = next}, next, call).empty()) return;
  if (store.head(agent, call) != head) return;  // written since
  throw Misfit{next, "stands in no batch"};
}

// A store too damaged to count reports that. The entries are still walked, since they may show where the damage begins.
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
  // Every entry is read twice: with its batch and with its line.
  const auto report = [&](std::uint64_t done) {
    if (request.progress) request.progress(done, 2 * end.value);
  };
  Walk walk(context, request.agent, end, request.vectors_again, request.call);
  Verification result;
  result.position = end;
  result.vectors_again = walk.vectors_again().made();
  result.remark = walk.vectors_again().failed();
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
    auto first = walk_batches(context.store(), request.agent, walk, end, report, request.call);
    LineWalk lines(context.store(), request.agent, walk.position(), request.call);
    lines.run([&](std::uint64_t done) { report(end.value + done); });
    for (const auto& other : {lines.misfit(), misfit_of([&] { walk.finish_ids(); })}) {
      if (other && (!first || *other->at < *first->at)) first = other;
    }
    if (first) throw Misfit(*first);
    refuse_stray(context.store(), request.agent, head, request.call);
    walk.finish(head, inventory, lines);
    report(2 * end.value);
  } catch (const Misfit& misfit) {
    failed(misfit.at, misfit.problem);
  } catch (const StoreFailure& failure) {
    if (failure.kind() != FailureKind::corrupt) throw;
    const auto at = first_unreadable(context, request.agent, walk.position(), end, request.call);
    // The misfit may follow from the fault that the store found.
    const auto why = inventory.problem.empty() ? "" : "; " + inventory.problem;
    failed(at, "cannot be read: " + failure.detail() + why);
  }
  result.entries = walk.position().value;
  return result;
}

}  // namespace claimledger::application
