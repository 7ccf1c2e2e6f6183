#include <algorithm>
#include <map>
#include <set>

#include "application/batch_sizer.hpp"
#include "application/clock_tolerance.hpp"
#include "application/references.hpp"
#include "application/use_cases.hpp"
#include "claimledger/domain/entry_number.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"
#include "rules/checked_line.hpp"

// Export, import and copy of ledgers: the same batches, byte for byte.
namespace claimledger::application {

ExportAnswer export_batches(const Context& context, const ExportRequest& request) {
  rules::admit_agent(request.agent);
  ExportAnswer answer{.lines = {}, .last = request.after};
  BatchSizer sizer;
  for (std::size_t bytes = 0; answer.lines.size() < request.limit && bytes < BatchSizer::bytes_at_once;) {
    const auto some = std::min(sizer.batches(), request.limit - answer.lines.size());
    const auto batches = context.store().batches(request.agent, answer.last, some, request.call);
    if (batches.empty()) break;
    for (const auto& batch : batches) {
      if (request.until && batch.entries.back().seq > *request.until) return answer;
      answer.lines.push_back(codec::to_json_line(batch));
      answer.last = batch.entries.back().seq;
    }
    bytes += BatchSizer::bytes_of(batches);
    sizer.adapt_to(batches);
  }
  return answer;
}

namespace {

[[noreturn]] void refuse(const StoredBatch& batch, const std::string& why) {
  throw InvalidInput("batch", "at entry " + std::to_string(batch.first.value) + " " + why);
}

// Whether the ledger holds this batch already. A different batch in its place means another ledger.
bool already_there(const Context& context, const StoredBatch& batch, const Call& call) {
  const auto before = Position{batch.first.value - 1};
  const auto there = context.store().batches(batch.header.agent, before, 1, call);
  if (there.empty()) return false;
  if (there.front().first != batch.first || there.front().entries.back().hash != batch.entries.back().hash) {
    refuse(batch, "differs from what the ledger holds there: this is another history");
  }
  return true;
}

// The lines that incoming batches continue, each folded once and cached. Another engine decided these batches, so
// their references, and their decisions against their lines, are checked before they are written.
class Lines {
 public:
  // Loads the lines of these batches that are not loaded yet.
  void open(std::span<const StoredBatch> batches, const Store& store, const AgentId& agent, Position at,
            const Call& call) {
    // A long copy does not keep every line that it has copied.
    constexpr std::size_t most_entries = 100'000;
    if (entries_ > most_entries) *this = {};
    std::set<LineKey> missing;
    std::set<ClaimId> named;
    std::set<Position> erased;
    for (const auto& batch : batches) {
      for (const auto& entry : batch.entries) {
        if (entry.line && !lines_.contains(*entry.line)) missing.insert(*entry.line);
        look_at(entry, named, erased);
      }
    }
    for (const auto& seq : erased) {
      const auto found = store.entries(agent, {.from = seq, .to = seq}, at, call);
      if (!found.empty() && found.front().content_state == ContentState::present) with_content_.insert(seq);
    }
    if (missing.empty() && named.empty()) return;
    const Wanted wanted{.lines = {missing.begin(), missing.end()}, .claims = {named.begin(), named.end()}};
    const auto snapshot = store.snapshot(agent, at, wanted, call);
    for (std::size_t i = 0; i < wanted.claims.size(); ++i) {
      const auto& place = snapshot.claims[i];
      if (place) claims_.emplace(wanted.claims[i], descent_begun_by(codec::decode(place->entry.body).entry));
    }
    for (std::size_t i = 0; i < wanted.lines.size(); ++i) {
      lines_.emplace(wanted.lines[i].key, rules::CheckedLine(fold_line(snapshot.lines[i])));
      entries_ += snapshot.lines[i].size();
    }
  }

  // Failure: StoreFailure{corrupt} for an entry that cannot continue its line.
  void take(const std::optional<LineKey>& line, bool begins, ReadEntry read) {
    ++entries_;
    const auto refuse = [&](const std::string& why) {
      throw StoreFailure(FailureKind::corrupt, "reading", "entry " + std::to_string(read.record.seq.value) + " " + why);
    };
    for (const auto& id : named_claims(read.record.entry)) {
      if (!claims_.contains(id)) refuse("names claim " + to_text(id.value) + ", which is not there before it");
    }
    if (const auto* said = statement_in(read.record.entry)) {
      const auto fault = fault_of_descent(*said, [&](const ClaimId& id) { return claims_.at(id); });
      if (!fault.empty()) refuse(std::string(fault));
    }
    if (begins) claims_.emplace(*claim_of(read.record.entry), descent_begun_by(read.record.entry));
    if (const auto* tombstone = std::get_if<Tombstone>(&read.record.entry)) {
      if (with_content_.erase(tombstone->erased) == 0) refuse("erases content that is not there");
    }
    if (read.record.content_state == ContentState::present) with_content_.insert(read.record.seq);
    if (!line) return;
    for (const auto& id : claims_beside(read.record.entry)) beside_.push_back({read.record.seq, *line, id});
    auto& state = lines_.at(*line);
    if (read.previous_on_line != state.line().last()) refuse("does not follow the entry before it on its line");
    touched_.try_emplace(*line, read.record.seq);
    state.take(std::move(read.record));
  }

  // The checks of a batch that need all of its entries. Failure: as take.
  void end_batch() {
    for (const auto& [seq, line, claim] : std::exchange(beside_, {})) {
      if (lines_.at(line).line().find(claim)) continue;
      throw StoreFailure(FailureKind::corrupt, "reading",
                         "entry " + std::to_string(seq.value) + " names claim " + to_text(claim.value) +
                             ", which its line does not have");
    }
    for (const auto& [line, seq] : std::exchange(touched_, {})) {
      if (lines_.at(line).end_batch()) continue;
      throw StoreFailure(FailureKind::corrupt, "reading",
                         "entry " + std::to_string(seq.value) + " decides what its line does not give");
    }
  }

 private:
  struct Beside {
    Position seq;
    LineKey line;
    ClaimId claim;
  };

  // Collects the references of an entry; none if it cannot be decoded, which take() reports.
  static void look_at(const StoredEntry& stored, std::set<ClaimId>& named, std::set<Position>& erased) {
    try {
      const auto entry = codec::decode(stored.body).entry;
      for (const auto& id : named_claims(entry)) named.insert(id);
      if (const auto* tombstone = std::get_if<Tombstone>(&entry)) erased.insert(tombstone->erased);
    } catch (const StoreFailure&) {
    }
  }

  std::map<LineKey, rules::CheckedLine> lines_;
  std::map<LineKey, Position> touched_;  // by the batch in hand, each with its first entry there
  std::map<ClaimId, Descent> claims_;    // that an entry may name, as far as they were seen or asked for
  std::set<Position> with_content_;      // entries that a tombstone may name, likewise
  std::vector<Beside> beside_;           // what the batch in hand names on its own lines
  std::size_t entries_ = 0;              // folded so far, about
};

// The fault of a batch that is to follow `head`: its hash chain and each of its entries are checked. The lines, which
// have to be loaded, are folded on with it.
std::optional<std::string> misfit(const StoredBatch& batch, const AgentId& agent, const Head& head, Lines& lines) {
  if (batch.header.agent != agent) return "is of another agent";
  if (batch.header.entries != batch.entries.size() || batch.entries.empty()) return "is not whole";
  auto hash = head.hash;
  auto seq = head.position;
  auto header = codec::encode(batch.header);
  for (const auto& entry : batch.entries) {
    ++seq.value;
    if (entry.seq != seq) return "does not follow the ledger's entry " + std::to_string(head.position.value);
    hash = codec::chain(hash, header, entry.body);
    header.clear();
    if (hash != entry.hash) return "does not fit the hash chain";
    try {
      lines.take(entry.line, entry.begins, read_entry(entry));
    } catch (const StoreFailure& failure) {
      return failure.detail();
    }
  }
  try {
    lines.end_batch();
  } catch (const StoreFailure& failure) {
    return failure.detail();
  }
  if (head.position != Position{} && batch.header.recorded_at <= head.recorded_at) {
    return "was recorded no later than the ledger's head";
  }
  return std::nullopt;
}

Commit check(const Context& context, const StoredBatch& batch, const Head& head, const Call& call) {
  const auto& agent = batch.header.agent;
  Lines lines;
  lines.open(std::span(&batch, 1), context.store(), agent, head.position, call);
  if (const auto why = misfit(batch, agent, head, lines)) refuse(batch, *why);
  return {head, batch.header, batch.entries};
}

}  // namespace

bool import_batch(Context& context, const ImportRequest& request) {
  const auto batch = codec::from_json_line(request.line);
  rules::admit_agent(batch.header.agent);
  if (request.agent && batch.header.agent != *request.agent) {
    throw InvalidInput("agent",
                       "is '" + batch.header.agent.value + "', where '" + request.agent->value + "' is wanted");
  }
  const auto turn = context.writers.acquire(batch.header.agent, request.call);
  const auto head = context.store().head(batch.header.agent, request.call);
  if (batch.first.value <= head.position.value && already_there(context, batch, request.call)) return false;
  require_not_ahead(context, batch.header.recorded_at, request.future_times);
  const auto commit = check(context, batch, head, request.call);
  const auto outcome = context.store().append(std::span(&commit, 1), request.call).front();
  switch (outcome.outcome) {
    case AppendOutcome::done:
      return true;
    case AppendOutcome::already_there:
      return false;
    case AppendOutcome::conflict:
      throw StoreFailure(FailureKind::conflict, "import", "the ledger grew meanwhile; import again");
    case AppendOutcome::refused:
      refuse(batch, outcome.detail);
    case AppendOutcome::failed:
      throw StoreFailure(outcome.failure, "import", outcome.detail);
  }
  return false;
}

namespace {

Digest hash_at(const Store& store, const AgentId& agent, Position at, const Call& call) {
  const auto found = store.entries(agent, {.from = at, .to = at}, at, call);
  if (!found.empty()) return found.front().hash;
  throw StoreFailure(FailureKind::corrupt, "copy", "entry " + std::to_string(at.value) + " is missing");
}

// The reason why `target` can't continue as `source`: the target has to be a beginning of the source. Equal hashes mean
// equal entries up to there.
std::optional<std::string> divergence(const Store& source, const Head& there, const Store& target, const Head& here,
                                      const AgentId& agent, const Call& call) {
  const auto common = std::min(there.position, here.position);
  const auto same_until = [&](Position at) {
    return at == Position{} || hash_at(source, agent, at, call) == hash_at(target, agent, at, call);
  };
  if (same_until(common)) {
    if (here.position <= there.position) return std::nullopt;
    return "the target goes on to entry " + std::to_string(here.position.value) + ", where the source ends at " +
           std::to_string(there.position.value);
  }
  Position same, differs = common;
  while (differs.value - same.value > 1) {
    const Position middle{same.value + (differs.value - same.value) / 2};
    (same_until(middle) ? same : differs) = middle;
  }
  return "the target holds another history from entry " + std::to_string(differs.value) + " on";
}

// The batches as commits, one after the other. A store that reads a batch leaves out the keys that its content gives.
std::vector<Commit> commits_of(std::vector<StoredBatch> batches, const AgentId& agent, Head head, Lines& lines) {
  std::vector<Commit> commits;
  commits.reserve(batches.size());
  for (auto& batch : batches) {
    if (const auto why = misfit(batch, agent, head, lines)) {
      throw StoreFailure(FailureKind::corrupt, "copy",
                         "the source's batch at entry " + std::to_string(batch.first.value) + " " + *why);
    }
    for (auto& entry : batch.entries) {
      const auto read = read_entry(entry);
      if (const auto why = rules::non_canonical_field(read.record.content); !why.empty()) {
        throw StoreFailure(FailureKind::corrupt, "copy",
                           "the source's entry " + std::to_string(entry.seq.value) + " " + std::string(why));
      }
      codec::fill_keys(entry, batch.header.agent, read.record.entry, read.record.content);
    }
    const Head next{batch.entries.back().seq, batch.header.recorded_at, batch.entries.back().hash};
    commits.push_back({head, batch.header, std::move(batch.entries)});
    head = next;
  }
  return commits;
}

// Appends these commits and counts them. False if another writer came first.
bool append_all(Store& target, const std::vector<Commit>& commits, CopyAnswer& answer, const Call& call) {
  const auto outcomes = target.append(commits, call);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    switch (outcomes[i].outcome) {
      case AppendOutcome::done:
      case AppendOutcome::already_there:
        break;
      case AppendOutcome::conflict:
        return false;
      case AppendOutcome::refused:
      case AppendOutcome::failed:
        require_landed(outcomes[i], "copy");
    }
    const auto& last = commits[i].entries.back();
    answer.head = {last.seq, commits[i].header.recorded_at, last.hash};
    ++answer.batches;
    answer.entries += commits[i].entries.size();
  }
  return true;
}

}  // namespace

CopyAnswer copy(Context& context, const Store& source, const CopyRequest& request) {
  rules::admit_agent(request.agent);
  const auto turn = context.writers.acquire(request.agent, request.call);
  CopyAnswer answer;
  answer.head = context.store().head(request.agent, request.call);
  // The end is fixed at the start: a copy of a source that grows faster than it is copied would never end.
  const auto end = source.head(request.agent, request.call);
  if (auto why = divergence(source, end, context.store(), answer.head, request.agent, request.call)) {
    answer.status = CopyStatus::diverged;
    answer.reason = std::move(*why);
    return answer;
  }
  // The last batch has the latest time, so a copy that would be refused later is not begun.
  if (answer.head.position < end.position) require_not_ahead(context, end.recorded_at, request.future_times);
  BatchSizer sizer;
  Lines lines;
  while (answer.head.position < end.position) {
    auto batches = source.batches(request.agent, answer.head.position, sizer.batches(), request.call);
    sizer.adapt_to(batches);
    if (batches.empty()) {
      throw StoreFailure(FailureKind::corrupt, "copy",
                         "entry " + std::to_string(answer.head.position.value + 1) + " is missing before the head");
    }
    lines.open(batches, context.store(), request.agent, answer.head.position, request.call);
    if (!append_all(context.store(), commits_of(std::move(batches), request.agent, answer.head, lines), answer,
                    request.call)) {
      answer.status = CopyStatus::conflict;
      answer.reason = "somebody else writes to the target";
      return answer;
    }
    if (request.progress)
      request.progress(answer.head.position.value, std::max(answer.head.position, end.position).value);
  }
  return answer;
}

}  // namespace claimledger::application
