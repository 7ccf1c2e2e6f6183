#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "claimledger/domain/claim.hpp"
#include "rules/judge.hpp"
#include "rules/line_state.hpp"

namespace claimledger::rules {

struct DraftEntry {
  Entry entry;
  Content content;
  std::optional<LineKey> line;
};

// A claim that lost validity by verdict, policy, end or because something was taken back. Claims derived from it are
// marked for review, but for the winner that took the validity.
struct Weakened {
  ClaimId claim;
  std::optional<ClaimId> winner;
};

// The entries of one batch in the making.
struct BatchDraft {
  Position after;  // the head it follows
  TxTime now;      // the transaction time of the batch
  std::vector<DraftEntry> entries;
  std::vector<Weakened> weakened;  // whose dependants have not been marked yet

  Position next() const { return {after.value + entries.size() + 1}; }
};

// Whether contradictions become questions, when these expire, and the source of new ids.
struct QuestionPolicy {
  bool queue = false;
  std::optional<TxTime> expires_at;
  std::function<AdjudicationId()> new_handle;
  std::function<ClaimId()> new_claim;
};

// A line under decision, and the batch of its new entries. The line always shows the drafted entries.
class LineDraft {
 public:
  LineDraft(const LineKey& key, LineState& line, BatchDraft& batch) : key_(key), line_(line), batch_(batch) {
    line_.derive();
  }

  // Drafts an entry and applies it to the line.
  void write(Entry entry, Content content = {});
  // Drafts an entry that the line shows already.
  void append(Entry entry, Content content = {});

  // Adds a statement to the line, to be judged.
  Index add(const Claim& said, const Content& content);
  // Drafts the changes of a judge that earlier entries do not say yet (`told`: those that they say), and opens and
  // closes questions.
  void follow_up(const Judge& judge, const std::map<Index, Decided>& told, const QuestionPolicy& questions);
  // Drafts entries that take something back or reopen it, and the decisions that change with that. `foreseen`: their
  // preview, if it is known already.
  void take_back(std::vector<DraftEntry> acts, const QuestionPolicy& questions, std::optional<LineState> foreseen = {});
  // The line as it would be after that; nothing is drafted.
  LineState preview(const std::vector<DraftEntry>& acts, const QuestionPolicy& questions) const;

  // The disposition that a receipt or an entry shows, with the questions about to be asked.
  Disposition shown(Index claim, bool waited_before, const QuestionPolicy& questions) const;

  const LineKey& key() const { return key_; }
  const LineState& line() const { return line_; }
  LineState& mutable_line() { return line_; }
  const ClaimState& at(const ClaimId& id) const { return line_.at(id); }
  TxTime now() const { return batch_.now; }
  Position next() const { return batch_.next(); }

 private:
  LineState apply_all(const std::vector<DraftEntry>& acts, LineState line) const;
  void draft_judged(Index claim, bool waited_before, Rationale rationale, const QuestionPolicy& questions);
  void ask_and_close(Index claim, bool waited_before, const QuestionPolicy& questions);
  void weaken(Index claim, const Judge::Before& before);

  const LineKey& key_;
  LineState& line_;
  BatchDraft& batch_;
};

}  // namespace claimledger::rules
