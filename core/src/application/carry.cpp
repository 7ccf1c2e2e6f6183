#include "application/use_cases.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"

// Ledgers carried from store to store: the same batches, byte for byte.
namespace claimledger::application {

std::vector<std::string> export_batches(const Ports& ports, const AgentId& agent, Position& after, std::size_t limit,
                                        const Call& call) {
  rules::admit_agent(agent);
  std::vector<std::string> lines;
  for (const auto& batch : ports.store.batches(agent, after, limit, call)) {
    lines.push_back(codec::to_json_line(batch));
    after = batch.entries.back().seq;
  }
  return lines;
}

namespace {

[[noreturn]] void refuse(const StoredBatch& batch, const std::string& why) {
  throw InvalidInput("batch", "at entry " + std::to_string(batch.first.value) + " " + why);
}

// Whether the ledger holds this batch already; one that differs there is another ledger.
bool already_there(const Ports& ports, const StoredBatch& batch, const Call& call) {
  const auto before = Position{batch.first.value - 1};
  const auto there = ports.store.batches(batch.header.agent, before, 1, call);
  if (there.empty()) return false;
  if (there.front().first != batch.first || there.front().entries.back().hash != batch.entries.back().hash) {
    refuse(batch, "differs from what the ledger holds there: this is another history");
  }
  return true;
}

// The chain is what the file says, and every entry is what it claims to be.
Commit check(const StoredBatch& batch, const Head& head) {
  Commit commit{head, batch.header, batch.entries};
  if (batch.header.entries != batch.entries.size() || batch.entries.empty()) refuse(batch, "is not whole");
  auto hash = head.hash;
  auto seq = head.position;
  auto header = codec::encode(batch.header);
  for (const auto& entry : batch.entries) {
    ++seq.value;
    if (entry.seq != seq) refuse(batch, "does not follow the ledger's entry " + std::to_string(head.position.value));
    hash = codec::chain(hash, header, entry.body);
    header.clear();
    if (hash != entry.hash) refuse(batch, "does not fit the hash chain");
    try {
      read_entry(entry);
    } catch (const StoreFailure& failure) {
      refuse(batch, failure.detail());
    }
  }
  if (head.position != Position{} && batch.header.recorded_at <= head.recorded_at) {
    refuse(batch, "was recorded no later than the ledger's head");
  }
  return commit;
}

}  // namespace

bool import_batch(const Ports& ports, WriterTurns& turns, std::string_view line, const Call& call) {
  const auto batch = codec::from_json_line(line);
  rules::admit_agent(batch.header.agent);
  const auto turn = turns.take(batch.header.agent, call);
  const auto head = ports.store.head(batch.header.agent, call);
  if (batch.first.value <= head.position.value && already_there(ports, batch, call)) return false;
  const auto commit = check(batch, head);
  const auto outcome = ports.store.append(std::span(&commit, 1), call).front();
  switch (outcome.outcome) {
    case AppendOutcome::done:
      return true;
    case AppendOutcome::already_there:
      return false;
    case AppendOutcome::conflict:
      throw StoreFailure(FailureKind::conflict, "import", "the ledger grew meanwhile; import again");
    case AppendOutcome::refused:
      refuse(batch, outcome.detail);
  }
  return false;
}

}  // namespace claimledger::application
