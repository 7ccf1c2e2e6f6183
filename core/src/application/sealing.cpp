#include "application/sealing.hpp"

#include <map>

#include "application/filing.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

namespace claimledger::application {

Commit seal(Attempt& attempt, const Head& head, const WriteRequest& request, WriteVectors& vectors) {
  const auto& draft = attempt.draft;
  auto& ids = attempt.ids;
  Commit commit;
  commit.after = head;
  commit.header.agent = request.agent;
  commit.header.id = BatchId{ids.uuid(draft.now.value)};
  commit.header.recorded_at = draft.now;
  commit.header.clock = attempt.context.parts.clock_source;
  commit.header.actor = request.caller.actor;
  commit.header.entries = static_cast<std::uint32_t>(draft.entries.size());

  Filing filing(attempt.context, vectors);
  auto header = codec::encode(commit.header);
  auto hash = head.hash;
  auto seq = head.position;
  std::map<LineKey, Position> last_on_line;
  commit.entries.reserve(draft.entries.size());
  for (const auto& drafted : draft.entries) {
    ++seq.value;
    StoredEntry stored;
    stored.seq = seq;
    stored.recorded_at = draft.now;
    stored.line = drafted.line;

    codec::Frame frame{seq, draft.now, {}, {}};
    if (drafted.line) {
      const auto [last, fresh] = last_on_line.try_emplace(*drafted.line);
      if (fresh) last->second = attempt.view.last_before(*drafted.line);
      frame.previous_on_line = last->second;
      last->second = seq;
    }
    if (drafted.content != Content{}) {
      stored.content_state = ContentState::present;
      stored.content.salt = ids.salt();
      stored.content.body = codec::encode(drafted.content);
      frame.commitment = codec::commitment(stored.content.salt, stored.content.body);
    }
    stored.body = codec::encode(drafted.entry, frame);
    hash = codec::chain(hash, header, stored.body);
    header.clear();
    stored.hash = hash;
    codec::fill_keys(stored, request.agent, drafted.entry, drafted.content);
    filing.add(stored, drafted.content);
    commit.entries.push_back(std::move(stored));
  }
  filing.finish(commit);
  return commit;
}

}  // namespace claimledger::application
