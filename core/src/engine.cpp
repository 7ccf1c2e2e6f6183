#include "claimledger/engine.hpp"

#include "application/clock_tolerance.hpp"
#include "application/use_cases.hpp"
#include "ensure.hpp"

namespace claimledger {

void validate(const Config& config) { rules::admit_config(config); }

Engine::Engine(Parts parts, Config config) {
  ensure(parts.store && parts.clock && parts.ids, "an engine has a store, a clock and a source of ids");
  validate(config);
  if (!parts.world) parts.world = parts.clock;
  context_.reset(new application::Context{std::move(parts), std::move(config)});
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
  return history(context_->config.agent, {std::string(subject), std::string(predicate)}, at_of(asked));
}

WriteAnswer Engine::ingest(const IngestRequest& request) { return application::ingest(*context_, request); }
std::vector<Refusal> Engine::refusals(const IngestRequest& request) const {
  return application::refusals(*context_, request);
}
WriteAnswer Engine::end_validity(const ClaimRequest& request, const ValidEnd& at) {
  return application::end_validity(*context_, request, at);
}
WriteAnswer Engine::retract(const ClaimRequest& request) { return application::retract(*context_, request); }
WriteAnswer Engine::retract_source(const RetractSourceRequest& request) {
  return application::retract_source(*context_, request);
}
WriteAnswer Engine::correct(const CorrectRequest& request) { return application::correct(*context_, request); }
WriteAnswer Engine::reopen(const ClaimRequest& request, const std::optional<ValidEnd>& at) {
  return application::reopen(*context_, request, at);
}
WriteAnswer Engine::review(const ClaimRequest& request, ReviewVerdict verdict) {
  return application::review(*context_, request, verdict);
}
WriteAnswer Engine::adjudicate(const AdjudicateRequest& request) { return application::adjudicate(*context_, request); }
WriteAnswer Engine::sweep(const AgentId& agent, const Caller& caller, const Call& call) {
  return application::sweep(*context_, agent, caller, call);
}
ReconcileAnswer Engine::reconcile(const ReconcileRequest& request) {
  return application::reconcile(*context_, request);
}
std::size_t Engine::tell_pending(const Call& call) { return application::tell_pending(*context_, call); }

Belief Engine::recall(const RecallRequest& request) {
  if (request.serve_to) return application::recall_and_serve(*context_, request);
  return application::recall(*context_, request);
}
History Engine::history(const AgentId& agent, const LineKey& line, const At& at, const Call& call) const {
  return application::history(*context_, agent, line, at, call);
}
Page<LineBelief> Engine::subject(const AgentId& agent, const std::string& subject, const At& at,
                                 std::optional<ValidTime> valid_at, const PageRequest& page, const Call& call) const {
  return application::subject(*context_, agent, subject, at, valid_at, page, call);
}
Page<ContestedLine> Engine::contested(const AgentId& agent, const At& at, std::optional<ValidTime> valid_at,
                                      const PageRequest& page, const Call& call) const {
  return application::contested(*context_, agent, at, valid_at, page, call);
}
Page<AdjudicationItem> Engine::pending(const AgentId& agent, const At& at, const PageRequest& page,
                                       const Call& call) const {
  return application::pending(*context_, agent, at, page, call);
}
std::optional<ClaimHistory> Engine::claim(const AgentId& agent, const ClaimId& id, const At& at,
                                          const Call& call) const {
  return application::claim(*context_, agent, id, at, call);
}
Page<LineageNode> Engine::lineage(const AgentId& agent, const ClaimId& id, Direction direction, const At& at,
                                  const PageRequest& page, const Call& call) const {
  return application::lineage(*context_, agent, id, direction, at, page, call);
}
Page<Serving> Engine::served(const AgentId& agent, const std::variant<ClaimId, std::string>& claim_or_context,
                             const At& at, const PageRequest& page, const Call& call) const {
  return application::served(*context_, agent, claim_or_context, at, page, call);
}
Page<AuditEntry> Engine::audit(const AgentId& agent, const AuditFilter& filter, Order order, const At& at,
                               const PageRequest& page, const Call& call) const {
  return application::audit(*context_, agent, filter, order, at, page, call);
}
std::optional<Receipt> Engine::outcome(const AgentId& agent, const std::string& key, const Call& call) const {
  return application::outcome(*context_, agent, key, call);
}
Page<AgentId> Engine::agents(const PageRequest& page, const Call& call) const {
  return application::agents(*context_, page, call);
}
Page<std::string> Engine::subjects(const AgentId& agent, const At& at, const PageRequest& page,
                                   const Call& call) const {
  return application::subjects(*context_, agent, at, page, call);
}
Page<LineKey> Engine::predicates(const AgentId& agent, const std::optional<std::string>& subject, const At& at,
                                 const PageRequest& page, const Call& call) const {
  return application::predicates(*context_, agent, subject, at, page, call);
}

Verification Engine::verify(const AgentId& agent, const Progress& progress, const Call& call) const {
  return application::verify(*context_, agent, progress, call);
}
Status Engine::status(const AgentId& agent, const Call& call) const {
  const auto& store = context_->store();
  const auto head = store.head(agent, call);
  return {agent, head, store.describe(call), store.capabilities(), application::clock_behind_by(*context_, head)};
}
void Engine::require_not_ahead(TxTime recorded_at, FutureTimes future_times) const {
  application::require_not_ahead(*context_, recorded_at, future_times);
}
Subscription Engine::subscribe(const std::optional<AgentId>& agent, FeedPositions from) const {
  return {context_->store(), agent, std::move(from)};
}
std::vector<std::string> Engine::export_batches(const AgentId& agent, Position& after, std::size_t limit,
                                                const Call& call) const {
  return application::export_batches(*context_, agent, after, limit, call);
}
bool Engine::import_batch(std::string_view line, FutureTimes future_times, const Call& call) {
  return application::import_batch(*context_, line, future_times, call);
}
CopyAnswer Engine::copy_from(const Store& source, const AgentId& agent, const Progress& progress,
                             FutureTimes future_times, const Call& call) {
  return application::copy(*context_, source, agent, progress, future_times, call);
}

const Config& Engine::config() const { return context_->config; }
Store& Engine::store() { return context_->store(); }

}  // namespace claimledger
