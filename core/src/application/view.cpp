#include "application/view.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "claimledger/domain/entry_number.hpp"

namespace claimledger::application {

View::View(const Store& store, const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, const Call& call,
           TakenLines* taken, bool guessed)
    : View(store, agent, snapshot.head.position, call) {
  taken_ = taken;
  add(wanted, snapshot, guessed);
}

void View::add(const Wanted& wanted, const Snapshot& snapshot, bool guessed) {
  for (std::size_t i = 0; i < wanted.lines.size(); ++i)
    load(wanted.lines[i].key, TakenLines::Read{snapshot.lines[i], wanted.lines[i].after, guessed});
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) keys_.emplace(wanted.keys[i], snapshot.keys[i]);
  for (std::size_t i = 0; i < wanted.claims.size(); ++i) {
    const auto& found = snapshot.claims[i];
    places_.emplace(wanted.claims[i], found ? std::optional(Place{found->line, found->entry.seq}) : std::nullopt);
  }
}

void View::load(Wanted wanted) {
  std::erase_if(wanted.lines, [&](const auto& line) { return is_loaded(line.key); });
  std::erase_if(wanted.keys, [&](const auto& key) { return keys_.contains(key); });
  std::erase_if(wanted.claims, [&](const auto& claim) { return places_.contains(claim); });
  if (wanted.lines.empty() && wanted.keys.empty() && wanted.claims.empty()) return;
  if (taken_) taken_->take(wanted);
  add(wanted, store_.snapshot(agent_, at_, wanted, *call_));
}

rules::BatchDraft& View::begin(TxTime now) {
  auto& batch = pending_.begin(now);
  if (batch.after == at_) return batch;
  closed_.clear();
  for (auto& [key, line] : lines_) {
    if (!std::exchange(line->shown, false)) continue;
    line->last_before = line->state.last();
    line->state.watch();
  }
  close_end();
  for (auto& [key, end] : ends_) {
    if (std::exchange(end.shown, false)) end.last_before = end.end.last();
  }
  return batch;
}

// A line that was shown since may have been changed: it is read again.
void View::keep(std::size_t batches) {
  if (pending_.batches() <= batches) return;
  pending_.keep(batches);
  closed_.clear();
  std::erase_if(lines_, [&](const auto& line) {
    if (line.second->shown) loaded_bytes_ -= line.second->loaded_bytes;
    return line.second->shown;
  });
  open_end_.reset();
  std::erase_if(ends_, [](const auto& end) { return end.second.shown; });
}

Position View::batch_end(TxTime recorded_at) {
  if (const auto end = pending_.batch_end(recorded_at)) return *end;
  const auto [end, fresh] = batch_ends_.try_emplace(recorded_at);
  if (fresh) end->second = store_.position_at(agent_, recorded_at, *call_);
  return end->second;
}

// --- Lines -----------------------------------------------------------------------------------------------------------

View::LoadedLine& View::load(const LineKey& key, const std::optional<TakenLines::Read>& read) {
  if (const auto end = ends_.find(key); end != ends_.end()) {
    closed_[key] = end->second.last_before;
    if (open_end_ && open_end_->key == key) open_end_.reset();
    ends_.erase(end);
  }
  auto folded = taken_ ? taken_->fold(key, read, at_, *call_)
                : read ? FoldedLine::of(read->entries)
                       : FoldedLine::of(store_.line(agent_, key, at_, *call_));
  auto& state = folded.state;
  auto last = state.last();
  // The batch in the making has no entry on a line that was never loaded.
  const bool pending = pending_.decided() > at_ || closed_.erase(key) > 0;
  if (pending && pending_.lines().contains(key)) {
    for (const auto& filed : pending_.entries()) {
      if (filed.keys.line != key) continue;
      if (filed.keys.seq <= pending_.decided()) last = filed.keys.seq;
      fold_onto(state, {filed.record(), state.last()});
    }
    state.derive();
    state.watch();
  }
  auto& line = lines_[key];
  if (line) loaded_bytes_ -= line->loaded_bytes;
  line = std::make_unique<LoadedLine>(LoadedLine{std::move(folded), key, at_, last});
  line->loaded_bytes = line->memory();
  loaded_bytes_ += line->loaded_bytes;
  return *line;
}

View::LoadedLine& View::line(const LineKey& key) {
  const auto open_already = lines_.find(key);
  auto& line = open_already != lines_.end() ? *open_already->second : load(key, std::nullopt);
  line.shown = true;
  return line;
}

bool View::is_loaded(const LineKey& key) const {
  return lines_.contains(key) || ends_.contains(key) || (taken_ && taken_->has_end(key));
}

View::LoadedLine& View::line_for(const LineKey& key, const rules::Newcomer& newcomer) {
  auto* end = taken_ && !lines_.contains(key) ? end_for(key, newcomer) : nullptr;
  return end ? *end : line(key);
}

View::LoadedLine* View::end_for(const LineKey& key, const rules::Newcomer& newcomer) {
  close_end();
  auto place = ends_.find(key);
  if (place == ends_.end()) {
    if (!taken_->has_end(key)) return nullptr;
    // It is kept anew with what is decided here. Until then there is none: where that is given up, the line is read.
    auto end = taken_->take_end(key);
    if (!end) return nullptr;
    const auto last = end->last();
    place = ends_.emplace(key, End{std::move(*end), last, last}).first;
  }
  auto& end = place->second;
  if (!end.end.is_enough_for(newcomer)) return nullptr;
  end.shown = true;
  FoldedLine folded;
  folded.state = end.end.state();
  open_end_.emplace(LoadedLine{std::move(folded), key, at_, end.last_before});
  return &*open_end_;
}

void View::close_end() {
  if (!open_end_) return;
  const auto place = ends_.find(open_end_->key);
  if (auto end = rules::LineEnd::of(open_end_->state)) {
    place->second.end = std::move(*end);
  } else {
    closed_[place->first] = place->second.last_before;
    ends_.erase(place);
  }
  open_end_.reset();
}

void View::note_durable(const Commit& commit) {
  for (const auto& entry : commit.entries) {
    if (!entry.line) continue;
    if (const auto line = lines_.find(*entry.line); line != lines_.end()) line->second->note_durable(entry);
    if (const auto end = ends_.find(*entry.line); end != ends_.end()) end->second.durable = entry.seq;
  }
}

void View::advance(Position durable) {
  pending_.advance(durable);
  const auto& pending = pending_.lines();
  std::erase_if(lines_, [&](const auto& line) {
    if (pending.contains(line.first)) return false;
    loaded_bytes_ -= line.second->loaded_bytes;
    give_back(line.first, *line.second, durable);
    return true;
  });
  close_end();
  for (auto end = ends_.begin(); end != ends_.end();) {
    if (pending.contains(end->first)) {
      ++end;
      continue;
    }
    give_back(end->first, end->second);
    end = ends_.erase(end);
  }
  at_ = durable;
  closed_.clear();
  keys_.clear();
  places_.clear();
  batch_ends_.clear();
}

void View::give_back(const LineKey& key, LoadedLine& line, Position end) {
  if (!taken_ || line.hashed != line.state.last()) return;
  const auto read_at = line.read_at;
  taken_->give_back(key, std::move(line), read_at, end, *call_);
}

void View::give_back(const LineKey& key, End& end) {
  if (end.durable == end.end.last()) taken_->keep_end(key, std::move(end.end));
}

void View::give_back(Position end) {
  for (auto& [key, line] : lines_) give_back(key, *line, end);
  close_end();
  for (auto& [key, its_end] : ends_) give_back(key, its_end);
  lines_.clear();
  ends_.clear();
  loaded_bytes_ = 0;
}

void View::unload(const LineKey& key) {
  const auto line = lines_.find(key);
  if (line == lines_.end()) return;
  closed_[key] = line->second->last_before;
  loaded_bytes_ -= line->second->loaded_bytes;
  lines_.erase(line);
}

Position View::last_before(const LineKey& key) const {
  if (const auto line = lines_.find(key); line != lines_.end()) return line->second->last_before;
  const auto end = ends_.find(key);
  return end != ends_.end() ? end->second.last_before : closed_.at(key);
}

std::vector<ReadEntry> View::entries_of(const LineKey& line, Position until) {
  std::vector<ReadEntry> entries;
  Position last;
  const auto add = [&](ReadEntry read) {
    last = read.record.seq;
    entries.push_back(std::move(read));
  };
  for (const auto& stored : store_.line(agent_, line, std::min(until, at_), *call_)) add(read_entry(stored));
  for (const auto& filed : pending_.entries()) {
    if (filed.keys.line == line && filed.keys.seq <= until) add({filed.record(), last});
  }
  return entries;
}

std::vector<LineKey> View::lines(const std::optional<LineKey>& after, std::size_t limit) {
  auto found = store_.lines(agent_, std::nullopt, after, limit, at_, *call_);
  const auto& pending = pending_.lines();
  std::vector<LineKey> both;
  std::set_union(found.begin(), found.end(), after ? pending.upper_bound(*after) : pending.begin(), pending.end(),
                 std::back_inserter(both));
  if (both.size() > limit) both.resize(limit);
  return both;
}

// --- Claims ----------------------------------------------------------------------------------------------------------

void View::locate(std::span<const ClaimId> claims) {
  std::vector<ClaimId> unknown;
  for (const auto& claim : claims) {
    if (!places_.contains(claim) && !pending_.about(claim)) unknown.push_back(claim);
  }
  look_up(unknown);
}

void View::look_up(std::span<const ClaimId> claims) {
  for (std::size_t from = 0; from < claims.size(); from += claims_at_once) {
    const auto some = claims.subspan(from, std::min(claims_at_once, claims.size() - from));
    const auto found = store_.claims(agent_, some, at_, *call_);
    for (std::size_t i = 0; i < some.size(); ++i) {
      places_.emplace(some[i], found[i] ? std::optional(Place{found[i]->line, found[i]->entry.seq}) : std::nullopt);
    }
  }
}

const std::optional<View::Place>& View::place(const ClaimId& claim) {
  static const std::optional<Place> nowhere;
  const auto known = places_.find(claim);
  return known == places_.end() ? nowhere : known->second;
}

bool View::knows(const ClaimId& claim) {
  const auto shown = [&](const auto& line) { return line.second->state.find(claim) != nullptr; };
  return place(claim) || std::any_of(lines_.begin(), lines_.end(), shown) || pending_.about(claim);
}

bool View::has(const ClaimId& claim) {
  locate(std::span(&claim, 1));
  return place(claim) || pending_.about(claim);
}

Position View::began(const ClaimId& claim) {
  if (const auto* filed = pending_.about(claim); filed && filed->keys.begins) return filed->keys.seq;
  if (!places_.contains(claim)) look_up(std::span(&claim, 1));
  if (const auto& durable = place(claim)) return durable->began;
  return {};
}

View::LoadedLine* View::line_of(const ClaimId& claim) {
  locate(std::span(&claim, 1));
  const auto& durable = place(claim);
  const auto* filed = durable ? nullptr : pending_.about(claim);
  if (!durable && !filed) return nullptr;
  auto& found = line(durable ? durable->line : *filed->keys.line);
  if (!found.state.find(claim)) {
    throw StoreFailure(FailureKind::corrupt, "reading",
                       "claim " + to_text(claim.value) + " is not on the line that the store names for it");
  }
  return &found;
}

View::LoadedLine& View::line_holding(const ClaimId& claim) {
  auto* open = line_of(claim);
  if (open) return *open;
  throw StoreFailure(FailureKind::corrupt, "reading", "claim " + to_text(claim.value) + " is not found by its id");
}

std::optional<TxTime> View::last_served(const ClaimId& claim) {
  const auto& pending = pending_.entries();
  for (auto filed = pending.rbegin(); filed != pending.rend(); ++filed) {
    const auto& served = filed->keys.served;
    if (std::find(served.begin(), served.end(), claim) != served.end()) return filed->keys.recorded_at;
  }
  const EntryQuery query{.key = key::ServedClaim{claim}, .order = Order::descending};
  const auto last = store_.entries(agent_, query, at_, *call_);
  return last.empty() ? std::nullopt : std::optional(last.front().recorded_at);
}

// --- Derivations -----------------------------------------------------------------------------------------------------

std::vector<Derivation> View::dependants(std::span<const ClaimId> parents) {
  auto found = store_.dependants(agent_, parents, at_, *call_);
  for (const auto& [keys, batch, place] : pending_.entries()) {
    if (keys.derived_from.empty() || !keys.claim) continue;
    for (const auto& parent : parents) {
      const bool derived =
          std::find(keys.derived_from.begin(), keys.derived_from.end(), parent) != keys.derived_from.end();
      if (derived) found.push_back({parent, keys.seq, *keys.claim});
    }
  }
  return found;
}

std::optional<ClaimId> View::child_of(const Derivation& derivation) {
  const auto& line = line_holding(derivation.claim).state;
  const auto statement = line.statement_at(derivation.child);
  if (statement == rules::nowhere) return derivation.claim;  // derived, and no statement of its own: it was echoed
  const auto claim = line.statement(statement).claim;
  return claim == rules::nowhere ? std::nullopt : std::optional(line[claim].id);
}

std::vector<ClaimId> View::derived_from(std::span<const ClaimId> parents) {
  std::vector<ClaimId> children;
  const auto derivations = dependants(parents);
  std::vector<ClaimId> filed;
  filed.reserve(derivations.size());
  for (const auto& derivation : derivations) filed.push_back(derivation.claim);
  locate(filed);
  for (const auto& derivation : derivations) {
    const auto child = child_of(derivation);
    if (child && std::find(children.begin(), children.end(), *child) == children.end()) children.push_back(*child);
  }
  return children;
}

// --- Entries by other keys -------------------------------------------------------------------------------------------

std::optional<View::Found> View::by_key(const Digest& key) {
  if (const auto* filed = pending_.by_key(key)) return Found{filed->record(), filed->keys.line};
  const auto found = [](const std::optional<StoredEntry>& stored) {
    return stored ? std::optional(Found{read_entry(*stored).record, stored->line}) : std::nullopt;
  };
  const auto known = keys_.find(key);
  return found(known != keys_.end() ? known->second : store_.by_idempotency_key(agent_, key, at_, *call_));
}

std::optional<Record> View::by_handle(const AdjudicationId& handle, std::uint8_t kind) {
  for (const auto& filed : pending_.entries()) {
    if (filed.keys.handle == handle && filed.keys.kind == kind) return filed.record();
  }
  const auto found = store_.entries(agent_, {.key = key::Handle{handle}, .kinds = {kind}}, at_, *call_);
  return found.empty() ? std::nullopt : std::optional(read_entry(found.front()).record);
}

std::optional<Record> View::opened(const AdjudicationId& handle) {
  return by_handle(handle, kind_number<AdjudicationOpened>);
}
std::optional<Record> View::closed(const AdjudicationId& handle) {
  return by_handle(handle, kind_number<AdjudicationClosed>);
}

std::vector<View::Question> View::open_questions(Position after, std::size_t limit) {
  std::vector<Question> open;
  std::set<AdjudicationId> closed;
  for (const auto& filed : pending_.entries()) {
    if (filed.keys.kind == kind_number<AdjudicationClosed>) closed.insert(*filed.keys.handle);
  }
  const auto add = [&](Position seq, const AdjudicationOpened& opened) {
    if (!closed.contains(opened.handle)) open.push_back({seq, opened});
  };
  while (open.size() < limit) {
    const auto some = limit - open.size();
    const auto page = store_.open_adjudications(agent_, after, some, at_, *call_);
    for (const auto& stored : page) {
      const auto read = read_entry(stored);
      const auto* question = std::get_if<AdjudicationOpened>(&read.record.entry);
      if (!question) unreadable(stored.seq, "is filed as a question and is none");
      add(stored.seq, *question);
      after = stored.seq;
    }
    if (page.size() < some) break;
  }
  for (const auto& filed : pending_.entries()) {
    if (open.size() == limit) break;
    const auto* question = std::get_if<AdjudicationOpened>(&filed.entry());
    if (question && filed.keys.seq > after) add(filed.keys.seq, *question);
  }
  return open;
}

std::vector<View::StatementPlace> View::statements_of(const std::string& source, Position after, std::size_t limit) {
  std::vector<StatementPlace> found;
  EntryQuery query{.key = key::Text{source},
                   .kinds = {kind_number<ClaimRecorded>, kind_number<Corroborated>},
                   .from = {after.value + 1},
                   .limit = limit};
  const auto add = [&](const StoredEntry& entry) {
    if (!entry.line) unreadable(entry.seq, "is a statement and stands on no line");
    found.push_back({entry.seq, *entry.line});
  };
  for (const auto& stored : store_.entries(agent_, query, at_, *call_)) add(stored);
  for (const auto& [keys, batch, place] : pending_.entries()) {
    if (found.size() == limit) break;
    const bool statement = std::find(query.kinds.begin(), query.kinds.end(), keys.kind) != query.kinds.end();
    if (statement && keys.seq > after && keys.content.search_text == source) add(keys);
  }
  return found;
}

}  // namespace claimledger::application
