#include <algorithm>
#include <functional>
#include <set>

#include "application/line_reads.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"

// Reads of a line: belief and history.
namespace claimledger::application {

namespace {

// The number of lines that a search through all of them reads at a time.
constexpr std::size_t lines_at_once = 100;

// Reads these lines at a position that is known already, in one call. Then calls `use(reads, snapshot)`.
template <class Use>
void read_lines(const Context& context, const AgentId& agent, const std::vector<LineKey>& lines, Position at,
                const Call& call, const Use& use) {
  if (lines.empty()) return;
  LineReads reads(context, agent, lines);
  use(reads, context.store().snapshot(agent, at, reads.wanted(), call));
}

bool is_now(const At& at) { return !at.position && !at.as_of; }

// Reads the line of a request at a moment that is yet to be found out: `read(wanted)` finds it, with what is wanted.
// Then calls `use(reads, moment, snapshot)`.
template <class Request, class Read, class Use>
void read_line(const Context& context, const Request& request, bool now, const Read& read, const Use& use) {
  rules::admit_line(request.line);
  for (int tries_left = 3;; --tries_left) {
    LineReads reads(context, request.agent, {request.line});
    const auto [point, snapshot] = read(reads.wanted());
    // The present may as well be a little later.
    if (now && tries_left > 0 && reads.are_behind(snapshot)) continue;
    use(reads, point, snapshot);
    return;
  }
}

// The same for a page of an answer about it.
template <class Request, class Visit>
void visit_line_for_page(const Context& context, const Request& request, const RequestDigest& question,
                         const Visit& visit) {
  const auto read = [&](const Wanted& wanted) {
    return read_page(context, request.agent, request.at, request.page, wanted, request.call, question);
  };
  const bool now = is_now(request.at) && request.page.cursor.empty();
  read_line(context, request, now, read, [&](LineReads& reads, const PagePoint& point, const Snapshot& snapshot) {
    reads.each(snapshot, now, request.call, [&](std::size_t, const rules::LineState& line) { visit(point, line); });
  });
}

RequestDigest question_of_line(std::string_view name, const LineKey& line) {
  RequestDigest question(name);
  question.say(line.subject);
  question.say(line.predicate);
  return question;
}

}  // namespace

Belief recall(const Context& context, const RecallRequest& request) {
  Belief belief;
  const auto read = [&](const Wanted& wanted) {
    return read_at(context, request.agent, request.at, wanted, request.call);
  };
  const bool now = is_now(request.at);
  read_line(context, request, now, read, [&](LineReads& reads, const ReadPoint& point, const Snapshot& snapshot) {
    const auto valid_at = request.valid_at.value_or(as_valid(point.asked_at));
    reads.each(snapshot, now, valid_at, request.call, [&](std::size_t, const rules::TakingPart& part) {
      belief = rules::belief(part, valid_at, reading(context, point));
    });
  });
  return belief;
}

void admit_serving(const std::string& to, const At& at) {
  rules::admit_text(to, "serve_to", limits::text_bytes);
  if (at.position || at.as_of)
    throw InvalidInput("serve_to", "can be served only what is believed now: leave out position and as_of");
}

void draft_serving(Attempt& attempt, const std::string& to, std::vector<ClaimId> claims) {
  if (claims.empty()) return;
  Content content;
  content.context = to;
  attempt.draft.entries.push_back({Served{std::move(claims)}, std::move(content), std::nullopt});
}

Belief recall_and_serve(Context& context, const RecallRequest& request) {
  rules::admit_line(request.line);
  admit_serving(*request.serve_to, request.at);
  if (request.at.asked_at) rules::admit_time(request.at.asked_at->value, "asked_at");
  Belief belief;
  write(context, {request.agent, request.caller, request.call, {.lines = {request.line}}}, [&](Attempt& attempt) {
    const ReadPoint point{attempt.view.at(), request.at.asked_at.value_or(TxTime{context.clock().now()})};
    belief = rules::belief(attempt.view.line(request.line).state, request.valid_at.value_or(as_valid(point.asked_at)),
                           reading(context, point));
    std::vector<ClaimId> claims;
    if (belief.primary) claims.push_back(belief.primary->claim);
    for (const auto& slot : belief.alternatives) claims.push_back(slot.claim);
    for (const auto& slot : belief.dissent) claims.push_back(slot.claim);
    draft_serving(attempt, *request.serve_to, std::move(claims));
    return WriteAnswer{};
  });
  return belief;
}

History history(const Context& context, const HistoryRequest& request) {
  History history;
  const auto question = question_of_line("history", request.line);
  visit_line_for_page(context, request, question, [&](const PagePoint& point, const rules::LineState& line) {
    const auto claims = line.claims();
    const auto begin = static_cast<std::size_t>(number_after(point));
    if (begin > claims.size()) refuse_cursor();
    const auto end = begin + std::min(point.limit, claims.size() - begin);
    history = {request.line, {point.position, point.asked_at}, line.is_set(), {}, std::nullopt};
    for (const auto& claim : claims.subspan(begin, end - begin))
      history.claims.push_back(rules::claim_history(line, request.line, claim, reading(context, point)));
    if (end < claims.size()) history.next = cursor(point, std::to_string(end));
  });
  return history;
}

Timeline timeline(const Context& context, const TimelineRequest& request) {
  Timeline timeline;
  Span during;
  if (request.valid_during) during = span_of(*request.valid_during);
  auto question = question_of_line("timeline", request.line);
  question.say_time(std::optional(during.from));
  question.say_time(std::optional(during.until));
  visit_line_for_page(context, request, question, [&](const PagePoint& point, const rules::LineState& line) {
    auto wanted = during;
    if (!point.after.empty())
      wanted.from.value = earliest_instant + std::chrono::microseconds{static_cast<std::int64_t>(number_after(point))};
    auto part = rules::timeline(line, reading(context, point), wanted, point.limit);
    timeline = {request.line, {point.position, point.asked_at}, line.is_set(), std::move(part.segments), std::nullopt};
    if (part.next) timeline.next = cursor(point, std::to_string((part.next->value - earliest_instant).count()));
  });
  return timeline;
}

Page<LineBelief> subject(const Context& context, const SubjectRequest& request) {
  rules::admit_text(request.subject, "subject", limits::text_bytes);
  RequestDigest question("subject");
  question.say(request.subject);
  question.say_time(request.valid_at);
  const auto point = page_point(context, request, question);
  Page<LineBelief> answer{{point.position, point.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!point.after.empty()) after = LineKey{request.subject, point.after};
  auto lines =
      context.store().lines(request.agent, request.subject, after, point.limit + 1, point.position, request.call);
  const bool more = lines.size() > point.limit;
  if (more) lines.pop_back();
  const auto valid_at = request.valid_at.value_or(as_valid(point.asked_at));
  const auto add = [&](std::size_t place, const rules::TakingPart& part) {
    answer.items.push_back({lines[place], rules::belief(part, valid_at, reading(context, point))});
  };
  read_lines(
      context, request.agent, lines, point.position, request.call,
      [&](LineReads& reads, const Snapshot& snapshot) { reads.each(snapshot, false, valid_at, request.call, add); });
  if (more) answer.next = cursor(point, lines.back().predicate);
  return answer;
}

namespace {

std::vector<Segment> contested_segments(const rules::LineState& line, std::optional<ValidTime> valid_at,
                                        const rules::Reading& read) {
  std::vector<Segment> contested;
  // The timeline costs more, so it is made only if something of it is shown.
  if (valid_at && rules::belief(line, *valid_at, read).status != BeliefStatus::contested) return contested;
  Span wanted;
  if (valid_at) wanted = rules::only_at(*valid_at);
  for (auto& segment : rules::timeline(line, read, wanted).segments)
    if (segment.status == BeliefStatus::contested) contested.push_back(std::move(segment));
  return contested;
}

// The lines that may be contested. Of two first-hand rivals the later one waits, and its own entry, or the entry that
// parked it until it was promoted, says so; otherwise both sides are derived. Nothing if there are more such entries
// than one page reads: the lines are then read one by one.
std::optional<std::set<LineKey>> lines_with_two_sides(const Store& store, const ContestedRequest& request,
                                                      Position at) {
  constexpr std::size_t most = 5'000;
  std::set<LineKey> lines;
  std::size_t read = 0;
  for (const auto disposition : {Disposition::contested, Disposition::queued_for_adjudication,
                                 Disposition::pending_low_confidence, Disposition::committed_inferred}) {
    EntryQuery query{.key = key::Disposition{disposition_number(disposition)}, .limit = limits::page};
    for (;;) {
      const auto page = store.entries(request.agent, query, at, request.call);
      for (const auto& entry : page) {
        if (entry.line) lines.insert(*entry.line);
      }
      read += page.size();
      if (read > most) return std::nullopt;
      if (page.size() < query.limit) break;
      query.from = Position{page.back().seq.value + 1};
    }
  }
  return lines;
}

// A line in a cursor: the length of the subject keeps the two parts apart.
std::string line_cursor(const LineKey& line) {
  return std::to_string(line.subject.size()) + ':' + line.subject + line.predicate;
}
LineKey line_from_cursor(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon > 5 || text.find_first_not_of("0123456789") != colon)
    refuse_cursor();
  const auto size = std::stoul(text.substr(0, colon));
  if (colon + 1 + size > text.size()) refuse_cursor();
  return {text.substr(colon + 1, size), text.substr(colon + 1 + size)};
}

}  // namespace

Page<ContestedLine> contested(const Context& context, const ContestedRequest& request) {
  RequestDigest question("contested");
  question.say_time(request.valid_at);
  const auto point = page_point(context, request, question);
  const auto read = reading(context, point);
  Page<ContestedLine> answer{{point.position, point.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!point.after.empty()) after = line_from_cursor(point.after);
  const auto few = lines_with_two_sides(context.store(), request, point.position);
  for (;;) {
    std::vector<LineKey> lines;
    if (few) {
      for (auto line = after ? few->upper_bound(*after) : few->begin(); line != few->end(); ++line) {
        if (lines.size() == lines_at_once) break;
        lines.push_back(*line);
      }
    } else {
      lines = context.store().lines(request.agent, std::nullopt, after, lines_at_once, point.position, request.call);
    }
    const auto add = [&](std::size_t place, const rules::LineState& line) {
      if (answer.next) return;
      auto segments = contested_segments(line, request.valid_at, read);
      if (segments.empty()) return;
      if (answer.items.size() == point.limit) {
        answer.next = cursor(point, line_cursor(answer.items.back().line));
      } else {
        answer.items.push_back({lines[place], std::move(segments)});
      }
    };
    read_lines(context, request.agent, lines, point.position, request.call,
               [&](LineReads& reads, const Snapshot& snapshot) { reads.each(snapshot, false, request.call, add); });
    if (answer.next || lines.size() < lines_at_once) return answer;
    after = lines.back();
  }
}

Page<LineKey> predicates(const Context& context, const PredicatesRequest& request) {
  if (request.subject) rules::admit_text(*request.subject, "subject", limits::text_bytes);
  RequestDigest question("predicates");
  question.say_if(request.subject);
  const auto point = page_point(context, request, question);
  Page<LineKey> answer{{point.position, point.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!point.after.empty()) after = line_from_cursor(point.after);
  answer.items =
      context.store().lines(request.agent, request.subject, after, point.limit + 1, point.position, request.call);
  if (answer.items.size() > point.limit) {
    answer.items.pop_back();
    answer.next = cursor(point, line_cursor(answer.items.back()));
  }
  return answer;
}

}  // namespace claimledger::application
