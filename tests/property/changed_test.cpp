#include <gtest/gtest.h>

#include <sstream>

#include "engine_story.hpp"
#include "telling.hpp"

// Every history of the specification's table "Changed", with the answer that the rules now give, and the examples of
// section 3. A row is a story with questions in it ("? question => answer"), each asked where it stands; the model
// answers, and the engine agrees with it all the way.
namespace claimledger::property {
namespace {

struct Row {
  const char* why;
  const char* story;
};

void expect(const Row& row, const Config& config) {
  SCOPED_TRACE(row.why);
  Story story{.config = config};
  std::vector<std::pair<std::size_t, std::string>> questions;
  std::istringstream in{row.story};
  for (std::string line; std::getline(in, line);) {
    const auto from = line.find_first_not_of(' ');
    if (from == std::string::npos || line[from] == '#') continue;
    if (line[from] == '?') {
      questions.emplace_back(story.steps.size(), line.substr(from + 2));
    } else {
      story.steps.push_back(step_of(line, story.steps));
    }
  }
  const Model model(story);
  for (const auto& [steps, question] : questions) {
    const auto arrow = question.find(" => ");
    ASSERT_NE(arrow, std::string::npos) << question;
    EXPECT_EQ(tell(model, steps, question.substr(0, arrow)), question.substr(arrow + 4)) << "  of: " << question;
  }
  const auto wrong = side_by_side(story);
  EXPECT_FALSE(wrong) << text(story) << wrong.value_or("");
}

void expect(std::initializer_list<Row> rows, const Config& config = {}) {
  for (const auto& row : rows) expect(row, config);
}

Config newest_wins() {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  return config;
}

TEST(Section3, Examples) {
  expect({
      {"Berlin since 2020 said in January, Munich since May said in June: succession", R"(
          14 say Berlin -2000..
          165 say Munich 120..
          ? done => began
          ? waits => nobody
          ? follows Munich => Berlin
          ? line => -2000..120 Berlin, 120.. Munich)"},
      {"Munich from May to August: Berlin is presumed again from August", R"(
          14 say Berlin -2000..
          165 say Munich 120..212
          ? line => -2000..120 Berlin, 120..212 Munich, 212.. Berlin)"},
      {"both said today: rivals", R"(
          165 say Berlin -2000..
          & say Munich 120..
          ? waits => Munich
          ? line => -2000..120 Berlin, 120.. Berlin|Munich)"},
      {"ended at 5 and reopened at 8 leaves [5, 8) cut", R"(
          0 say Berlin -9..
          1 end Berlin 5
          2 reopen Berlin 8
          ? base Berlin => -9..5 8..
          3 reopen Berlin
          ? base Berlin => -9..)"},
      {"retracted and reopened at 8, its statements hold from 8", R"(
          0 say Berlin -9..
          1 say Berlin -9.. by bob
          ? done => restates Berlin
          2 retract Berlin
          ? line => nothing
          3 reopen Berlin 8
          ? said Berlin => Berlin Berlin2
          ? line => 8.. Berlin)"},
      {"a claim superseded still answers for the time before", R"(
          0 say Berlin -9..
          6 say Munich 5..
          7 affirm Berlin
          ? done => nothing
          ? line => -9..5 Berlin, 5.. Munich)"},
      {"a back-dated claim that overlaps an old segment has that segment as its rival", R"(
          0 say Berlin -9..
          6 say Munich 5..
          7 say Ulm -3..-1
          ? waits => Ulm
          ? line => -9..-3 Berlin, -3..-1 Berlin|Ulm, -1..5 Berlin, 5.. Munich)"},
  });
}

TEST(Changed, SuccessionAndEndingsAreDerived) {
  expect({
      {"a successor retracted", R"(
          0 say Berlin -9..
          6 say Munich 5..
          7 retract Munich
          ? line => -9.. Berlin)"},
      {"a successor ended and reopened", R"(
          0 say Berlin -9..
          6 say Munich 5..
          7 end Munich 10
          ? line => -9..5 Berlin, 5..10 Munich, 10.. Berlin
          8 reopen Munich
          ? line => -9..5 Berlin, 5.. Munich)"},
      {"an undated one holds from the end of the one before", R"(
          0 say Berlin ..-4
          3 say Munich
          ? line => ..-4 ~Berlin, -4.. ~Munich
          4 reopen Berlin
          ? done => nothing)"},
      {"an end that was taken back ended nothing", R"(
          0 say Berlin -9..
          1 end Berlin -2
          3 say Munich
          ? holds Munich => -2..
          4 reopen Berlin
          ? waits => Munich
          ? line => ..-9 ~Munich, -9..3 Berlin, 3.. Berlin|Munich)"},
  });
}

TEST(Changed, StatementsAreWithdrawnNotClaims) {
  expect({
      {"Bob's word stands when feed7 is retracted", R"(
          0 say Berlin by feed7
          1 say Berlin by bob
          2 drop feed7
          ? line => .. ~Berlin
          ? said Berlin => Berlin2)"},
      {"the other order: feed7's word is taken back", R"(
          0 say Berlin by bob
          1 say Berlin by feed7
          ? said Berlin => Berlin Berlin2
          2 drop feed7
          ? said Berlin => Berlin)"},
  });
}

TEST(Changed, RestatementsApplyWhatTheyState) {
  expect({{"allergy nuts, again as Critical: not overturned any more", R"(
          0 say nuts
          1 say nuts critical
          ? done => restates nuts
          2 say milk
          ? waits => milk
          ? line => .. milk|nuts)"}},
         newest_wins());
}

TEST(Changed, ARestatedPastIsNoTimeItWasSaid) {
  // "was Fresh" is about currency: last said is day 0, so that a start between 0 and 3 is not before it.
  expect({{"Berlin until -5 on day 3 says nothing about day 3", R"(
          0 say Berlin
          1 say Munich 3..
          3 say Berlin ..-5 by another
          ? done => restates Berlin
          ? waits => nobody
          ? line => ..3 ~Berlin, 3.. Munich)"}});
}

TEST(Changed, AnEndingStays) {
  expect({{"Munich does not come back before 0", R"(
          0 say Berlin ..0
          3 say Munich
          ? line => ..0 ~Berlin, 0.. ~Munich
          4 say Berlin 0..
          ? waits => Berlin2
          13 affirm Berlin2
          ? holds Munich => nothing
          ? line => ..0 ~Berlin, 0.. Berlin)"}});
}

TEST(Changed, TakingBackJudgesTheLineAnew) {
  expect({{"what feed7's claim lost, the other won of nobody", R"(
          0 say A -5..3 by feed7
          1 say B
          ? line => -5..1 A, 1.. ~B
          2 drop feed7
          ? line => .. ~B)"}},
         newest_wins());
  expect({{"Bob is heard when feed7 is retracted", R"(
          0 say A 1.. by feed7
          3 say A 3.. by bob
          4 say C 3..
          5 drop feed7
          ? said ~A2 => A2
          ? holds ~A2 => 3..
          ? waits => C
          ? line => 3.. A|C)"}});
}

TEST(Changed, JudgedAnewARestatementMayBeginAClaim) {
  expect({{"Munich up to 15, contested from 15", R"(
          0 say Berlin -9..
          6 say Munich 5..
          10 end Munich 10
          15 say Berlin
          ? done => restates Berlin
          ? line => -9..5 Berlin, 5..10 Munich, 10.. Berlin
          16 reopen Munich
          ? said Berlin => Berlin
          ? said ~Berlin2 => Berlin2
          ? waits => new0
          ? line => ..-9 ~Berlin, -9..5 Berlin, 5..15 Munich, 15.. Berlin|Munich)"}});
}

TEST(Changed, ACorrectionStandsInTheOldPlace) {
  expect({{"Munich follows Bonn as it followed Berlin", R"(
          0 say Berlin -9..
          6 say Munich 5..
          10 correct Berlin Bonn
          ? waits => nobody
          ? follows Munich => Bonn
          ? line => -9..5 Bonn, 5.. Munich
          11 retract Bonn
          ? follows Munich => Berlin
          ? line => -9..5 Berlin, 5.. Munich)"},
          {"a correction of the spelling decides nothing", R"(
          0 say Berlin -5..
          3 say Berlin -5..
          ? done => restates Berlin
          4 say Munich 0.. by another
          ? waits => Munich
          5 correct Berlin Bonn
          ? waits => Munich
          ? line => -5..0 Bonn, 0.. Bonn|Munich)"}});
}

TEST(Correcting, AndWhatComesAfterIt) {
  expect({
      {"the old one reopened is its rival, and counts as the later", R"(
          0 say Berlin
          1 correct Berlin Bonn
          2 reopen Berlin
          ? waits => Berlin
          ? line => .. Berlin|Bonn)"},
      {"reopened and retracted again it leaves the new one where it stood", R"(
          0 say Berlin
          2 say Munich
          4 correct Berlin Bonn
          ? waits => Munich
          5 reopen Berlin
          6 retract Berlin
          ? waits => Munich
          ? line => .. Bonn|Munich)"},
      {"what a partial reopening of the old one left is void with the correction", R"(
          0 say Berlin
          1 correct Berlin Bonn
          2 reopen Berlin 8
          3 retract Bonn
          ? line => .. ~Berlin)"},
      {"its source withdrawn, the old one is back", R"(
          0 say Berlin by feed7
          1 correct Berlin Bonn by bob
          2 drop bob
          ? line => .. ~Berlin)"},
      {"corrected, and its source withdrawn since: a reopening gives nothing back, and says so", R"(
          0 say Berlin by feed7
          1 correct Berlin Bonn by bob
          2 drop feed7
          3 retract Bonn
          4 reopen Berlin
          ? done => nothing
          ? line => nothing)"},
      {"where the correction stands in its place again, the old one reopened is its rival all the same", R"(
          0 say Berlin
          1 correct Berlin Bonn
          2 retract Bonn
          3 retract Berlin
          4 reopen Bonn
          5 reopen Berlin
          ? done => done
          ? line => .. Berlin|Bonn)"},
      {"the source of the old one withdrawn, nothing is left to come back", R"(
          0 say Berlin by feed7
          1 correct Berlin Bonn by bob
          2 drop feed7
          3 retract Bonn
          ? line => nothing)"},
      {"ends stay, unless a window is given", R"(
          0 say Berlin -9..
          1 end Berlin 5
          2 correct Berlin Bonn
          ? base Bonn => -9..5
          3 correct Bonn Ulm -9..
          ? base Ulm => -9..)"},
  });
}

TEST(Winning, OnlyWhatComesBackIsLost) {
  expect({{"what it had stays its own", R"(
          0 say Berlin -2..
          2 say Munich 1..
          9 say Ulm ..7
          ? waits => Ulm
          14 affirm Ulm
          ? base Berlin => -2..1 7..
          ? line => ..-2 ~Ulm, -2..1 Berlin, 1..7 ~Ulm, 7.. Munich)"}});
  expect({{"and what it is presumed to have again later", R"(
          1 say Berlin -4..
          3 say Munich 3..12
          4 say Ulm
          ? line => -4..3 Berlin, 3..4 Munich, 4..12 ~Ulm, 12.. Berlin)"}},
         newest_wins());
}

TEST(TakingBack, WhatPromotedAnother) {
  expect({{"a weak word is parked again, whatever was done about it since", R"(
          0 say Berlin faint
          1 say Berlin
          2 end Berlin 3
          3 retract Berlin2
          ? holds Berlin => nothing
          ? line => nothing)"},
          {"… by a correction of its own, and the promoted one is corrected too", R"(
          3 say Berlin faint
          3 say Berlin
          11 correct Berlin Bonn
          18 correct Berlin2 Bonn
          ? holds Bonn => nothing)"},
          {"what was withdrawn while the claim went on stays withdrawn when it is reopened", R"(
          1 say Berlin by feed7
          2 say Berlin by bob
          3 drop feed7
          4 retract Berlin
          5 reopen Berlin
          ? said Berlin => Berlin2)"}});
}

TEST(Changed, UndatedBesideDated) {
  expect({
      {"contested only from when it was said", R"(
          0 say Berlin -9..
          6 say Munich
          ? waits => Munich
          ? line => ..-9 ~Munich, -9..6 Berlin, 6.. Berlin|Munich)"},
      {"restating the answer contests nothing", R"(
          0 say Berlin
          6 say Munich 5..
          ? line => ..5 ~Berlin, 5.. Munich
          9 say Munich
          ? done => restates Munich
          ? line => ..5 ~Berlin, 5.. Munich)"},
  });
}

TEST(Changed, UnknownGoesWithItsLine) {
  expect({
      {"until 4 without cardinality", R"(
          0 say en set
          0 say de set
          1 say en ..4
          ? waits => nobody
          ? line => ..4 {de en}, 4.. {de})"},
      {"a restatement does not set members against each other", R"(
          0 say en set
          0 say de set
          1 say en functional
          ? done => restates en
          ? line => .. {de en})"},
  });
}

TEST(Changed, WhatChangesNothingSaysSo) {
  expect({
      {"reopen of what is only succeeded", R"(
          0 say Berlin -9..
          6 say Munich 5..
          7 reopen Berlin
          ? done => nothing)"},
      {"end at or after the end", R"(
          0 say Berlin -9..
          1 end Berlin -4
          ? done => done
          2 end Berlin -2
          ? done => nothing
          3 retract Berlin
          ? done => done
          4 retract Berlin
          ? done => nothing)"},
  });
}

TEST(Changed, TakingBackAndReopeningAreInverses) {
  expect({
      {"the end stays", R"(
          0 say Berlin 3..
          1 end Berlin 5
          2 retract Berlin
          3 reopen Berlin
          ? base Berlin => 3..5)"},
      {"feed7's word is not back", R"(
          0 say A by feed7
          1 say A by bob
          2 drop feed7
          3 end A 8
          ? base A => ..8
          4 reopen A
          ? base A => ..
          ? said A => A2)"},
      {"a reopening leaves a verdict alone", R"(
          0 say Berlin -9..
          0 say Munich -5..
          1 affirm Munich
          ? base Berlin => -9..-5
          2 end Berlin -7
          ? base Berlin => -9..-7
          3 reopen Berlin
          ? base Berlin => -9..-5)"},
      {"a verdict is not undone by what it uncovers", R"(
          0 say Berlin -9..
          6 say Munich 5..
          9 say Ulm
          ? waits => Ulm
          10 affirm Ulm
          ? waits => nobody
          ? line => -9..5 Berlin, 5..9 Munich, 9.. ~Ulm)"},
  });
}

TEST(Changed, WhatIsNoEnd) {
  expect({
      {"a first stay", R"(
          0 say Berlin 0.. by me
          1 say Berlin ..-5 by me
          ? base Berlin => 0..
          ? line => ..-5 ~Berlin, 0.. Berlin)"},
      {"a word below the floor", R"(
          0 say Berlin -9.. by me
          1 say Berlin -9..3 by me faint
          ? base Berlin => -9..
          ? done => began
          ? line => -9.. Berlin)"},
      {"an earlier end by the same source is one", R"(
          0 say Berlin -9..-1 by me
          1 say Berlin -9..-3 by me
          ? done => began
          ? base Berlin => -9..-3
          ? line => -9..-3 Berlin)"},
      {"another source's is none", R"(
          0 say Berlin -9..-1 by me
          1 say Berlin -9..-3 by another
          ? done => restates Berlin
          ? base Berlin => -9..-1)"},
  });
}

TEST(Changed, Restatements) {
  expect({
      {"a winner restates itself", R"(
          0 say B
          1 say A ..3
          ? line => ..3 A|B, 3.. ~B
          2 affirm A
          ? line => ..1 ~B, 1..3 ~A, 3.. ~B
          4 say A ..3
          ? done => restates A
          ? line => ..1 ~B, 1..3 ~A, 3.. ~B)"},
      {"until restates what is undated", R"(
          0 say Berlin
          3 say Berlin ..-5 by another
          ? done => restates Berlin
          ? line => .. ~Berlin)"},
      {"a weak word is not promoted past a stated end", R"(
          0 say A faint
          3 say A ..5
          ? done => began
          ? line => ..5 ~A)"},
      {"until speaks about its end", R"(
          0 say Globex -10..-3
          1 say Acme ..-5
          ? waits => Acme
          ? line => ..-10 ~Acme, -10..-5 Acme|Globex, -5..-3 Globex)"},
  });
}

TEST(Changed, JudgedWithSuccessionsInPlace) {
  expect({
      {"A follows B before C is judged", R"(
          0 say B -8.. set
          20 say A 5..
          ? line => -8..5 {B}, 5.. {A B}
          21 say C functional
          ? follows A => B
          ? waits => C
          ? line => ..-8 ~C, -8..5 B, 5..21 A, 21.. A|C)"},
      {"hiding passes on", R"(
          0 say Berlin -9..
          6 say Munich 5..
          9 say Ulm 8..
          ? follows Ulm => Munich
          10 retract Munich
          ? waits => nobody
          ? follows Ulm => Berlin
          ? line => -9..8 Berlin, 8.. Ulm)"},
      {"and an end in between does too", R"(
          0 say Berlin -9..
          6 say Munich 5..
          9 say Ulm 8..
          10 end Munich 6
          ? waits => nobody
          ? line => -9..5 Berlin, 5..6 Munich, 6..8 Berlin, 8.. Ulm)"},
      {"two members judged late, when the set has ended, as at the time of the later", R"(
          1 say tea 1.. set
          3 say coffee 2.. set
          10 say tea 1..
          ? waits => nobody
          12 say water 20..25 functional
          ? follows coffee => tea
          ? waits => nobody)"},
  });
}

}  // namespace
}  // namespace claimledger::property
