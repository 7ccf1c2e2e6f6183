#include <algorithm>

#include "cli/common.hpp"
#include "cli/text.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

constexpr auto group = "Say";
constexpr auto value_help =
    "A bare number as JSON writes it, true, false, null, [list] or {object} is JSON; anything else is a string";

// How what was typed for a value is meant.
struct ValueOptions {
  bool string = false, json_value = false;

  void add_to(CLI::App& command) {
    auto* flag = command.add_flag("--string", string, "The value is a string, whatever it looks like");
    command.add_flag("--json-value", json_value, "The value is JSON, or refused")->excludes(flag);
  }
  Value read(const std::string& text) const;
};

struct WindowOptions {
  std::string since, until, during;

  void add_to(CLI::App& command) {
    auto* from = command.add_option("--since", since, meaning_of<Statement>("valid_from"));
    auto* to = command.add_option("--until", until, meaning_of<Statement>("valid_until"));
    command.add_option("--during", during, meaning_of<Statement>("valid_during"))->excludes(from)->excludes(to);
  }
  bool given() const { return !since.empty() || !until.empty() || !during.empty(); }
  ValidWindow read() const;
};

struct RememberOptions {
  std::string subject, predicate, value;
  ValueOptions meant;
  WindowOptions window;
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

// The numbers of a JSON text as they stand there, in their own order. The words of JSON have no digits.
std::vector<std::string_view> numbers_of(std::string_view json) {
  std::vector<std::string_view> numbers;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (in_string && json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      in_string = !in_string;
    } else if (!in_string && std::string_view("-0123456789").find(json[at]) != std::string_view::npos) {
      const auto end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
      numbers.push_back(json.substr(at, end - at));
      at = end - 1;
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The first number of what was typed that is stored as another text; empty: none is.
std::string_view changed_number(std::string_view typed, std::string_view stored) {
  const auto before = numbers_of(typed);
  const auto after = numbers_of(stored);
  const auto found = std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first;
  for (auto it = found; it != before.end(); ++it)
    if (!std::binary_search(after.begin(), after.end(), *it)) return *it;
  return {};
}

// "Berlin" is a string; 42, true, null, {…} and […] are JSON, as they are meant when typed bare.
Value ValueOptions::read(const std::string& text) const {
  if (string) return Value(text);
  if (json_value) return Value::parse(text, "value");
  constexpr auto or_string = ", or say --string";
  const bool looks_like_json =
      text == "true" || text == "false" || text == "null" ||
      (!text.empty() && std::string_view("{[-0123456789").find(text.front()) != std::string_view::npos);
  if (!looks_like_json) return Value(text);
  std::optional<Value> value;
  try {
    value = Value::parse(text, "value");
  } catch (const InvalidInput& wrong) {
    // A date, a version, a telephone number, "[sic]": only what is JSON as a whole is meant as JSON. But an object that
    // went wrong is more likely a slip than a text, and so is a list that reads as one and may not be stored.
    const bool slip = text.front() == '{' || (text.front() == '[' && !wrong.why().starts_with("malformed JSON"));
    if (slip || is_json_number(text)) throw InvalidInput("value", wrong.why() + or_string);
    return Value(text);
  }
  // A version 3.10 is not 3.1, and a price 20.50 may be either.
  if (const auto number = changed_number(text, value->text()); !number.empty())
    throw InvalidInput("value", "would be stored as " + value->text() + ", and not with the " + std::string(number) +
                                    " that was typed; say --json-value to store that" + or_string);
  return *std::move(value);
}

// Names are taken as they are. What cannot be seen in one is nearly always an accident, and makes it another name.
void remark_on_unseen(const Session& session, const char* what, const std::string& name) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool at_an_end = !name.empty() && (blank(name.front()) || blank(name.back()));
  if (!at_an_end && printable(name) == name) return;
  const auto why = at_an_end ? "begins or ends with a blank" : "holds a character that does not show";
  remark(session.json(), std::string("the ") + what + " '" + printable(name) + "' " + why + ", so it is another " +
                             what + " than the same without");
}

ValidWindow WindowOptions::read() const {
  if (!during.empty()) return parse_during(during, "--during");
  ValidWindow window;
  if (!since.empty()) window.from = parse_valid_time(since, "--since");
  if (!until.empty()) window.until = parse_valid_time(until, "--until");
  return window;
}

Statement read_statement(const RememberOptions& options) {
  Statement statement{
      .subject = options.subject, .predicate = options.predicate, .value = options.meant.read(options.value)};
  statement.cardinality = typed_word<Cardinality>(options.cardinality, "--cardinality");
  statement.provenance = typed_word<Provenance>(options.provenance, "--provenance");
  statement.criticality = typed_word<Criticality>(options.criticality, "--criticality");
  statement.source = given(options.source);
  statement.window = options.window.read();
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

  session.require_ledger_of(session.agent());
  auto engine = session.open(Access::write);
  const auto answer = engine.ingest(request);
  remark_on_unseen(session, "subject", options.subject);
  remark_on_unseen(session, "predicate", options.predicate);
  remark_on_unseen(session, "source", options.source);

  // One claim, one receipt: its fields stand at the top.
  if (!session.json() || answer.receipts.size() != 1) return print_write(session, engine, answer);
  note_done(answer);
  const auto& receipt = answer.receipts.front();
  print_json(wiring::RememberAnswer{answer.status, receipt, answer.marked_for_review, answer.clock_behind_by});
  return receipt.disposition == Disposition::rejected ? ExitCode::no : ExitCode::fine;
}

void add_remember(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, group, "remember", "Say one thing: SUBJECT's PREDICATE is VALUE",
                  "claimledger remember user city Berlin --since 2020-03 --source 'chat of 2 May'", &remember);
  command->add_option("subject", options->subject, meaning_of<Statement>("subject"))->required();
  command->add_option("predicate", options->predicate, meaning_of<Statement>("predicate"))->required();
  command->add_option("value", options->value, value_help)->required();
  options->meant.add_to(*command);
  options->window.add_to(*command);
  command->add_option("--source", options->source, meaning_of<Statement>("source"));
  command->add_option("--provenance", options->provenance, with_words<Provenance>(meaning_of<Statement>("provenance")))
      ->capture_default_str();
  command
      ->add_option("--cardinality", options->cardinality, with_words<Cardinality>(meaning_of<Statement>("cardinality")))
      ->capture_default_str();
  command->add_option("--confidence", options->confidence, meaning_of<Statement>("value_confidence"))
      ->capture_default_str();
  command->add_option("--valid-time-confidence", options->valid_time_confidence,
                      meaning_of<Statement>("valid_time_confidence"));
  command
      ->add_option("--criticality", options->criticality, with_words<Criticality>(meaning_of<Statement>("criticality")))
      ->capture_default_str();
  command->add_option("--derived-from", options->derived_from, meaning_of<Statement>("derived_from"))
      ->allow_extra_args(false);
  command->add_option("--metadata", options->metadata, meaning_of<Statement>("metadata"));
  command->add_option("--key", options->key, meaning_of<Statement>("idempotency_key"));
  options->expected.add_to(*command);
}

// Options that end, retract, correct and reopen have in common.
struct ActOptions {
  std::string why, provenance = "UserAsserted";
  ExpectedPosition expected;

  void add_to(CLI::App& command) {
    command.add_option("--why", why, meaning_of<RetractSourceRequest>("why"));
    command
        .add_option("--provenance", provenance, with_words<Provenance>(meaning_of<RetractSourceRequest>("provenance")))
        ->capture_default_str();
    expected.add_to(command);
  }
  template <class Request>
  Request fill(const Session& session, Request request) const {
    request.provenance = typed_word<Provenance>(provenance, "--provenance");
    request.why = given(why);
    request.expected_position = expected.position();
    request.caller = session.caller();
    return request;
  }
};

// A claim's id, where a line could have been meant.
ClaimOrLine claim_alone(const std::string& id) {
  try {
    return ClaimId::parse(id, "claim");
  } catch (const InvalidInput& wrong) {
    throw InvalidInput("claim", wrong.why() + "; a line takes a subject and a predicate");
  }
}
ClaimOrLine line_of(const std::string& subject, const std::string& predicate) { return LineKey{subject, predicate}; }

// Two words: a claim's id and what to do with it. Three: a line, and that.
struct TargetedOptions {
  std::string first, second, third;
  ActOptions act;

  ClaimOrLine target() const {
    if (third_given()) return line_of(first, second);
    try {
      return ClaimId::parse(first, "claim");
    } catch (const InvalidInput&) {
      // A line, more likely, whose last word was forgotten.
      throw InvalidInput(third_option->get_name(),
                         "is missing after a subject and a predicate; a claim's id is a UUID of 36 characters");
    }
  }
  const std::string& rest() const { return third_given() ? third : second; }
  bool third_given() const { return third_option->count() > 0; }

  CLI::Option* third_option = nullptr;
};

ExitCode end(const Session& session, const TargetedOptions& options) {
  const auto target = options.target();
  const auto request = options.act.fill(
      session, EndRequest{.agent = session.agent(), .claim = target, .at = parse_valid_time(options.rest(), "at")});
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.end_validity(request));
}

struct CorrectOptions : TargetedOptions {
  ValueOptions meant;
  WindowOptions window;
  std::string source, cardinality, criticality, metadata, key;
  std::optional<double> confidence, valid_time_confidence;
};

CorrectRequest read_correction(const Session& session, const CorrectOptions& options) {
  auto request = options.act.fill(
      session,
      CorrectRequest{.agent = session.agent(), .claim = options.target(), .value = options.meant.read(options.rest())});
  if (options.window.given()) request.window = options.window.read();
  if (!options.cardinality.empty()) request.cardinality = typed_word<Cardinality>(options.cardinality, "--cardinality");
  if (!options.criticality.empty()) request.criticality = typed_word<Criticality>(options.criticality, "--criticality");
  if (options.confidence) request.value_confidence = Confidence::from(*options.confidence, "--confidence");
  if (options.valid_time_confidence)
    request.valid_time_confidence = Confidence::from(*options.valid_time_confidence, "--valid-time-confidence");
  request.source = given(options.source);
  if (!options.metadata.empty()) request.metadata = Value::parse(options.metadata, "--metadata");
  request.idempotency_key = given(options.key);
  return request;
}

ExitCode correct(const Session& session, const CorrectOptions& options) {
  const auto request = read_correction(session, options);
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.correct(request));
}

struct RetractOptions {
  std::string first, predicate, source;
  bool dry_run = false;
  ActOptions act;
};

ExitCode retract_source(const Session& session, const RetractOptions& options) {
  RetractSourceRequest request{.agent = session.agent(), .source = options.source};
  request.dry_run = options.dry_run;
  request = options.act.fill(session, request);
  if (!request.dry_run && !request.expected_position)
    throw InvalidInput("--expected-position", "is required: look with --dry-run first, and give the position it names");
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.retract_source(request));
}

ExitCode retract(const Session& session, const RetractOptions& options) {
  if (options.first.empty() == options.source.empty())
    throw InvalidInput("claim", "give a claim id, a subject and a predicate, or --source with the exact text of one");
  if (!options.source.empty()) return retract_source(session, options);
  if (options.dry_run) throw InvalidInput("--dry-run", "belongs to --source");
  const auto target =
      options.predicate.empty() ? claim_alone(options.first) : line_of(options.first, options.predicate);
  const auto request = options.act.fill(session, RetractRequest{.agent = session.agent(), .claim = target});
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.retract(request));
}

struct ReopenOptions {
  std::string claim, at;
  ActOptions act;
};

ExitCode reopen(const Session& session, const ReopenOptions& options) {
  const auto id = ClaimId::parse(options.claim, "claim");
  auto request = options.act.fill(session, ReopenRequest{.agent = session.agent(), .claim = id});
  if (!options.at.empty()) request.at = parse_valid_time(options.at, "at");
  auto engine = session.open(Access::operate);
  return print_write(session, engine, engine.reopen(request));
}

// `what` is named last: after a claim's id, or after a line.
void add_target(CLI::App& command, TargetedOptions& options, const std::string& what, const std::string& help) {
  command
      .add_option("claim_or_subject", options.first, "The claim's id; or a subject, for the one claim that holds now …")
      ->required();
  command.add_option("predicate_or_" + what, options.second, "… and its predicate; after an id, what stands below")
      ->required();
  options.third_option = command.add_option(what, options.third, help);
}

void add_correct(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, group, "correct", "It was never so: a claim takes another's place",
                  "claimledger correct user city Bonn --why 'a slip'", &correct);
  add_target(*command, *options, "value", value_help);
  options->meant.add_to(*command);
  command->footer(
      "Dates, cardinality, criticality and confidences that are not given stay as they were; a date given replaces\n"
      "both dates. Source, metadata and key are the correction's own: not given, it has none.\n\n" +
      command->get_footer());
  options->window.add_to(*command);
  command->add_option("--source", options->source, meaning_of<CorrectRequest>("source"));
  command->add_option("--confidence", options->confidence, meaning_of<CorrectRequest>("value_confidence"));
  command->add_option("--valid-time-confidence", options->valid_time_confidence,
                      meaning_of<CorrectRequest>("valid_time_confidence"));
  command->add_option("--cardinality", options->cardinality,
                      with_words<Cardinality>(meaning_of<CorrectRequest>("cardinality")));
  command->add_option("--criticality", options->criticality,
                      with_words<Criticality>(meaning_of<CorrectRequest>("criticality")));
  command->add_option("--metadata", options->metadata, meaning_of<CorrectRequest>("metadata"));
  command->add_option("--key", options->key, meaning_of<CorrectRequest>("idempotency_key"));
  options->act.add_to(*command);
}

}  // namespace

void add_write_commands(CLI::App& app, Program& program) {
  add_remember(app, program);

  const auto ending = add_command(app, program, group, "end", "A claim holds no longer from then on",
                                  "claimledger end user city 2026-06-01 --why 'moved'", &end);
  add_target(*ending.app, *ending.options, "at", meaning_of<EndRequest>("at"));
  ending.options->act.add_to(*ending.app);

  const auto retracting = add_command(app, program, group, "retract",
                                      "A claim with all that was said for it, or everything of one source, never held",
                                      "claimledger retract --source 'feed 7' --dry-run", &retract);
  retracting.app->add_option("claim_or_subject", retracting.options->first,
                             "The claim's id; or a subject, for the one claim that holds now …");
  retracting.app->add_option("predicate", retracting.options->predicate, "… and its predicate");
  retracting.app->add_option("--source", retracting.options->source, meaning_of<RetractSourceRequest>("source"));
  retracting.app->add_flag("--dry-run", retracting.options->dry_run,
                           "List what --source would take back, and the position to give");
  retracting.options->act.add_to(*retracting.app);

  add_correct(app, program);

  const auto reopening = add_command(app, program, group, "reopen", "A claim holds again",
                                     "claimledger reopen 0190163d-8694-7c3b-b2a1-0123456789ab", &reopen);
  reopening.app->add_option("claim", reopening.options->claim, "The claim's id")->required();
  reopening.app->add_option("at", reopening.options->at, meaning_of<ReopenRequest>("at"));
  reopening.options->act.add_to(*reopening.app);
}

}  // namespace claimledger::cli
