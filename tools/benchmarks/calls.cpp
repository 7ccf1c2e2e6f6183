#include <algorithm>

#include "benchmarks/language.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

namespace {

const AgentId agent{"calls"};
constexpr std::size_t words_a_claim = 14;

// One caller of a ledger, that does one thing after the other.
class Caller {
 public:
  Caller(Engine& engine, const Scale& scale) : engine_(engine), scale_(scale) {}

  void fill() {
    const auto claims = static_cast<std::uint64_t>(scale_.claims);
    Progress progress("filling the ledger", claims);
    for (; said_ < claims; progress.at(said_)) engine_.ingest(some(1'000));
  }

  void ingest(std::size_t claims) {
    const auto calls = std::max(scale_.calls / static_cast<int>(claims), 20);
    const auto time = median_seconds(calls, [&] { engine_.ingest(some(claims)); });
    const auto of_one = time / static_cast<double>(claims);
    if (claims == 1) alone_ = time;
    row(claims == 1 ? "remember a claim" : "ingest a batch of " + std::to_string(claims), time * 1e6, "us a call",
        of_one / alone_, "for each claim of one alone");
  }

  void recall() {
    print("recall a line", [&] { engine_.recall({.agent = agent, .line = line(language_.below(said_))}); });
  }

  void search(std::size_t limit) {
    print("search by 3 words, limit " + std::to_string(limit),
          [&] { engine_.search({.agent = agent, .text = language_.words(3), .limit = limit}); });
  }

  void correct() {
    auto claim = said_;
    print("correct a claim",
          [&] { engine_.correct({.agent = agent, .claim = line(--claim), .value = language_.words(words_a_claim)}); });
  }

  void retract() {
    auto claim = said_;
    print("retract a claim", [&] { engine_.retract({.agent = agent, .claim = line(--claim)}); });
  }

 private:
  template <class Call>
  void print(const std::string& what, Call call) {
    row(what, median_seconds(scale_.calls, call) * 1e6, "us a call");
  }

  // Five claims of a subject.
  static LineKey line(std::uint64_t number) {
    return {"user " + std::to_string(number / 5), "note " + std::to_string(number % 5)};
  }
  Statement say() {
    const auto at = line(said_++);
    return {.subject = at.subject, .predicate = at.predicate, .value = language_.words(words_a_claim)};
  }
  IngestRequest some(std::size_t claims) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (std::size_t i = 0; i < claims; ++i) request.statements.push_back(say());
    return request;
  }

  Engine& engine_;
  const Scale& scale_;
  Language language_{30'000};
  std::uint64_t said_ = 0;
  double alone_ = 0;  // seconds to remember one claim
};

}  // namespace

void calls(Engine& engine, const Scale& scale) {
  heading("One caller of a ledger of " + std::to_string(scale.claims) + " claims of 14 words, whose words are filed");
  Caller caller(engine, scale);
  caller.fill();
  for (const std::size_t claims : {1U, 10U, 50U, 100U}) caller.ingest(claims);
  caller.recall();
  for (const std::size_t limit : {1U, 5U, 10U, 20U}) caller.search(limit);
  caller.correct();
  caller.retract();
}

}  // namespace claimledger::benchmarks
