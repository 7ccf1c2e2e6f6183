#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <utility>

#include "claimledger/failure.hpp"
#include "wiring/json.hpp"
#include "wiring/reports.hpp"

namespace claimledger::tests {
namespace {

using wiring::parse_ingest_line;
using wiring::RecordedAt;

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }
std::string line_with(const std::string& value) { return R"({"subject":"s","predicate":"p","value":)" + value + "}"; }

std::string field_refused(const std::string& line) {
  try {
    parse_ingest_line(line, {}, RecordedAt::refused);
  } catch (const InvalidInput& bad) {
    return bad.field();
  }
  return "nothing";
}

TEST(WiringJson, TakesAValueOf64LevelsAndNot65) {
  EXPECT_EQ(parse_ingest_line(line_with(nested(64)), {}, RecordedAt::refused).statement.value.text(), nested(64));
  EXPECT_EQ(field_refused(line_with(nested(65))), "value");
  EXPECT_EQ(field_refused(line_with(nested(5000))), "value[0][0][0]");
}

TEST(WiringJson, ReadsTheThreeSpellingsOfProvenanceAndItsObject) {
  for (const std::string provenance : {R"("UserAsserted")", R"("External/UserAsserted")", R"("External:UserAsserted")",
                                       R"({"type":"External","kind":"UserAsserted"})"}) {
    Statement defaults;
    defaults.provenance = Provenance::model_derived;
    const auto line = R"({"subject":"s","predicate":"p","value":1,"provenance":)" + provenance + "}";
    EXPECT_EQ(parse_ingest_line(line, defaults, RecordedAt::refused).statement.provenance, Provenance::user_asserted);
  }
}

TEST(WiringJson, WritesProvenanceAsItReadsIt) {
  for (const auto provenance : {Provenance::user_asserted, Provenance::external_first_hand, Provenance::recall_reentry,
                                Provenance::model_derived}) {
    const auto line =
        R"({"subject":"s","predicate":"p","value":1,"provenance":)" + wiring::to_json(provenance).dump() + "}";
    EXPECT_EQ(parse_ingest_line(line, {}, RecordedAt::refused).statement.provenance, provenance);
  }
}

TEST(WiringJson, ReadsANullAsAbsentButNotAsValueOrName) {
  const auto line = parse_ingest_line(
      R"({"subject":"s","predicate":"p","value":null,"valid_from":null,"valid_until":null,"source":null})", {},
      RecordedAt::refused);

  EXPECT_TRUE(line.statement.value.is_null());
  EXPECT_EQ(line.statement.window, ValidWindow{});
  EXPECT_FALSE(line.statement.source);
  EXPECT_EQ(field_refused(R"({"subject":"s","predicate":null,"value":1})"), "predicate");
  EXPECT_EQ(field_refused(R"({"subject":"s","predicate":"p","value":1,"provenance":null})"), "provenance");
}

TEST(WiringJson, KeepsNumbersByValue) {
  const auto text = [](const std::string& value) {
    return parse_ingest_line(line_with(value), {}, RecordedAt::refused).statement.value.text();
  };

  EXPECT_EQ(text("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(text("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(text("1.0"), "1");
  EXPECT_EQ(text("1e0"), "1");
  EXPECT_EQ(text("-0"), "0");
  EXPECT_EQ(text("-0.0"), "0");
  EXPECT_EQ(text("0.1"), "0.1");
  // Integers beyond what a double holds, spelled as fractions.
  EXPECT_EQ(text("9007199254740993.0"), "9007199254740993");
  EXPECT_EQ(text("18446744073709551615.0"), "18446744073709551615");
  EXPECT_EQ(text("[-9223372036854775808.00, 1234567890123456789e1]"), "[-9223372036854775808,12345678901234567890]");
}

TEST(WiringJson, TakesValuesAsTheyWereTyped) {
  const auto read = [](const std::string& line) { return parse_ingest_line(line, {}, RecordedAt::refused).statement; };
  const auto one =
      read(R"(  { "subject" : "{\"value\":1}", "predicate":"a,b:c\\", "metadata" : {"value":9007199254740993.0} ,)"
           R"( "v\u0061lue" : [ {"a":"]}\\\"", "b":[ ] } , 9007199254740993e0 ] } )");

  EXPECT_EQ(one.value.text(), R"([{"a":"]}\\\"","b":[]},9007199254740993])");
  EXPECT_EQ(one.metadata->text(), R"({"value":9007199254740993})");
  EXPECT_EQ(wiring::parse_request<wiring::Question>(R"({"expected":9007199254740993.0,"subject":"s","predicate":"p"})")
                .expected->text(),
            "9007199254740993");
}

TEST(WiringJson, KnowsNoProvenanceObjectButTheOnesItWrites) {
  EXPECT_EQ(field_refused(R"({"subject":"s","predicate":"p","value":1,"provenance":{"type":"UserAsserted"}})"),
            "provenance.type");
  EXPECT_EQ(field_refused(R"({"subject":"s","predicate":"p","value":1,"provenance":{"type":"External/UserAsserted"}})"),
            "provenance.type");
}

TEST(WiringJson, AnswersAQuestionWithFourFieldsInOrder) {
  Belief belief;
  belief.position = Position{7};

  EXPECT_EQ(wiring::json_line(wiring::short_answer(belief)),
            R"({"status":"NoBelief","value":null,"alternatives":[],"position":7})");
}

TEST(WiringJson, WritesEveryKindOfEntryAsAnObject) {
  const Entry entries[] = {ClaimRecorded{},
                           Corroborated{},
                           Echoed{},
                           RecallReEntryDetected{},
                           RecallBurst{},
                           Ended{},
                           TakenBack{},
                           Reopened{},
                           Judged{},
                           ReviewMarked{},
                           ReviewSettled{},
                           AdjudicationOpened{},
                           AdjudicationClosed{},
                           Served{},
                           Rejected{},
                           Tombstone{}};
  ASSERT_EQ(std::size(entries), entry_kinds().size());
  for (const auto& entry : entries) {
    AuditEntry shown;
    shown.record.entry = entry;
    const auto json = wiring::to_json(shown);
    EXPECT_EQ(json["kind"], std::string(kind_text(entry)));
    EXPECT_TRUE(json["details"].is_object()) << json;
  }
}

Span month_span() {
  const auto from = parse_valid_time("2020", "from");
  const auto until = parse_valid_time("2020-03", "until");
  return {from.at, until.at, from.granularity, until.granularity};
}

wiring::Json details_of(Entry entry) {
  AuditEntry shown;
  shown.record.entry = std::move(entry);
  return wiring::to_json(shown)["details"];
}

TEST(WiringJson, WritesDatesAsStatedWhereverTheyEndSomething) {
  const auto* stated = R"({"from":"2020","until":"2020-03"})";
  EXPECT_EQ(wiring::to_json(month_span()).dump(), stated);
  EXPECT_EQ(wiring::to_json(Span{}).dump(), R"({"from":null,"until":null})");

  CutHistory cut;
  cut.span = month_span();
  EXPECT_EQ(wiring::to_json(cut)["until"], "2020-03");
  Segment segment;
  segment.span = month_span();
  EXPECT_EQ(wiring::to_json(segment)["until"], "2020-03");
  EXPECT_EQ(details_of(Ended{.at = parse_valid_time("2020-03", "at")})["at"], "2020-03");
  EXPECT_EQ(details_of(Reopened{.at = parse_valid_time("2020-03", "at")})["at"], "2020-03");
  EXPECT_EQ(details_of(Judged{.cuts = {{.span = month_span()}}})["cuts"][0]["until"], "2020-03");
  EXPECT_EQ(details_of(AdjudicationClosed{.won = {{.span = month_span()}}})["won"][0]["from"], "2020");
}

TEST(WiringJson, SaysWhatWasTakenBackAndWhatACorrectionTakesOver) {
  const TakenBack taken{.statements = {{3}, {5}}, .reason = TakenBackReason::correction};
  EXPECT_EQ(details_of(taken).dump(), R"({"reason":"correction","statements":[3,5]})");

  ClaimRecorded recorded;
  EXPECT_TRUE(details_of(recorded)["correction"].is_null());
  recorded.correction = Correction{.new_window = true, .promoted_by = Position{4}, .ends = {{7}}};
  const auto correction = details_of(recorded)["correction"];
  EXPECT_EQ(correction["new_window"], true);
  EXPECT_EQ(correction["promoted_by"], 4);
  EXPECT_EQ(correction["ends"].dump(), "[7]");
}

TEST(WiringJson, SaysInAReceiptWhatChanged) {
  Receipt receipt;
  receipt.rivals = 250;
  receipt.replayed = true;
  receipt.not_applied = {NotApplied::end, NotApplied::cardinality};
  const auto json = wiring::to_json(receipt);

  EXPECT_EQ(json["rivals"], 250);
  EXPECT_EQ(json["replayed"], true);
  EXPECT_EQ(json["not_applied"].dump(), R"(["end","cardinality"])");
}

TEST(WiringJson, ShowsWhatAClaimIsMadeOf) {
  ClaimHistory claim;
  claim.base = {month_span()};
  claim.statements.resize(2);
  claim.statements[1].seq = Position{9};
  claim.corrected_by = ClaimId{};
  const auto json = wiring::to_json(claim);

  EXPECT_EQ(json["base"][0]["until"], "2020-03");
  EXPECT_EQ(json["statements"][1]["seq"], 9);
  EXPECT_TRUE(json["statements_went_to"].empty());
  EXPECT_TRUE(json["corrects"].is_null());
  EXPECT_TRUE(json["corrected_by"].is_string());
}

}  // namespace
}  // namespace claimledger::tests
