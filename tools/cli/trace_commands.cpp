#include <algorithm>
#include "claimledger/domain/entry.hpp"
#include "cli/common.hpp"
#include "cli/text.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Trace";

struct ClaimOptions {
  std::string claim;
  AtOptions at;
};

ExitCode claim(const Session& session, const ClaimOptions& options) {
  const auto id = ClaimId::parse(options.claim, "claim");
  const auto reading = open_at(session, options.at);
  const auto found = reading.engine.claim({.agent = session.agent(), .claim = id, .at = reading.at});
  if (!found) {
    print_nothing(session, "No such claim.");
    return ExitCode::no;
  }
  print_answer(session, *found, [](const ClaimHistory& it) { return describe(it); });
  return ExitCode::fine;
}

struct LineageOptions {
  std::string claim;
  bool descendants = false;
  AtOptions at;
  PageOptions page;
};

ExitCode lineage(const Session& session, const LineageOptions& options) {
  const auto id = ClaimId::parse(options.claim, "claim");
  const auto reading = open_at(session, options.at);
  const auto& engine = reading.engine;
  if (!engine.claim({.agent = session.agent(), .claim = id, .at = reading.at})) {
    print_nothing(session, "No such claim.");
    return ExitCode::no;
  }
  const auto direction = options.descendants ? Direction::descendants : Direction::ancestors;
  const auto page = engine.lineage({.agent = session.agent(),
                                    .claim = id,
                                    .direction = direction,
                                    .at = reading.at,
                                    .page = options.page.request()});
  print_page(session, page, [&](const LineageNode& node) {
    const auto found = engine.claim({.agent = session.agent(),
                                     .claim = node.claim,
                                     .at = {.position = page.at.position, .asked_at = page.at.asked_at}});
    auto line = std::string(node.distance * 2, ' ') + to_text(node.claim.value);
    if (found && !found->erased) line += "  " + line_name(found->line) + " = " + show_short(found->slot.value);
    return line + "\n";
  });
  return ExitCode::fine;
}

struct ServedOptions {
  std::string context, claim;
  AtOptions at;
  PageOptions page;
};

std::string describe_serving(const Serving& serving) {
  auto out = to_text(serving.recorded_at) + "  " + (serving.context ? printable(*serving.context) : "(erased)") + "\n";
  for (const auto& id : serving.claims) out += "  " + to_text(id.value) + "\n";
  return out;
}

ExitCode served(const Session& session, const ServedOptions& options) {
  if (options.claim.empty() == options.context.empty())
    throw InvalidInput("context", "give a context, or --claim with an id");
  std::variant<ClaimId, std::string> what = options.context;
  if (!options.claim.empty()) what = ClaimId::parse(options.claim, "--claim");
  const auto reading = open_at(session, options.at);
  const auto page = reading.engine.served(
      {.agent = session.agent(), .claim_or_context = what, .at = reading.at, .page = options.page.request()});
  print_page(session, page, &describe_serving);
  return ExitCode::fine;
}

struct OutcomeOptions {
  std::string key;
};

ExitCode outcome(const Session& session, const OutcomeOptions& options) {
  const auto receipt = session.open(Access::query).outcome({.agent = session.agent(), .idempotency_key = options.key});
  if (!receipt) {
    print_nothing(session, "No write with this key has committed.");
    return ExitCode::no;
  }
  print_answer(session, *receipt, [](const Receipt& it) { return describe(it); });
  return ExitCode::fine;
}

struct AuditOptions {
  std::vector<std::string> kinds;
  std::string disposition, claim, subject, predicate, from, until;
  bool descending = false;
  AtOptions at;
  PageOptions page;
};

AuditFilter read_filter(const AuditOptions& options) {
  AuditFilter filter{.kinds = options.kinds};
  if (!options.disposition.empty()) filter.disposition = typed_word<Disposition>(options.disposition, "--disposition");
  if (!options.claim.empty()) filter.claim = ClaimId::parse(options.claim, "--claim");
  if (!options.subject.empty()) filter.line = LineKey{options.subject, options.predicate};
  if (!options.from.empty()) filter.recorded_from = parse_tx_time(options.from, "--from");
  if (!options.until.empty()) filter.recorded_until = parse_tx_time(options.until, "--until");
  return filter;
}

ExitCode audit(const Session& session, const AuditOptions& options) {
  const auto filter = read_filter(options);
  const auto reading = open_at(session, options.at);
  const auto order = options.descending ? Order::descending : Order::ascending;
  const auto page = reading.engine.audit(
      {.agent = session.agent(), .filter = filter, .order = order, .at = reading.at, .page = options.page.request()});
  print_page(session, page, [](const AuditEntry& it) { return describe(it); });
  return ExitCode::fine;
}

struct AgentsOptions {
  PageOptions page;
};

ExitCode agents(const Session& session, const AgentsOptions& options) {
  const auto page = session.open(Access::query).agents({.page = options.page.request()});
  print_page(session, page, [](const AgentHead& it) {
    return printable(it.agent.value) + "  " +
           (it.problem.empty() ? counted(it.position.value, "entry", "entries")
                               : toned(Tone::bad, "cannot be read: ") + printable(it.problem)) +
           "\n";
  });
  const bool all_fine =
      std::all_of(page.items.begin(), page.items.end(), [](const auto& it) { return it.problem.empty(); });
  return all_fine ? ExitCode::fine : ExitCode::no;
}

struct ListOptions {
  std::string subject;
  AtOptions at;
  PageOptions page;
};

ExitCode subjects(const Session& session, const ListOptions& options) {
  const auto reading = open_at(session, options.at);
  const auto page =
      reading.engine.subjects({.agent = session.agent(), .at = reading.at, .page = options.page.request()});
  print_page(session, page, [](const std::string& it) { return printable(it) + "\n"; });
  return ExitCode::fine;
}

ExitCode predicates(const Session& session, const ListOptions& options) {
  const auto reading = open_at(session, options.at);
  const auto page = reading.engine.predicates(
      {.agent = session.agent(), .subject = given(options.subject), .at = reading.at, .page = options.page.request()});
  print_page(session, page, [](const LineKey& it) { return line_name(it) + "\n"; });
  return ExitCode::fine;
}

void add_audit(CLI::App& app, Program& program) {
  auto [command, options] = add_command(app, program, group, "audit", "The ledger itself, entry by entry",
                                        "claimledger audit --kind Ended --descending --limit 20", &audit);
  const auto kinds = entry_kinds();
  take_one_of(command->add_option("--kind", options->kinds, meaning_of<AuditRequest>("kinds") + " (may be repeated)"),
              {kinds.begin(), kinds.end()})
      ->allow_extra_args(false);
  command->add_option("--disposition", options->disposition,
                      with_words<Disposition>(meaning_of<AuditRequest>("disposition")));
  command->add_option("--claim", options->claim, meaning_of<AuditRequest>("claim_id"));
  auto* predicate = command->add_option("--predicate", options->predicate, "Only this line: its predicate …");
  auto* subject = command->add_option("--subject", options->subject, "… and its subject")->needs(predicate);
  predicate->needs(subject);
  command->add_option("--from", options->from, meaning_of<AuditRequest>("recorded_from"));
  command->add_option("--until", options->until, meaning_of<AuditRequest>("recorded_until"));
  command->add_flag("--descending", options->descending, "Newest first");
  options->at.add_to(*command);
  options->page.add_to(*command);
}

}  // namespace

void add_trace_commands(CLI::App& app, Program& program) {
  const auto one = add_command(app, program, group, "claim", "One claim: what it says, where it holds, what cut it",
                               "claimledger claim 0190163d-8694-7c3b-b2a1-0123456789ab", &claim);
  one.app->add_option("claim", one.options->claim, "The claim's id")->required();
  one.options->at.add_to(*one.app);

  const auto descent =
      add_command(app, program, group, "lineage", "What a claim was concluded from, or what was from it",
                  "claimledger lineage 0190163d-8694-7c3b-b2a1-0123456789ab --descendants", &lineage);
  descent.app->add_option("claim", descent.options->claim, "The claim's id")->required();
  descent.app->add_flag("--descendants", descent.options->descendants, "What was concluded from it");
  descent.options->at.add_to(*descent.app);
  descent.options->page.add_to(*descent.app);

  const auto serving = add_command(app, program, group, "served", "What a context was told, or who was told a claim",
                                   "claimledger served 'conversation 7'", &served);
  serving.app->add_option("context", serving.options->context, "The context, as recall --serve-to named it");
  serving.app->add_option("--claim", serving.options->claim, "The contexts that this claim went to");
  serving.options->at.add_to(*serving.app);
  serving.options->page.add_to(*serving.app);

  const auto asking = add_command(app, program, group, "outcome", "Did the write with this idempotency key commit?",
                                  "claimledger outcome order-4711", &outcome);
  asking.app->add_option("key", asking.options->key, "The idempotency key")->required();

  add_audit(app, program);

  const auto owners =
      add_command(app, program, group, "agents", "Whose ledgers the store keeps", "claimledger agents", &agents);
  owners.options->page.add_to(*owners.app);

  const auto names =
      add_command(app, program, group, "subjects", "What claims are about", "claimledger subjects", &subjects);
  names.options->at.add_to(*names.app);
  names.options->page.add_to(*names.app);

  const auto lines = add_command(app, program, group, "predicates", "The lines of the ledger, or of one subject",
                                 "claimledger predicates user", &predicates);
  lines.app->add_option("subject", lines.options->subject, "Only of this subject");
  lines.options->at.add_to(*lines.app);
  lines.options->page.add_to(*lines.app);
}

}  // namespace claimledger::cli
