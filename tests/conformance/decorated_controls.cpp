#include <algorithm>
#include <map>
#include <mutex>

#include "claimledger/domain/entry_number.hpp"
#include "controls.hpp"

// Each store here does one thing wrong, in one line.
namespace claimledger::conformance {

namespace {

constexpr Position far{1'000'000'000'000};

// Reads the head, whatever the position.
struct ReadsPastThePosition : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto then = inner().snapshot(a, moment, wanted, call);
    then.lines = inner().snapshot(a, AtHead{}, wanted, call).lines;
    return then;
  }
};

struct AuditsPastThePosition : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredEntry> entries(const AgentId& a, const EntryQuery& query, Position,
                                   const Call& call) const override {
    return inner().entries(a, query, far, call);
  }
};

struct ForgetsThatQuestionsWereOpen : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredEntry> open_adjudications(const AgentId& a, Position after, std::size_t limit, Position,
                                              const Call& call) const override {
    return inner().open_adjudications(a, after, limit, far, call);
  }
};

struct TakesATimeForStrictlyBefore : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    const auto* time = std::get_if<TxTime>(&moment);
    return inner().snapshot(a, time ? Moment{TxTime{time->value - std::chrono::microseconds{1}}} : moment, wanted,
                            call);
  }
};

struct CountsServingEntries : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Inventory inventory(const AgentId& a, const Call& call) const override {
    auto found = inner().inventory(a, call);
    found.servings = std::min<std::uint64_t>(found.servings, 1);
    return found;
  }
};

struct LosesAnEntryBetweenPages : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredEntry> entries(const AgentId& a, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    auto found = inner().entries(a, query, at, call);
    if (query.from > Position{1} && !found.empty()) found.erase(found.begin());
    return found;
  }
};

struct MixesEntriesOfAgents : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredEntry> entries(const AgentId& a, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    auto all = inner().entries(a, query, at, call);
    for (const auto& [agent, end, problem] : inner().agents({}, 1'000, call)) {
      if (agent == a) continue;
      for (auto& entry : inner().entries(agent, query, at, call)) all.push_back(std::move(entry));
    }
    return all;
  }
};

struct DropsTheLastEntry : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    if (commit.entries.size() > 1) commit.entries.pop_back(), --commit.header.entries;
  }
};

struct IgnoresAStaleHead : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    commit.after = inner().head(commit.header.agent, {});
    auto seq = commit.after.position.value;
    for (auto& entry : commit.entries) entry.seq = Position{++seq};
  }
};

struct ForgetsKeys : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries) entry.idempotency_key.reset();
  }
};

struct ForgetsWhereClaimsBegin : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries) entry.begins = entry.begins && entry.kind == kind_number<ClaimRecorded>;
  }
};

struct KeepsErasedKeys : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto found = inner().snapshot(a, moment, wanted, call);
    for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
      const std::scoped_lock lock(mutex);
      if (found.keys[i])
        seen.insert_or_assign(wanted.keys[i], *found.keys[i]);
      else if (const auto old = seen.find(wanted.keys[i]); old != seen.end())
        found.keys[i] = old->second;
    }
    return found;
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (const auto& commit : commits) {
      for (const auto& entry : commit.entries) {
        if (entry.idempotency_key) snapshot(commit.header.agent, AtHead{}, {.keys = {*entry.idempotency_key}}, call);
      }
    }
    return outcomes;
  }
  mutable std::mutex mutex;
  mutable std::map<Digest, StoredEntry> seen;
};

struct ThrowsInsteadOfAnswering : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (const auto& each : outcomes) {
      if (each.outcome == AppendOutcome::failed) throw StoreFailure(each.failure, "append", each.detail);
    }
    return outcomes;
  }
};

// A turn that decides on what was assumed and appends after whatever is there.
struct BelievesAssumptions : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  struct Turn : WriteTurn {
    explicit Turn(Store& store) : store_(store) {}
    std::vector<TurnOutcome> append(std::span<const Commit> commits) override {
      std::vector<TurnOutcome> outcomes;
      for (auto commit : commits) {
        commit.after = store_.head(commit.header.agent, {});
        auto seq = commit.after.position.value;
        for (auto& entry : commit.entries) entry.seq = Position{++seq};
        outcomes.push_back({store_.append(std::span(&commit, 1), {}).at(0), std::nullopt});
      }
      return outcomes;
    }
    Store& store_;
  };
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    auto turn = std::make_unique<Turn>(inner());
    for (const auto& intent : intents) {
      turn->snapshots.push_back(intent.assumed ? *intent.assumed
                                               : inner().snapshot(intent.agent, AtHead{}, intent.wanted, call));
    }
    return turn;
  }
};

struct TheFirstAlone {
  std::vector<TurnOutcome> operator()(WriteTurn& turn, std::span<const Commit> commits) const {
    const auto outcome = turn.append(commits.first(1)).at(0);
    return {commits.size(), outcome};
  }
};

// A turn begins with the head that this handle wrote last.
struct BeginsWithWhatItKnows : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    if (outcomes.back() == Outcome{}) known_ = commits.back().entries.back().seq;
    return outcomes;
  }
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    auto turn = ForwardingStore::begin_write(intents, call);
    if (known_ == Position{}) return turn;
    for (std::size_t i = 0; i < intents.size(); ++i)
      turn->snapshots[i] = inner().snapshot(intents[i].agent, known_, intents[i].wanted, call);
    return turn;
  }
  Position known_;
};

struct FilingForTheFirstAlone {
  std::vector<TurnOutcome> operator()(WriteTurn& turn, std::span<const Commit> commits) const {
    std::vector<Commit> sent(commits.begin(), commits.end());
    for (std::size_t i = 1; i < sent.size(); ++i) {
      for (auto& entry : sent[i].entries) {
        entry.content.terms.clear();
        entry.content.vector.clear();
      }
    }
    return turn.append(sent);
  }
};

struct ReadsLinesWhole : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto whole = wanted;
    for (auto& line : whole.lines) line.after = Position{};
    return inner().snapshot(a, moment, whole, call);
  }
};

struct ErasesNothing : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries) entry.erases.reset();
  }
};

struct RoundsToMilliseconds : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  static void round(TxTime& time) { time.value = std::chrono::floor<std::chrono::milliseconds>(time.value); }
  void spoil(Commit& commit) const override {
    round(commit.header.recorded_at);
    for (auto& entry : commit.entries) round(entry.recorded_at);
  }
};

struct ComposesText : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries) {
      if (entry.line && entry.line->subject == "cafe\u0301") entry.line->subject = "caf\u00e9";
    }
  }
};

struct CutsTextAtNul : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries) entry.body = entry.body.substr(0, entry.body.find('\0'));
  }
};

struct LosesLargeContent : BreaksCommits {
  using BreaksCommits::BreaksCommits;
  void spoil(Commit& commit) const override {
    for (auto& entry : commit.entries)
      entry.content.body.resize(std::min<std::size_t>(entry.content.body.size(), 65'535));
  }
};

struct AppendsTwice : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, call);
    for (auto& each : outcomes)
      each.outcome = each.outcome == AppendOutcome::already_there ? AppendOutcome::done : each.outcome;
    return outcomes;
  }
};

struct StopsAtTheFirstRefusal : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Outcome> outcomes;
    for (const auto& commit : commits) {
      const bool go_on = outcomes.empty() || outcomes.back().outcome == AppendOutcome::done;
      outcomes.push_back(go_on ? inner().append(std::span(&commit, 1), call).at(0) : Outcome{AppendOutcome::conflict});
    }
    return outcomes;
  }
};

struct SplitsBatches : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto first = commits.front();
    if (first.entries.size() < 2 || commits.size() > 1) return inner().append(commits, call);
    first.entries.resize(1);
    first.header.entries = 1;
    inner().append(std::span(&first, 1), call);
    return inner().append(commits, call);
  }
};

struct ShowsOtherAgents : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<std::string> subjects(const AgentId&, const std::optional<std::string>& after, std::size_t limit,
                                    Position at, const Call& call) const override {
    std::vector<std::string> all;
    for (const auto& [agent, end, problem] : inner().agents({}, 1'000, call)) {
      for (auto& subject : inner().subjects(agent, after, limit, at, call)) all.push_back(subject);
    }
    return all;
  }
};

struct AnswersInItsOwnOrder : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto sorted = wanted;
    std::sort(sorted.claims.begin(), sorted.claims.end());
    return inner().snapshot(a, moment, sorted, call);
  }
};

struct ReversesDependants : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Derivation> dependants(const AgentId& a, std::span<const ClaimId> parents, Position at,
                                     const Call& call) const override {
    auto found = inner().dependants(a, parents, at, call);
    std::reverse(found.begin(), found.end());
    return found;
  }
};

struct TakesZeroForUnlimited : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredBatch> batches(const AgentId& a, Position after, std::size_t limit,
                                   const Call& call) const override {
    return inner().batches(a, after, limit == 0 ? 1'000 : limit, call);
  }
};

struct StartsAtTheCursor : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredBatch> batches(const AgentId& a, Position after, std::size_t limit,
                                   const Call& call) const override {
    return inner().batches(a, Position{after.value == 0 ? 0 : after.value - 1}, limit, call);
  }
};

struct IgnoresDeadlines : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    return inner().snapshot(a, moment, wanted, {.stop = call.stop});
  }
};

struct WritesWhenCancelled : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    auto outcomes = inner().append(commits, {});
    if (call.stop.stop_requested()) {
      outcomes.assign(commits.size(), {AppendOutcome::failed, "too late", FailureKind::cancelled});
    }
    return outcomes;
  }
};

struct RemembersItsHead : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto found = inner().snapshot(a, moment, wanted, call);
    if (!std::holds_alternative<AtHead>(moment)) return found;
    const std::scoped_lock lock(mutex);
    found.head = heads.try_emplace(a, found.head).first->second;
    return found;
  }
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    const std::scoped_lock lock(mutex);
    for (const auto& commit : commits) heads.erase(commit.header.agent);
    return inner().append(commits, call);
  }
  mutable std::mutex mutex;
  mutable std::map<AgentId, Head> heads;
};

struct SaysNoWithoutAReason : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<Capability> capabilities() const override { return {{"durable", false, ""}}; }
};

struct SwallowsFailures : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto found = inner().snapshot(a, moment, wanted, call);
    for (auto& line : found.lines) {
      const bool readable = std::ranges::all_of(line, [](const auto& entry) { return !kind_text(entry.kind).empty(); });
      if (!readable) line.clear();
    }
    return found;
  }
};

struct TakesMissingForErased : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto found = inner().snapshot(a, moment, wanted, call);
    for (auto& line : found.lines) {
      for (auto& entry : line) {
        if (entry.content_state == ContentState::none) entry.content_state = ContentState::erased;
      }
    }
    return found;
  }
};

struct ShowsOnlyNow : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment&, const Wanted& wanted, const Call& call) const override {
    return inner().snapshot(a, AtHead{}, wanted, call);
  }
};

struct SortsLines : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  Snapshot snapshot(const AgentId& a, const Moment& moment, const Wanted& wanted, const Call& call) const override {
    auto sorted = wanted;
    std::sort(sorted.lines.begin(), sorted.lines.end(),
              [](const WantedLine& left, const WantedLine& right) { return left.key < right.key; });
    return inner().snapshot(a, moment, sorted, call);
  }
};

struct SkipsTheFirstBatch : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredBatch> batches(const AgentId& a, Position after, std::size_t limit,
                                   const Call& call) const override {
    auto found = inner().batches(a, after, limit + 1, call);
    if (!found.empty()) found.erase(found.begin());
    return found;
  }
};

struct WaitsForever : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::uint64_t await_append(const std::optional<AgentId>& a, std::uint64_t seen, const Call&) const override {
    return inner().await_append(a, seen, {});
  }
};

struct ReadsNumbersPastThePosition : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  std::vector<StoredEntry> entries(const AgentId& a, const EntryQuery& query, Position at,
                                   const Call& call) const override {
    return inner().entries(a, query, std::holds_alternative<key::Positions>(query.key) ? far : at, call);
  }
};

}  // namespace

std::vector<Control> decorated_controls() {
  return {
      broken<ReadsPastThePosition>("reads_past_at", "memory", "a line is read past the position", "R03"),
      broken<ReadsPastThePosition>("answers_change", "memory", "the same, seen through the engine", "Q03"),
      broken<AuditsPastThePosition>("audits_past_at", "memory", "a page of entries is read past the position", "R07"),
      broken<ForgetsThatQuestionsWereOpen>("questions_now", "memory", "open questions are those of now", "R08"),
      broken<TakesATimeForStrictlyBefore>("before_not_at", "memory", "a time means strictly before it", "P01"),
      broken<TakesATimeForStrictlyBefore>("cutoff_off_by_one", "memory", "the same, seen through the engine", "Q04"),
      broken<DropsTheLastEntry>("drops_last_entry", "memory", "the last entry of a batch is lost", "A02"),
      broken<IgnoresAStaleHead>("ignores_stale_head", "memory", "a stale head is quietly renewed", "A09"),
      broken<ForgetsKeys>("forgets_keys", "memory", "idempotency keys are not kept", "A17"),
      broken<ForgetsKeys>("key_twice", "memory", "the same, seen through the engine", "O02"),
      broken<ForgetsWhereClaimsBegin>("begins_by_kind", "memory", "only a ClaimRecorded begins a claim", "K03"),
      broken<KeepsErasedKeys>("keeps_keys", "memory", "an erased key is still found", "T06"),
      broken<ThrowsInsteadOfAnswering>("throws_on_append", "memory", "a failed commit is thrown", "L03"),
      broken<BelievesAssumptions>("believes_assumptions", "memory", "what was assumed is not checked", "X06"),
      broken<TurnsAppend<TheFirstAlone>>("one_batch_a_turn", "memory", "a turn lands its first batch alone", "X08"),
      broken<BelievesAssumptions>("closes_gaps", "memory", "what follows a refused batch lands behind what is there",
                                  "X09"),
      broken<BelievesAssumptions>("believes_many", "memory", "what was assumed is not checked, of several batches",
                                  "X10"),
      broken<TurnsAppend<TheFirstAlone>>("there_for_all", "memory", "a batch that is there already speaks for its turn",
                                         "X11"),
      broken<BeginsWithWhatItKnows>("never_afresh", "sqlite_file", "a turn reads nothing though it is asked to", "X12"),
      broken<BeginsWithWhatItKnows>("guesses_untold", "sqlite_file", "a turn takes what it knows for what is there",
                                    "X13"),
      broken<TurnsAppend<FilingForTheFirstAlone>>("terms_of_one_batch", "sqlite_file",
                                                  "a turn files the terms of its first batch alone", "U25"),
      broken<TurnsAppend<FilingForTheFirstAlone>>("vectors_of_one_batch", "memory",
                                                  "a turn files the vectors of its first batch alone", "V30"),
      broken<ReadsLinesWhole>("lines_whole", "memory", "a line is read from its start whatever is wanted", "S08"),
      broken<ErasesNothing>("erases_nothing", "memory", "a tombstone erases nothing", "T01"),
      broken<RoundsToMilliseconds>("rounds_time", "memory", "recorded time is kept in milliseconds", "E08"),
      broken<ComposesText>("composes_text", "memory", "text is normalised", "E04"),
      broken<CutsTextAtNul>("cuts_at_nul", "memory", "a body ends at its first NUL", "E01"),
      broken<LosesLargeContent>("loses_large_content", "memory", "content over 64 KiB is cut", "E03"),
      broken<LosesLargeContent>("loses_large_value", "memory", "the same, seen through the engine", "W03"),
      broken<AppendsTwice>("says_done_twice", "memory", "a batch that is there already is said to be done", "A07"),
      broken<StopsAtTheFirstRefusal>("refusal_spreads", "memory", "a refused commit takes the later ones with it",
                                     "A14"),
      broken<SplitsBatches>("splits_batches", "memory", "the first entry of a batch lands on its own", "A05"),
      broken<ShowsOtherAgents>("agent_leak", "memory", "subjects of other agents are listed", "I01"),
      broken<AnswersInItsOwnOrder>("own_order", "memory", "claims come back in the order of their ids", "K02"),
      broken<ReversesDependants>("reversed_dependants", "memory", "dependants come back newest first", "K04"),
      broken<CountsServingEntries>("counts_entries", "memory", "a serving of two claims is counted once", "K15"),
      broken<TakesZeroForUnlimited>("zero_is_unlimited", "memory", "a limit of zero is no limit", "G01"),
      broken<StartsAtTheCursor>("cursor_included", "memory", "batches start at the cursor, not after it", "G04"),
      broken<IgnoresDeadlines>("ignores_deadlines", "memory", "snapshot() does not look at its deadline", "L01"),
      broken<WritesWhenCancelled>("writes_when_cancelled", "memory", "a cancelled append writes and then says so",
                                  "L04"),
      broken<ShowsOnlyNow>("snapshot_of_now", "memory", "a snapshot at a position is the head's", "S04"),
      broken<SortsLines>("snapshot_sorted", "memory", "a snapshot's lines come in an order of their own", "S01"),
      broken<SkipsTheFirstBatch>("feed_skips", "memory", "batches leave out the first", "N04"),
      broken<StartsAtTheCursor>("feed_repeats", "memory", "batches start at the cursor, seen through a feed", "N04"),
      broken<WaitsForever>("waits_too_long", "memory", "waiting does not look at its deadline", "N03"),
      broken<RemembersItsHead>("caches_head", "sqlite_file", "a handle trusts the head it saw last", "C05"),
      broken<SaysNoWithoutAReason>("no_reason", "memory", "a capability is absent without a reason", "D04"),
      broken<SwallowsFailures>("swallows_corruption", "sqlite_file", "a corrupt line reads as empty", "M03"),
      broken<ReadsPastThePosition>("finds_lines_of_now", "memory",
                                   "a line is read past the position, seen through a search", "H01"),
      broken<LosesAnEntryBetweenPages>("finds_page_by_page", "memory", "the first entry of a later page is lost",
                                       "H03"),
      broken<AuditsPastThePosition>("finds_past_at", "memory",
                                    "a page of entries is read past the position, seen through a search", "H04"),
      broken<RemembersItsHead>("finds_by_old_head", "sqlite_file",
                               "a handle trusts the head it saw last, seen through a search", "H05"),
      broken<RemembersItsHead>("finds_late", "sqlite_file",
                               "a handle trusts the head it saw last, seen through searches beside a writer", "H09"),
      broken<ErasesNothing>("finds_erased", "memory", "a tombstone erases nothing, seen through a search", "H06"),
      broken<MixesEntriesOfAgents>("finds_of_all", "memory", "a page of entries has those of other agents", "H07"),
      broken<ReadsNumbersPastThePosition>("numbers_past_at", "memory", "entries by number are read past the position",
                                          "K16"),
      broken<TakesMissingForErased>("missing_is_erased", "sqlite_file", "content that is missing reads as erased",
                                    "M06"),
  };
}

}  // namespace claimledger::conformance
