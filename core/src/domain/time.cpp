#include "claimledger/domain/time.hpp"

#include <cstddef>
#include <cstdint>

#include "claimledger/failure.hpp"

namespace claimledger {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

// Reads one date from left to right. `refuse` ends it.
class Reader {
 public:
  Reader(std::string_view text, std::string_view field) : text_(text), field_(field) {}

  bool done() const { return at_ == text_.size(); }

  bool take(char expected) {
    if (done() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  void expect(char expected) {
    if (!take(expected)) refuse_form();
  }

  // Exactly `count` digits.
  int number(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }

  int number(std::size_t count, int most, const char* why) {
    const int value = number(count);
    if (value > most) refuse(why);
    return value;
  }

  bool at_digit() const { return !done() && text_[at_] >= '0' && text_[at_] <= '9'; }

  int digit() {
    if (!at_digit()) refuse_form();
    return text_[at_++] - '0';
  }

  [[noreturn]] void refuse(const char* why) const { throw InvalidInput(std::string(field_), why); }

  [[noreturn]] void refuse_form() const {
    refuse("expected 2026, 2026-06, 2026-06-01 or RFC 3339 with an offset such as 2026-06-01T08:00:00Z");
  }

 private:
  std::string_view text_;
  std::string_view field_;
  std::size_t at_ = 0;
};

microseconds read_fraction(Reader& reader) {
  int value = reader.digit();
  int digits = 1;
  for (; reader.at_digit(); ++digits) {
    if (digits == 6) reader.refuse("more digits than microseconds");
    value = value * 10 + reader.digit();
  }
  for (; digits < 6; ++digits) value *= 10;
  return microseconds{value};
}

// How far local time is ahead of UTC.
minutes read_offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return minutes{0};
  const bool ahead = reader.take('+');
  if (!ahead) reader.expect('-');
  const hours whole{reader.number(2, 23, "offset hour past 23")};
  reader.expect(':');
  const minutes offset = whole + minutes{reader.number(2, 59, "offset minute past 59")};
  return ahead ? offset : -offset;
}

microseconds read_time_of_day(Reader& reader) {
  const hours hour{reader.number(2, 23, "hour past 23")};
  reader.expect(':');
  const minutes minute{reader.number(2, 59, "minute past 59")};
  reader.expect(':');
  const seconds second{reader.number(2, 59, "second past 59; leap seconds do not exist here")};
  microseconds time = hour + minute + second;
  if (reader.take('.')) time += read_fraction(reader);
  return time;
}

ValidEnd read(std::string_view text, std::string_view field) {
  Reader reader(text, field);
  const year y{reader.number(4)};
  if (y < year{1}) reader.refuse("years run from 0001 to 9999");
  if (reader.done()) return {{sys_days{y / 1 / 1}}, Granularity::year};

  reader.expect('-');
  const month m{static_cast<unsigned>(reader.number(2))};
  if (!m.ok()) reader.refuse("no such month");
  if (reader.done()) return {{sys_days{y / m / 1}}, Granularity::month};

  reader.expect('-');
  const year_month_day date = y / m / day{static_cast<unsigned>(reader.number(2))};
  if (!date.ok()) reader.refuse("no such day in that month");
  if (reader.done()) return {{sys_days{date}}, Granularity::day};

  if (!reader.take('t')) reader.expect('T');
  const microseconds time = read_time_of_day(reader);
  const Instant instant = sys_days{date} + time - read_offset(reader);
  if (!reader.done()) reader.refuse_form();
  if (instant < earliest_instant || instant > latest_instant) reader.refuse("in UTC outside the years 0001 to 9999");
  return {{instant}, Granularity::instant};
}

std::string padded(int value, std::size_t width) {
  auto text = std::to_string(value);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

std::string instant_text(Instant instant) {
  const auto date = std::chrono::floor<days>(instant);
  const year_month_day calendar{date};
  const std::chrono::hh_mm_ss clock{instant - date};
  const auto two = [](auto count) { return padded(static_cast<int>(count), 2); };
  auto text = padded(static_cast<int>(calendar.year()), 4) + "-" + two(static_cast<unsigned>(calendar.month())) + "-" +
              two(static_cast<unsigned>(calendar.day())) + "T" + two(clock.hours().count()) + ":" +
              two(clock.minutes().count()) + ":" + two(clock.seconds().count());
  if (clock.subseconds().count() != 0) text.append(".").append(padded(static_cast<int>(clock.subseconds().count()), 6));
  return text + "Z";
}

}  // namespace

ValidEnd parse_valid_time(std::string_view text, std::string_view field) { return read(text, field); }

ValidWindow parse_during(std::string_view text, std::string_view field) {
  const auto from = read(text, field);
  const auto day_of = std::chrono::floor<days>(from.at.value);
  const year_month_day date{day_of};
  Instant until;
  switch (from.granularity) {
    case Granularity::year:
      until = sys_days{date + years{1}};
      break;
    case Granularity::month:
      until = sys_days{date + months{1}};
      break;
    case Granularity::day:
      until = day_of + days{1};
      break;
    case Granularity::instant:
      throw InvalidInput(std::string(field), "an instant covers no time; give a year, a month or a day");
  }
  if (until > latest_instant) throw InvalidInput(std::string(field), "its end lies outside the years 0001 to 9999");
  return {from, ValidEnd{{until}, from.granularity}};
}

TxTime parse_tx_time(std::string_view text, std::string_view field) { return {read(text, field).at.value}; }

std::string to_text(TxTime time) { return instant_text(time.value); }

std::string to_text(ValidTime time) {
  if (time == ValidTime::beginning()) return "beginning";
  if (time == ValidTime::forever()) return "forever";
  return instant_text(time.value);
}

std::string to_text(const ValidEnd& end) {
  auto whole = to_text(end.at);
  switch (end.granularity) {
    case Granularity::year:
      return whole.substr(0, 4);
    case Granularity::month:
      return whole.substr(0, 7);
    case Granularity::day:
      return whole.substr(0, 10);
    case Granularity::instant:
      return whole;
  }
  return whole;
}

}  // namespace claimledger
