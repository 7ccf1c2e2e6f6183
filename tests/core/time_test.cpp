#include "claimledger/domain/time.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <string>

#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

static_assert(!std::three_way_comparable_with<TxTime, ValidTime>);
static_assert(!std::convertible_to<TxTime, ValidTime> && !std::convertible_to<ValidTime, TxTime>);

// The instant a date stands for, in UTC.
std::string utc(std::string_view date) { return to_text(parse_valid_time(date, "date").at); }

std::string refusal(std::string_view date) {
  try {
    parse_valid_time(date, "valid_from");
    return {};
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "valid_from");
    return refused.why();
  }
}

TEST(Time, AYearWithoutMonthKeepsItsGranularity) {
  const auto end = parse_valid_time("2020", "date");
  EXPECT_EQ(end.granularity, Granularity::year);
  EXPECT_EQ(to_text(end), "2020");
  EXPECT_EQ(to_text(end.at), "2020-01-01T00:00:00Z");
}

TEST(Time, EveryFormIsShownAsItWasStated) {
  for (const auto* date : {"2020", "2020-03", "2020-03-31", "2020-03-31T01:02:03Z", "0001", "9999-12", "9999-12-31"}) {
    EXPECT_EQ(to_text(parse_valid_time(date, "date")), date);
  }
  EXPECT_EQ(parse_valid_time("2020-03", "date").granularity, Granularity::month);
  EXPECT_EQ(parse_valid_time("2020-03-31", "date").granularity, Granularity::day);
  EXPECT_EQ(parse_valid_time("2020-03-31T01:02:03Z", "date").granularity, Granularity::instant);
}

TEST(Time, OffsetsAreAppliedAlsoAcrossTheYear) {
  EXPECT_EQ(utc("2026-06-01T08:00:00+02:00"), "2026-06-01T06:00:00Z");
  EXPECT_EQ(utc("2026-01-01T00:30:00+01:00"), "2025-12-31T23:30:00Z");
  EXPECT_EQ(utc("2025-12-31T23:30:00-01:00"), "2026-01-01T00:30:00Z");
  EXPECT_EQ(utc("2026-06-01T08:00:00-00:00"), "2026-06-01T08:00:00Z");
  EXPECT_EQ(utc("2024-02-29T23:59:59-23:59"), "2024-03-01T23:58:59Z");
  EXPECT_EQ(utc("2026-06-01t08:00:00z"), "2026-06-01T08:00:00Z");
}

TEST(Time, FractionsReachDownToMicroseconds) {
  EXPECT_EQ(utc("2026-06-01T08:00:00.5Z"), "2026-06-01T08:00:00.500000Z");
  EXPECT_EQ(utc("2026-06-01T08:00:00.000001Z"), "2026-06-01T08:00:00.000001Z");
  EXPECT_EQ(utc("2026-06-01T08:00:00.000000Z"), "2026-06-01T08:00:00Z");
  EXPECT_EQ(refusal("2026-06-01T08:00:00.0000000Z"), "more digits than microseconds");
  EXPECT_EQ(refusal("2026-06-01T08:00:00.1234567Z"), "more digits than microseconds");
  EXPECT_NE(refusal("2026-06-01T08:00:00.Z"), "");
}

TEST(Time, TheCalendarIsChecked) {
  for (const auto* date : {"2020-02-29", "2000-02-29", "2024-02-29", "2021-12-31", "2021-04-30"}) {
    EXPECT_EQ(refusal(date), "") << date;
  }
  for (const auto* date : {"2021-02-29", "1900-02-29", "2021-04-31", "2021-00-01", "2021-13", "2021-01-00",
                           "2021-01-32", "2021-13-01", "2021-01-01T24:00:00Z", "2021-01-01T23:60:00Z",
                           "2016-12-31T23:59:60Z", "2021-01-01T00:00:00+24:00", "2021-01-01T00:00:00+01:60"}) {
    EXPECT_NE(refusal(date), "") << date;
  }
}

TEST(Time, YearsRunFrom1To9999AlsoAfterTheOffset) {
  EXPECT_EQ(parse_valid_time("0001", "date").at.value, earliest_instant);
  EXPECT_EQ(parse_valid_time("9999-12-31T23:59:59.999999Z", "date").at.value, latest_instant);
  EXPECT_EQ(utc("0001-01-01T01:00:00+01:00"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(utc("9999-12-31T22:59:59.999999-01:00"), "9999-12-31T23:59:59.999999Z");
  for (const auto* date :
       {"0000", "0000-01", "0000-12-31T23:00:00-02:00", "0001-01-01T00:59:59+01:00", "9999-12-31T23:00:00-01:00"}) {
    EXPECT_NE(refusal(date), "") << date;
  }
}

TEST(Time, AnythingElseIsRefused) {
  for (const auto* date : {"",
                           "20",
                           "202",
                           "20200",
                           "2020-",
                           "2020-1",
                           "2020-01-",
                           "2020-01-1",
                           "2020/01/01",
                           "2020-01-01 00:00:00Z",
                           "2020-01-01T00:00:00",
                           "2020-01-01T00:00Z",
                           "2020-01-01T00:00:00+0100",
                           "2020-01-01T00:00:00+01",
                           "2020-01-01T00:00:00Zx",
                           "2020-01-01T",
                           " 2020",
                           "2020 ",
                           "-2020",
                           "+2020",
                           "2020-W01",
                           "2020-001",
                           "today",
                           "2020-01-01T00:00:00,5Z",
                           "2020-01-01T0:00:00Z"}) {
    EXPECT_NE(refusal(date), "") << date;
  }
}

TEST(Time, DuringCoversWhatTheDateNames) {
  const auto window = [](std::string_view date) {
    const auto during = parse_during(date, "during");
    return to_text(during.from->at) + " " + to_text(during.until->at);
  };
  EXPECT_EQ(window("2020"), "2020-01-01T00:00:00Z 2021-01-01T00:00:00Z");
  EXPECT_EQ(window("2020-02"), "2020-02-01T00:00:00Z 2020-03-01T00:00:00Z");
  EXPECT_EQ(window("2020-12"), "2020-12-01T00:00:00Z 2021-01-01T00:00:00Z");
  EXPECT_EQ(window("2020-02-29"), "2020-02-29T00:00:00Z 2020-03-01T00:00:00Z");
  EXPECT_EQ(window("9999-12-30"), "9999-12-30T00:00:00Z 9999-12-31T00:00:00Z");
  EXPECT_EQ(to_text(*parse_during("2020-12", "during").until), "2021-01");
  EXPECT_THROW(parse_during("2020-01-01T00:00:00Z", "during"), InvalidInput);
  for (const auto* date : {"9999", "9999-12", "9999-12-31"}) EXPECT_THROW(parse_during(date, "during"), InvalidInput);
}

TEST(Time, TransactionTimeIsReadFromTheSameForms) {
  EXPECT_EQ(to_text(parse_tx_time("2026", "as_of")), "2026-01-01T00:00:00Z");
  EXPECT_EQ(to_text(parse_tx_time("2026-06-01T08:00:00.25+02:00", "as_of")), "2026-06-01T06:00:00.250000Z");
  EXPECT_THROW(parse_tx_time("never", "as_of"), InvalidInput);
}

TEST(Time, InstantsBefore1970AreShownRight) {
  EXPECT_EQ(utc("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(utc("0001-01-01T00:00:00.000001Z"), "0001-01-01T00:00:00.000001Z");
}

TEST(Time, TheEndsOfTimeHaveNames) {
  EXPECT_EQ(to_text(ValidTime::beginning()), "beginning");
  EXPECT_EQ(to_text(ValidTime::forever()), "forever");
}

}  // namespace
}  // namespace claimledger
