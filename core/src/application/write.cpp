#include "application/write.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "application/clock_tolerance.hpp"
#include "application/filing.hpp"
#include "application/references.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"
#include "rules/rivals.hpp"

namespace claimledger::application {

namespace {

// Makes the commit of a draft: numbers, times, salts and hashes.
Commit seal(Attempt& attempt, const Head& head, const WriteRequest& request, WriteVectors& vectors) {
  const auto& draft = attempt.draft;
  auto& ids = attempt.ids;
  Commit commit;
  commit.after = head;
  commit.header.agent = request.agent;
  commit.header.id = BatchId{ids.uuid(draft.now.value)};
  commit.header.recorded_at = draft.now;
  commit.header.clock = attempt.context.parts.clock_source;
  commit.header.actor = request.caller.actor;
  commit.header.entries = static_cast<std::uint32_t>(draft.entries.size());

  Filing filing(attempt.context, vectors);
  auto header = codec::encode(commit.header);
  auto hash = head.hash;
  auto seq = head.position;
  std::map<LineKey, Position> last_on_line;
  commit.entries.reserve(draft.entries.size());
  for (const auto& drafted : draft.entries) {
    ++seq.value;
    StoredEntry stored;
    stored.seq = seq;
    stored.recorded_at = draft.now;
    stored.line = drafted.line;

    codec::Frame frame{seq, draft.now, {}, {}};
    if (drafted.line) {
      const auto [last, fresh] = last_on_line.try_emplace(*drafted.line);
      if (fresh) last->second = attempt.view.last_before(*drafted.line);
      frame.previous_on_line = last->second;
      last->second = seq;
    }
    if (drafted.content != Content{}) {
      stored.content_state = ContentState::present;
      stored.content.salt = ids.salt();
      stored.content.body = codec::encode(drafted.content);
      frame.commitment = codec::commitment(stored.content.salt, stored.content.body);
    }
    stored.body = codec::encode(drafted.entry, frame);
    hash = codec::chain(hash, header, stored.body);
    header.clear();
    stored.hash = hash;
    codec::fill_keys(stored, request.agent, drafted.entry, drafted.content);
    filing.add(stored, drafted.content);
    commit.entries.push_back(std::move(stored));
  }
  filing.finish(commit);
  return commit;
}

bool in_doubt(const Outcome& outcome) {
  return outcome.outcome == AppendOutcome::failed && outcome.failure == FailureKind::in_doubt;
}

// A batch that is in doubt is appended again unchanged: its id tells whether it had landed. If that attempt fails too,
// the batch stays in doubt, whatever the second failure was.
TurnOutcome append(Store& store, WriteTurn& turn, const Commit& commit, const Call& call) {
  auto result = std::move(turn.append(std::span(&commit, 1)).front());
  if (!in_doubt(result.outcome)) return result;
  auto again = std::move(store.append(std::span(&commit, 1), call).front());
  if (again.outcome == AppendOutcome::failed && !in_doubt(again)) {
    again.failure = FailureKind::in_doubt;
    again.detail = "nobody could say whether it was written: " + again.detail;
  }
  return {std::move(again), std::nullopt};
}

void tell(const Context& context, const std::vector<AdjudicationItem>& questions) {
  if (!context.parts.oracle) return;
  for (const auto& question : questions) {
    try {
      context.parts.oracle->asked(question);
    } catch (...) {
      // An oracle that throws must not fail the write. The question stays open, and tell_pending() repeats it.
    }
  }
}

std::vector<AdjudicationItem> questions_opened(Attempt& attempt) {
  std::vector<AdjudicationItem> questions;
  for (const auto& drafted : attempt.draft.entries) {
    const auto* opened = std::get_if<AdjudicationOpened>(&drafted.entry);
    if (!opened) continue;
    auto question = item_of(attempt.view.agent(), attempt.view.line(*drafted.line), opened->claim);
    if (question && question->handle == opened->handle) questions.push_back(std::move(*question));
  }
  return questions;
}

}  // namespace

void require_landed(const Outcome& outcome, const char* operation) {
  if (outcome.outcome == AppendOutcome::refused) throw StoreFailure(FailureKind::refused, operation, outcome.detail);
  if (outcome.outcome == AppendOutcome::failed) throw StoreFailure(outcome.failure, operation, outcome.detail);
}

TxTime stamp(const Head& head, const Clock& clock) {
  const auto now = clock.now();
  if (head.position == Position{}) return {now};
  return {std::max(now, head.recorded_at.value + std::chrono::microseconds{1})};
}

bool head_moved(const std::optional<Position>& expected, Position head) { return expected && *expected != head; }

WriteAnswer conflict(Position expected, Position head) {
  return {WriteStatus::conflict,
          head,
          {},
          {},
          "the ledger is at " + std::to_string(head.value) + ", not at " + std::to_string(expected.value)};
}

rules::Policy Attempt::policy(std::optional<std::chrono::microseconds> ttl) const {
  const auto& config = context.config;
  const auto lasts = ttl ? ttl : config.adjudication_ttl;
  const auto now = draft.now;
  return {
      .confidence_floor = config.confidence_floor,
      .derivation_depth_cap = config.derivation_depth_cap,
      .quarantine_future_starts = config.quarantine_future_starts,
      .overturn = config.overturn_policy,
      .overturn_floor = config.criticality_overturn_floor,
      .recall_burst = config.recall_burst,
      .recall_burst_window = config.recall_burst_window,
      .questions = {.queue = context.queues(),
                    .expires_at = lasts ? std::optional(TxTime{now.value + *lasts}) : std::nullopt,
                    .new_handle = [&ids = ids, now] { return AdjudicationId{ids.uuid(now.value)}; },
                    .new_claim = [&ids = ids, now] { return ClaimId{ids.uuid(now.value)}; }},
  };
}

std::vector<ClaimId> mark_dependants(Attempt& attempt) {
  std::vector<ClaimId> marked;
  std::set<ClaimId> seen;
  auto roots = std::exchange(attempt.draft.weakened, {});
  for (const auto& [root, winner] : roots) {
    std::vector<ClaimId> wave{root};
    while (!wave.empty()) {
      std::vector<ClaimId> next;
      for (const auto& child : attempt.view.derived_from(wave)) {
        if (child != winner && seen.insert(child).second) next.push_back(child);
      }
      for (const auto& child : next) {
        auto& line = attempt.view.line_holding(child);
        const auto& claim = line.state.at(child);
        if (!claim.live() || claim.marked || !claim.has_statement()) continue;
        attempt.on(line).write(ReviewMarked{child, root});
        marked.push_back(child);
      }
      wave = std::move(next);
    }
  }
  return marked;
}

std::optional<AdjudicationItem> item_of(const AgentId& agent, const View::LoadedLine& line, const ClaimId& challenger) {
  const auto* claim = line.state.find(challenger);
  if (!claim || !claim->question || line.state.erased(*claim)) return std::nullopt;
  const auto side = [&](const rules::ClaimState& state) {
    const auto& said = line.state.said(state);
    const auto& content = line.state.content(state);
    AdjudicationItem::Side shown;
    shown.claim = state.id;
    if (content.value) shown.value = *content.value;
    shown.provenance = said.provenance;
    shown.source = content.source;
    shown.window = said.window;
    shown.value_confidence = line.state.value_confidence(state);
    shown.recorded_at = line.state.recorded_at(state);
    return shown;
  };
  const auto& question = *claim->question;
  AdjudicationItem item{agent, question.handle, line.key,           side(*claim),
                        {},    question.seq,    question.opened_at, question.expires_at};
  // The question is about rivals that began to count before it was asked.
  for (const auto rival : rules::rivals(line.state, line.state.index_of(*claim))) {
    const auto& state = line.state[rival];
    if (state.rank.from < question.seq) item.rivals.push_back(side(state));
  }
  return item;
}

namespace {

// The ids and salts of one write. A failed attempt leaves its own to the next one, so that the written bytes do not
// depend on the number of attempts.
class IdsOfOneWrite final : public IdSource {
 public:
  explicit IdsOfOneWrite(IdSource& ids) : ids_(ids) {}

  void start_again() { next_uuid_ = next_salt_ = 0; }

  Uuid uuid(Instant at) override {
    if (next_uuid_ < uuids_.size() && uuids_[next_uuid_].first == at) return uuids_[next_uuid_++].second;
    uuids_.resize(next_uuid_++);
    uuids_.emplace_back(at, ids_.uuid(at));
    return uuids_.back().second;
  }
  std::array<std::uint8_t, 16> salt() override {
    if (next_salt_ == salts_.size()) salts_.push_back(ids_.salt());
    return salts_[next_salt_++];
  }

 private:
  IdSource& ids_;
  std::vector<std::pair<Instant, Uuid>> uuids_;
  std::vector<std::array<std::uint8_t, 16>> salts_;
  std::size_t next_uuid_ = 0, next_salt_ = 0;
};

}  // namespace

WriteAnswer write(Context& context, const WriteRequest& request, const std::function<WriteAnswer(Attempt&)>& decide) {
  IdsOfOneWrite ids(*context.parts.ids);
  rules::admit_agent(request.agent);
  rules::admit_caller(request.caller);
  if (context.parts.clock_source == ClockSource::replay) {
    require_not_ahead(context, {context.clock().now()}, request.caller.future_times);
  }
  WriteVectors of_embedder(context, request.call);
  auto& vectors = request.vectors ? *request.vectors : of_embedder;
  auto place = context.writers.acquire(request.agent, request.call);
  std::unique_ptr<WriteTurn> turn;
  std::optional<Snapshot> fresh;
  for (int attempts = 0; attempts < limits::attempts; ++attempts) {
    if (request.dry_run) {
      fresh = context.store().snapshot(request.agent, Moment{AtHead{}}, request.wanted, request.call);
    } else if (!fresh) {
      std::vector<WriteIntent> intents;  // from a list in braces it would be copied
      intents.push_back({request.agent, request.wanted});
      turn = context.store().begin_write(std::move(intents), request.call);
    }
    const auto snapshot = fresh ? *std::exchange(fresh, std::nullopt) : std::move(turn->snapshots.front());
    const auto& head = snapshot.head;
    Attempt attempt(context, ids, View(context.store(), request.agent, request.wanted, snapshot, request.call),
                    stamp(head, context.clock()));

    auto answer = head_moved(request.expected_position, head.position)
                      ? conflict(*request.expected_position, head.position)
                      : decide(attempt);
    auto& draft = attempt.draft;
    answer.position = head.position;
    if (!draft.entries.empty()) {
      for (const auto& id : mark_dependants(attempt)) answer.marked_for_review.push_back(id);
      require_named_claims(attempt);
      const auto commit = seal(attempt, head, request, vectors);
      auto [outcome, newer] = append(context.store(), *turn, commit, request.call);
      if (outcome.outcome == AppendOutcome::conflict) {
        fresh = std::move(newer);
        ids.start_again();
        continue;
      }
      require_landed(outcome, "append");
      answer.position = commit.entries.back().seq;
      answer.clock_behind_by = clock_behind_by(context, draft.now);
      if (answer.clock_behind_by) {
        const auto notice = stamped_ahead(*answer.clock_behind_by, draft.now);
        if (!answer.reason.empty()) answer.reason += "; ";
        answer.reason += notice;
        if (context.parts.warn) context.parts.warn(request.agent.value + ": " + notice);
      }
    }
    for (auto& receipt : answer.receipts) {
      // One that has them is of an earlier write, and replayed.
      if (!draft.entries.empty() && receipt.position == Position{}) {
        receipt.position = answer.position;
        receipt.recorded_at = draft.now;
      }
      if (receipt.reason.empty()) receipt.reason = rules::explain(receipt);
    }
    const auto questions = context.parts.oracle ? questions_opened(attempt) : std::vector<AdjudicationItem>{};
    turn.reset();
    place.release();
    tell(context, questions);
    return answer;
  }
  throw StoreFailure(FailureKind::conflict, "append",
                     "another writer was faster " + std::to_string(limits::attempts) + " times; try again");
}

}  // namespace claimledger::application
