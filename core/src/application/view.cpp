#include "application/view.hpp"

#include <algorithm>

#include "claimledger/domain/entry_number.hpp"
#include "codec/codec.hpp"
#include "rules/rules.hpp"

namespace claimledger::application {

namespace {

[[noreturn]] void corrupt(Position seq, const std::string& what) {
  throw StoreFailure(FailureKind::corrupt, "reading", "entry " + std::to_string(seq.value) + " " + what);
}

}  // namespace

ReadEntry read_entry(const StoredEntry& stored) {
  auto decoded = codec::decode(stored.body);
  const auto seq = stored.seq;
  if (decoded.frame.seq != seq) corrupt(seq, "says that it is entry " + std::to_string(decoded.frame.seq.value));
  if (decoded.frame.recorded_at != stored.recorded_at) corrupt(seq, "was recorded at another time than its row says");
  if (kind_number_of(decoded.entry) != stored.kind) {
    corrupt(seq, "is of another kind than its row says: " + std::to_string(stored.kind));
  }
  if (disposition_number_of(decoded.entry) != stored.disposition) {
    corrupt(seq, "carries another disposition than its row says");
  }
  if (claim_of(decoded.entry) != stored.claim) corrupt(seq, "is about another claim than its row says");
  if (stored.claim && !stored.line) corrupt(seq, "is about a claim and stands on no line");

  ReadEntry read{{seq, stored.recorded_at, std::move(decoded.entry), stored.content_state, {}},
                 decoded.frame.previous_on_line};
  const bool due = decoded.frame.commitment.has_value();
  if (due != (stored.content_state != ContentState::none)) {
    corrupt(seq, due ? "has lost its content" : "has content that it does not name");
  }
  if (stored.content_state == ContentState::present) {
    if (codec::commitment(stored.content.salt, stored.content.body) != *decoded.frame.commitment) {
      corrupt(seq, "has content that does not fit its commitment");
    }
    read.record.content = codec::decode_content(stored.content.body);
  }
  if (const auto error = rules::structural_error(read.record); !error.empty()) corrupt(seq, std::string(error));
  return read;
}

void go_on(rules::LineState& line, ReadEntry read) {
  if (read.previous_on_line != line.last()) {
    corrupt(read.record.seq,
            "follows entry " + std::to_string(read.previous_on_line.value) + " on its line, which is not there");
  }
  line.apply(std::move(read.record));
}

rules::LineState fold_line(std::span<const StoredEntry> entries) {
  rules::LineState line;
  for (const auto& stored : entries) go_on(line, read_entry(stored));
  line.derive();
  line.watch();
  return line;
}

View::View(const Store& store, const AgentId& agent, const Wanted& wanted, const Snapshot& snapshot, const Call& call)
    : store_(store), agent_(agent), at_(snapshot.head.position), call_(call) {
  for (std::size_t i = 0; i < wanted.lines.size(); ++i) open(wanted.lines[i].key, snapshot.lines[i]);
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) keys_.emplace(wanted.keys[i], snapshot.keys[i]);
  for (std::size_t i = 0; i < wanted.claims.size(); ++i) {
    const auto& place = snapshot.claims[i];
    places_.emplace(wanted.claims[i], place ? std::optional(place->line) : std::nullopt);
  }
}

View::OpenLine& View::open(const LineKey& key, std::span<const StoredEntry> entries) {
  auto state = fold_line(entries);
  const auto last = state.last();
  auto& line = lines_[key];
  line = std::make_unique<OpenLine>(OpenLine{key, std::move(state), last});
  return *line;
}

View::OpenLine& View::line(const LineKey& key) {
  const auto open_already = lines_.find(key);
  return open_already != lines_.end() ? *open_already->second : open(key, store_.line(agent_, key, at_, call_));
}

Position View::batch_end(TxTime recorded_at) {
  const auto [end, fresh] = ends_.try_emplace(recorded_at);
  if (fresh) end->second = store_.position_at(agent_, recorded_at, call_);
  return end->second;
}

std::optional<StoredEntry> View::by_key(const Digest& key) const {
  const auto known = keys_.find(key);
  return known != keys_.end() ? known->second : store_.by_idempotency_key(agent_, key, at_, call_);
}

void View::locate(std::span<const ClaimId> claims) {
  std::vector<ClaimId> unknown;
  for (const auto& claim : claims) {
    if (!added_.contains(claim) && !places_.contains(claim)) unknown.push_back(claim);
  }
  for (std::size_t from = 0; from < unknown.size(); from += claims_at_once) {
    const auto some = std::span(unknown).subspan(from, std::min(claims_at_once, unknown.size() - from));
    const auto found = store_.claims(agent_, some, at_, call_);
    for (std::size_t i = 0; i < some.size(); ++i) {
      places_.emplace(some[i], found[i] ? std::optional(found[i]->line) : std::nullopt);
    }
  }
}

bool View::knows(const ClaimId& claim) const {
  if (added_.contains(claim)) return true;
  if (const auto place = places_.find(claim); place != places_.end() && place->second) return true;
  return std::any_of(lines_.begin(), lines_.end(), [&](const auto& line) { return line.second->state.find(claim); });
}

bool View::has(const ClaimId& claim) {
  locate(std::span(&claim, 1));
  return added_.contains(claim) || places_.at(claim).has_value();
}

View::OpenLine* View::line_of(const ClaimId& claim) {
  if (const auto added = added_.find(claim); added != added_.end()) return &line(added->second);
  locate(std::span(&claim, 1));
  const auto& place = places_.at(claim);
  if (!place) return nullptr;
  auto& found = line(*place);
  if (!found.state.find(claim)) {
    throw StoreFailure(FailureKind::corrupt, "reading",
                       "claim " + to_text(claim.value) + " is not on the line that the store names for it");
  }
  return &found;
}

View::OpenLine& View::line_holding(const ClaimId& claim) {
  auto* open = line_of(claim);
  if (open) return *open;
  throw StoreFailure(FailureKind::corrupt, "reading", "claim " + to_text(claim.value) + " is not found by its id");
}

const rules::ClaimState* View::claim(const ClaimId& claim) {
  auto* open = line_of(claim);
  return open ? open->state.find(claim) : nullptr;
}

std::vector<Derivation> View::dependants(std::span<const ClaimId> parents) {
  auto found = store_.dependants(agent_, parents, at_, call_);
  for (const auto& derivation : derivations_) {
    if (std::find(parents.begin(), parents.end(), derivation.parent) != parents.end()) found.push_back(derivation);
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
  for (const auto& derivation : derivations) filed.push_back(derivation.claim);
  locate(filed);
  for (const auto& derivation : derivations) {
    const auto child = child_of(derivation);
    if (child && std::find(children.begin(), children.end(), *child) == children.end()) children.push_back(*child);
  }
  return children;
}

void View::add(const Claim& said, Position statement, const LineKey& line) {
  added_.emplace(said.id, line);
  for (const auto& parent : said.derived_from) derivations_.push_back({parent, statement, said.id});
}

}  // namespace claimledger::application
