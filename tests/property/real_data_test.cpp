#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "engine_story.hpp"
#include "random_story.hpp"

// Facts with a known shape: seats of Congress never overlap, whatever the order of arrival; time zone releases disagree
// exactly where the model says.
namespace claimledger::property {
namespace {

const std::string data = CLAIMLEDGER_SOURCE_DIR "/tools/examples/data/";

bool long_run() { return std::getenv("CLAIMLEDGER_LONG") != nullptr; }

std::uint64_t seed_of_the_run() {
  const auto* given = std::getenv("CLAIMLEDGER_SEED");
  const auto seed = given ? std::strtoull(given, nullptr, 10) : 20'260'101ULL;
  std::cout << "seed " << seed << '\n';
  return seed;
}

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

Statement statement_of(const nlohmann::json& row) {
  Statement statement;
  statement.subject = row.at("subject");
  statement.predicate = row.at("predicate");
  statement.value = Value(row.at("value").get<std::string>());
  statement.cardinality = Cardinality::functional;
  statement.provenance = Provenance::external_first_hand;
  statement.source = row.at("source").get<std::string>();
  if (!row.at("valid_from").is_null())
    statement.window.from = parse_valid_time(row.at("valid_from").get<std::string>(), "valid_from");
  if (!row.at("valid_until").is_null())
    statement.window.until = parse_valid_time(row.at("valid_until").get<std::string>(), "valid_until");
  statement.value_confidence = Confidence{9'500};
  statement.valid_time_confidence = Confidence{9'500};
  return statement;
}

LineKey line_of(const Statement& statement) { return {statement.subject, statement.predicate}; }

TEST(RealData, SeatsOfCongressAreNeverContestedWhateverTheOrderOfArrival) {
  Random random(seed_of_the_run());
  std::map<LineKey, std::vector<Statement>> by_line;
  std::ifstream file(data + "us-congress.jsonl");
  for (std::string row; std::getline(file, row);) {
    const auto statement = statement_of(nlohmann::json::parse(row));
    by_line[line_of(statement)].push_back(statement);
  }
  ASSERT_GT(by_line.size(), 1'000U);
  std::vector<LineKey> lines;
  for (const auto& [line, said] : by_line) lines.push_back(line);
  shuffle(lines, random);
  if (!long_run()) lines.resize(200);
  std::vector<Statement> statements;
  for (const auto& line : lines) statements.insert(statements.end(), by_line[line].begin(), by_line[line].end());
  shuffle(statements, random);
  const AgentId agent{"congress"};
  auto clock = std::make_shared<conformance::ManualClock>();
  Engine engine(Parts{.store = memory::open(), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(1)});

  for (std::size_t next = 0; next < statements.size();) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (auto size = 1 + random.below(50); size > 0 && next < statements.size(); --size)
      request.statements.push_back(statements[next++]);
    clock->advance(std::chrono::minutes{random.below(3)});
    engine.ingest(request);
  }

  EXPECT_TRUE(engine.contested({.agent = agent}).items.empty());
  for (const auto& statement : statements) {
    const std::chrono::microseconds one{1};
    for (const auto instant : {statement.window.from->at, ValidTime{statement.window.until->at.value - one}}) {
      const auto belief = engine.recall({.agent = agent, .line = line_of(statement), .valid_at = instant});
      ASSERT_EQ(belief.status, BeliefStatus::resolved) << statement.subject << " at " << to_text(instant);
      ASSERT_EQ(belief.primary->value, statement.value) << statement.subject << " at " << to_text(instant);
    }
  }
  EXPECT_TRUE(engine.verify({.agent = agent}).ok);
}

struct Release {
  TxTime recorded_at;
  std::map<LineKey, std::vector<Statement>> changes;
};

std::vector<Release> time_zone_releases() {
  const auto command = "gzip -dc '" + data + "tz-releases.jsonl.gz'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<Release> releases;
  std::string row;
  std::array<char, 4096> buffer{};
  while (pipe && std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get())) {
    row = buffer.data();
    const auto json = nlohmann::json::parse(row);
    const auto recorded_at = parse_tx_time(json.at("recorded_at").get<std::string>(), "recorded_at");
    if (releases.empty() || releases.back().recorded_at != recorded_at) releases.push_back({recorded_at, {}});
    const auto statement = statement_of(json);
    releases.back().changes[line_of(statement)].push_back(statement);
  }
  return releases;
}

TEST(RealData, TimeZoneReleasesAreContestedExactlyWhereTheModelSaysTheyDisagree) {
  Random random(seed_of_the_run());
  const auto releases = time_zone_releases();
  ASSERT_GT(releases.size(), 60U);
  std::map<LineKey, std::size_t> sizes;
  for (const auto& release : releases)
    for (const auto& [line, said] : release.changes) sizes[line] += said.size();
  std::vector<LineKey> lines;
  for (const auto& [line, size] : sizes)
    if (size >= 8 && size <= (long_run() ? 60U : 30U)) lines.push_back(line);
  shuffle(lines, random);
  lines.resize(std::min<std::size_t>(lines.size(), long_run() ? 80 : 24));

  std::size_t contested = 0;
  for (const auto& line : lines) {
    SCOPED_TRACE(line.subject);
    Story story;
    for (const auto& release : releases) {
      const auto changes = release.changes.find(line);
      if (changes == release.changes.end()) continue;
      for (const auto& statement : changes->second) {
        Step step{.when = release.recorded_at.value, .word = statement, .given_window = true};
        step.joins = &statement != changes->second.data();
        step.name = "statement " + std::to_string(story.steps.size());
        step.word.subject = story_line.subject;
        step.word.predicate = story_line.predicate;
        story.steps.push_back(step);
      }
    }

    const auto difference = side_by_side(story);

    ASSERT_FALSE(difference) << text(story) << *difference;
    for (const auto& [span, answer] : drawn_by_model(story).line) contested += answer.find('|') != std::string::npos;
  }
  EXPECT_GT(contested, 0U);
}

}  // namespace
}  // namespace claimledger::property
