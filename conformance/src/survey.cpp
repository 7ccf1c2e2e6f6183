#include "survey.hpp"

#include <set>
#include <sstream>

#include "claimledger/conformance/examples.hpp"

namespace claimledger::conformance {

namespace {

std::string hex(std::string_view bytes) { return sha256({bytes}).hex().substr(0, 16); }

std::string joined(const std::vector<StoredEntry>& entries) {
  std::string out;
  for (const auto& entry : entries) out += "\n    " + full_text(entry);
  return out;
}

// The lines, claims and other keys that some commits mention.
struct Mentioned {
  std::set<LineKey> lines;
  std::set<std::string> subjects;
  std::set<std::uint8_t> kinds;
  std::set<std::uint8_t> dispositions;
  std::set<std::string> texts;
  std::vector<ClaimId> claims;
  std::vector<Digest> keys;
  std::vector<AdjudicationId> handles;
};

Mentioned mentioned_in(const std::vector<Commit>& commits) {
  Mentioned found;
  for (const auto& commit : commits) {
    for (const auto& entry : commit.entries) {
      found.kinds.insert(entry.kind);
      if (entry.disposition) found.dispositions.insert(*entry.disposition);
      if (!entry.content.search_text.empty()) found.texts.insert(entry.content.search_text);
      if (entry.idempotency_key) found.keys.push_back(*entry.idempotency_key);
      if (entry.begins) found.claims.push_back(*entry.claim);
      if (entry.kind == kind_number<AdjudicationOpened>) found.handles.push_back(*entry.handle);
      if (!entry.line) continue;
      found.lines.insert(*entry.line);
      found.subjects.insert(entry.line->subject);
    }
  }
  return found;
}

}  // namespace

std::string full_text(const StoredEntry& entry) {
  std::ostringstream out;
  out << entry.seq.value << ' ' << entry.recorded_at.value.time_since_epoch().count() << ' ' << kind_text(entry.kind)
      << ' ' << (entry.disposition ? std::to_string(*entry.disposition) : "-") << (entry.begins ? " begins" : "")
      << " body=" << hex(entry.body) << " hash=" << entry.hash.hex().substr(0, 16);
  if (entry.line) out << " line=" << entry.line->subject << '|' << entry.line->predicate;
  if (entry.claim) out << " claim=" << to_text(entry.claim->value);
  if (entry.handle) out << " handle=" << to_text(entry.handle->value);
  if (entry.idempotency_key || !entry.derived_from.empty() || !entry.served.empty() || entry.erases)
    out << " more keys";
  const std::string_view salt(reinterpret_cast<const char*>(entry.content.salt.data()), entry.content.salt.size());
  out << " content=" << static_cast<int>(entry.content_state) << ',' << hex(salt) << ',' << hex(entry.content.body)
      << ',' << entry.content.search_text;
  return std::move(out).str();
}

std::vector<Commit> sample_ledger(Head head, const AgentId& agent, std::uint64_t seed) {
  ExampleIds ids(seed);
  const LineKey likes{"alice", "likes"};
  const LineKey lives{"alice", "lives_in"};
  const LineKey works{"bob", "works_at"};
  const LineKey moved{"zo\u00eb", "moved"};
  std::vector<ClaimId> claim;
  for (int i = 0; i < 8; ++i) claim.push_back(ids.claim());
  std::vector<AdjudicationId> handle;
  for (int i = 0; i < 3; ++i) handle.push_back(ids.handle());
  const auto said_by = [](StoredEntry entry, std::string_view who) {
    return with_content(std::move(entry), entry.content.body, std::string(who));
  };
  const auto contested = [](StoredEntry entry) {
    entry.disposition = disposition_number(Disposition::contested);
    return entry;
  };

  const std::vector<std::vector<StoredEntry>> batches = {
      {said_by(claim_recorded(likes, claim[0]), "diary"), with_key(claim_recorded(likes, claim[1]), ids.key())},
      {with_key(claim_recorded(lives, claim[2], {claim[0]}), ids.key())},
      {about_claim(kind_number<Corroborated>, likes, claim[0]), attempt_rejected(),
       about_claim(kind_number<Echoed>, lives, claim[2])},
      {contested(claim_recorded(works, claim[3], {claim[0], claim[2]})), question_opened(works, claim[3], handle[0])},
      {claims_served({claim[0], claim[3]}, "chat 1"), about_claim(kind_number<RecallReEntryDetected>, likes, claim[0])},
      {said_by(claim_recorded(works, claim[4]), "diary"), question_opened(works, claim[4], handle[1]),
       question_opened(likes, claim[1], handle[2])},
      {question_closed(works, claim[3], handle[0]), about_claim(kind_number<Reopened>, works, claim[4]),
       contested(about_claim(kind_number<ReviewSettled>, works, claim[3]))},
      {with_key(about_claim(kind_number<Corroborated>, likes, claim[1]), ids.key()),
       about_claim(kind_number<ReviewMarked>, lives, claim[2])},
      {claim_recorded(moved, claim[5], {claim[3], claim[2]}), claim_recorded(likes, claim[6], {claim[5]}),
       claim_recorded(moved, claim[7], {claim[3], claim[5], claim[6]})},
      {claims_served({claim[7]}, "chat 2"), claims_served({claim[0], claim[7]}, "chat 1"), attempt_rejected()},
      {content_erased(Position{1})},
  };
  std::vector<Commit> commits;
  for (const auto& entries : batches) {
    commits.push_back(commit_after(head, agent, ids.batch(),
                                   example_time(1'000'000 * static_cast<std::int64_t>(commits.size())), entries));
    head = head_of(commits.back());
  }
  return commits;
}

std::vector<std::string> survey(const Store& store, const AgentId& agent, const std::vector<Commit>& about,
                                Position at) {
  const Call call;
  const auto asked = mentioned_in(about);
  std::vector<std::string> answers;
  const auto answer = [&](const std::string& question, const std::string& text) {
    answers.push_back(question + ": " + text);
  };
  const auto page = [&](const std::string& question, EntryQuery query) {
    query.limit = 1'000;
    answer(question, joined(store.entries(agent, query, at, call)));
    query.order = Order::descending;
    answer(question + " backwards", joined(store.entries(agent, query, at, call)));
  };

  page("entries", {});
  page("entries 3 to 9", {.from = Position{3}, .to = Position{9}});
  for (const auto kind : asked.kinds) page("kind " + std::string(kind_text(kind)), {.kinds = {kind}});
  for (const auto disposition : asked.dispositions) {
    page("disposition " + std::to_string(disposition), {.key = key::Disposition{disposition}});
  }
  for (const auto& text : asked.texts) page("text " + text, {.key = key::Text{text}});
  for (const auto& handle : asked.handles) page("handle " + to_text(handle.value), {.key = key::Handle{handle}});
  for (const auto& claim : asked.claims) {
    page("about " + to_text(claim.value), {.key = key::Claim{claim}});
    page("served " + to_text(claim.value), {.key = key::ServedClaim{claim}});
  }
  for (const auto& line : asked.lines) {
    const auto name = line.subject + "|" + line.predicate;
    page("entries of line " + name, {.key = key::Line{line}});
    answer("line " + name, joined(store.line(agent, line, at, call)));
  }
  const auto places = store.claims(agent, asked.claims, at, call);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto question = "claim " + std::to_string(i);
    answer(question, places[i]
                         ? places[i]->line.subject + "|" + places[i]->line.predicate + " " + full_text(places[i]->entry)
                         : "unknown");
  }
  for (const auto& each : store.dependants(agent, asked.claims, at, call)) {
    answer("dependants",
           to_text(each.parent.value) + " of " + std::to_string(each.child.value) + " " + to_text(each.claim.value));
  }
  for (const auto& key : asked.keys) {
    const auto entry = store.by_idempotency_key(agent, key, at, call);
    answer("key " + key.hex(), entry ? full_text(*entry) : "unknown");
  }
  answer("open", joined(store.open_adjudications(agent, Position{0}, 1'000, at, call)));
  answer("open after 8", joined(store.open_adjudications(agent, Position{8}, 1'000, at, call)));
  for (const auto& line : store.lines(agent, {}, {}, 1'000, at, call))
    answer("lines", line.subject + "|" + line.predicate);
  for (const auto& subject : asked.subjects) {
    for (const auto& line : store.lines(agent, subject, {}, 1'000, at, call))
      answer("lines of " + subject, line.predicate);
  }
  for (const auto& subject : store.subjects(agent, {}, 1'000, at, call)) answer("subjects", subject);
  return answers;
}

}  // namespace claimledger::conformance
