#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/common.hpp"
#include "cli/text.hpp"
#include "wiring/parse_enum.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Say";

struct RememberOptions {
  std::string subject, predicate, value;
  bool string = false, json_value = false;
  std::string since, until, during;
  std::string source, provenance = "UserAsserted", cardinality = "Unknown", criticality = "Medium";
  double confidence = 1.0;
  std::optional<double> valid_time_confidence;
  std::vector<std::string> derived_from;
  std::string metadata, key;
  ExpectedPosition expected;
};

// Whether JSON's grammar takes the whole of it for a number, however large.
bool is_json_number(std::string_view text) {
  const auto take_digits = [&] {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const auto whole = take_digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  return text.empty();
}

// "Berlin" is a string; 42, true, null, {…} and […] are JSON, as they are meant when typed bare.
Value read_value(const RememberOptions& options) {
  if (options.string) return Value(options.value);
  if (options.json_value) return Value::parse(options.value, "value");
  const auto& text = options.value;
  const bool looks_like_json =
      text == "true" || text == "false" || text == "null" ||
      (!text.empty() && std::string_view("{[-0123456789").find(text.front()) != std::string_view::npos);
  if (!looks_like_json) return Value(text);
  try {
    return Value::parse(text, "value");
  } catch (const InvalidInput& wrong) {
    // A date, a version, a telephone number, "[sic]": only what is JSON as a whole is meant as JSON. But an object that
    // went wrong is more likely a slip than a text, and so is a list that reads as one and may not be stored.
    if (text.front() == '{' || (text.front() == '[' && !wrong.why().starts_with("malformed JSON"))) throw;
    if (is_json_number(text)) throw InvalidInput("value", "is a number beyond a double; --string keeps it as a text");
    return Value(text);
  }
}

ValidWindow read_window(const RememberOptions& options) {
  if (!options.during.empty()) return parse_during(options.during, "--during");
  ValidWindow window;
  if (!options.since.empty()) window.from = parse_valid_time(options.since, "--since");
  if (!options.until.empty()) window.until = parse_valid_time(options.until, "--until");
  return window;
}

Statement read_statement(const RememberOptions& options) {
  Statement statement{.subject = options.subject, .predicate = options.predicate, .value = read_value(options)};
  statement.cardinality = wiring::parse_enum<Cardinality>(options.cardinality, "--cardinality");
  statement.provenance = wiring::parse_enum<Provenance>(options.provenance, "--provenance");
  statement.criticality = wiring::parse_enum<Criticality>(options.criticality, "--criticality");
  statement.source = given(options.source);
  statement.window = read_window(options);
  statement.value_confidence = Confidence::from(options.confidence, "--confidence");
  if (options.valid_time_confidence)
    statement.valid_time_confidence = Confidence::from(*options.valid_time_confidence, "--valid-time-confidence");
  for (const auto& id : options.derived_from) statement.derived_from.push_back(ClaimId::parse(id, "--derived-from"));
  if (!options.metadata.empty()) statement.metadata = Value::parse(options.metadata, "--metadata");
  statement.idempotency_key = given(options.key);
  return statement;
}

ExitCode remember(const Session& session, const RememberOptions& options) {
  IngestRequest request{.agent = session.agent(), .statements = {read_statement(options)}};
  request.expected_position = options.expected.position();
  request.caller = session.caller();

  auto engine = session.open(Access::write);
  const auto answer = engine.ingest(request);

  // One claim, one receipt: its fields stand at the top.
  if (!session.json() || answer.receipts.size() != 1) return print_write(session, engine, answer);
  const auto& receipt = answer.receipts.front();
  Json json{{"status", std::string(wiring::text(answer.status))}};
  json.update(wiring::to_json(receipt));
  json["marked_for_review"] = wiring::to_json(answer)["marked_for_review"];
  print_json(json);
  return receipt.disposition == Disposition::rejected ? ExitCode::no : ExitCode::fine;
}

void add_remember(CLI::App& app, Program& program) {
  auto [verb, options] =
      add_verb(app, program, group, "remember", "Say one thing: SUBJECT's PREDICATE is VALUE",
               "claimledger remember user city Berlin --since 2020-03 --source 'chat of 2 May'", &remember);
  verb->add_option("subject", options->subject, "What it is about")->required();
  verb->add_option("predicate", options->predicate, "What is said of it")->required();
  verb->add_option("value", options->value,
                   "A bare number, true, false, null, [list] or {object} is JSON; anything else is a string, also NaN")
      ->required();
  auto* string = verb->add_flag("--string", options->string, "The value is a string, whatever it looks like");
  verb->add_flag("--json-value", options->json_value, "The value is JSON, or refused")->excludes(string);
  auto* since =
      verb->add_option("--since", options->since, "It holds from then: 2026, 2026-06, 2026-06-01 or RFC 3339");
  auto* until = verb->add_option("--until", options->until, "… and no longer from then");
  verb->add_option("--during", options->during, "It holds for this year, month or day")
      ->excludes(since)
      ->excludes(until);
  verb->add_option("--source", options->source, "Who exactly says so");
  verb->add_option("--provenance", options->provenance, "UserAsserted, ExternalFirstHand, RecallReEntry, ModelDerived")
      ->capture_default_str();
  verb->add_option("--cardinality", options->cardinality, "Functional, SetValued, Unknown")->capture_default_str();
  verb->add_option("--confidence", options->confidence, "How sure the speaker is, 0 to 1")->capture_default_str();
  verb->add_option("--valid-time-confidence", options->valid_time_confidence,
                   "How sure of the dates (default: --confidence)");
  verb->add_option("--criticality", options->criticality, "Low, Medium, High, Critical")->capture_default_str();
  verb->add_option("--derived-from", options->derived_from, "Claims it was concluded from")->allow_extra_args(false);
  verb->add_option("--metadata", options->metadata, "A JSON object to keep beside it");
  verb->add_option("--key", options->key, "Idempotency key: said again with it, the first receipt comes back");
  options->expected.add_to(*verb);
}

// What end, retract and reopen have in common.
struct ClaimOptions {
  std::string claim, at, why, provenance = "UserAsserted";
  ExpectedPosition expected;
  std::string source;
  bool dry_run = false;

  void add_to(CLI::App& verb) {
    verb.add_option("--why", why, "The reason, kept in the ledger");
    verb.add_option("--provenance", provenance, "Whose word it is")->capture_default_str();
    expected.add_to(verb);
  }
  ClaimRequest request(const Session& session) const {
    ClaimRequest request{.agent = session.agent(), .claim = ClaimId::parse(claim, "claim")};
    request.provenance = wiring::parse_enum<Provenance>(provenance, "--provenance");
    request.why = given(why);
    request.expected_position = expected.position();
    request.caller = session.caller();
    return request;
  }
};

ExitCode end(const Session& session, const ClaimOptions& options) {
  const auto request = options.request(session);
  const auto at = parse_valid_time(options.at, "at");
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.end_validity(request, at));
}

ExitCode retract_source(const Session& session, const ClaimOptions& options) {
  RetractSourceRequest request{.agent = session.agent(), .source = options.source};
  request.dry_run = options.dry_run;
  request.expected_position = options.expected.position();
  if (!request.dry_run && !request.expected_position)
    throw InvalidInput("--expected-position", "is required: look with --dry-run first, and give the position it names");
  request.provenance = wiring::parse_enum<Provenance>(options.provenance, "--provenance");
  request.why = given(options.why);
  request.caller = session.caller();
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.retract_source(request));
}

ExitCode retract(const Session& session, const ClaimOptions& options) {
  if (options.claim.empty() == options.source.empty())
    throw InvalidInput("claim", "give a claim id, or --source with the exact text of a source");
  if (!options.source.empty()) return retract_source(session, options);
  if (options.dry_run) throw InvalidInput("--dry-run", "belongs to --source");
  const auto request = options.request(session);
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.retract(request));
}

ExitCode reopen(const Session& session, const ClaimOptions& options) {
  const auto request = options.request(session);
  std::optional<ValidEnd> at;
  if (!options.at.empty()) at = parse_valid_time(options.at, "at");
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.reopen(request, at));
}

}  // namespace

void add_writing_verbs(CLI::App& app, Program& program) {
  add_remember(app, program);

  const auto ending = add_verb(app, program, group, "end", "A claim holds no longer from then on",
                               "claimledger end 0190163d-8694-7c3b-b2a1-0123456789ab 2026-06-01 --why 'moved'", &end);
  ending.app->add_option("claim", ending.options->claim, "The claim's id")->required();
  ending.app->add_option("at", ending.options->at, "A date or RFC 3339")->required();
  ending.options->add_to(*ending.app);

  const auto retracting = add_verb(app, program, group, "retract", "A claim, or everything of one source, never held",
                                   "claimledger retract --source 'feed 7' --dry-run", &retract);
  retracting.app->add_option("claim", retracting.options->claim, "The claim's id");
  retracting.app->add_option("--source", retracting.options->source, "Every live claim of exactly this source");
  retracting.app->add_flag("--dry-run", retracting.options->dry_run,
                           "List what --source would retract, and the position to give");
  retracting.options->add_to(*retracting.app);

  const auto reopening = add_verb(app, program, group, "reopen", "A claim holds again",
                                  "claimledger reopen 0190163d-8694-7c3b-b2a1-0123456789ab", &reopen);
  reopening.app->add_option("claim", reopening.options->claim, "The claim's id")->required();
  reopening.app->add_option("at", reopening.options->at, "From then on only (default: wherever it was cut)");
  reopening.options->add_to(*reopening.app);
}

}  // namespace claimledger::cli
