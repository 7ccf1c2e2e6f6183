#include "application/read_entry.hpp"

#include <utility>

#include "claimledger/domain/entry_number.hpp"
#include "codec/codec.hpp"
#include "rules/rules.hpp"

namespace claimledger::application {

void unreadable(Position seq, const std::string& what) {
  throw StoreFailure(FailureKind::corrupt, "reading", "entry " + std::to_string(seq.value) + " " + what);
}

ReadEntry read_entry(const StoredEntry& stored) {
  auto decoded = codec::decode(stored.body);
  const auto seq = stored.seq;
  if (decoded.frame.seq != seq) unreadable(seq, "says that it is entry " + std::to_string(decoded.frame.seq.value));
  if (decoded.frame.recorded_at != stored.recorded_at)
    unreadable(seq, "was recorded at another time than its row says");
  if (kind_number_of(decoded.entry) != stored.kind) {
    unreadable(seq, "is of another kind than its row says: " + std::to_string(stored.kind));
  }
  if (disposition_number_of(decoded.entry) != stored.disposition) {
    unreadable(seq, "carries another disposition than its row says");
  }
  if (claim_of(decoded.entry) != stored.claim) unreadable(seq, "is about another claim than its row says");
  if (stored.claim && !stored.line) unreadable(seq, "is about a claim and stands on no line");

  ReadEntry read{{seq, stored.recorded_at, std::move(decoded.entry), stored.content_state, {}},
                 decoded.frame.previous_on_line};
  const bool due = decoded.frame.commitment.has_value();
  if (due != (stored.content_state != ContentState::none)) {
    unreadable(seq, due ? "has lost its content" : "has content that it does not name");
  }
  if (stored.content_state == ContentState::present) {
    if (codec::commitment(stored.content.salt, stored.content.body) != *decoded.frame.commitment) {
      unreadable(seq, "has content that does not fit its commitment");
    }
    read.record.content = codec::decode_content(stored.content.body);
  }
  if (const auto error = rules::structural_error(read.record); !error.empty()) unreadable(seq, std::string(error));
  return read;
}

void fold_onto(rules::LineState& line, ReadEntry&& read) {
  if (read.previous_on_line != line.last()) {
    unreadable(read.record.seq,
               "follows entry " + std::to_string(read.previous_on_line.value) + " on its line, which is not there");
  }
  line.apply(std::move(read.record));
}

}  // namespace claimledger::application
