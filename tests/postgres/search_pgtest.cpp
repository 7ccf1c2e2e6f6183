#include <gtest/gtest.h>

#include <sstream>

#include "claimledger/memory/memory_store.hpp"
#include "own_schema.hpp"

// A search answers the same whatever is filed, as a store answers that files nothing; what is filed only saves reading.
namespace claimledger::postgres::test {

namespace {

const AgentId alice{"alice"};
constexpr std::uint64_t half = 40;  // statements

const Config english;
const Config exact{.search_language = "none"};
const Config silent{.index_words = false};

Engine engine_with(std::unique_ptr<Store> store, const Config& config) {
  return Engine({.store = std::move(store),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()},
                config);
}

std::string text_of(const SearchAnswer& answer) {
  std::ostringstream text;
  for (const auto& term : answer.ledgers.front().terms)
    text << term.text << (term.beginning ? "*" : "") << " in " << term.statements << " of " << term.bits << "; ";
  for (const auto& line : answer.lines) {
    text << line.line.subject << '/' << line.line.predicate << ' ' << line.score.millionths << ' '
         << static_cast<int>(line.belief.status) << ':';
    for (const auto& claim : line.claims) {
      text << ' ' << claim.statement.value << '=' << claim.score.millionths;
      for (const auto count : claim.counts) text << ',' << count;
    }
    text << '\n';
  }
  return text.str() + (answer.more ? "more" : "");
}

class Searches : public testing::TestWithParam<std::size_t> {
 protected:
  Searches() { initialise(schema_.options(), {.partitions = GetParam()}); }

  Engine engine(const Config& config) const { return engine_with(open(schema_.options()), config); }

  // Half of what is said: in batches of four, some of it taken back.
  static void say_half(Engine& engine, std::uint64_t which) {
    static const std::vector<std::string> words = {"travels", "travelling", "travel", "city", "caf\u00e9", "cafes"};
    const auto word = [](std::uint64_t number) { return words[number % words.size()]; };
    for (auto number = which * half; number < (which + 1) * half;) {
      std::vector<Statement> statements;
      for (int i = 0; i < 4; ++i, ++number) {
        statements.push_back({.subject = "subject " + std::to_string(number % 9),
                              .predicate = number % 2 == 0 ? "says" : "writes",
                              .value = Value(word(number) + " " + word(number / 2) + " " + std::to_string(number)),
                              .source = "source " + std::to_string(number % 5)});
      }
      const auto receipts = engine.ingest({.agent = alice, .statements = std::move(statements)}).receipts;
      const auto claim = receipts.front().claim;
      if (number % 16 == 0 && claim) engine.retract({.agent = alice, .claim = *claim});
    }
  }

  // Every answer is that of a store which files nothing; how many statements each read.
  std::uint64_t read_by_search(const Config& config) const {
    const auto asked = engine(config);
    auto scan = engine_with(memory::open(), config);
    EXPECT_EQ(scan.copy_from({.source = asked, .agent = alice}).status, CopyStatus::done);
    const auto head = asked.head({.agent = alice}).position;
    std::uint64_t scanned = 0;
    std::size_t lines = 0;
    for (const std::string text : {"travelling", "caf*", "city -cafes", "\"travel city\"", "says", "subject:3 OR 17",
                                   "source", "nowhere", "12* 13", "*"}) {
      for (const auto position : {head, Position{head.value / 2}, Position{1}}) {
        SCOPED_TRACE(text + " at " + std::to_string(position.value));
        SearchRequest request{.agent = alice, .text = text, .explain = true};
        request.at = {.position = position, .asked_at = TxTime{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}}};
        request.limit = 5;
        const auto answer = asked.search(request);
        EXPECT_EQ(text_of(answer), text_of(scan.search(request)));
        lines += answer.lines.size();
        if (position == head) scanned = std::max(scanned, answer.ledgers.front().scanned);
      }
    }
    EXPECT_GT(lines, 40U);
    return scanned;
  }

  OwnSchema schema_{"searches of " + std::to_string(GetParam())};
};

}  // namespace

TEST_P(Searches, AnswerTheSameWhateverIsFiled) {
  {
    auto whole = engine(english);
    say_half(whole, 0);
  }
  EXPECT_EQ(read_by_search(english), 0U) << "all is filed";
  EXPECT_EQ(read_by_search(exact), half) << "of another recipe";
  {
    auto unfiled = engine(silent);
    say_half(unfiled, 1);
  }
  EXPECT_EQ(read_by_search(english), half) << "half of it is filed";
  {
    auto late = engine(english);
    say_half(late, 2);
  }
  EXPECT_EQ(read_by_search(english), 2 * half) << "what follows a gap is not filed";

  EXPECT_EQ(engine(english).reindex({.agent = alice}).statements, 2 * half);
  EXPECT_EQ(read_by_search(english), 0U);
  EXPECT_EQ(engine(exact).reindex({.agent = alice}).statements, 3 * half);
  EXPECT_EQ(read_by_search(exact), 0U);
  EXPECT_EQ(read_by_search(english), 3 * half);
  EXPECT_EQ(engine(english).reindex({.agent = alice, .anew = true}).statements, 3 * half);
  {
    auto whole = engine(english);
    say_half(whole, 3);
  }
  EXPECT_EQ(read_by_search(english), 0U) << "what follows is filed again";
  schema_.ask("TRUNCATE posting");
  EXPECT_EQ(read_by_search(english), 4 * half) << "nothing is filed";
}

INSTANTIATE_TEST_SUITE_P(Partitions, Searches, testing::Values(0, 4),
                         [](const auto& each) { return "of_" + std::to_string(each.param); });

}  // namespace claimledger::postgres::test
