#include "cli/common.hpp"
#include "cli/text.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Judge";

struct AdjudicateOptions {
  std::string question, verdict, evidence, provenance = "UserAsserted";
};

ExitCode adjudicate(const Session& session, const AdjudicateOptions& options) {
  const auto handle = AdjudicationId::parse(options.question, "question");
  AdjudicateRequest request{.agent = session.agent(), .question = handle, .evidence = options.evidence};
  request.verdict = typed_word<Verdict>(options.verdict, "verdict");
  request.provenance = typed_word<Provenance>(options.provenance, "--provenance");
  request.caller = session.caller();

  auto engine = session.open(Access::operate);
  // Handles and claims have ids of one shape, and none is both.
  if (engine.claim({.agent = session.agent(), .claim = ClaimId{handle.value}}))
    request.question = ClaimId{handle.value};
  return print_write(session, engine, engine.adjudicate(request));
}

struct ReviewOptions {
  std::string claim, verdict, why, provenance = "UserAsserted";
  ExpectedPosition expected;
};

ExitCode review(const Session& session, const ReviewOptions& options) {
  const auto id = ClaimId::parse(options.claim, "claim");
  const auto verdict = typed_word<ReviewVerdict>(options.verdict, "verdict");
  ReviewRequest request{.agent = session.agent(), .claim = id, .verdict = verdict};
  request.provenance = typed_word<Provenance>(options.provenance, "--provenance");
  request.why = given(options.why);
  request.expected_position = options.expected.position();
  request.caller = session.caller();
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.review(request));
}

struct ReconcileOptions {
  std::string subject, predicate;
};

std::string report(const ReconcileAnswer& answer) {
  std::string out;
  for (const auto& line : answer.lines)
    out += line_name(line.line) + ": " + std::to_string(line.returned.size()) + " returned, " +
           std::to_string(line.opened.size()) + " asked, " + std::to_string(line.contested) + " contested\n";
  return out + counted(answer.lines.size(), "line", "lines") + " looked at, position " +
         std::to_string(answer.position.value) + "\n";
}

ExitCode reconcile(const Session& session, const ReconcileOptions& options) {
  ReconcileRequest request{.agent = session.agent(), .caller = session.caller()};
  if (!options.subject.empty()) request.lines.push_back({options.subject, options.predicate});
  const auto answer = session.open(Access::operate).reconcile(request);
  note_done("the ledger is reconciled, up to position " + std::to_string(answer.position.value));
  print_answer(session, answer, &report);
  return ExitCode::fine;
}

struct NoOptions {};

ExitCode sweep(const Session& session, const NoOptions&) {
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.sweep({.agent = session.agent(), .caller = session.caller()}));
}

}  // namespace

void add_adjudicate_commands(CLI::App& app, Program& program) {
  const auto judging = add_command(
      app, program, group, "adjudicate", "Settle a question, or a contested claim, with evidence",
      "claimledger adjudicate 0190163d-8694-7c3b-b2a1-0123456789ab affirm --evidence 'lease of May'", &adjudicate);
  judging.app
      ->add_option("question", judging.options->question, "A handle of `pending`, or the id of a contested claim")
      ->required();
  judging.app->add_option("verdict", judging.options->verdict, "affirm, deny or unknown")->required();
  judging.app->add_option("--evidence", judging.options->evidence, meaning_of<AdjudicateRequest>("evidence"))
      ->required();
  judging.app
      ->add_option("--provenance", judging.options->provenance,
                   with_words<Provenance>(meaning_of<AdjudicateRequest>("provenance")))
      ->capture_default_str();

  const auto reviewing = add_command(app, program, group, "review", "Settle a claim whose premise fell",
                                     "claimledger review 0190163d-8694-7c3b-b2a1-0123456789ab keep", &review);
  reviewing.app->add_option("claim", reviewing.options->claim, "The claim's id")->required();
  reviewing.app->add_option("verdict", reviewing.options->verdict, "keep or retract")->required();
  reviewing.app->add_option("--why", reviewing.options->why, meaning_of<RetractSourceRequest>("why"));
  reviewing.app
      ->add_option("--provenance", reviewing.options->provenance,
                   with_words<Provenance>(meaning_of<RetractSourceRequest>("provenance")))
      ->capture_default_str();
  reviewing.options->expected.add_to(*reviewing.app);

  const auto reconciling =
      add_command(app, program, group, "reconcile", "Give inferred claims back that nothing contradicts any more",
                  "claimledger reconcile user city", &reconcile);
  auto* subject = reconciling.app->add_option("subject", reconciling.options->subject, "One line only: its subject …");
  auto* predicate = reconciling.app->add_option("predicate", reconciling.options->predicate, "… and its predicate");
  subject->needs(predicate);

  add_command(app, program, group, "sweep", "Close the questions that nobody judged in time", "claimledger sweep",
              &sweep);
}

}  // namespace claimledger::cli
