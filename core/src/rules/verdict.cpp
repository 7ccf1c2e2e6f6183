#include "ensure.hpp"
#include "rules/rules.hpp"

namespace claimledger::rules {

void settle_question(LineDraft& line, const ClaimId& challenger, Closing closing, Content evidence) {
  const auto question = line.at(challenger).question;
  ensure(question.has_value(), "a verdict settles an open question");
  line.write(AdjudicationClosed{question->handle, challenger, closing}, std::move(evidence));
  switch (closing) {
    case Closing::affirmed:
      line.write(Settled{challenger, Disposition::committed_cheap, Rationale::affirmed, question->rivals});
      carve_out(line, challenger, question->rivals, CutReason::verdict, question->seq);
      break;
    case Closing::denied:
      line.write(Cut{challenger, CutKind::never, ValidTime::beginning(), ValidTime::forever(), CutReason::verdict,
                     std::nullopt, Disposition::invalidated});
      break;
    case Closing::unknown:
      line.write(Settled{challenger, Disposition::contested, Rationale::unsettled, question->rivals});
      break;
    case Closing::expired:
      line.write(Settled{challenger, Disposition::contested, Rationale::expired, question->rivals});
      break;
    case Closing::moot:
      break;
  }
  upkeep(line);
}

}  // namespace claimledger::rules
