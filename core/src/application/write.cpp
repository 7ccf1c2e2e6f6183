#include "application/write.hpp"

#include <algorithm>
#include <set>

#include "application/clock_tolerance.hpp"
#include "application/references.hpp"
#include "application/sealing.hpp"
#include "application/write_group.hpp"
#include "claimledger/limits.hpp"
#include "rules/rivals.hpp"

namespace claimledger::application {

namespace {

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

// One whose deadline passes while it waits leaves the queue by itself.
void require_not_stopped(const Call& call) {
  if (!call.stop.stop_requested()) return;
  throw StoreFailure(FailureKind::cancelled, "append", "the caller asked to stop before it was decided");
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

Uuid Write::Ids::uuid(Instant at) {
  if (next_uuid_ < uuids_.size() && uuids_[next_uuid_].first == at) return uuids_[next_uuid_++].second;
  uuids_.resize(next_uuid_++);
  uuids_.emplace_back(at, ids_.uuid(at));
  return uuids_.back().second;
}

std::array<std::uint8_t, 16> Write::Ids::salt() {
  if (next_salt_ == salts_.size()) salts_.push_back(ids_.salt());
  return salts_[next_salt_++];
}

std::optional<Commit> Write::decide(View& view, const Head& head) {
  answer_ = {};
  failure_ = nullptr;
  drafted_at_.reset();
  questions_.clear();
  ids_.start_again();
  const auto before = view.batches();
  try {
    if (auto commit = try_decide(view, head)) {
      view.finish();
      return commit;
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  view.keep(before);
  return std::nullopt;
}

std::optional<Commit> Write::try_decide(View& view, const Head& head) {
  require_not_stopped(request_.call);
  view.read_for(request_.call);
  Attempt attempt(context_, ids_, view, stamp(head, context_.clock()));
  answer_ = head_moved(request_.expected_position, head.position) ? conflict(*request_.expected_position, head.position)
                                                                  : decide_(attempt);
  answer_.position = head.position;
  auto& draft = attempt.draft;
  if (draft.entries.empty()) return std::nullopt;
  for (const auto& id : mark_dependants(attempt)) answer_.marked_for_review.push_back(id);
  require_named_claims(attempt);
  auto commit = seal(attempt, head, request_, vectors_);
  drafted_at_ = draft.now;
  if (context_.parts.oracle) questions_ = questions_opened(attempt);
  return commit;
}

bool Write::may_try_again() noexcept { return ++attempts_ < limits::attempts; }

WriteAnswer Write::answer() {
  if (attempts_ == limits::attempts) {
    throw StoreFailure(FailureKind::conflict, "append",
                       "another writer was faster " + std::to_string(limits::attempts) + " times; try again");
  }
  if (failure_) std::rethrow_exception(failure_);
  if (drafted_at_) {
    answer_.clock_behind_by = clock_behind_by(context_, *drafted_at_);
    if (answer_.clock_behind_by) {
      const auto notice = stamped_ahead(*answer_.clock_behind_by, *drafted_at_);
      if (!answer_.reason.empty()) answer_.reason += "; ";
      answer_.reason += notice;
      if (context_.parts.warn) context_.parts.warn(request_.agent.value + ": " + notice);
    }
  }
  for (auto& receipt : answer_.receipts) {
    // One that has them is of an earlier write, and replayed.
    if (drafted_at_ && receipt.position == Position{}) {
      receipt.position = answer_.position;
      receipt.recorded_at = *drafted_at_;
    }
    if (receipt.reason.empty()) receipt.reason = rules::explain(receipt);
  }
  tell(context_, questions_);
  return std::move(answer_);
}

namespace {

// In a turn behind that of the write before it.
void run_in_order(Context& context, const WriteRequest& request, Write& mine) {
  auto& place = *request.place;
  place.wait_until_begun(request.call);
  while (true) {
    auto turn = context.writers.acquire_to_decide(request.agent, request.call);
    if (WriteGroup(context, turn, mine).run()) return;
    turn.release();  // that one may need it
    place.wait_until_landed(request.call);
  }
}

void run(Context& context, const WriteRequest& request, Write& mine) {
  if (request.place) return run_in_order(context, request, mine);
  if (request.alone) {
    auto turn = context.writers.acquire_to_decide(request.agent, request.call);
    WriteGroup(context, turn, mine).run();
  } else if (auto turn = context.writers.acquire_or_be_done(request.agent, request.call, mine)) {
    WriteGroup(context, *turn, mine).run();
  }
}

}  // namespace

WriteAnswer write(Context& context, const WriteRequest& request, const Decide& decide) {
  rules::admit_agent(request.agent);
  rules::admit_caller(request.caller);
  if (context.parts.clock_source == ClockSource::replay) {
    require_not_ahead(context, {context.clock().now()}, request.caller.future_times);
  }
  WriteVectors of_embedder(context, request.call);
  Write mine(context, request, decide, request.vectors ? *request.vectors : of_embedder);
  if (request.dry_run) {
    const auto snapshot = context.store().snapshot(request.agent, Moment{AtHead{}}, request.wanted, request.call);
    View view(context.store(), request.agent, request.wanted, snapshot, request.call);
    mine.decide(view, snapshot.head);
    return mine.answer();
  }
  run(context, request, mine);
  return mine.answer();
}

}  // namespace claimledger::application
