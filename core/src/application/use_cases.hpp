#pragma once

#include "application/write.hpp"
#include "claimledger/engine.hpp"

// The use-cases behind the front door; see engine.hpp for what each promises.
namespace claimledger::application {

// --- ingest.cpp ----------------------------------------------------------------------------------------------------

WriteAnswer ingest(Context& context, const IngestRequest& request);
std::vector<Refusal> refusals(const Context& context, const IngestRequest& request);
// The receipt that an entry gave under its key, rebuilt from the ledger.
Receipt replay(View& view, const StoredEntry& stored, const ReadEntry& first);
// The receipt that a key's entry gave, rebuilt from the ledger.
std::optional<Receipt> outcome(const Context& context, const AgentId& agent, const std::string& key, const Call& call);

// --- withdraw.cpp --------------------------------------------------------------------------------------------------

WriteAnswer end_validity(Context& context, const ClaimRequest& request, const ValidEnd& at);
WriteAnswer retract(Context& context, const ClaimRequest& request);
WriteAnswer retract_source(Context& context, const RetractSourceRequest& request);
WriteAnswer correct(Context& context, const CorrectRequest& request);
WriteAnswer reopen(Context& context, const ClaimRequest& request, const std::optional<ValidEnd>& at);
WriteAnswer review(Context& context, const ClaimRequest& request, ReviewVerdict verdict);

// --- adjudicate.cpp ------------------------------------------------------------------------------------------------

WriteAnswer adjudicate(Context& context, const AdjudicateRequest& request);
WriteAnswer sweep(Context& context, const AgentId& agent, const Caller& caller, const Call& call);
ReconcileAnswer reconcile(Context& context, const ReconcileRequest& request);
std::size_t tell_pending(const Context& context, const Call& call);

// --- standing.cpp: where and when a read stands --------------------------------------------------------------------

struct Standing {
  Position position;
  TxTime asked_at;
  std::string after;  // where a page goes on; empty at the start
};
Standing stand(const Context& context, const AgentId& agent, const At& at, const Call& call);
// The same with what is wanted there, in one call.
struct Opened {
  Standing standing;
  Snapshot snapshot;
};
Opened open(const Context& context, const AgentId& agent, const At& at, const Wanted& wanted, const Call& call);
// … or where the cursor of an earlier page stood.
Standing stand(const Context& context, const AgentId& agent, const At& at, const PageRequest& page, const Call& call);
std::string cursor(const Standing& standing, std::string_view after);
std::size_t page_size(const PageRequest& page);
rules::Reading reading(const Context& context, const Standing& standing);

// --- recall.cpp: reads of a line -----------------------------------------------------------------------------------

Belief recall(const Context& context, const RecallRequest& request);
Belief recall_and_serve(Context& context, const RecallRequest& request);
History history(const Context& context, const AgentId& agent, const LineKey& line, const At& at, const Call& call);
Page<LineBelief> subject(const Context& context, const AgentId& agent, const std::string& subject, const At& at,
                         std::optional<ValidTime> valid_at, const PageRequest& page, const Call& call);
Page<ContestedLine> contested(const Context& context, const AgentId& agent, const At& at,
                              std::optional<ValidTime> valid_at, const PageRequest& page, const Call& call);

// --- browse.cpp: reads of the ledger -------------------------------------------------------------------------------

Page<AdjudicationItem> pending(const Context& context, const AgentId& agent, const At& at, const PageRequest& page,
                               const Call& call);
std::optional<ClaimHistory> claim(const Context& context, const AgentId& agent, const ClaimId& id, const At& at,
                                  const Call& call);
Page<LineageNode> lineage(const Context& context, const AgentId& agent, const ClaimId& id, Direction direction,
                          const At& at, const PageRequest& page, const Call& call);
Page<Serving> served(const Context& context, const AgentId& agent, const std::variant<ClaimId, std::string>& what,
                     const At& at, const PageRequest& page, const Call& call);
Page<AuditEntry> audit(const Context& context, const AgentId& agent, const AuditFilter& filter, Order order,
                       const At& at, const PageRequest& page, const Call& call);
Page<AgentId> agents(const Context& context, const PageRequest& page, const Call& call);
Page<std::string> subjects(const Context& context, const AgentId& agent, const At& at, const PageRequest& page,
                           const Call& call);
Page<LineKey> predicates(const Context& context, const AgentId& agent, const std::optional<std::string>& subject,
                         const At& at, const PageRequest& page, const Call& call);

// --- verify.cpp, carry.cpp -----------------------------------------------------------------------------------------

Verification verify(const Context& context, const AgentId& agent, const Engine::Progress& progress, const Call& call);
std::vector<std::string> export_batches(const Context& context, const AgentId& agent, Position& after,
                                        std::size_t limit, const Call& call);
bool import_batch(Context& context, std::string_view line, FutureTimes future_times, const Call& call);
CopyAnswer copy(Context& context, const Store& source, const AgentId& agent, const Engine::Progress& progress,
                FutureTimes future_times, const Call& call);

}  // namespace claimledger::application
