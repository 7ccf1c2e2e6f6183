#include "claimledger/domain/value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "domain/number.hpp"

namespace claimledger {
namespace {

std::string canonical(std::string_view json) { return Value::parse(json).text(); }

// Why `json` is refused; empty where it is not.
std::string refusal(std::string_view json) {
  try {
    Value::parse(json, "the_field");
    return {};
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "the_field");
    return refused.why();
  }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

struct Row {
  std::string_view json;
  std::string_view canonical;
};

TEST(Value, NumbersAreCanonicalByValue) {
  constexpr Row rows[] = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.0", "0"},
      {"0e99999999999999999999", "0"},
      {"1", "1"},
      {"1.0", "1"},
      {"1e0", "1"},
      {"1E0", "1"},
      {"10e-1", "1"},
      {"0.1e+1", "1"},
      {"1.5", "1.5"},
      {"150e-2", "1.5"},
      {"9007199254740991", "9007199254740991"},
      {"9007199254740992", "9007199254740992"},
      {"9007199254740993", "9007199254740993"},
      {"9007199254740993.0", "9007199254740993"},
      {"9.007199254740993e15", "9007199254740993"},
      {"-9007199254740993", "-9007199254740993"},
      {"18446744073709551615", "18446744073709551615"},
      {"18446744073709551615.000", "18446744073709551615"},
      {"1.8446744073709551615e19", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"-9.223372036854775808E18", "-9223372036854775808"},
      {"5e-324", "5e-324"},
      {"3e-324", "5e-324"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"-1.7976931348623157e308", "-1.7976931348623157e+308"},
      {"0.1", "0.1"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"0.000001", "0.000001"},
      {"0.0000001", "1e-7"},
      {"0.00000123", "0.00000123"},
      {"1.23e-7", "1.23e-7"},
      {"333333333.33333329", "333333333.3333333"},
      {"1E30", "1e+30"},
      {"4.50", "4.5"},
      {"4.5000000000000000000000000", "4.5"},
      {"6.02214076e23", "6.02214076e+23"},
      {"12345678901234567e10", "1.2345678901234568e+26"},
      {"0.12345678901234567", "0.12345678901234566"},
      {"2.2250738585072014e-308", "2.2250738585072014e-308"},
      {"2e-3", "0.002"},
      {"0.000000000000000000000000001", "1e-27"},
  };
  for (const auto& row : rows) EXPECT_EQ(canonical(row.json), row.canonical) << row.json;
}

TEST(Value, AnIntegerThatIsNotKeptExactlyIsRefused) {
  for (const auto* json : {"18446744073709551616", "-9223372036854775809", "89014103211118510720",
                           "18446744073709551616.0", "100000000000000000000", "10000000000000000000000000"}) {
    EXPECT_EQ(refusal(json),
              "is an integer outside -2^63 .. 2^64-1; write it as a string: \"" + std::string(json) + "\"");
  }
  EXPECT_TRUE(refusal(R"({"sim":[1,89014103211118510720]})").starts_with("is an integer outside"));
  EXPECT_EQ(refusal(std::string(50, '7')),
            "is an integer outside -2^63 .. 2^64-1; write it as a string: \"" + std::string(40, '7') + "…\"");
}

TEST(Value, SeventeenSignificantDigitsAreKeptAndEighteenAreNot) {
  for (const auto* json : {"0.12345678901234567", "1.2345678901234567", "12345678901234567e30",
                           "0.00012345678901234567", "1.234567890123456700000", "-1.2345678901234567e-200"}) {
    EXPECT_EQ(refusal(json), "") << json;
  }
  for (const auto* json : {"0.123456789012345678", "1.23456789012345678", "123456789012345678e30",
                           "1.00000000000000001", "-1.23456789012345678e-200", "1.8446744073709551616e19"}) {
    const auto why = refusal(json);
    EXPECT_NE(why.find(" significant digits; at most 17 are kept; write it as a string: \"" + std::string(json) + "\""),
              std::string::npos)
        << json << ": " << why;
  }
}

TEST(Value, ANumberBeyondADoubleIsRefused) {
  for (const auto* json : {"1e400", "-1e400", "1.7976931348623159e308", "1e99999999999999999999"}) {
    EXPECT_EQ(refusal(json), "is a number beyond a double; write it as a string: \"" + std::string(json) + "\"");
  }
  EXPECT_EQ(refusal("[1e309]"), "is a number beyond a double; write it as a string: \"1e309\"");
}

TEST(Value, WhatIsTooCloseToZeroForADoubleIsRefused) {
  for (const auto* json : {"2e-324", "-1e-400", "1e-99999999999999999999"}) {
    EXPECT_EQ(refusal(json),
              "is so close to 0 that it would become 0; write it as a string: \"" + std::string(json) + "\"");
  }
  EXPECT_EQ(canonical("0.0e-400"), "0");
}

TEST(Value, WhatIsRecordedIsNotJudgedAgain) {
  for (const auto& row : {Row{"18446744073709551616", "18446744073709552000"}, Row{"1e+20", "100000000000000000000"},
                          Row{"100000000000000000000", "100000000000000000000"}, Row{"3e-324", "5e-324"}}) {
    EXPECT_EQ(Value::parse_recorded(row.json).text(), row.canonical);
  }
  EXPECT_THROW(Value::parse_recorded("1e400"), InvalidInput);
}

TEST(Value, NumbersAreReadInEveryLocale) {
  EXPECT_EQ(canonical_number("1,50"), "1.5");
  EXPECT_EQ(canonical_number("9007199254740993,0"), "9007199254740993");
  EXPECT_EQ(canonical_number("1e400"), std::nullopt);
}

TEST(Value, ADoubleIsTheNumberItStandsFor) {
  EXPECT_EQ(Value(0.1 + 0.2).text(), "0.30000000000000004");
  EXPECT_EQ(Value(-0.0).text(), "0");
  EXPECT_EQ(Value(1e21).text(), "1e+21");
  EXPECT_EQ(Value(5e-324).text(), "5e-324");
  EXPECT_EQ(Value(1152921504606846976.0).text(), "1152921504606846976");
  EXPECT_EQ(Value(-9223372036854775808.0).text(), "-9223372036854775808");
  EXPECT_EQ(Value(18446744073709551616.0).text(), "18446744073709552000");
  EXPECT_EQ(Value(3.0), Value(3));
}

TEST(Value, NaNAndInfinitiesAreRefused) {
  EXPECT_THROW(Value{std::numeric_limits<double>::quiet_NaN()}, InvalidInput);
  EXPECT_THROW(Value{std::numeric_limits<double>::infinity()}, InvalidInput);
  EXPECT_THROW(Value{-std::numeric_limits<double>::infinity()}, InvalidInput);
}

TEST(Value, IntegersAreExactInCodeToo) {
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
  EXPECT_EQ(Value(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
  EXPECT_EQ(Value(true).text(), "true");
}

TEST(Value, EveryDoubleComesBackFromItsText) {
  constexpr std::uint64_t seed = 20260601;
  SCOPED_TRACE(seed);
  std::mt19937_64 bits(seed);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t word = bits();
    double number = 0;
    std::memcpy(&number, &word, sizeof number);
    if (!std::isfinite(number)) continue;

    const auto text = Value(number).text();

    ASSERT_EQ(std::strtod(text.c_str(), nullptr), number) << text;
    ASSERT_EQ(Value::parse_recorded(text).text(), text);
    // Everything but what ECMAScript writes out as an integer beyond those that are kept exactly.
    if (std::abs(number) < 0x1p63 || std::abs(number) >= 1e21) {
      ASSERT_EQ(canonical(text), text);
    }
  }
}

TEST(Value, KeysAreSortedByUtf16CodeUnit) {
  EXPECT_EQ(canonical(R"({"b":1,"a":2,"":3,"aa":4})"), R"({"":3,"a":2,"aa":4,"b":1})");
  // U+10000 begins with the surrogate D800 and so comes before U+FF61, although its code point is larger.
  EXPECT_EQ(canonical(R"({"\uFF61":1,"\uD800\uDC00":2,"\uD7FF":3,"\uE000":4})"),
            "{\"\uD7FF\":3,\"\U00010000\":2,\"\uE000\":4,\"\uFF61\":1}");
  // The example of RFC 8785, section 3.2.3.
  EXPECT_EQ(
      canonical("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"),
      "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001F600\":5,\"\ufb33\":3}");
}

TEST(Value, KeysAreSortedAtEveryDepth) {
  EXPECT_EQ(canonical(R"([{"z":{"y":1,"x":[{"d":1,"c":2}]},"a":0}])"), R"([{"a":0,"z":{"x":[{"c":2,"d":1}],"y":1}}])");
}

TEST(Value, WhiteSpaceIsDropped) {
  EXPECT_EQ(canonical(" { \"a\" : [ 1 , true , null ] ,\n\t\"b\" : { } , \"c\":[ ] } "),
            R"({"a":[1,true,null],"b":{},"c":[]})");
}

TEST(Value, StringsEscapeOnlyWhatTheyMust) {
  EXPECT_EQ(canonical(R"("\u0008\u0009\u000a\u000c\u000d\u0022\u005c\u002f")"), R"("\b\t\n\f\r\"\\/")");
  EXPECT_EQ(canonical(R"("\u0001\u001F\u007f")"), "\"\\u0001\\u001f\x7f\"");
  EXPECT_EQ(canonical(R"("\u20ac\ud83d\ude00")"), "\"\u20ac\U0001F600\"");
  EXPECT_EQ(Value("tab\there").text(), R"("tab\there")");
}

TEST(Value, ComposedAndDecomposedFormsStayApart) {
  const Value composed("\u00e9");
  const Value decomposed("e\u0301");
  EXPECT_NE(composed, decomposed);
  EXPECT_EQ(canonical("{\"\u00e9\":1,\"e\u0301\":2}"), "{\"e\u0301\":2,\"\u00e9\":1}");
}

TEST(Value, StringsComeBack) {
  std::string all;
  for (char c = 1; c < 0x7F; ++c) all += c;
  all += "\u00e9\U0001F600\uFFFD";
  EXPECT_EQ(Value(all).as_string(), all);
  EXPECT_EQ(Value("").as_string(), "");
  EXPECT_EQ(Value(1).as_string(), std::nullopt);
  EXPECT_EQ(canonical(R"("\u0041")"), Value("A").text());
}

TEST(Value, KindsAreTold) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value("null").is_string());
  EXPECT_FALSE(Value("null").is_null());
  EXPECT_TRUE(Value::parse("{}").is_object());
  EXPECT_FALSE(Value::parse("[]").is_object());
}

TEST(Value, ADuplicateKeyIsRefusedHoweverItIsSpelled) {
  EXPECT_EQ(refusal(R"({"a":1,"a":1})"), R"(duplicate key "a")");
  EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), R"(duplicate key "a")");
  EXPECT_EQ(refusal(R"([{"x":{"a":1,"b":2,"a":3}}])"), R"(duplicate key "a")");
  EXPECT_EQ(refusal(R"({"a":{"a":1},"b":{"a":1}})"), "");
}

TEST(Value, NulIsRefusedWhereverItStands) {
  EXPECT_EQ(refusal(R"("a\u0000b")"), "a string contains NUL");
  EXPECT_EQ(refusal(R"({"a\u0000":1})"), "a key contains NUL");
  EXPECT_EQ(refusal(std::string_view("1\0", 2)), "contains NUL");
  EXPECT_THROW(Value(std::string_view("a\0b", 3)), InvalidInput);
}

TEST(Value, InvalidUtf8AndLoneSurrogatesAreRefused) {
  for (const auto* json : {"\"\x80\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"",
                           R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"({"\ud800":1})"}) {
    EXPECT_TRUE(refusal(json).starts_with("malformed JSON")) << json;
  }
  for (const auto* text : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98", "a\xFF"}) {
    EXPECT_THROW(Value{std::string_view(text)}, InvalidInput) << text;
  }
  EXPECT_EQ(Value("\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff").as_string(),
            "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff");
}

TEST(Value, RefusesAByteOrderMark) {
  EXPECT_EQ(refusal("\xEF\xBB\xBF"
                    "1"),
            "malformed JSON: begins with a byte order mark");
  EXPECT_EQ(refusal("\"\xEF\xBB\xBF\""), "") << "in a string it is a character";
}

TEST(InvalidInputs, AreShortenedToWholeCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc…");
  EXPECT_EQ(shortened("aää", 4), "aä…");
  EXPECT_EQ(shortened("aää", 3), "aä…");
  EXPECT_EQ(shortened("aää", 2), "a…");
  EXPECT_EQ(shortened("ä", 1), "…");
  const InvalidInput bad(std::string(1'000, 'f'), std::string(1'000, 'w'));
  EXPECT_EQ(bad.field(), std::string(InvalidInput::longest_field, 'f') + "…");
  EXPECT_EQ(bad.why(), std::string(InvalidInput::longest_why, 'w') + "…");
  EXPECT_EQ(bad.what(), bad.field() + ": " + bad.why());
}

TEST(Value, ARefusalQuotesNoInvalidBytes) { EXPECT_EQ(refusal("\"\x80\"").find('\x80'), std::string::npos); }

TEST(Value, WhatIsNotJsonIsRefused) {
  for (const auto* json : {"", " ", "nul", "1 2", "[1,]", "{\"a\"}", "{a:1}", "'a'", "01", ".5", "1.", "+1", "NaN",
                           "Infinity", "[1", "\"a", "\"\t\"", "// x\n1", "{\"a\":1,}"}) {
    EXPECT_TRUE(refusal(json).starts_with("malformed JSON")) << json << ": " << refusal(json);
  }
}

TEST(Value, SixtyFourLevelsAreFineAndSixtyFiveAreNot) {
  static_assert(limits::json_depth == 64);
  EXPECT_EQ(canonical(nested(64)), nested(64));
  EXPECT_EQ(refusal(nested(65)), "nested deeper than 64");
  EXPECT_EQ(refusal(std::string(100'000, '[')), "nested deeper than 64");

  std::string objects = "1";
  for (int i = 0; i < 64; ++i) objects = "{\"a\":" + objects + "}";
  EXPECT_EQ(canonical(objects), objects);
  EXPECT_EQ(refusal("[" + objects + "]"), "nested deeper than 64");
}

TEST(Value, CanonicalTextIsItsOwnCanonicalText) {
  for (const auto* json : {R"({"b":[1.50,2e3,-0],"a":"\u00e9"})", "18446744073709551615", "1e30", "1e-7", "[[],{}]"}) {
    EXPECT_EQ(canonical(canonical(json)), canonical(json));
  }
}

}  // namespace
}  // namespace claimledger
