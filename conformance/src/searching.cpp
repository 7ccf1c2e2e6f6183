#include "searching.hpp"

#include <functional>
#include <sstream>

namespace claimledger::conformance {

namespace {

using Texts = std::vector<std::string>;

constexpr std::chrono::hours day{24};

// Each word points somewhere, and a text where its words do.
class WordsEmbedder : public Embedder {
 public:
  explicit WordsEmbedder(const std::string& name) : model_{name, 16, "1"}, salt_(std::hash<std::string>{}(name)) {}

  const EmbeddingModel& model() const override { return model_; }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText, const Call& call) override {
    if (call.stop.stop_requested()) throw StoreFailure(FailureKind::cancelled, "embed", "stopped");
    std::vector<std::vector<float>> vectors;
    for (const auto& text : texts) vectors.push_back(vector_of(text));
    return vectors;
  }

 private:
  std::vector<float> vector_of(const std::string& text) const {
    std::vector<float> vector(model_.dimensions);
    vector[0] = 0.5F;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      const auto hash = std::hash<std::string>{}(word) ^ salt_;
      vector[hash % vector.size()] += hash % 3 == 0 ? -1.F : 1.25F;
    }
    return vector;
  }

  EmbeddingModel model_;
  std::size_t salt_;
};

std::string some_question(Random& random) {
  static const Texts between = {" ",   " ",   " ",  " AND ", " OR ",    " -",      "* ",
                                "\" ", " \"", " (", ") ",    " value:", " source:"};
  std::string text = random.any_of(searched_words());
  for (auto left = random.below(4); left > 0; --left) text += random.any_of(between) + random.any_of(searched_words());
  return random.one_in(6) ? text.substr(0, 4) + '*' : text;
}

}  // namespace

std::shared_ptr<Embedder> embedder_of_words(const std::string& name) { return std::make_shared<WordsEmbedder>(name); }

const Texts& searched_words() {
  static const Texts words = {"travels",     "travelling",    "city",         "Ada",     "the",
                              "snake_case",  "HTTPServer2",   "v1.2.3",       "C++",     "caf\u00e9",
                              "cafe\u0301",  "Stra\u00dfe",   "\u6771\u4eac", "\u6771",  "\u05e9\u05dc\u05d5\u05dd",
                              "a@b.example", "\u202eevil",    "\uff21\uff22", "O'Brien", "\U0001f44d\U0001f3fd",
                              "50% _",       "'; DROP TABLE", "\\ \" NEAR(",  "naïve",   "NULL"};
  return words;
}

Statement some_statement(Random& random) {
  static const Texts subjects = {"Ada", "caf\u00e9", "cafe\u0301", "\u6771\u4eac", "ada"};
  static const Texts predicates = {"lives_in", "travelPlans", "%", "city"};
  static const Texts days = {"2019", "2024-06", "2025-12-30", "2026-01-20", "2026-03"};
  std::string text;
  for (auto left = 1 + random.below(6); left > 0; --left) text += random.any_of(searched_words()) + ' ';
  auto made = stated(random.any_of(subjects), random.any_of(predicates), Value(text));
  if (random.one_in(5)) made.value = Value(random.any_of(searched_words()));  // short enough to be said again
  if (random.one_in(8)) made.value = Value::parse("{\"city\":[" + Value(text).text() + ",1729,null]}");
  if (random.one_in(2)) made.window.from = parse_valid_time(random.any_of(days), "from");
  if (random.one_in(6)) made.window.until = parse_valid_time(random.any_of(days), "until");
  if (random.one_in(3)) made.source = random.any_of(searched_words());
  if (random.one_in(6)) made.provenance = Provenance::model_derived;
  if (random.one_in(6)) made.value_confidence = Confidence{1'000};
  if (random.one_in(4)) made.cardinality = Cardinality::set_valued;
  made.criticality = static_cast<Criticality>(random.below(4));
  if (random.one_in(3)) made.metadata = Value::parse("{\"caf\u00e9\":" + std::to_string(random.below(2)) + "}");
  return made;
}

void Life::go_on(Engine& engine, ManualClock& clock, const AgentId& agent, int steps) {
  for (; steps > 0; --steps, ++lived_) {
    clock.advance(day * static_cast<int>(random_.below(3)));
    if (lived_ < 3 || !random_.one_in(4)) {
      std::vector<Statement> statements;
      for (auto left = 1 + random_.below(4); left > 0; --left) statements.push_back(say_something());
      for (const auto& receipt : say(engine, agent, std::move(statements)).receipts) {
        if (receipt.claim) claims_.push_back(*receipt.claim);
      }
      continue;
    }
    take_back(engine, agent, claims_[random_.below(claims_.size())]);
  }
}

// Often what was said before, by another source: its words are those of another statement of the same claim.
Statement Life::say_something() {
  auto made = !said_.empty() && random_.one_in(4) ? said_[random_.below(said_.size())] : some_statement(random_);
  if (random_.one_in(2)) made.source = random_.any_of(searched_words());
  said_.push_back(made);
  return made;
}

void Life::take_back(Engine& engine, const AgentId& agent, const ClaimId& claim) {
  switch (random_.below(4)) {
    case 0:
      engine.retract({.agent = agent, .claim = claim});
      break;
    case 1:
      engine.end_validity({.agent = agent, .claim = claim, .at = parse_valid_time("2025-12-31", "at")});
      break;
    case 2:
      engine.correct({.agent = agent, .claim = claim, .value = random_.any_of(searched_words())});
      break;
    default:
      engine.reopen({.agent = agent, .claim = claim});
  }
}

SearchRequest some_search(Random& random, const AgentId& agent, Position head, Instant now) {
  SearchRequest request{.agent = agent, .text = some_question(random), .explain = random.one_in(2)};
  auto& filter = request.filter;
  if (random.one_in(3)) request.at.position = Position{random.below(head.value + 2)};
  if (!request.at.position && random.one_in(3))
    request.at.as_of = TxTime{now - day * static_cast<int>(random.below(40))};
  if (random.one_in(3)) request.valid_at = parse_valid_time(random.one_in(2) ? "2025" : "2026-01-25", "valid_at").at;
  request.history = random.one_in(3);
  if (random.one_in(2)) request.limit = 1 + random.below(5);
  if (random.one_in(8)) filter.subject = random.one_in(2) ? "caf\u00e9" : "cafe\u0301";
  if (random.one_in(8)) filter.subject_prefix = random.one_in(2) ? "A" : "caf";
  if (random.one_in(8)) filter.predicate_prefix = random.one_in(2) ? "%" : "l";
  if (random.one_in(8)) filter.statuses = {BeliefStatus::contested, BeliefStatus::resolved};
  if (random.one_in(8)) filter.valid_during = parse_during("2024", "during");
  if (random.one_in(8)) filter.source = random.any_of(searched_words());
  if (random.one_in(8)) filter.least_criticality = Criticality::high;
  if (random.one_in(8)) filter.metadata = Value::parse("{\"caf\u00e9\":1}");
  if (random.one_in(8)) request.least_score = {300'000};
  if (random.one_in(4)) {
    request.recency_share = Score{static_cast<std::uint32_t>(random.below(1'000'001))};
    request.half_life = day * static_cast<int>(1 + random.below(400));
  }
  return request;
}

}  // namespace claimledger::conformance
