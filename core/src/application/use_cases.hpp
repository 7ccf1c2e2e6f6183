#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "application/request_digest.hpp"
#include "application/write.hpp"
#include "claimledger/reads.hpp"
#include "claimledger/search.hpp"
#include "claimledger/writes.hpp"

// The use-cases behind the front door; see engine.hpp for what each promises.
namespace claimledger::application {

// --- ingest.cpp -----------------------------------------------------------------------------------------------------

WriteAnswer ingest(Context& context, const IngestRequest& request);
std::vector<Refusal> refusals(const Context& context, const IngestRequest& request);
// The receipt of a write that is repeated, rebuilt from the ledger and its first entry.
Receipt replay(View& view, const View::Found& first);
// The receipt of the write that used an idempotency key; absent: there is none.
std::optional<Receipt> outcome(const Context& context, const OutcomeRequest& request);

// --- withdraw.cpp ---------------------------------------------------------------------------------------------------

WriteAnswer end_validity(Context& context, const EndRequest& request);
WriteAnswer retract(Context& context, const RetractRequest& request);
WriteAnswer retract_source(Context& context, const RetractSourceRequest& request);
WriteAnswer correct(Context& context, const CorrectRequest& request);
WriteAnswer reopen(Context& context, const ReopenRequest& request);
WriteAnswer review(Context& context, const ReviewRequest& request);

// --- adjudicate.cpp -------------------------------------------------------------------------------------------------

WriteAnswer adjudicate(Context& context, const AdjudicateRequest& request);
WriteAnswer sweep(Context& context, const SweepRequest& request);
ReconcileAnswer reconcile(Context& context, const ReconcileRequest& request);
std::size_t tell_pending(const Context& context, const Call& call);

// --- read_point.cpp: the position and time of a read ----------------------------------------------------------------

struct ReadPoint {
  Position position;
  TxTime asked_at;
};
// From the request of a read that has no pages, with the items wanted at that point, in one call of the store. Failure:
// InvalidInput.
struct PointAndSnapshot {
  ReadPoint point;
  Snapshot snapshot;
};
PointAndSnapshot read_at(const Context& context, const AgentId& agent, const At& at, const Wanted& wanted,
                         const Call& call);

// The point of one page, and what its cursor belongs to.
struct PagePoint : ReadPoint {
  std::size_t limit = 0;
  std::string after = {};   // the last item of the page before; empty for the first page
  std::string moment = {};  // a digest of the moment that the first page was asked for
  Digest asked = {};        // of the question, and of the ledger as it was read
};
// From the request of a page: the point that its cursor names, or that of a first page, with the items wanted there, in
// one call of the store. `question` has said the name of the question and every part of the request that decides what
// is listed, apart from its agent, moment and page. Failure: InvalidInput, for a limit of 0 and for a cursor that no
// earlier page of this question gave.
struct PageAndSnapshot {
  PagePoint point;
  Snapshot snapshot;
};
PageAndSnapshot read_page(const Context& context, const AgentId& agent, const At& at, const PageRequest& page,
                          const Wanted& wanted, const Call& call, RequestDigest question);
template <class Request>
PagePoint page_point(const Context& context, const Request& request, RequestDigest question) {
  return read_page(context, request.agent, request.at, request.page, {}, request.call, std::move(question)).point;
}
// For a question that is about no ledger: its pages have no position and no time.
PagePoint page_point(const PageRequest& page, const RequestDigest& question);
// Throws InvalidInput{cursor}: it is none that an earlier page of this question gave.
[[noreturn]] void refuse_cursor();
// What the next page is asked for with, `after` being the last item of this one; not empty.
std::string cursor(const PagePoint& point, std::string_view after);
// The number after which a page goes on: a seq, a place in a list, a time; 0 for the first page. Failure: InvalidInput.
std::uint64_t number_after(const PagePoint& point);
rules::Reading reading(const Context& context, const ReadPoint& point);
// The time of a window; open where it has no bound. Failure: InvalidInput{valid_during}.
Span span_of(const ValidWindow& valid_during);

// --- recall.cpp: reads of a line ------------------------------------------------------------------------------------

Belief recall(const Context& context, const RecallRequest& request);
Belief recall_and_serve(Context& context, const RecallRequest& request);
// Whether something may be served. Failure: InvalidInput for a context that is no text, and for what is not believed
// now.
void admit_serving(const std::string& to, const At& at);
// Drafts that these claims went to a context; without any, nothing.
void draft_serving(Attempt& attempt, const std::string& to, std::vector<ClaimId> claims);
History history(const Context& context, const HistoryRequest& request);
Timeline timeline(const Context& context, const TimelineRequest& request);
Page<LineBelief> subject(const Context& context, const SubjectRequest& request);
Page<ContestedLine> contested(const Context& context, const ContestedRequest& request);
Page<LineKey> predicates(const Context& context, const PredicatesRequest& request);

// --- search.cpp -----------------------------------------------------------------------------------------------------

SearchAnswer search(const Context& context, const SearchRequest& request);

// --- asked.cpp ------------------------------------------------------------------------------------------------------

QuestionVector question_vector(const Context& context, const QuestionRequest& request);

// --- reindex.cpp ----------------------------------------------------------------------------------------------------

ReindexAnswer reindex(Context& context, const ReindexRequest& request);

// --- embed.cpp ------------------------------------------------------------------------------------------------------

EmbedAnswer embed(Context& context, const EmbedRequest& request);

// --- vectors.cpp ----------------------------------------------------------------------------------------------------

VectorsAnswer vectors(const Context& context, const VectorsRequest& request);
DropVectorsAnswer drop_vectors(Context& context, const DropVectorsRequest& request);

// --- prompt.cpp -----------------------------------------------------------------------------------------------------

ContextAnswer context(Context& context, const ContextRequest& request);

// --- listings.cpp: reads of the ledger ------------------------------------------------------------------------------

Head head(const Context& context, const HeadRequest& request);
Page<AdjudicationItem> pending(const Context& context, const PendingRequest& request);
std::optional<ClaimHistory> claim(const Context& context, const ClaimRequest& request);
Page<LineageNode> lineage(const Context& context, const LineageRequest& request);
Page<Serving> served(const Context& context, const ServedRequest& request);
Page<AuditEntry> audit(const Context& context, const AuditRequest& request);
AgentsPage agents(const Context& context, const AgentsRequest& request);
Page<std::string> subjects(const Context& context, const SubjectsRequest& request);
Status status(const Context& context, const StatusRequest& request);

// --- verify.cpp, transfer.cpp ---------------------------------------------------------------------------------------

Verification verify(const Context& context, const VerifyRequest& request);
ExportAnswer export_batches(const Context& context, const ExportRequest& request);
bool import_batch(Context& context, const ImportRequest& request);
CopyAnswer copy(Context& context, Store& source, const CopyRequest& request);

}  // namespace claimledger::application
