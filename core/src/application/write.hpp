#pragma once

#include <functional>
#include <map>
#include <vector>

#include "application/context.hpp"
#include "application/embedding.hpp"
#include "application/view.hpp"
#include "claimledger/writes.hpp"
#include "rules/rules.hpp"

// The course of every write: read at the head, decide purely, append one batch, answer.
namespace claimledger::application {

// One attempt at a write: the ledger at its head and the batch in the making.
struct Attempt {
  Attempt(const Context& what, IdSource& drawn, View&& at_head, TxTime now)
      : context(what), ids(drawn), view(std::move(at_head)), draft(view.begin(now)) {}

  const Context& context;
  IdSource& ids;  // of this write
  View view;
  rules::BatchDraft& draft;  // the view's batch in the making

  rules::LineDraft on(View::LoadedLine& line) { return {line.key, line.state, draft}; }
  rules::Policy policy(std::optional<std::chrono::microseconds> ttl = {}) const;
};

struct WriteRequest {
  const AgentId& agent;
  const Caller& caller;
  const Call& call;
  Wanted wanted = {};  // read together with the head
  // Another head is answered with conflict, before anything is decided.
  std::optional<Position> expected_position = {};
  // Only to see what would be written: asks for no turn, so that a store that may only be read will do.
  bool dry_run = false;
  WriteVectors* vectors = nullptr;  // those that are filed with it; absent: those of the embedder
};

// Runs `decide` until what it drafted is appended, again on every conflict with another writer, limits::attempts times.
// `decide` fills the answer; a draft that stays empty is not appended. The receipts' position and time are filled in
// here if something is appended. Dependants of claims that lost validity are marked before the batch is sealed.
WriteAnswer write(Context& context, const WriteRequest& request, const std::function<WriteAnswer(Attempt&)>& decide);

// Marks every live claim derived from a weakened claim for review, transitively and once. Called after each decision,
// so that a claim said later in the same batch is not marked for a loss before it.
std::vector<ClaimId> mark_dependants(Attempt& attempt);

// Whether the head is not where the caller expects it, and the answer to that.
bool head_moved(const std::optional<Position>& expected, Position head);
WriteAnswer conflict(Position expected, Position head);

// Failure: StoreFailure for a commit that was refused or failed.
void require_landed(const Outcome& outcome, const char* operation);

// The next transaction time after a head.
TxTime stamp(const Head& head, const Clock& clock);

// The item that an oracle is told about, made from the line as it is now.
std::optional<AdjudicationItem> item_of(const AgentId& agent, const View::LoadedLine& line, const ClaimId& challenger);

}  // namespace claimledger::application
