#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cli/typed_word.hpp"
#include "wiring/json.hpp"
#include "wiring/parse_enum.hpp"

// Shared by the commands: declaring one, the point at which a read is made, printing an answer.
namespace claimledger::cli {

using wiring::meaning_of;

// The meaning of a field, and its words: "How much hangs on it: Low, Medium, High, Critical".
template <class Enum>
std::string with_words(const std::string& meaning) {
  return meaning + ": " + wiring::listed(spellings<Enum>());
}

// The option takes these words, in upper or lower case, and no others; it has them as they are spelled here.
// CLI::IsMember names its argument, but not what would be right, in words.
CLI::Option* take_one_of(CLI::Option* option, const std::vector<std::string_view>& words);

constexpr auto whole_number_wanted = "must be a whole number up to 18446744073709551615, in digits";

// Declares a command in a group of the help, with an example, and binds it to what it does.
template <class Options>
struct Command {
  CLI::App* app;
  std::shared_ptr<Options> options;
};
template <class Options>
Command<Options> add_command(CLI::App& app, Program& program, const char* group, const char* name,
                             const char* description, const char* example,
                             ExitCode (*run)(const Session&, const Options&)) {
  auto* command = app.add_subcommand(name, description);
  command->group(group);
  command->footer(std::string("Example:\n  ") + example + "\n\nOptions of every command: claimledger --help");
  auto options = std::make_shared<Options>();
  command->callback([&program, options, run] {
    program.command = [options, run](const Session& session) { return run(session, *options); };
  });
  return {command, options};
}

// Refuses options of the program and its command that are empty, or no whole number where one is due. The parser
// lets both pass, and an option that says nothing would count as not given. Failure: InvalidInput with the option's
// name.
void require_sense(const CLI::App& app);

// Where and when a read stands, as typed.
struct AtOptions {
  std::string as_of;
  std::optional<std::uint64_t> position;
  std::string asked_at;

  void add_to(CLI::App& command);
  At at() const;
};

// A ledger as a read finds it, and where the read stands in it. Failure: InvalidInput for a position that the ledger
// has not reached: what it answered today would not be what it answers once it is there.
struct Reading {
  Engine engine;
  At at;
};
Reading open_at(const Session& session, const AtOptions& options);

struct ValidAtOption {
  std::string text;
  void add_to(CLI::App& command);
  std::optional<ValidTime> at() const;
};

struct PageOptions {
  std::size_t limit = 100;
  std::string cursor;

  void add_to(CLI::App& command);
  PageRequest request() const { return {limit, cursor}; }
};

struct ExpectedPosition {
  std::optional<std::uint64_t> value;
  void add_to(CLI::App& command);
  std::optional<Position> position() const;
};

std::optional<std::string> given(const std::string& text);  // an option that was not typed is empty

// A failure, to standard error: one document with --json, else a sentence, and behind it `hint`. What an ingest has
// written is said on a line of its own.
void report(bool json, const wiring::Failure& failure, const std::string& hint = {});
// Something to know beside the answer, to standard error: one document with --json, else a sentence.
void remark(bool json, const std::string& note);

// One document on one line. The answer is of a shape of wiring/json.hpp.
template <class Answer>
void print_json(const Answer& answer) {
  print(wiring::json_line(answer) + "\n");
}

// One document, or the text that `describe` makes of the same answer.
template <class Answer, class Describe>
void print_answer(const Session& session, const Answer& answer, Describe describe) {
  if (session.json())
    print_json(answer);
  else
    print(describe(answer));
}

// What a command has done, noted before it answers: where the answer cannot be written that is said, and a reader that
// has gone ends the program only then. `last_line`: of its input, up to which all is in the ledger.
void note_done(const std::string& what, std::optional<std::uint64_t> last_line = {});
void note_done(const WriteAnswer& answer);
constexpr auto as_served = "the ledger has it as served";
// An answer that could not be written, and what is done all the same.
wiring::Failure output_failure();
bool anything_done();

// Of a refused time that lies ahead of the clock: says how to insist. Any other refusal stays as it is.
InvalidInput with_way_to_insist(const InvalidInput& refusal);

// There is no such thing: null, or the sentence.
void print_nothing(const Session& session, const std::string& sentence);

// For people: how to see the next page, if there is one.
void tell_of_more(const std::optional<std::string>& next);

// A page as one document, or a text for each item and, on standard error, how to go on.
template <class Page, class Describe>
void print_page(const Session& session, const Page& page, Describe describe) {
  if (session.json()) {
    print_json(page);
    return;
  }
  for (const auto& item : page.items) print(describe(item));
  tell_of_more(page.next);
}

// The ledgers of all agents, and how far they go.
std::vector<AgentHead> every_ledger(const Engine& engine);
// These, or that of one agent alone, whether it is there or not.
std::vector<AgentHead> ledgers_of(const Engine& engine, const AgentId& agent, bool all);

// Refuses a position that is not the end of a batch: to go on behind it would split one.
void require_end_of_batch(const Engine& engine, const AgentId& agent, Position position, const char* option);

// Prints what `engine` made of a write. `no` unless it was done, or need not be.
ExitCode print_write(const Session& session, const Engine& engine, const WriteAnswer& answer);

}  // namespace claimledger::cli
