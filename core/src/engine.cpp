#include "claimledger/engine.hpp"

#include "application/clock_tolerance.hpp"
#include "application/use_cases.hpp"
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
  return application::recall(*context_, request);
}

History Engine::history(std::string_view subject, std::string_view predicate, const Asked& asked) const {
  return history(
      {.agent = context_->config.agent, .line = {std::string(subject), std::string(predicate)}, .at = at_of(asked)});
}

WriteAnswer Engine::ingest(const IngestRequest& request) { return application::ingest(*context_, request); }
std::vector<Refusal> Engine::refusals(const IngestRequest& request) const {
  return application::refusals(*context_, request);
}
WriteAnswer Engine::end_validity(const EndRequest& request) { return application::end_validity(*context_, request); }
WriteAnswer Engine::retract(const RetractRequest& request) { return application::retract(*context_, request); }
WriteAnswer Engine::retract_source(const RetractSourceRequest& request) {
  return application::retract_source(*context_, request);
}
WriteAnswer Engine::correct(const CorrectRequest& request) { return application::correct(*context_, request); }
WriteAnswer Engine::reopen(const ReopenRequest& request) { return application::reopen(*context_, request); }
WriteAnswer Engine::review(const ReviewRequest& request) { return application::review(*context_, request); }
WriteAnswer Engine::adjudicate(const AdjudicateRequest& request) { return application::adjudicate(*context_, request); }
WriteAnswer Engine::sweep(const SweepRequest& request) { return application::sweep(*context_, request); }
ReconcileAnswer Engine::reconcile(const ReconcileRequest& request) {
  return application::reconcile(*context_, request);
}
std::size_t Engine::tell_pending(const Call& call) { return application::tell_pending(*context_, call); }

Belief Engine::recall(const RecallRequest& request) {
  if (request.serve_to) return application::recall_and_serve(*context_, request);
  return application::recall(*context_, request);
}
Head Engine::head(const HeadRequest& request) const { return application::head(*context_, request); }
History Engine::history(const HistoryRequest& request) const { return application::history(*context_, request); }
Page<LineBelief> Engine::subject(const SubjectRequest& request) const {
  return application::subject(*context_, request);
}
Page<ContestedLine> Engine::contested(const ContestedRequest& request) const {
  return application::contested(*context_, request);
}
Page<AdjudicationItem> Engine::pending(const PendingRequest& request) const {
  return application::pending(*context_, request);
}
std::optional<ClaimHistory> Engine::claim(const ClaimRequest& request) const {
  return application::claim(*context_, request);
}
Page<LineageNode> Engine::lineage(const LineageRequest& request) const {
  return application::lineage(*context_, request);
}
Page<Serving> Engine::served(const ServedRequest& request) const { return application::served(*context_, request); }
Page<AuditEntry> Engine::audit(const AuditRequest& request) const { return application::audit(*context_, request); }
std::optional<Receipt> Engine::outcome(const OutcomeRequest& request) const {
  return application::outcome(*context_, request);
}
AgentsPage Engine::agents(const AgentsRequest& request) const { return application::agents(*context_, request); }
Page<std::string> Engine::subjects(const SubjectsRequest& request) const {
  return application::subjects(*context_, request);
}
Page<LineKey> Engine::predicates(const PredicatesRequest& request) const {
  return application::predicates(*context_, request);
}
SearchAnswer Engine::search(const SearchRequest& request) const { return application::search(*context_, request); }
ReindexAnswer Engine::reindex(const ReindexRequest& request) { return application::reindex(*context_, request); }
EmbedAnswer Engine::embed(const EmbedRequest& request) { return application::embed(*context_, request); }
VectorsAnswer Engine::vectors(const VectorsRequest& request) const { return application::vectors(*context_, request); }
DropVectorsAnswer Engine::drop_vectors(const DropVectorsRequest& request) {
  return application::drop_vectors(*context_, request);
}
QuestionVector Engine::question_vector(const QuestionRequest& request) const {
  return application::question_vector(*context_, request);
}
ContextAnswer Engine::context(const ContextRequest& request) { return application::context(*context_, request); }
Verification Engine::verify(const VerifyRequest& request) const { return application::verify(*context_, request); }
Status Engine::status(const StatusRequest& request) const { return application::status(*context_, request); }

void Engine::require_not_ahead(TxTime recorded_at, FutureTimes future_times) const {
  application::require_not_ahead(*context_, recorded_at, future_times);
}
Subscription Engine::subscribe(const SubscribeRequest& request) const {
  return {context_->store(), request.agent, request.from};
}
ExportAnswer Engine::export_batches(const ExportRequest& request) const {
  return application::export_batches(*context_, request);
}
bool Engine::import_batch(const ImportRequest& request) { return application::import_batch(*context_, request); }
CopyAnswer Engine::copy_from(const CopyRequest& request) {
  return application::copy(*context_, request.source.context_->store(), request);
}

const Config& Engine::config() const { return context_->config; }

}  // namespace claimledger
