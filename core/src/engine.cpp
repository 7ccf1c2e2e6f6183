#include "claimledger/engine.hpp"

#include "application/clock_tolerance.hpp"
#include "application/observed.hpp"
#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "ensure.hpp"

namespace claimledger {

void validate(const Config& config) {
  rules::admit_config(config);
  const search::Analysis known(config.search_language);
}

Engine::Engine(Parts parts, Config config) {
  ensure(parts.store && parts.clock && parts.ids, "an engine has a store, a clock and a source of ids");
  validate(config);
  if (!parts.world) parts.world = parts.clock;
  context_ = std::make_unique<application::Context>(std::move(parts), std::move(config));
}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

namespace {

// Runs a use-case, observed by the name of the method that asks for it.
template <class Answer, class Context, class Request>
Answer run(application::Context& context, std::string_view name, Answer (*use_case)(Context&, const Request&),
           const Request& request) {
  return application::observed(context, name, [&] { return use_case(context, request); });
}

At at_of(const Asked& asked) {
  At at;
  if (asked.as_of) at.as_of = parse_tx_time(*asked.as_of, "as_of");
  return at;
}

}  // namespace

Receipt Engine::remember(std::string_view subject, std::string_view predicate, const Value& value, const Said& said) {
  Statement statement{.subject = std::string(subject), .predicate = std::string(predicate), .value = value};
  statement.cardinality = said.cardinality;
  statement.provenance = said.provenance;
  statement.source = said.source;
  if (said.since) statement.window.from = parse_valid_time(*said.since, "since");
  if (said.until) statement.window.until = parse_valid_time(*said.until, "until");
  statement.value_confidence = Confidence::from(said.confidence, "confidence");
  return ingest({.agent = context_->config.agent, .statements = {std::move(statement)}}).receipts.front();
}

Belief Engine::recall(std::string_view subject, std::string_view predicate, const Asked& asked) const {
  RecallRequest request{.agent = context_->config.agent, .line = {std::string(subject), std::string(predicate)}};
  request.at = at_of(asked);
  if (asked.valid_at) request.valid_at = parse_valid_time(*asked.valid_at, "valid_at").at;
  return run(*context_, "recall", application::recall, request);
}

History Engine::history(std::string_view subject, std::string_view predicate, const Asked& asked) const {
  return history({.agent = context_->config.agent,
                  .line = {std::string(subject), std::string(predicate)},
                  .at = at_of(asked),
                  .page = {.limit = limits::page}});
}

WriteAnswer Engine::ingest(const IngestRequest& request) {
  return run(*context_, "ingest", application::ingest, request);
}
std::vector<Refusal> Engine::refusals(const IngestRequest& request) const {
  return run(*context_, "refusals", application::refusals, request);
}
WriteAnswer Engine::end_validity(const EndRequest& request) {
  return run(*context_, "end_validity", application::end_validity, request);
}
WriteAnswer Engine::retract(const RetractRequest& request) {
  return run(*context_, "retract", application::retract, request);
}
WriteAnswer Engine::retract_source(const RetractSourceRequest& request) {
  return run(*context_, "retract_source", application::retract_source, request);
}
WriteAnswer Engine::correct(const CorrectRequest& request) {
  return run(*context_, "correct", application::correct, request);
}
WriteAnswer Engine::reopen(const ReopenRequest& request) {
  return run(*context_, "reopen", application::reopen, request);
}
WriteAnswer Engine::review(const ReviewRequest& request) {
  return run(*context_, "review", application::review, request);
}
WriteAnswer Engine::adjudicate(const AdjudicateRequest& request) {
  return run(*context_, "adjudicate", application::adjudicate, request);
}
WriteAnswer Engine::sweep(const SweepRequest& request) { return run(*context_, "sweep", application::sweep, request); }
ReconcileAnswer Engine::reconcile(const ReconcileRequest& request) {
  return run(*context_, "reconcile", application::reconcile, request);
}
std::size_t Engine::tell_pending(const Call& call) {
  return run(*context_, "tell_pending", application::tell_pending, call);
}

Belief Engine::recall(const RecallRequest& request) {
  if (request.serve_to) return run(*context_, "recall", application::recall_and_serve, request);
  return run(*context_, "recall", application::recall, request);
}
Head Engine::head(const HeadRequest& request) const { return run(*context_, "head", application::head, request); }
History Engine::history(const HistoryRequest& request) const {
  return run(*context_, "history", application::history, request);
}
Timeline Engine::timeline(const TimelineRequest& request) const {
  return run(*context_, "timeline", application::timeline, request);
}
Page<LineBelief> Engine::subject(const SubjectRequest& request) const {
  return run(*context_, "subject", application::subject, request);
}
Page<ContestedLine> Engine::contested(const ContestedRequest& request) const {
  return run(*context_, "contested", application::contested, request);
}
Page<AdjudicationItem> Engine::pending(const PendingRequest& request) const {
  return run(*context_, "pending", application::pending, request);
}
std::optional<ClaimHistory> Engine::claim(const ClaimRequest& request) const {
  return run(*context_, "claim", application::claim, request);
}
Page<LineageNode> Engine::lineage(const LineageRequest& request) const {
  return run(*context_, "lineage", application::lineage, request);
}
Page<Serving> Engine::served(const ServedRequest& request) const {
  return run(*context_, "served", application::served, request);
}
Page<AuditEntry> Engine::audit(const AuditRequest& request) const {
  return run(*context_, "audit", application::audit, request);
}
std::optional<Receipt> Engine::outcome(const OutcomeRequest& request) const {
  return run(*context_, "outcome", application::outcome, request);
}
AgentsPage Engine::agents(const AgentsRequest& request) const {
  return run(*context_, "agents", application::agents, request);
}
Page<std::string> Engine::subjects(const SubjectsRequest& request) const {
  return run(*context_, "subjects", application::subjects, request);
}
Page<LineKey> Engine::predicates(const PredicatesRequest& request) const {
  return run(*context_, "predicates", application::predicates, request);
}
SearchAnswer Engine::search(const SearchRequest& request) const {
  return run(*context_, "search", application::search, request);
}
ReindexAnswer Engine::reindex(const ReindexRequest& request) {
  return run(*context_, "reindex", application::reindex, request);
}
EmbedAnswer Engine::embed(const EmbedRequest& request) { return run(*context_, "embed", application::embed, request); }
VectorsAnswer Engine::vectors(const VectorsRequest& request) const {
  return run(*context_, "vectors", application::vectors, request);
}
DropVectorsAnswer Engine::drop_vectors(const DropVectorsRequest& request) {
  return run(*context_, "drop_vectors", application::drop_vectors, request);
}
QuestionVector Engine::question_vector(const QuestionRequest& request) const {
  return run(*context_, "question_vector", application::question_vector, request);
}
ContextAnswer Engine::context(const ContextRequest& request) {
  return run(*context_, "context", application::context, request);
}
Verification Engine::verify(const VerifyRequest& request) const {
  return run(*context_, "verify", application::verify, request);
}
Status Engine::status(const StatusRequest& request) const {
  return run(*context_, "status", application::status, request);
}

void Engine::require_not_ahead(TxTime recorded_at, FutureTimes future_times) const {
  application::require_not_ahead(*context_, recorded_at, future_times);
}
Subscription Engine::subscribe(const SubscribeRequest& request) const {
  return {context_->store(), request.agent, request.from};
}
ExportAnswer Engine::export_batches(const ExportRequest& request) const {
  return run(*context_, "export_batches", application::export_batches, request);
}
bool Engine::import_batch(const ImportRequest& request) {
  return run(*context_, "import_batch", application::import_batch, request);
}
CopyAnswer Engine::copy_from(const CopyRequest& request) {
  return application::observed(*context_, "copy_from",
                               [&] { return application::copy(*context_, request.source.context_->store(), request); });
}

const Config& Engine::config() const { return context_->config; }

}  // namespace claimledger
