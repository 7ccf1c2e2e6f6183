#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <map>
#include <queue>
#include <set>
#include <span>
#include <utility>

#include "application/asked.hpp"
#include "application/candidates.hpp"
#include "application/embedding.hpp"
#include "application/folded_line.hpp"
#include "application/search_filter.hpp"
#include "application/terms.hpp"
#include "application/use_cases.hpp"
#include "claimledger/limits.hpp"
#include "claimledger/ports/vectors.hpp"
#include "domain/utf8.hpp"
#include "search/content_text.hpp"
#include "search/recency.hpp"

// Finding claims by words. The statements that have the words come first, the best before the others; then their lines
// are read and folded, in that order and some at a time, until enough of them have passed the filter. So what is
// filtered never takes a place, and what is believed is decided as for recall(). Where recency counts, how lately a
// claim began is seen when its line is read, and reading goes on while the best that is left could still be better.
namespace claimledger::application {

namespace {

// Statements that are looked at together: few at first, where those may do, and many where the filter leaves little.
constexpr std::size_t least_at_once = 16;
constexpr std::size_t most_at_once = 1'024;
constexpr std::size_t snippet_bytes = 240;

// Of which models a ledger has vectors.
std::string other_models(const Context& context, const AgentId& agent, const Call& call) {
  std::string others;
  for (const auto& filed : context.store().vectors()->models(agent, call)) {
    if (filed.filed > filed.erased) others += (others.empty() ? ", but of " : ", ") + shown(filed.model);
  }
  return others;
}

// A line, and when what it was found by was said.
struct Found {
  FoundLine line;
  TxTime said_at;
  // Of two the better one: by score, then the newer. Of what was said at the same moment in two ledgers, the one whose
  // name comes first.
  friend bool operator<(const Found& a, const Found& b) {
    if (a.line.score != b.line.score) return a.line.score > b.line.score;
    if (a.said_at != b.said_at) return a.said_at > b.said_at;
    if (a.line.agent != b.line.agent) return a.line.agent < b.line.agent;
    return a.line.claims.front().statement > b.line.claims.front().statement;
  }
};

// The search of one ledger.
class Search {
 public:
  Search(const Context& context, const SearchRequest& request, const AgentId& agent, const Asked& asked,
         const ReadPoint& point, std::size_t most)
      : context_(context),
        request_(request),
        agent_(agent),
        question_(asked.question),
        asked_(asked),
        point_(point),
        most_(most),
        valid_at_(request.valid_at.value_or(as_valid(point.asked_at))),
        filter_(request),
        recency_(request.recency_share.millionths, request.half_life, valid_at_),
        candidates_(context, {.agent = agent,
                              .at = point.position,
                              .question = asked.question,
                              .by = asked.by,
                              .meaning = asked.meaning ? &*asked.meaning : nullptr,
                              .looks_up_words = asked.by != SearchBy::meaning || request.explain,
                              .least_score = recency_.needed_for(request.least_score.millionths),
                              .progress = request.progress,
                              .call = request.call}) {}

  // The best lines, `most` of them where there are so many.
  std::vector<Found> run() {
    if (const auto lines = lines_of_few_subjects()) {
      read(*lines);
    } else {
      read_best();
    }
    std::vector<Found> best;
    for (auto& [candidate, found] : ranked_) best.push_back(std::move(found));
    return best;
  }

  SearchedLedger about() const {
    SearchedLedger ledger{.agent = agent_, .at = {point_.position, point_.asked_at}, .scanned = candidates_.scanned()};
    tell_of_meaning(ledger);
    for (std::size_t i = 0; request_.explain && i < question_.lookups().size(); ++i) {
      const auto& lookup = question_.lookups()[i];
      constexpr double bit = 1 << 24;
      ledger.terms.push_back({lookup.text, lookup.kind == search::Lookup::Kind::beginning, lookup.wanted,
                              candidates_.statements()[i], candidates_.weights()[i] / bit});
    }
    return ledger;
  }

 private:
  void tell_of_meaning(SearchedLedger& ledger) const {
    ledger.no_meaning = asked_.no_meaning;
    if (!asked_.meaning) return;
    const auto& nearness = *candidates_.nearness();
    ledger.compared = nearness.compared();
    if (nearness.up_to() >= point_.position) return;  // nothing is pending
    auto& vectors = *context_.store().vectors();
    const auto& model = asked_.meaning->model;
    ledger.pending = vectors
                         .without_vector(agent_, model, kinds_with_words(), {nearness.up_to().value + 1},
                                         point_.position, limits::page, request_.call)
                         .size();
    if (nearness.there() || ledger.pending == 0) return;
    ledger.no_meaning = "the ledger of " + agent_.value + " has no vectors of " + shown(model) +
                        other_models(context_, agent_, request_.call) + "; file them with embed";
    if (request_.by) throw InvalidInput("by", "asks for meaning, but " + ledger.no_meaning);
  }

  // Lines in the order of their statements, until enough have passed.
  void read_best() {
    for (auto at_once = std::max(most_, least_at_once); const auto next = candidates_.best_left();) {
      // A line is as good as its best claim that passed, which may come later than the first that it has.
      if (is_full() && ranked_.rbegin()->first < best_of(*next)) break;
      read(new_lines(candidates_.next(at_once)));
      at_once = std::min(2 * at_once, most_at_once);
    }
  }

  bool is_full() const { return ranked_.size() == most_; }

  // No claim of a statement that is this one or comes behind it is better.
  Candidate best_of(const Candidate& next) const {
    if (!recency_.counts()) return next;
    return {.seq = {std::numeric_limits<std::uint64_t>::max()}, .score = recency_.most(next.score)};
  }

  // The lines that the filter takes, where it names subjects and those have few: they are sooner read than all that was
  // found elsewhere.
  std::optional<std::vector<LineKey>> lines_of_few_subjects() const {
    constexpr std::size_t many = 256;
    const auto fewer_than = std::min(candidates_.left(), many);
    const auto& subject = request_.filter.subject;
    const auto& prefix = request_.filter.subject_prefix;
    if (!subject && !prefix) return std::nullopt;
    std::optional<LineKey> after;
    if (!subject) after = LineKey{*prefix, ""};
    auto lines = context_.store().lines(agent_, subject, after, fewer_than, point_.position, request_.call);
    const auto end =
        std::ranges::find_if(lines, [&](const auto& line) { return prefix && !line.subject.starts_with(*prefix); });
    if (end == lines.end() && lines.size() >= fewer_than) return std::nullopt;
    std::erase_if(lines, [&](const auto& line) { return !filter_.takes(line); });
    return lines;
  }

  // The lines of these statements that were not looked at yet and that the filter takes, each once.
  std::vector<LineKey> new_lines(const std::vector<Candidate>& statements) {
    EntryQuery query{.limit = statements.size()};
    key::Positions key;
    for (const auto& each : statements) key.positions.push_back(each.seq);
    query.key = std::move(key);
    std::vector<LineKey> lines;
    for (auto& entry : context_.store().entries(agent_, query, point_.position, request_.call)) {
      if (!entry.line) unreadable(entry.seq, "is a statement on no line");
      if (filter_.takes(*entry.line) && seen_.insert(*entry.line).second) lines.push_back(std::move(*entry.line));
    }
    return lines;
  }

  // Few at a time: a line may have many entries.
  void read(const std::vector<LineKey>& lines) {
    constexpr std::size_t lines_at_once = 64;
    for (std::size_t begin = 0; begin < lines.size(); begin += lines_at_once) {
      const auto some = std::span(lines).subspan(begin, std::min(lines_at_once, lines.size() - begin));
      Wanted wanted;
      for (const auto& line : some) wanted.lines.emplace_back(line);
      const auto snapshot = context_.store().snapshot(agent_, point_.position, wanted, request_.call);
      std::vector<rules::LineState> states;
      std::vector<Position> statements;
      for (const auto& line : snapshot.lines) {
        states.push_back(FoldedLine::of(line).state);
        for (const auto& statement : states.back().statements()) statements.push_back(statement.seq);
      }
      candidates_.prepare(statements);
      for (std::size_t i = 0; i < some.size(); ++i) look_at(some[i], states[i]);
    }
  }

  // A claim that was found, and the statement by which, with the score of the claim.
  struct Hit {
    Candidate candidate;
    rules::Index claim;
    std::uint32_t freshness;
  };

  // Of each claim by its best statement, whatever its freshness; the best first.
  std::vector<Hit> hits_on(const rules::LineState& state) const {
    struct Seen {
      Candidate candidate;
      bool answers;  // as its text was seen to do

      // The best is the greatest.
      bool operator<(const Seen& other) const { return other.candidate < candidate; }
    };
    std::priority_queue<Seen> found;
    for (const auto& statement : state.statements())
      if (const auto candidate = candidates_.find(statement.seq)) found.push({*candidate, false});
    std::vector<Hit> hits;
    std::set<rules::Index> settled;  // found, or not to be found
    while (!found.empty()) {
      const auto [candidate, answers] = found.top();
      found.pop();
      const auto claim = claim_with(state, candidate.seq);
      if (claim == rules::nowhere || settled.contains(claim)) continue;
      if (answers || !filter_.takes(state, state[claim], valid_at_)) {
        settled.insert(claim);
        if (answers) hits.push_back({candidate, claim, recency_.freshness(beginning_of(state[claim]))});
      } else if (const auto answer = answering(content_of(state, candidate), candidate)) {
        found.push({*answer, true});  // it may be worth less now, and another statement of the claim more
      }
    }
    for (auto& hit : hits) hit.candidate.score = recency_.with(hit.candidate.score, hit.freshness);
    std::erase_if(hits, [&](const Hit& hit) { return hit.candidate.score < request_.least_score.millionths; });
    std::ranges::sort(hits, [](const auto& a, const auto& b) { return a.candidate < b.candidate; });
    return hits;
  }

  // One without a start that can be trusted may hold at any time; what is known is when somebody first said so.
  static ValidTime beginning_of(const rules::ClaimState& claim) {
    return claim.trusted ? claim.window.from : as_valid(claim.first_said());
  }

  std::vector<std::uint32_t> counts_of(const search::ContentText& text, const Candidate& candidate) const {
    if (const auto counts = candidates_.counts(candidate.seq)) return {counts->begin(), counts->end()};
    return question_.counts(context_.analysis.terms(text.document()));
  }

  // By its words, or else by its meaning where that is near; nothing: neither.
  std::optional<Candidate> answering(const Content& content, const Candidate& candidate) const {
    if (!content.value) return std::nullopt;  // erased since it was compared
    const search::ContentText text(content);
    const auto counts = counts_of(text, candidate);
    const auto allowed = [&] { return question_.allows(text.document(), counts); };
    if (asked_.by == SearchBy::meaning) return allowed() ? std::optional(candidate) : std::nullopt;
    if (question_.judge(text.document(), counts)) return candidate;
    const auto meant = candidates_.without_words(candidate);
    return meant && allowed() ? meant : std::nullopt;
  }

  void look_at(const LineKey& key, const rules::LineState& state) {
    const auto hits = hits_on(state);
    if (hits.empty()) return;
    const auto& best = hits.front().candidate;
    if (is_full() && ranked_.rbegin()->first < best) return;
    FoundLine line{agent_,
                   key,
                   {best.score},
                   rules::belief(state, instant_of(state[hits.front().claim]), reading(context_, point_)),
                   {}};
    if (!filter_.takes(line.belief)) return;
    for (const auto& hit : hits) line.claims.push_back(found_claim(line.belief, state, hit));
    const auto said_at = state.statement(state.statement_at(best.seq)).recorded_at;
    ranked_.emplace(best, Found{std::move(line), said_at});
    if (ranked_.size() > most_) ranked_.erase(std::prev(ranked_.end()));
  }

  // The instant that a line's belief is about: of a stretch of time the first at which the claim holds.
  ValidTime instant_of(const rules::ClaimState& claim) const {
    const auto& window = request_.filter.valid_during;
    if (!window || request_.valid_at) return valid_at_;
    const auto from = span_of(*window).from;
    for (const Span& span : claim.validity.spans()) {
      if (from < span.until) return std::max(from, span.from);
    }
    return valid_at_;
  }

  // The claim that has a statement now; nowhere: it was taken back.
  static rules::Index claim_with(const rules::LineState& state, Position statement) {
    const auto index = state.statement_at(statement);
    return index == rules::nowhere ? rules::nowhere : state.statement(index).claim;
  }

  static const Content& content_of(const rules::LineState& state, const Candidate& candidate) {
    return state.statement(state.statement_at(candidate.seq)).content;
  }

  FoundClaim found_claim(const Belief& belief, const rules::LineState& state, const Hit& hit) const {
    const auto& claim = state[hit.claim];
    const auto& candidate = hit.candidate;
    const search::ContentText text(content_of(state, candidate));
    FoundClaim found{.slot = rules::slot_of(state, claim, point_.asked_at),
                     .statement = candidate.seq,
                     .score = {candidate.score},
                     .words = {candidate.words},
                     .snippet = {}};
    if (candidate.cosine) found.cosine = *candidate.cosine / 1'000'000.0;
    if (recency_.counts()) found.freshness = Score{hit.freshness};
    const auto says_so = [&](const Slot& slot) { return slot.value == found.slot.value; };
    found.believed = rules::takes_part(claim, belief.valid_at) && ((belief.primary && says_so(*belief.primary)) ||
                                                                   std::ranges::any_of(belief.alternatives, says_so));
    found.snippet = search::snippet(text.value(), question_.matches(text.value()), snippet_bytes);
    if (request_.explain) found.counts = counts_of(text, candidate);
    return found;
  }

  const Context& context_;
  const SearchRequest& request_;
  const AgentId& agent_;
  const search::Question& question_;
  const Asked& asked_;
  ReadPoint point_;
  std::size_t most_;
  ValidTime valid_at_;
  Filter filter_;
  search::Recency recency_;
  Candidates candidates_;
  std::set<LineKey> seen_;
  std::map<Candidate, Found> ranked_;  // by the best claim; no more than are wanted
};

void admit_recency(const SearchRequest& request) {
  if (Score{1'000'000} < request.recency_share) throw InvalidInput("recency_share", "must be a number from 0 to 1");
  if (request.half_life.count() < 1) throw InvalidInput("half_life", "must be at least a microsecond");
  if (request.recency_share > Score{} && request.by == SearchBy::ranks)
    throw InvalidInput("recency_share", "is a share of scores, and ranks are places: ask by blend, words or meaning");
}

void admit(const SearchRequest& request) {
  if (request.limit == 0) throw InvalidInput("limit", "must be at least 1");
  admit_recency(request);
  const auto& filter = request.filter;
  const std::array texts = {std::pair{"subject", &filter.subject}, std::pair{"predicate", &filter.predicate},
                            std::pair{"subject_prefix", &filter.subject_prefix},
                            std::pair{"predicate_prefix", &filter.predicate_prefix},
                            std::pair{"source", &filter.source}};
  for (const auto& [field, text] : texts)
    if (const auto problem = text_problem(text->value_or("")); !problem.empty())
      throw InvalidInput(field, std::string(problem));
  if (request.filter.metadata && !request.filter.metadata->is_object())
    throw InvalidInput("metadata", "must be an object");
  if (request.filter.valid_during) span_of(*request.filter.valid_during);  // refuses what ends before it begins
  if (!request.more_agents.empty() && request.at.position)
    throw InvalidInput("position", "is of one ledger: ask for several as of a time");
  for (const auto& agent : request.more_agents) rules::admit_agent(agent, "more_agents");
}

// What one ledger gave.
struct OfLedger {
  SearchedLedger about;
  std::vector<Found> lines;
  SearchBy by = SearchBy::words;
};

OfLedger look_through(const Context& context, const SearchRequest& request, const AgentId& agent, const Asked& asked,
                      const ReadPoint& point, std::size_t most) {
  Search search(context, request, agent, asked, point, most);
  auto lines = search.run();
  return {search.about(), std::move(lines), asked.by};
}

// Vectors that cannot be read leave the words, unless somebody insists. What else is damaged is so without them.
OfLedger search_ledger(const Context& context, const SearchRequest& request, const AgentId& agent, const Asked& asked,
                       const ReadPoint& point, std::size_t most) {
  try {
    return look_through(context, request, agent, asked, point, most);
  } catch (const StoreFailure& failure) {
    const bool damaged = failure.kind() == FailureKind::corrupt || failure.kind() == FailureKind::incompatible;
    if (!asked.meaning || request.by || !damaged) throw;
    const Asked words{.question = asked.question, .no_meaning = failure.detail()};
    return look_through(context, request, agent, words, point, most);
  }
}

}  // namespace

SearchAnswer search(const Context& context, const SearchRequest& request) {
  admit(request);
  const auto asked = ask(context, request);
  const auto& question = asked.question;
  const auto most = std::min(request.limit, limits::found_lines);
  SearchAnswer answer{.ledgers = {}, .by = SearchBy::words, .recipe = context.analysis.recipe(), .lines = {}};
  answer.remark = search::text(question.remark());
  answer.cut = question.cut();
  std::vector<AgentId> agents{request.agent};
  for (const auto& agent : request.more_agents)
    if (std::ranges::find(agents, agent) == agents.end()) agents.push_back(agent);
  auto at = request.at;  // one now for all ledgers
  if (!at.asked_at && !at.as_of) at.asked_at = TxTime{context.clock().now()};
  std::vector<Found> lines;
  for (const auto& agent : agents) {
    const auto point = read_at(context, agent, at, {}, request.call).point;
    if (!question.asks() && !asked.meaning) {
      answer.ledgers.push_back({.agent = agent, .at = {point.position, point.asked_at}});
      continue;
    }
    auto found = search_ledger(context, request, agent, asked, point, most + 1);
    if (found.by != SearchBy::words) answer.by = found.by;
    std::ranges::move(found.lines, std::back_inserter(lines));
    answer.ledgers.push_back(std::move(found.about));
  }
  if (answer.by != SearchBy::words) answer.model = asked.meaning->model;
  std::sort(lines.begin(), lines.end());
  answer.more = lines.size() > most;
  for (auto& found : std::span(lines).first(std::min(lines.size(), most)))
    answer.lines.push_back(std::move(found.line));
  if (asked.meaning && !answer.lines.empty()) answer.remark.clear();  // its words were not all
  return answer;
}

}  // namespace claimledger::application
