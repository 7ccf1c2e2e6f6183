#include "cli/common.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "claimledger/limits.hpp"
#include "cli/text.hpp"

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
  const bool may_be_empty = name == "value" || name == "predicate_or_value";  // what is said may be the empty text
  const bool number = option.get_type_name().starts_with("UINT");
  for (const auto& typed : option.results()) {
    if (typed.empty() && !may_be_empty)
      throw InvalidInput(name, option.get_required() ? "must not be empty" : "must not be empty; leave it out instead");
    if (number && !is_whole_number(typed))
      throw InvalidInput(name, "must be a whole number from 0 to 18446744073709551615, in digits");
  }
}

}  // namespace

void require_sense(const CLI::App& app) {
  for (const auto* option : app.get_options()) require_sense(*option);
  for (const auto* verb : app.get_subcommands()) require_sense(*verb);
}

void AtOptions::add_to(CLI::App& verb) {
  auto* time = verb.add_option("--as-of", as_of, "What was known then: a date or RFC 3339");
  verb.add_option("--position", position, "What was known up to this entry")->excludes(time);
  verb.add_option("--asked-at", asked_at, "The time that stands for now (default: --as-of, else the clock)");
}

At AtOptions::at() const {
  At at;
  if (!as_of.empty()) at.as_of = parse_tx_time(as_of, "--as-of");
  if (position) at.position = Position{*position};
  if (!asked_at.empty()) at.asked_at = parse_tx_time(asked_at, "--asked-at");
  return at;
}

Reading open_at(const Session& session, const AtOptions& options, Access access) {
  const auto at = options.at();
  auto engine = session.open(access);
  if (at.position) {
    const auto head = engine.head({.agent = session.agent()}).position;
    if (*at.position > head)
      throw InvalidInput("--position", "is beyond the ledger of '" + printable(session.agent().value) +
                                           "', which ends at " + std::to_string(head.value));
  }
  return {std::move(engine), at};
}

void ValidAtOption::add_to(CLI::App& verb) {
  verb.add_option("--valid-at", text, "What held then: RFC 3339, or a date: its first instant in UTC (default: now)");
}

std::optional<ValidTime> ValidAtOption::at() const {
  if (text.empty()) return std::nullopt;
  return parse_valid_time(text, "--valid-at").at;
}

void PageOptions::add_to(CLI::App& verb) {
  verb.add_option("--limit", limit, "How many at most")->capture_default_str();
  verb.add_option("--cursor", cursor, "Go on where the last page ended");
}

void ExpectedPosition::add_to(CLI::App& verb) {
  verb.add_option("--expected-position", value, "Write only if the ledger still ends here");
}

std::optional<Position> ExpectedPosition::position() const {
  if (!value) return std::nullopt;
  return Position{*value};
}

std::optional<std::string> given(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// A path need not be UTF-8; everything else is.
void print_json(const Json& json) { print(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"); }

void print_json_page(const AnsweredAt& at, const std::vector<Json>& items, const std::optional<std::string>& next) {
  print_json({{"position", at.position.value},
              {"asked_at", to_text(at.asked_at)},
              {"items", items},
              {"next", next ? Json(*next) : Json(nullptr)}});
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

std::vector<AgentId> every_agent(const Engine& engine) {
  std::vector<AgentId> agents;
  for (auto& [agent, head] : every_ledger(engine)) agents.push_back(std::move(agent));
  return agents;
}

void require_end_of_batch(const Engine& engine, const AgentId& agent, Position position, const char* option) {
  const auto end = engine.head({.agent = agent, .moment = position}).position;
  if (end == position) return;
  throw InvalidInput(option, std::to_string(position.value) + " is not the end of a batch of '" +
                                 printable(agent.value) + "'; the last one before it is at " +
                                 std::to_string(end.value));
}

ExitCode print_write(const Session& session, const Engine& engine, const WriteAnswer& answer) {
  const auto name = [&](const ClaimId& id) {
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
