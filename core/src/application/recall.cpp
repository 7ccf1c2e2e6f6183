#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "codec/codec.hpp"

// Reads of a line: belief and history.
namespace claimledger::application {

namespace {

rules::LineState read_line(const Ports& ports, const AgentId& agent, const LineKey& line, Position at,
                           const Call& call) {
  return fold_line(ports.store.line(agent, line, at, call));
}

}  // namespace

Belief recall(const Ports& ports, const RecallRequest& request) {
  rules::admit_line(request.line);
  const auto standing = stand(ports, request.agent, request.at, request.call);
  const auto line = read_line(ports, request.agent, request.line, standing.position, request.call);
  return rules::belief(line, request.valid_at.value_or(as_valid(standing.asked_at)), reading(ports, standing));
}

Belief recall_and_serve(const Ports& ports, WriterTurns& turns, const RecallRequest& request) {
  rules::admit_line(request.line);
  rules::admit_text(*request.serve_to, "context", limits::text_bytes);
  if (request.at.position || request.at.as_of) {
    throw InvalidInput("context", "can be served only what is believed now: leave out position and as_of");
  }
  Belief belief;
  write(ports, turns, {request.agent, request.caller, std::nullopt, request.call}, [&](Attempt& attempt) {
    const Standing standing{attempt.view.at(), request.at.asked_at.value_or(TxTime{ports.clock.now()}), {}};
    belief = rules::belief(attempt.view.line(request.line).state,
                           request.valid_at.value_or(as_valid(standing.asked_at)), reading(ports, standing));
    Served served;
    if (belief.primary) served.claims.push_back(belief.primary->claim);
    for (const auto& slot : belief.alternatives) served.claims.push_back(slot.claim);
    for (const auto& slot : belief.dissent) served.claims.push_back(slot.claim);
    if (!served.claims.empty()) {
      Content context;
      context.context = request.serve_to;
      attempt.draft.entries.push_back({std::move(served), std::move(context), std::nullopt});
    }
    return WriteAnswer{};
  });
  return belief;
}

History history(const Ports& ports, const AgentId& agent, const LineKey& key, const At& at, const Call& call) {
  rules::admit_line(key);
  const auto standing = stand(ports, agent, at, call);
  const auto line = read_line(ports, agent, key, standing.position, call);
  const auto read = reading(ports, standing);
  History history{key, {standing.position, standing.asked_at}, rules::is_set(line), {}, rules::timeline(line, read)};
  for (const auto* claim : line.claims()) history.claims.push_back(rules::claim_history(line, key, *claim, read));
  return history;
}

Page<LineBelief> subject(const Ports& ports, const AgentId& agent, const std::string& subject, const At& at,
                         std::optional<ValidTime> valid_at, const PageRequest& page, const Call& call) {
  rules::admit_text(subject, "subject", limits::subject_bytes);
  const auto standing = stand(ports, agent, at, page, call);
  const auto limit = page_size(page);
  Page<LineBelief> answer{{standing.position, standing.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!standing.after.empty()) after = LineKey{subject, standing.after};
  const auto lines = ports.store.lines(agent, subject, after, limit + 1, standing.position, call);
  for (std::size_t i = 0; i < lines.size() && i < limit; ++i) {
    const auto line = read_line(ports, agent, lines[i], standing.position, call);
    answer.items.push_back(
        {lines[i], rules::belief(line, valid_at.value_or(as_valid(standing.asked_at)), reading(ports, standing))});
  }
  if (lines.size() > limit && limit > 0) answer.next = cursor(standing, lines[limit - 1].predicate);
  return answer;
}

namespace {

std::vector<Segment> contested_segments(const rules::LineState& line, std::optional<ValidTime> valid_at,
                                        const rules::Reading& read) {
  std::vector<Segment> contested;
  for (auto& segment : rules::timeline(line, read)) {
    if (segment.status != BeliefStatus::contested) continue;
    const bool asked = !valid_at || (segment.span.from <= *valid_at && *valid_at < segment.span.until);
    if (asked) contested.push_back(std::move(segment));
  }
  return contested;
}

// A line in a cursor: the length of the subject keeps the two parts apart.
std::string line_cursor(const LineKey& line) {
  return std::to_string(line.subject.size()) + ':' + line.subject + line.predicate;
}
LineKey line_from_cursor(const std::string& text) {
  const auto colon = text.find(':');
  const auto bad = [] { return InvalidInput("cursor", "is not one that an earlier page gave"); };
  if (colon == std::string::npos || colon == 0 || colon > 5 || text.find_first_not_of("0123456789") != colon)
    throw bad();
  const auto size = std::stoul(text.substr(0, colon));
  if (colon + 1 + size > text.size()) throw bad();
  return {text.substr(colon + 1, size), text.substr(colon + 1 + size)};
}

}  // namespace

Page<ContestedLine> contested(const Ports& ports, const AgentId& agent, const At& at, std::optional<ValidTime> valid_at,
                              const PageRequest& page, const Call& call) {
  const auto standing = stand(ports, agent, at, page, call);
  const auto limit = page_size(page);
  const auto read = reading(ports, standing);
  Page<ContestedLine> answer{{standing.position, standing.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!standing.after.empty()) after = line_from_cursor(standing.after);
  while (limit > 0) {
    const auto lines = ports.store.lines(agent, std::nullopt, after, limits::page, standing.position, call);
    for (const auto& key : lines) {
      auto segments = contested_segments(read_line(ports, agent, key, standing.position, call), valid_at, read);
      if (segments.empty()) continue;
      if (answer.items.size() == limit) {
        answer.next = cursor(standing, line_cursor(answer.items.back().line));
        return answer;
      }
      answer.items.push_back({key, std::move(segments)});
    }
    if (lines.size() < limits::page) break;
    after = lines.back();
  }
  return answer;
}

Page<LineKey> predicates(const Ports& ports, const AgentId& agent, const std::optional<std::string>& subject,
                         const At& at, const PageRequest& page, const Call& call) {
  if (subject) rules::admit_text(*subject, "subject", limits::subject_bytes);
  const auto standing = stand(ports, agent, at, page, call);
  const auto limit = page_size(page);
  Page<LineKey> answer{{standing.position, standing.asked_at}, {}, std::nullopt};
  std::optional<LineKey> after;
  if (!standing.after.empty()) after = line_from_cursor(standing.after);
  answer.items = ports.store.lines(agent, subject, after, limit + 1, standing.position, call);
  if (limit == 0) {
    answer.items.clear();
  } else if (answer.items.size() > limit) {
    answer.items.pop_back();
    answer.next = cursor(standing, line_cursor(answer.items.back()));
  }
  return answer;
}

}  // namespace claimledger::application
