#include "cli/common.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "claimledger/limits.hpp"
#include "cli/text.hpp"
#include "cli/typed_word.hpp"

namespace claimledger::cli {
namespace {

// As people write it. The parser wraps -1 and what is too large, and takes 010 for eight.
bool is_whole_number(const std::string& text) {
  if (text.size() > 1 && text.front() == '0') return false;
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

void require_sense(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return;  // a flag
  const auto name = option.get_name();
  // What is said may be the empty text, and a question may be one.
  const bool may_be_empty = name == "value" || name == "predicate_or_value" || name == "words";
  const bool number = option.get_type_name().starts_with("UINT");
  for (const auto& typed : option.results()) {
    if (typed.empty() && !may_be_empty)
      throw InvalidInput(name, option.get_required() ? "must not be empty" : "must not be empty; leave it out instead");
    if (number && !is_whole_number(typed)) throw InvalidInput(name, whole_number_wanted);
  }
}

// How far an ingest got that stopped.
std::string where_it_stands(const wiring::Failure& failure) {
  if (!failure.last_line) return {};
  const auto lines = "Lines up to " + std::to_string(*failure.last_line) + " are in the ledger";
  if (failure.kind == text(FailureKind::in_doubt))
    return lines + "; whether the batch after them is, nobody could say.\n";
  if (*failure.last_line == 0) return "No line is in the ledger.\n";
  // Of what is there now nobody knows who cannot reach it.
  if (failure.kind == text(FailureKind::unreachable))
    return "Lines up to " + std::to_string(*failure.last_line) + " were in the ledger before, none after it.\n";
  return lines + ", none after it.\n";
}

}  // namespace

CLI::Option* take_one_of(CLI::Option* option, const std::vector<std::string_view>& words) {
  const auto all = wiring::listed(words);
  const auto spell = [words, all](std::string& typed) {
    typed = as_spelled(typed, words);
    return std::find(words.begin(), words.end(), typed) == words.end() ? "must be one of " + all : std::string();
  };
  return option->transform(CLI::Validator(spell, "{" + all + "}"));  // after check() it would be as it was typed
}

void report(bool json, const wiring::Failure& failure, const std::string& hint) {
  if (json) {
    note(wiring::json_line(wiring::FailureReport{failure}) + "\n");
    return;
  }
  std::string out = "claimledger: ";
  if (failure.line) out += "line " + std::to_string(*failure.line) + ": ";
  if (failure.field) out += printable(*failure.field) + ": ";
  if (failure.operation) out += failure.kind + " during " + *failure.operation + ": ";
  note(out + printable(failure.why) + hint + "\n" + where_it_stands(failure));
}

void remark(bool json, const std::string& words) {
  note(json ? wiring::json_line(wiring::Remark{words}) + "\n" : "claimledger: " + printable(words) + "\n");
}

namespace {

// As standard output, one for the program.
struct {
  std::string what;
  std::optional<std::uint64_t> last_line;
} done;

}  // namespace

void note_done(const std::string& what, std::optional<std::uint64_t> last_line) {
  std::signal(SIGPIPE, SIG_IGN);  // which would end the program without a word
  done = {what, last_line};
}

void note_done(const WriteAnswer& answer) {
  if (answer.status == WriteStatus::done)
    note_done("the ledger has it, up to position " + std::to_string(answer.position.value));
}

bool anything_done() { return !done.what.empty(); }

wiring::Failure output_failure() {
  wiring::Failure failure{.kind = "output", .why = "the answer could not be written"};
  if (anything_done()) failure.why += ", but what was asked is done: " + done.what;
  failure.last_line = done.last_line;
  return failure;
}

InvalidInput with_way_to_insist(const InvalidInput& refusal) {
  if (!refusal.why().ends_with("clock_tolerance allows")) return refusal;
  return {refusal.field(), refusal.why() + "; --allow-future takes it all the same"};
}

void require_sense(const CLI::App& app) {
  for (const auto* option : app.get_options()) require_sense(*option);
  for (const auto* command : app.get_subcommands()) require_sense(*command);
}

void AtOptions::add_to(CLI::App& command) {
  auto* time = command.add_option("--as-of", as_of, meaning_of<At>("as_of"));
  command.add_option("--position", position, meaning_of<At>("position"))->excludes(time);
  command.add_option("--asked-at", asked_at, meaning_of<At>("asked_at"));
}

At AtOptions::at() const {
  At at;
  if (!as_of.empty()) at.as_of = parse_tx_time(as_of, "--as-of");
  if (position) at.position = Position{*position};
  if (!asked_at.empty()) at.asked_at = parse_tx_time(asked_at, "--asked-at");
  return at;
}

Reading open_at(const Session& session, const AtOptions& options) {
  const auto at = options.at();
  auto engine = session.open(Access::query);
  if (at.position) {
    const auto head = engine.head({.agent = session.agent()}).position;
    if (*at.position > head)
      throw InvalidInput("--position", "is beyond the ledger of '" + printable(session.agent().value) +
                                           "', which ends at " + std::to_string(head.value));
  }
  return {std::move(engine), at};
}

void ValidAtOption::add_to(CLI::App& command) {
  command.add_option("--valid-at", text, meaning_of<RecallRequest>("valid_at"));
}

std::optional<ValidTime> ValidAtOption::at() const {
  if (text.empty()) return std::nullopt;
  return parse_valid_time(text, "--valid-at").at;
}

void PageOptions::add_to(CLI::App& command) {
  command.add_option("--limit", limit, meaning_of<PageRequest>("limit"))->capture_default_str();
  command.add_option("--cursor", cursor, meaning_of<PageRequest>("cursor"));
}

void ExpectedPosition::add_to(CLI::App& command) {
  command.add_option("--expected-position", value, meaning_of<RetractSourceRequest>("expected_position"));
}

std::optional<Position> ExpectedPosition::position() const {
  if (!value) return std::nullopt;
  return Position{*value};
}

std::optional<std::string> given(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void print_nothing(const Session& session, const std::string& sentence) {
  print(session.json() ? "null\n" : sentence + "\n");
}

void tell_of_more(const std::optional<std::string>& next) {
  if (next) note("There is more: --cursor " + *next + "\n");
}

std::vector<AgentHead> every_ledger(const Engine& engine) {
  std::vector<AgentHead> ledgers;
  AgentsRequest request{.page = {.limit = limits::page}};
  for (;;) {
    const auto page = engine.agents(request);
    ledgers.insert(ledgers.end(), page.items.begin(), page.items.end());
    if (!page.next) return ledgers;
    request.page.cursor = *page.next;
  }
}

std::vector<AgentHead> ledgers_of(const Engine& engine, const AgentId& agent, bool all) {
  return all ? every_ledger(engine) : std::vector<AgentHead>{{.agent = agent, .position = {}}};
}

void require_end_of_batch(const Engine& engine, const AgentId& agent, Position position, const char* option) {
  const auto end = engine.head({.agent = agent, .moment = position}).position;
  if (end == position) return;
  throw InvalidInput(option, std::to_string(position.value) + " is not the end of a batch of '" +
                                 printable(agent.value) + "'; the last one before it is at " +
                                 std::to_string(end.value));
}

ExitCode print_write(const Session& session, const Engine& engine, const WriteAnswer& answer) {
  note_done(answer);
  const auto name = [&](const ClaimId& id) {
    // As a rule the entry that it begins with says what it is, and no line need be read.
    const auto first = engine.audit({.agent = session.agent(), .filter = {.claim = id}, .page = {.limit = 1}}).items;
    if (!first.empty() && first.front().line && first.front().record.content.value) {
      return line_name(*first.front().line) + " = " + show_short(*first.front().record.content.value);
    }
    const auto claim = engine.claim({.agent = session.agent(), .claim = id});
    return claim && !claim->erased ? line_name(claim->line) + " = " + show_short(claim->slot.value) : to_text(id.value);
  };
  print_answer(session, answer, [&](const WriteAnswer& it) { return describe(it, name); });
  switch (answer.status) {
    case WriteStatus::conflict:
    case WriteStatus::not_found:
    case WriteStatus::ambiguous:
      return ExitCode::no;
    case WriteStatus::nothing_to_do:
    case WriteStatus::dry_run:
      return ExitCode::fine;
    case WriteStatus::done:
      break;
  }
  const auto rejected = [](const Receipt& receipt) { return receipt.disposition == Disposition::rejected; };
  return std::any_of(answer.receipts.begin(), answer.receipts.end(), rejected) ? ExitCode::no : ExitCode::fine;
}

}  // namespace claimledger::cli
