#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <limits>
#include <map>

#include "answers.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "random_story.hpp"
#include "searching.hpp"

// Searches with recency beside a model: all that is found without it, with scores that are reckoned anew and put in
// order. The model shares no code with search(), and knows of freshness what core/include/claimledger/search.hpp says.
// CLAIMLEDGER_SEED=n runs that ledger alone; CLAIMLEDGER_LONG=1 runs many, from CLAIMLEDGER_FROM on.
namespace claimledger::property {
namespace {

__extension__ typedef unsigned __int128 Wide;
using Texts = std::vector<std::string>;
using std::chrono::hours;
using std::chrono::microseconds;

constexpr std::uint64_t million = 1'000'000;

// --- Freshness ------------------------------------------------------------------------------------------------------

Wide root_of(Wide square) {
  Wide root = 0;
  for (auto bit = Wide{1} << 62; bit > 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= square) root += bit;
  return root;
}

// 2^(-age / half_life) in millionths: the half to the power of the exponent, 22 binary digits of it behind the point.
std::uint64_t fresh(Wide age, std::int64_t half_life) {
  const Wide exponent = (age << 22) / static_cast<std::uint64_t>(half_life);
  if (exponent >= Wide{32} << 22) return 0;
  Wide power = Wide{1} << 32;
  Wide root = Wide{1} << 61;  // the half, in units of 2^-62
  for (int digit = 21; digit >= 0; --digit) {
    root = root_of(root << 62);
    const Wide rounded = (root + (Wide{1} << 29)) >> 30;
    if (((exponent >> digit) & 1) != 0) power = power * rounded >> 32;
  }
  return static_cast<std::uint64_t>((power * million >> 32) >> (exponent >> 22));
}

std::uint64_t freshness(const ClaimHistory& claim, ValidTime valid_at, microseconds half_life) {
  const bool dated = claim.slot.trusted;
  const auto began = dated ? claim.slot.window.from->at.value : claim.said.front().value;
  if (began >= valid_at.value) return million;
  return fresh(static_cast<std::uint64_t>((valid_at.value - began).count()), half_life.count());
}

// --- Ledgers --------------------------------------------------------------------------------------------------------

const Texts words = {"bralo", "dosk", "fenu", "gorp", "hald", "jimp", "krell"};

// Of two agents, with more lines than are read at once.
class Ledgers {
 public:
  explicit Ledgers(std::uint64_t seed)
      : random(seed),
        engine({.store = memory::open(),
                .clock = clock,
                .ids = std::make_shared<conformance::SeededIds>(seed),
                .embedder = conformance::embedder_of_words("words")}) {
    for (auto steps = 5 + random.below(12); steps > 0; --steps) {
      clock->advance(hours{24} * static_cast<int>(random.below(60)));
      step(agents[random.one_in(4) ? 1 : 0]);
    }
  }

  ValidEnd day() {
    static const Texts days = {"0001",    "1066-10-14", "1999", "2024-02-29", "2025-12-31T23:59:59.999999Z",
                               "2026-01", "2026-02-03", "2027", "9999-12-31"};
    return parse_valid_time(random.any_of(days), "day");
  }
  std::string some_words(std::size_t most) {
    std::string text;
    for (auto left = 1 + random.below(most); left > 0; --left) text += random.any_of(words) + ' ';
    return text;
  }

  Random random;
  const std::array<AgentId, 2> agents = {AgentId{"first"}, AgentId{"second"}};
  std::shared_ptr<conformance::ManualClock> clock = std::make_shared<conformance::ManualClock>();
  Engine engine;

 private:
  Statement statement() {
    if (!said_.empty() && random.one_in(6)) return random.any_of(said_);
    Statement made{.subject = "s" + std::to_string(random.below(40)),
                   .predicate = "p" + std::to_string(random.below(2)),
                   .value = some_words(6)};
    if (random.below(3) > 0) made.window.from = day();
    if (random.one_in(6)) made.window.until = day();
    if (random.one_in(5)) made.valid_time_confidence = Confidence{1'000};
    if (random.one_in(5)) made.cardinality = Cardinality::set_valued;
    if (random.one_in(6)) made.provenance = Provenance::model_derived;
    made.source = random.any_of(words);
    said_.push_back(made);
    return made;
  }

  void step(const AgentId& agent) {
    auto& claims = claims_[agent];
    const auto some = [&] { return random.any_of(claims); };
    if (claims.empty() || random.below(4) > 0) {
      IngestRequest request{.agent = agent, .statements = {}};
      for (auto left = 1 + random.below(20); left > 0; --left) request.statements.push_back(statement());
      for (const auto& receipt : engine.ingest(request).receipts)
        if (receipt.claim) claims.push_back(*receipt.claim);
    } else if (random.one_in(3)) {
      engine.end_validity({.agent = agent, .claim = some(), .at = day()});
    } else if (random.one_in(2)) {
      engine.correct({.agent = agent, .claim = some(), .value = some_words(4)});
    } else {
      engine.retract({.agent = agent, .claim = some()});
    }
  }

  std::vector<Statement> said_;
  std::map<AgentId, std::vector<ClaimId>> claims_;
};

SearchRequest some_request(Ledgers& ledgers) {
  static const std::vector<std::int64_t> half_lives = {1,
                                                       1'000'000,
                                                       86'400'000'000,
                                                       86'400'000'000 * 365,
                                                       86'400'000'000 * 365 * 300,
                                                       7'777'777'777'777,
                                                       std::numeric_limits<std::int64_t>::max()};
  auto& random = ledgers.random;
  SearchRequest request{.agent = ledgers.agents[0], .text = ledgers.some_words(4)};
  if (random.below(3) > 0) request.by = static_cast<SearchBy>(random.below(3));
  if (random.one_in(4)) request.at.position = Position{random.below(80)};
  if (!request.at.position && random.one_in(3)) request.more_agents = {ledgers.agents[1]};
  if (random.one_in(2)) request.valid_at = ledgers.day().at;
  if (random.one_in(8)) request.filter.valid_during = ValidWindow{ledgers.day(), {}};
  if (request.filter.valid_during) request.valid_at = ledgers.day().at;  // else the belief is that of the best claim
  request.history = random.one_in(3);
  if (random.one_in(8)) request.filter.subject_prefix = "s1";
  if (random.one_in(8)) request.filter.source = random.any_of(words);
  if (random.one_in(8)) request.filter.statuses = {BeliefStatus::contested, BeliefStatus::timing_uncertain};
  if (random.one_in(6)) request.least_score = Score{static_cast<std::uint32_t>(random.below(million))};
  if (random.below(3) > 0) request.limit = 1 + random.below(6);
  request.explain = random.one_in(4);
  const auto share = random.one_in(6) ? million : 1 + random.below(random.one_in(2) ? million : 100'000);
  request.recency_share = Score{static_cast<std::uint32_t>(share)};
  request.half_life = microseconds{random.any_of(half_lives)};
  return request;
}

// --- Side by side ---------------------------------------------------------------------------------------------------

bool is_better(const FoundClaim& a, const FoundClaim& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.statement > b.statement;
}

// All lines of an agent, the best first.
std::vector<FoundLine> model(const Engine& engine, const SearchRequest& request, const AgentId& agent) {
  auto plain = request;
  plain.agent = agent;
  plain.more_agents = {};
  plain.recency_share = {};
  plain.least_score = {};
  plain.limit = 1'000;
  const auto answer = engine.search(plain);
  EXPECT_FALSE(answer.more);
  const auto valid_at = request.valid_at.value_or(as_valid(answer.ledgers.at(0).at.asked_at));
  const auto share = request.recency_share.millionths;
  std::vector<FoundLine> lines;
  for (auto line : answer.lines) {
    for (auto& claim : line.claims) {
      const auto history = engine.claim({.agent = agent, .claim = claim.slot.claim, .at = request.at});
      const auto of_it = freshness(history.value(), valid_at, request.half_life);
      claim.freshness = Score{static_cast<std::uint32_t>(of_it)};
      const auto whole = (million - share) * claim.score.millionths + share * of_it;
      claim.score = Score{static_cast<std::uint32_t>(whole / million)};
    }
    std::erase_if(line.claims, [&](const auto& claim) { return claim.score < request.least_score; });
    if (line.claims.empty()) continue;
    std::ranges::sort(line.claims, is_better);
    line.score = line.claims.front().score;
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines, is_better, [](const auto& line) -> const FoundClaim& { return line.claims.front(); });
  return lines;
}

std::vector<Score> scores_of(const std::vector<FoundLine>& lines) {
  std::vector<Score> scores;
  for (const auto& line : lines) scores.push_back(line.score);
  return scores;
}

std::string text_of(std::vector<FoundLine> lines) {
  SearchAnswer answer;
  answer.lines = std::move(lines);
  return conformance::text_of(answer);
}

struct Tally {
  std::uint64_t questions = 0, found = 0, more = 0, moved = 0;
};

void expect_equal(Ledgers& ledgers, Tally& tally) {
  const auto request = some_request(ledgers);
  SCOPED_TRACE(request.text + ", share " + std::to_string(request.recency_share.millionths) + ", half-life " +
               std::to_string(request.half_life.count()) + ", limit " + std::to_string(request.limit));
  const auto answer = ledgers.engine.search(request);
  std::vector<FoundLine> all;
  for (std::size_t i = 0; i <= request.more_agents.size(); ++i) {
    const auto& agent = ledgers.agents.at(i);
    auto expected = model(ledgers.engine, request, agent);
    all.insert(all.end(), expected.begin(), expected.end());
    // Lines of two agents that score the same come in an order of their own.
    std::vector<FoundLine> of_it;
    std::ranges::copy_if(answer.lines, std::back_inserter(of_it),
                         [&](const auto& line) { return line.agent == agent; });
    expected.resize(std::min(expected.size(), of_it.size()));
    EXPECT_EQ(text_of(of_it), text_of(expected));
  }
  auto scores = scores_of(all);
  std::ranges::sort(scores, std::ranges::greater());
  EXPECT_EQ(answer.more, scores.size() > request.limit);
  scores.resize(std::min(scores.size(), request.limit));
  EXPECT_EQ(scores_of(answer.lines), scores);
  auto without = request;
  without.recency_share = {};
  ++tally.questions;
  tally.found += !answer.lines.empty();
  tally.more += answer.more;
  if (answer.lines.empty()) return;
  const auto first = ledgers.engine.search(without).lines;
  tally.moved += first.empty() || !(first.front().line == answer.lines.front().line);
}

}  // namespace

TEST(RandomSearches, WithRecencyAreThoseWithoutWithOtherScores) {
  const auto run = run_of(80, 4'000);
  std::cout << "seeds " << run.first << " to " << run.first + run.count - 1 << '\n';
  Tally tally;
  for (auto seed = run.first; seed < run.first + run.count && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Ledgers ledgers(seed);
    for (int i = 0; i < 20; ++i) expect_equal(ledgers, tally);
  }
  std::cout << tally.questions << " questions, " << tally.found << " found something, " << tally.more
            << " said that there is more, and of " << tally.moved << " the first was not the first without recency\n";
  if (run.count > 50 && !testing::Test::HasFailure()) {
    EXPECT_GT(tally.found, tally.questions / 2) << "questions that find nothing show little";
    EXPECT_GT(tally.more, tally.questions / 4);
    EXPECT_GT(tally.moved, tally.questions / 6);
  }
}

}  // namespace claimledger::property
