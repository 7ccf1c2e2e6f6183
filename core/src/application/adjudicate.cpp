#include <algorithm>
#include <map>
#include <set>

#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "claimledger/limits.hpp"
#include "rules/rivals.hpp"

// Verdicts, their deadlines, and lines that wait for one.
namespace claimledger::application {

namespace {

Closing closing_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::affirm:
      return Closing::affirmed;
    case Verdict::deny:
      return Closing::denied;
    case Verdict::unknown:
      return Closing::unknown;
  }
  return Closing::unknown;
}

Rationale rationale_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::affirm:
      return Rationale::affirmed;
    case Verdict::deny:
      return Rationale::denied;
    case Verdict::unknown:
      return Rationale::unsettled;
  }
  return Rationale::unsettled;
}

TxTime term_of(const Record& opened) {
  if (const auto& term = std::get<AdjudicationOpened>(opened.entry).expires_at) return *term;
  throw StoreFailure(FailureKind::corrupt, "adjudicate", "a question without a term has expired");
}

std::string expired_at(TxTime when) { return "the question under this handle expired at " + to_text(when); }

// For people: how and when a question that is no longer open was closed.
std::string why_not_open(View& view, const AdjudicationId& handle, const Record& opened) {
  const auto closed = view.closed(handle);
  if (!closed) throw StoreFailure(FailureKind::corrupt, "adjudicate", "a question is not found by its handle");
  const auto when = " at " + to_text(closed->recorded_at);
  switch (std::get<AdjudicationClosed>(closed->entry).closing) {
    case Closing::affirmed:
      return "the question under this handle was settled already: affirmed" + when;
    case Closing::denied:
      return "the question under this handle was settled already: denied" + when;
    case Closing::unknown:
      return "the question under this handle was settled already: unknown" + when;
    case Closing::expired:
      return expired_at(term_of(opened));
    case Closing::moot:
      return "the question under this handle became moot" + when;
  }
  return {};
}

WriteAnswer not_found(std::string reason) { return {WriteStatus::not_found, {}, {}, {}, std::move(reason)}; }

// The line and the challenger of an open question; or the reason why there is none.
struct Question {
  View::LoadedLine* line = nullptr;
  ClaimId challenger;
  std::string missing;
};

Question by_handle(Attempt& attempt, const AdjudicationId& handle) {
  const auto opened = attempt.view.opened(handle);
  if (!opened) return {nullptr, {}, "no question under this handle"};
  const auto challenger = std::get<AdjudicationOpened>(opened->entry).claim;
  auto& open = attempt.view.line_holding(challenger);
  const auto& question = open.state.at(challenger).question;
  if (!question || question->handle != handle) return {nullptr, {}, why_not_open(attempt.view, handle, *opened)};
  if (question->expired(attempt.draft.now)) {
    auto line = attempt.on(open);
    auto reason = expired_at(*question->expires_at);
    rules::close_question(line, challenger, Closing::expired, {}, attempt.policy());
    return {nullptr, {}, std::move(reason)};
  }
  return {&open, challenger, {}};
}

Question by_claim(Attempt& attempt, const ClaimId& claim) {
  auto* open = attempt.view.line_of(claim);
  if (!open) return {nullptr, {}, "no claim " + to_text(claim.value) + " in this ledger"};
  auto line = attempt.on(*open);
  const auto& state = line.at(claim);
  if (state.question && state.question->expired(attempt.draft.now)) {
    rules::close_question(line, claim, Closing::expired, {}, attempt.policy());
  }
  if (!line.at(claim).question) {
    if (auto why = rules::why_nothing_is_left(line.line(), line.at(claim)); !why.empty()) {
      return {nullptr, {}, "there is nothing to judge: " + why};
    }
    if (!line.at(claim).counts) {
      return {nullptr, {}, "only a first-hand claim that counts can be judged, and this one is derived or parked"};
    }
    if (rules::rivals(line.line(), line.line().index_of(claim)).empty()) {
      return {nullptr, {}, "nothing contradicts this claim, so there is nothing to judge"};
    }
    const auto questions = attempt.policy().questions;
    line.write(AdjudicationOpened{questions.new_handle(), claim, questions.expires_at});
  }
  return {open, claim, {}};
}

}  // namespace

WriteAnswer adjudicate(Context& context, const AdjudicateRequest& request) {
  rules::admit_text(request.evidence, "evidence", limits::text_bytes);
  Content evidence;
  evidence.evidence = request.evidence;
  Wanted wanted;
  if (const auto* claim = std::get_if<ClaimId>(&request.question)) wanted.claims.push_back(*claim);
  return write(context, {request.agent, request.caller, request.call, wanted}, [&](Attempt& attempt) {
    WriteAnswer answer;
    const bool allowed = is_first_hand(request.provenance) && request.caller.may_judge;
    const auto* handle = std::get_if<AdjudicationId>(&request.question);
    const auto* claim = std::get_if<ClaimId>(&request.question);
    // A caller that may not judge must not open a question by trying.
    const auto question = handle    ? by_handle(attempt, *handle)
                          : allowed ? by_claim(attempt, *claim)
                                    : Question{attempt.view.line_of(*claim), *claim, "no such claim"};
    if (!question.line) return not_found(question.missing);
    if (!allowed) {
      const Rejected entry{Verb::adjudicate, question.challenger, request.provenance, Rationale::not_allowed};
      attempt.on(*question.line).write(entry, evidence);
      answer.receipts.push_back(*rules::receipt_of(entry));
      return answer;
    }

    auto line = attempt.on(*question.line);
    rules::close_question(line, question.challenger, closing_of(request.verdict), evidence, attempt.policy());
    answer.receipts.push_back(rules::receipt_for(line.line(), line.at(question.challenger),
                                                 rationale_of(request.verdict), attempt.draft.now));
    return answer;
  });
}

WriteAnswer sweep(Context& context, const SweepRequest& request) {
  const WriteRequest asked{.agent = request.agent, .caller = request.caller, .call = request.call, .alone = true};
  return write(context, asked, [&](Attempt& attempt) {
    WriteAnswer answer;
    for (Position after;;) {
      const auto page = attempt.view.open_questions(after, limits::page);
      for (const auto& [seq, opened] : page) {
        auto line = attempt.on(attempt.view.line_holding(opened.claim));
        const auto& question = line.at(opened.claim).question;
        if (!question || question->handle != opened.handle || !question->expired(attempt.draft.now)) continue;
        rules::close_question(line, opened.claim, Closing::expired, {}, attempt.policy());
        answer.receipts.push_back(
            rules::receipt_for(line.line(), line.at(opened.claim), Rationale::expired, attempt.draft.now));
      }
      if (page.size() < limits::page) break;
      after = page.back().seq;
    }
    if (answer.receipts.empty()) {
      answer.status = WriteStatus::nothing_to_do;
      answer.reason = "no question has expired";
    }
    return answer;
  });
}

namespace {

bool worth_reconciling(const View::LoadedLine& line) {
  if (!line.state.waiting().empty()) return true;
  for (const auto& claim : line.state.claims()) {
    if (claim.question) return true;
    if (claim.has_statement() && claim.disposition() == Disposition::pending_conflict) return true;
  }
  return false;
}

}  // namespace

ReconcileAnswer reconcile(Context& context, const ReconcileRequest& request) {
  for (const auto& line : request.lines) rules::admit_line(line);
  ReconcileAnswer answer;
  const WriteRequest alone{.agent = request.agent, .caller = request.caller, .call = request.call, .alone = true};
  const auto done = write(context, alone, [&](Attempt& attempt) {
    answer.lines.clear();
    const auto look = [&](const LineKey& key, bool asked) {
      View::LoadedLine& open = attempt.view.line(key);
      if (asked || worth_reconciling(open)) {
        auto line = attempt.on(open);
        answer.lines.push_back(rules::reconcile(line, attempt.policy()));
      }
      attempt.view.unload(key);
    };
    for (const auto& key : request.lines) look(key, true);
    if (request.lines.empty()) {
      std::optional<LineKey> after;
      for (;;) {
        const auto page = attempt.view.lines(after, limits::page);
        for (const auto& key : page) look(key, false);
        if (page.size() < limits::page) break;
        after = page.back();
      }
    }
    return WriteAnswer{};
  });
  answer.position = done.position;
  answer.clock_behind_by = done.clock_behind_by;
  return answer;
}

std::size_t tell_pending(const Context& context, const Call& call) {
  if (!context.parts.oracle) return 0;
  std::size_t told = 0;
  std::optional<AgentId> after_agent;
  for (;;) {
    const auto agents = context.store().agents(after_agent, limits::page, call);
    for (const auto& each : agents) {
      if (!each.problem.empty()) continue;  // what it asked cannot be read; agents() says why
      PendingRequest request{.agent = each.agent, .page = {.limit = limits::page}, .call = call};
      do {
        const auto items = pending(context, request);
        for (const auto& item : items.items) {
          try {
            context.parts.oracle->asked(item);
          } catch (...) {
            // The oracle failed; the question stays open and counts as told.
          }
          ++told;
        }
        request.page.cursor = items.next.value_or("");
      } while (!request.page.cursor.empty());
    }
    if (agents.size() < limits::page) return told;
    after_agent = agents.back().agent;
  }
}

}  // namespace claimledger::application
