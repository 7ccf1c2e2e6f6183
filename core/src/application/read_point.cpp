#include <algorithm>
#include <charconv>
#include <limits>

#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "domain/hex.hpp"
#include "domain/utf8.hpp"

namespace claimledger::application {

namespace {

// A cursor is the hexadecimal text of these, one after the other: the seal over the rest, the digest of the moment,
// position and time as eight bytes each, and the item after which to go on.
constexpr std::size_t seal_bytes = 16;
constexpr std::size_t moment_bytes = 8;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t head_bytes = seal_bytes + moment_bytes + 2 * number_bytes;
// The longest item is a line: two texts, and the length of the first.
constexpr std::size_t after_bytes = 2 * limits::text_bytes + 8;

void say_number(std::string& bytes, std::uint64_t number) {
  for (std::size_t i = number_bytes; i-- > 0;) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
}

std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(0, number_bytes)) number = number << 8 | static_cast<unsigned char>(c);
  bytes.remove_prefix(number_bytes);
  return number;
}

// What a page's cursor says, apart from the seal.
std::string body_of(const PagePoint& point, std::string_view after) {
  std::string body = point.moment;
  say_number(body, point.position.value);
  say_number(body, static_cast<std::uint64_t>(point.asked_at.value.time_since_epoch().count()));
  return body.append(after);
}

std::string seal(const Digest& asked, std::string_view body) {
  return std::string(sha256({asked.view(), body}).view().substr(0, seal_bytes));
}

// A cursor as it was taken apart; whether it belongs here is seen from its seal.
struct Opened {
  std::string seal, body;
  PagePoint point;
};

Opened open_cursor(const PageRequest& page) {
  const auto bytes = from_hex(page.cursor);
  if (!bytes || bytes->size() <= head_bytes || bytes->size() > head_bytes + after_bytes) refuse_cursor();
  Opened opened{bytes->substr(0, seal_bytes), bytes->substr(seal_bytes), {}};
  std::string_view rest = opened.body;
  opened.point.moment = rest.substr(0, moment_bytes);
  rest.remove_prefix(moment_bytes);
  opened.point.position = Position{take_number(rest)};
  const auto asked_at = static_cast<std::int64_t>(take_number(rest));
  opened.point.asked_at = TxTime{Instant{std::chrono::microseconds{asked_at}}};
  opened.point.after = rest;
  // Whoever forges a seal gets a refusal too, not a fault of the store.
  const auto asked = opened.point.asked_at.value;
  if (asked < earliest_instant || latest_instant < asked || !text_problem(opened.point.after).empty()) refuse_cursor();
  return opened;
}

PagePoint unsealed(Opened opened, const Digest& asked) {
  if (seal(asked, opened.body) != opened.seal) refuse_cursor();
  opened.point.asked = asked;
  return std::move(opened.point);
}

std::size_t page_size(const PageRequest& page) {
  if (page.limit == 0) throw InvalidInput("limit", "must be at least 1");
  return std::min(page.limit, limits::page);
}

std::string moment_of(const At& at) {
  RequestDigest moment;
  moment.say_if(at.position ? std::optional(std::to_string(at.position->value)) : std::nullopt);
  moment.say_time(at.as_of);
  moment.say_time(at.asked_at);
  return std::string(moment.digest().view().substr(0, moment_bytes));
}

// The question about the ledger that ended so: in another ledger, another agent's too, the hash is another.
Digest asked_of(const Head& head, RequestDigest question) {
  question.say(head.hash.view());
  return question.digest();
}

void admit_at(const AgentId& agent, const At& at) {
  rules::admit_agent(agent);
  if (at.as_of) rules::admit_time(at.as_of->value, "as_of");
  if (at.asked_at) rules::admit_time(at.asked_at->value, "asked_at");
  if (at.position && at.as_of) throw InvalidInput("as_of", "and position exclude each other");
}

}  // namespace

void refuse_cursor() {
  throw InvalidInput("cursor",
                     "is not one that an earlier page of this question gave, with this agent, ledger and filters");
}

PointAndSnapshot read_at(const Context& context, const AgentId& agent, const At& at, const Wanted& wanted,
                         const Call& call) {
  admit_at(agent, at);
  Moment moment = AtHead{};
  if (at.position) moment = *at.position;
  if (at.as_of) moment = *at.as_of;
  PointAndSnapshot read;
  read.point.asked_at = at.asked_at ? *at.asked_at : at.as_of ? *at.as_of : TxTime{context.clock().now()};
  read.snapshot = context.store().snapshot(agent, moment, wanted, call);
  read.point.position = read.snapshot.head.position;
  return read;
}

PageAndSnapshot read_page(const Context& context, const AgentId& agent, const At& at, const PageRequest& page,
                          const Wanted& wanted, const Call& call, RequestDigest question) {
  const auto limit = page_size(page);
  if (page.cursor.empty()) {
    auto [point, snapshot] = read_at(context, agent, at, wanted, call);
    const auto asked = asked_of(snapshot.head, std::move(question));
    return {{point, limit, {}, moment_of(at), asked}, std::move(snapshot)};
  }
  admit_at(agent, at);
  auto opened = open_cursor(page);
  auto snapshot = context.store().snapshot(agent, opened.point.position, wanted, call);
  if (snapshot.head.position != opened.point.position) refuse_cursor();
  auto point = unsealed(std::move(opened), asked_of(snapshot.head, std::move(question)));
  const bool moment_given = at.position || at.as_of || at.asked_at;
  if (moment_given && moment_of(at) != point.moment) {
    throw InvalidInput("cursor",
                       "belongs to another moment: leave position, as_of and asked_at out, or give those that the "
                       "first page was asked with");
  }
  point.limit = limit;
  return {std::move(point), std::move(snapshot)};
}

PagePoint page_point(const PageRequest& page, const RequestDigest& question) {
  const auto limit = page_size(page);
  if (page.cursor.empty()) return {{}, limit, {}, moment_of({}), question.digest()};
  auto point = unsealed(open_cursor(page), question.digest());
  point.limit = limit;
  return point;
}

std::string cursor(const PagePoint& point, std::string_view after) {
  const auto body = body_of(point, after);
  return to_hex(seal(point.asked, body) + body);
}

std::uint64_t number_after(const PagePoint& point) {
  if (point.after.empty()) return 0;
  std::uint64_t number = 0;
  const auto* last = point.after.data() + point.after.size();
  const auto [end, error] = std::from_chars(point.after.data(), last, number);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() - 1;
  if (error != std::errc() || end != last || number > most) refuse_cursor();
  return number;
}

rules::Reading reading(const Context& context, const ReadPoint& point) {
  return {point.position, point.asked_at, context.config.aging_after, context.config.decayed_after};
}

Span span_of(const ValidWindow& valid_during) {
  Span span;
  if (valid_during.from) span.from = valid_during.from->at;
  if (valid_during.until) span.until = valid_during.until->at;
  if (span.until <= span.from) throw InvalidInput("valid_during", "must end after it begins");
  return span;
}

}  // namespace claimledger::application
