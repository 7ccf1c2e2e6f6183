#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "application/batch_sizer.hpp"
#include "application/clock_tolerance.hpp"
#include "application/filing.hpp"
#include "application/folded_line.hpp"
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

struct Fault {
  std::size_t batch;
  std::string why;
};

// The claims and contents that incoming entries may name, as far as they were seen or asked for. Another engine made
// these entries, so what they name is looked up before they are written.
class References {
 public:
  // Looks up what these batches name of the ledger up to `at`.
  void look_up(std::span<const StoredBatch> batches, const Store& store, const AgentId& agent, Position at,
               const Call& call) {
    std::set<ClaimId> named;
    std::set<Position> erased;
    for (const auto& batch : batches)
      for (const auto& entry : batch.entries) look_at(entry, named, erased);
    for (const auto& seq : erased) {
      const auto found = store.entries(agent, {.from = seq, .to = seq}, at, call);
      if (!found.empty() && found.front().content_state == ContentState::present) with_content_.insert(seq);
    }
    if (named.empty()) return;
    const Wanted wanted{.claims = {named.begin(), named.end()}};
    const auto snapshot = store.snapshot(agent, at, wanted, call);
    for (std::size_t i = 0; i < wanted.claims.size(); ++i) {
      const auto& place = snapshot.claims[i];
      if (place) claims_.emplace(wanted.claims[i], descent_begun_by(codec::decode(place->entry.body).entry));
    }
  }

  // What is wrong with what the next entry names; empty: nothing.
  std::string take(const Record& record, bool begins) {
    for (const auto& id : named_claims(record.entry)) {
      if (!claims_.contains(id)) return "names claim " + to_text(id.value) + ", which is not there before it";
    }
    if (const auto* said = statement_in(record.entry)) {
      const auto fault = fault_of_descent(*said, [&](const ClaimId& id) { return claims_.at(id); });
      if (!fault.empty()) return std::string(fault);
    }
    if (begins) claims_.emplace(*claim_of(record.entry), descent_begun_by(record.entry));
    if (const auto* tombstone = std::get_if<Tombstone>(&record.entry)) {
      if (with_content_.erase(tombstone->erased) == 0) return "erases content that is not there";
    }
    if (record.content_state == ContentState::present) with_content_.insert(record.seq);
    return {};
  }

 private:
  // Collects the references of an entry; none if it cannot be decoded, which reading it reports.
  static void look_at(const StoredEntry& stored, std::set<ClaimId>& named, std::set<Position>& erased) {
    try {
      const auto entry = codec::decode(stored.body).entry;
      for (const auto& id : named_claims(entry)) named.insert(id);
      if (const auto* tombstone = std::get_if<Tombstone>(&entry)) erased.insert(tombstone->erased);
    } catch (const StoreFailure&) {
    }
  }

  std::map<ClaimId, Descent> claims_;
  std::set<Position> with_content_;
};

// An entry on a line, and the number of the incoming batch that has it.
struct NewEntry {
  std::size_t batch;
  ReadEntry read;
};
// What incoming batches say on each line, in their order.
using News = std::map<LineKey, std::vector<NewEntry>>;

// The lines that incoming batches continue. Another engine decided these batches, so their decisions are compared with
// what their lines give. Few lines are folded at once: a batch may touch every line of a ledger.
class Lines {
 public:
  // Keeps lines for the batches that come next, about so many entries of them.
  explicit Lines(std::size_t kept_entries) : kept_entries_(kept_entries) {}

  std::optional<Fault> take(News& news, const Store& store, const AgentId& agent, Position at, const Call& call) {
    for (auto from = news.begin(); from != news.end();) {
      auto to = from;
      for (std::size_t i = 0; i < lines_at_once_ && to != news.end(); ++i) ++to;
      const auto before = entries_;
      open(from, to, store, agent, at, call);
      for (; from != to; ++from)
        if (auto fault = take(lines_.at(from->first), std::move(from->second))) return fault;
      constexpr std::size_t entries_at_once = 2'500;
      lines_at_once_ = entries_ - before > entries_at_once ? std::max<std::size_t>(lines_at_once_ / 2, 1)
                                                           : std::min(lines_at_once_ * 2, most_lines_at_once);
      if (entries_ <= kept_entries_) continue;
      lines_.clear();
      entries_ = 0;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t most_lines_at_once = 256;

  // Loads those of these lines that are not loaded yet.
  void open(News::const_iterator from, News::const_iterator to, const Store& store, const AgentId& agent, Position at,
            const Call& call) {
    Wanted wanted;
    for (auto it = from; it != to; ++it)
      if (!lines_.contains(it->first)) wanted.lines.emplace_back(it->first);
    if (wanted.lines.empty()) return;
    const auto snapshot = store.snapshot(agent, at, wanted, call);
    for (std::size_t i = 0; i < wanted.lines.size(); ++i) {
      lines_.emplace(wanted.lines[i].key, rules::CheckedLine(FoldedLine::of(snapshot.lines[i]).state));
      entries_ += snapshot.lines[i].size();
    }
  }

  std::optional<Fault> take(rules::CheckedLine& line, std::vector<NewEntry> news) {
    entries_ += news.size();
    for (auto from = news.begin(); from != news.end();) {
      const auto batch = from->batch;
      const auto to = std::find_if(from, news.end(), [&](const auto& entry) { return entry.batch != batch; });
      try {
        if (auto why = take_batch(line, std::span(from, to)); !why.empty()) return Fault{batch, std::move(why)};
      } catch (const StoreFailure& failure) {
        return Fault{batch, failure.detail()};
      }
      from = to;
    }
    return std::nullopt;
  }

  // What is wrong with what one batch says on a line; empty: nothing. Failure: StoreFailure{corrupt} for an entry that
  // cannot continue its line.
  static std::string take_batch(rules::CheckedLine& line, std::span<NewEntry> news) {
    const auto entry = [](Position seq) { return "entry " + std::to_string(seq.value) + " "; };
    const auto first = news.front().read.record.seq;
    std::vector<std::pair<Position, ClaimId>> beside;
    for (auto& [batch, read] : news) {
      const auto seq = read.record.seq;
      if (read.previous_on_line != line.line().last())
        return entry(seq) + "does not follow the entry before it on its line";
      for (const auto& id : claims_beside(read.record.entry)) beside.emplace_back(seq, id);
      line.take(read.record);
    }
    for (const auto& [seq, claim] : beside) {
      if (!line.line().find(claim))
        return entry(seq) + "names claim " + to_text(claim.value) + ", which its line does not have";
    }
    return line.end_batch() ? std::string() : entry(first) + "decides what its line does not give";
  }

  std::map<LineKey, rules::CheckedLine> lines_;
  std::size_t kept_entries_;
  std::size_t entries_ = 0;  // of lines_, about
  std::size_t lines_at_once_ = 8;
};

// The fault of a batch that is to follow `head`, by itself: its hash chain, and each of its entries. What it says on
// lines is added to `news`.
std::optional<std::string> misfit(const StoredBatch& batch, std::size_t number, const AgentId& agent, const Head& head,
                                  References& references, News& news) {
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
      auto read = read_entry(entry);
      if (auto why = references.take(read.record, entry.begins); !why.empty())
        return "entry " + std::to_string(seq.value) + " " + why;
      if (entry.line) news[*entry.line].push_back({number, std::move(read)});
    } catch (const StoreFailure& failure) {
      return failure.detail();
    }
  }
  if (head.position != Position{} && batch.header.recorded_at <= head.recorded_at) {
    return "was recorded no later than the ledger's head";
  }
  return std::nullopt;
}

Head end_of(const StoredBatch& batch) {
  return {batch.entries.back().seq, batch.header.recorded_at, batch.entries.back().hash};
}

// The first fault of batches that are to follow `head` in a store, one after the other.
std::optional<Fault> fault_of(std::span<const StoredBatch> batches, const Store& store, const AgentId& agent, Head head,
                              Lines& lines, const Call& call) {
  const auto at = head.position;
  References references;
  references.look_up(batches, store, agent, at, call);
  News news;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (auto why = misfit(batches[i], i, agent, head, references, news)) return Fault{i, std::move(*why)};
    head = end_of(batches[i]);
  }
  return lines.take(news, store, agent, at, call);
}

Commit check(const Context& context, const StoredBatch& batch, const Head& head, const Call& call) {
  Lines lines(0);
  const auto& agent = batch.header.agent;
  if (const auto fault = fault_of(std::span(&batch, 1), context.store(), agent, head, lines, call))
    refuse(batch, fault->why);
  Commit commit{head, batch.header, batch.entries};
  if (!context.files_terms() && !context.files_vectors()) return commit;
  std::vector<Content> contents;
  for (const auto& entry : commit.entries) contents.push_back(read_entry(entry).record.content);
  WriteVectors vectors(context, call);
  vectors.embed_all(contents);
  Filing filing(context, vectors);
  for (std::size_t i = 0; i < contents.size(); ++i) filing.add(commit.entries[i], contents[i]);
  filing.finish(commit);
  return commit;
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
// Vectors come later, from the source.
std::vector<Commit> commits_of(const Context& context, std::vector<StoredBatch> batches, Head head, const Call& call) {
  auto no_vectors = WriteVectors::none(context, call);
  std::vector<Commit> commits;
  commits.reserve(batches.size());
  for (auto& batch : batches) {
    Filing filing(context, no_vectors);
    for (auto& entry : batch.entries) {
      const auto read = read_entry(entry);
      if (const auto why = rules::non_canonical_field(read.record.content); !why.empty()) {
        throw StoreFailure(FailureKind::corrupt, "copy",
                           "the source's entry " + std::to_string(entry.seq.value) + " " + std::string(why));
      }
      codec::fill_keys(entry, batch.header.agent, read.record.entry, read.record.content);
      filing.add(entry, read.record.content);
    }
    const auto next = end_of(batch);
    filing.finish(commits.emplace_back(Commit{head, batch.header, std::move(batch.entries)}));
    head = next;
  }
  return commits;
}

// Files the vectors that the source has and the target has not.
void copy_vectors(Store& source, Store& target, const AgentId& agent, Position end, const Call& call) {
  auto* from = source.vectors();
  auto* to = target.vectors();
  if (from == nullptr || to == nullptr) return;
  constexpr std::size_t at_once = 1'024;
  for (const auto& model : from->models(agent, call)) {
    const auto there = to->models(agent, call);
    const auto known = std::ranges::find(there, model.model, &FiledModel::model);
    const auto before = known == there.end() ? FiledModel{.model = model.model, .up_to = {}} : *known;
    const auto up_to = std::min(model.up_to, end);
    if (before.filed - before.erased == model.filed - model.erased && before.up_to >= up_to) continue;
    std::uint64_t after = 0;
    std::size_t visited = 0;
    do {
      visited = 0;
      std::vector<NewVector> some;
      const auto take = [&](const FiledVector& vector) {
        ++visited;
        after = vector.number;
        if (vector.seq <= end) some.push_back({vector.seq, Bytes(vector.vector)});
      };
      if (!from->read_vectors(agent, model.model, after, at_once, take, call)) break;
      to->file_vectors(agent, model.model, before.up_to, before.up_to, some, call);
    } while (visited == at_once);
    to->file_vectors(agent, model.model, before.up_to, up_to, {}, call);
  }
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
    answer.head = end_of(commits[i]);
    ++answer.batches;
    answer.entries += commits[i].entries.size();
  }
  return true;
}

}  // namespace

CopyAnswer copy(Context& context, Store& source, const CopyRequest& request) {
  rules::admit_agent(request.agent);
  auto turn = std::optional(context.writers.acquire(request.agent, request.call));
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
  Lines lines(100'000);
  while (answer.head.position < end.position) {
    auto batches = source.batches(request.agent, answer.head.position, sizer.batches(), request.call);
    sizer.adapt_to(batches);
    if (batches.empty()) {
      throw StoreFailure(FailureKind::corrupt, "copy",
                         "entry " + std::to_string(answer.head.position.value + 1) + " is missing before the head");
    }
    if (const auto fault = fault_of(batches, context.store(), request.agent, answer.head, lines, request.call)) {
      throw StoreFailure(
          FailureKind::corrupt, "copy",
          "the source's batch at entry " + std::to_string(batches[fault->batch].first.value) + " " + fault->why);
    }
    if (!append_all(context.store(), commits_of(context, std::move(batches), answer.head, request.call), answer,
                    request.call)) {
      answer.status = CopyStatus::conflict;
      answer.reason = "somebody else writes to the target";
      return answer;
    }
    // Where all agents wait in one queue, others have their turns in between.
    const bool lets_others = context.store().agents_share_commits();
    if (lets_others) turn.reset();
    if (request.progress)
      request.progress(answer.head.position.value, std::max(answer.head.position, end.position).value);
    if (lets_others) turn.emplace(context.writers.acquire(request.agent, request.call));
  }
  copy_vectors(source, context.store(), request.agent, answer.head.position, request.call);
  return answer;
}

}  // namespace claimledger::application
