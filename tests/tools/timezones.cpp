#include "timezones.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <optional>

#include "shell.hpp"
#include "wiring/json.hpp"

namespace claimledger::tests {
namespace {

void for_each_line(const std::string& file, const std::function<void(std::string_view)>& visit) {
  const auto command = "zcat '" + (example_data() / file).string() + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  ASSERT_TRUE(pipe);
  std::string line;
  for (int byte = 0; (byte = std::getc(pipe.get())) != EOF;) {
    if (byte != '\n') {
      line += static_cast<char>(byte);
      continue;
    }
    visit(line);
    line.clear();
  }
}

}  // namespace

void World::replay() {
  Statement defaults;
  defaults.provenance = Provenance::external_first_hand;
  defaults.cardinality = Cardinality::functional;
  defaults.value_confidence = Confidence{9'500};
  defaults.criticality = Criticality::low;
  IngestRequest release{.agent = agent, .statements = {}};
  std::optional<TxTime> time;
  const auto publish = [&] {
    if (time) clock->set(*time);
    if (!release.statements.empty()) engine->ingest(release);
    release.statements.clear();
  };
  for_each_line("tz-releases.jsonl.gz", [&](std::string_view line) {
    auto claim = wiring::parse_ingest_line(line, defaults, wiring::RecordedAt::required);
    if (claim.recorded_at != time) publish();
    time = claim.recorded_at;
    release.statements.push_back(std::move(claim.statement));
  });
  publish();
}

void World::expect_every_answer_right() {
  int questions = 0, wrong = 0;
  for_each_line("tz-queries.jsonl.gz", [&](std::string_view line) {
    const auto query = wiring::parse_request<wiring::Question>(line);
    RecallRequest request{.agent = agent, .line = query.line};
    request.at.as_of = query.as_of;
    request.valid_at = query.valid_at;
    const auto belief = engine->recall(request);
    ++questions;
    if (!belief.primary || belief.primary->value != *query.expected) ++wrong;
  });
  EXPECT_EQ(questions, 8000);
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(engine->verify({.agent = agent}).ok);
}

}  // namespace claimledger::tests
