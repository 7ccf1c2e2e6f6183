#include "search_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <set>
#include <sstream>

#include "answers.hpp"
#include "claimledger/conformance/examples.hpp"
#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/limits.hpp"

namespace claimledger::property {
namespace {

using Words = std::vector<std::string>;

const Words vocabulary = {"bralo", "bramit", "dosk",  "doskan", "fenu", "gorp",
                          "hald",  "jimp",   "krell", "lusk",   "mord", "nax"};
const Words beginnings = {"br", "bra", "dos", "do", "fenu", "g", "zz"};
const Words sources = {"pell", "quon", "bralo"};

}  // namespace

// --- A ledger --------------------------------------------------------------------------------------------------------

Ledgers::Ledgers(std::uint64_t seed, std::shared_ptr<Store> store)
    : random(seed),
      store_(std::move(store)),
      ids_(std::make_shared<conformance::SeededIds>(random.below(99))),
      whims_(seed),
      engine_(engine_over(std::make_unique<conformance::ForwardingStore>(store_), config())),
      reference_(engine_over(std::make_unique<conformance::UnindexedStore>(store_), config())) {
  Config unfiled = config();
  unfiled.index_words = false;
  for (const auto& its_config : {config(), unfiled, Config{}})
    writers_.push_back(engine_over(std::make_unique<conformance::ForwardingStore>(store_), its_config));
  writer_ = whims_.below(writers_.size());
  const auto steps = 4 + random.below(14);
  for (std::size_t i = 0; i < steps; ++i) {
    clock->advance(std::chrono::hours{24 * (random.one_in(3) ? 40 : 1)});
    const auto& agent = agents[random.one_in(4) ? 1 : 0];
    step(agent);
    if (whims_.one_in(6)) move_index(agent);
  }
  clock->advance(std::chrono::hours{24});
  if (!store_->search_index() || !whims_.one_in(4)) return;
  erase_some(agents[0]);
  if (whims_.one_in(2)) move_index(agents[0]);
}

Config Ledgers::config() {
  Config config;
  config.search_language = "none";
  return config;
}

Engine Ledgers::engine_over(std::unique_ptr<Store> store, Config config) {
  return Engine({.store = std::move(store), .clock = clock, .ids = ids_}, std::move(config));
}

Engine& Ledgers::some_writer() {
  if (!store_->search_index()) return engine_;
  if (whims_.one_in(4)) writer_ = whims_.below(writers_.size());
  return writers_[writer_];
}

void Ledgers::move_index(const AgentId& agent) {
  if (!store_->search_index()) return;
  struct BrokenOff {};
  const bool whole = whims_.one_in(3);
  const auto note = [&](std::uint64_t, std::uint64_t) {
    if (!whole) throw BrokenOff();
  };
  try {
    engine_.reindex({.agent = agent, .anew = whims_.one_in(3), .progress = note});
  } catch (const BrokenOff&) {
    // It goes on from there, or does not.
  }
}

void Ledgers::erase_some(const AgentId& agent) {
  std::vector<StoredEntry> tombstones;
  const auto head = store_->head(agent, {});
  for (const auto& entry : store_->entries(agent, {.limit = 1'000}, head.position, {}))
    if (entry.content_state == ContentState::present && whims_.one_in(4))
      tombstones.push_back(conformance::content_erased(entry.seq));
  if (tombstones.empty()) return;
  conformance::ExampleIds batches;
  auto commit = conformance::commit_after(head, agent, batches.batch(), TxTime{clock->now()}, std::move(tombstones));
  commit.recipe = store_->search_index()->text_index(agent, {}).recipe;
  if (whims_.one_in(2)) commit.recipe.clear();
  EXPECT_EQ(store_->append(std::span(&commit, 1), {}).at(0), Outcome{});
  erased_ = true;
}

Position Ledgers::indexed() const {
  const auto* index = store_->search_index();
  if (!index) return {};
  const auto reach = index->text_index(agents[0], {});
  return reach.recipe == engine_.search({.agent = agents[0], .text = "x"}).recipe ? reach.up_to : Position{};
}

std::string Ledgers::some_words(std::size_t most) {
  // Few words are frequent, so that matches and ties are too.
  const auto word = [&] { return vocabulary[random.one_in(2) ? random.below(4) : random.below(vocabulary.size())]; };
  std::string text;
  for (auto left = 1 + random.below(most); left > 0; --left) text += (text.empty() ? "" : " ") + word();
  return text;
}

ValidEnd Ledgers::day() {
  static const Words days = {"2024", "2025-06", "2026-01-10", "2026-02", "2026-04-01", "2027"};
  return parse_valid_time(random.any_of(days), "day");
}

Statement Ledgers::statement() {
  static const Words subjects = {"hald", "hald jimp", "krell", "krella"};
  static const Words predicates = {"lusk", "mord", "luskan"};
  Statement made{.subject = random.any_of(subjects), .predicate = random.any_of(predicates), .value = some_words(5)};
  if (random.one_in(3)) {
    for (const auto& earlier : said_) {
      if (random.one_in(3)) made = earlier;  // to be restated, at another time
    }
  }
  made.source = random.one_in(3) ? std::nullopt : std::optional(random.any_of(sources));
  if (random.one_in(2)) made.window.from = day();
  if (random.one_in(5)) made.window.until = day();
  if (random.one_in(6)) made.provenance = Provenance::model_derived;
  if (random.one_in(6)) made.provenance = Provenance::external_first_hand;
  if (random.one_in(6)) made.value_confidence = Confidence{random.one_in(2) ? 1'000 : 6'000};
  if (random.one_in(4)) made.valid_time_confidence = Confidence{9'000};
  if (random.one_in(4)) made.cardinality = Cardinality::set_valued;
  made.criticality = static_cast<Criticality>(random.below(4));
  if (random.one_in(2)) {
    made.metadata = Value::parse("{\"a\":" + std::to_string(random.below(2)) + ",\"b\":\"x\"}");
  }
  said_.push_back(made);
  return made;
}

void Ledgers::step(const AgentId& agent) {
  auto& writer = some_writer();
  auto& claims = claims_[agent];
  if (claims.empty() || random.below(10) < 6) {
    IngestRequest request{.agent = agent, .statements = {}};
    for (auto left = 1 + random.below(3); left > 0; --left) request.statements.push_back(statement());
    for (const auto& receipt : writer.ingest(request).receipts)
      if (receipt.claim) claims.push_back(*receipt.claim);
    return;
  }
  const auto claim = claims[random.below(claims.size())];
  switch (random.below(6)) {
    case 0:
      writer.end_validity({.agent = agent, .claim = claim, .at = day()});
      return;
    case 1:
      writer.retract({.agent = agent, .claim = claim});
      return;
    case 2:
      writer.reopen({.agent = agent, .claim = claim});
      return;
    case 3:
      if (const auto answer = writer.correct({.agent = agent, .claim = claim, .value = some_words(3)});
          !answer.receipts.empty() && answer.receipts.front().claim) {
        claims.push_back(*answer.receipts.front().claim);
      }
      return;
    case 4:
      writer.adjudicate({.agent = agent,
                         .question = claim,
                         .verdict = random.one_in(2) ? Verdict::affirm : Verdict::deny,
                         .evidence = "seen"});
      return;
    default:
      writer.recall({.agent = agent, .line = {"hald", "lusk"}, .serve_to = "chat"});
  }
}

namespace {

// --- A question ------------------------------------------------------------------------------------------------------

using Fields = std::array<Words, 4>;  // subject, predicate, value, source
const std::array<std::string, 4> field_names = {"subject", "predicate", "value", "source"};

// One thing that is asked for: a word, the beginning of words, or words in their order.
struct Piece {
  enum class Kind { word, beginning, phrase };
  Kind kind = Kind::word;
  std::optional<std::size_t> field = {};
  Words words;

  std::string text() const {
    const auto in = field ? field_names[*field] + ":" : "";
    if (kind == Kind::beginning) return in + words[0] + "*";
    if (kind == Kind::word) return in + words[0];
    std::string all;
    for (const auto& each : words) all += (all.empty() ? "" : " ") + each;
    return in + '"' + all + '"';
  }
  bool stands_in(const Words& there) const {
    if (kind == Kind::phrase) return std::search(there.begin(), there.end(), words.begin(), words.end()) != there.end();
    return std::ranges::any_of(
        there, [&](const auto& each) { return kind == Kind::word ? each == words[0] : each.starts_with(words[0]); });
  }
  bool matches(const Fields& text) const {
    if (field) return stands_in(text[*field]);
    return std::ranges::any_of(text, [&](const auto& there) { return stands_in(there); });
  }
};

// Of each group one at least, and nothing of what is excluded.
struct Question {
  std::vector<std::vector<Piece>> groups;
  std::vector<Piece> excluded;
  std::string text;

  bool matches(const Fields& there) const {
    const auto match = [&](const Piece& piece) { return piece.matches(there); };
    return std::ranges::all_of(groups, [&](const auto& group) { return std::ranges::any_of(group, match); }) &&
           std::ranges::none_of(excluded, match);
  }
  // What is looked up for the score, each as a word or a beginning.
  std::vector<Piece> lookups() const {
    std::vector<Piece> all;
    for (const auto& group : groups) {
      for (const auto& piece : group) {
        for (const auto& each : piece.words) {
          const bool beginning = piece.kind == Piece::Kind::beginning;
          all.push_back({beginning ? Piece::Kind::beginning : Piece::Kind::word, {}, {each}});
        }
      }
    }
    return all;
  }
};

class Questioner {
 public:
  explicit Questioner(Random& random) : random_(random) {}

  Question ask() {
    const bool all = random_.one_in(3);
    question_.groups.resize(all ? 2 + random_.below(2) : 1);
    for (auto& group : question_.groups) {
      for (auto left = 1 + random_.below(all ? 2 : 4); left > 0; --left) {
        if (auto made = piece()) group.push_back(*made);
      }
    }
    std::erase_if(question_.groups, [](const auto& group) { return group.empty(); });
    if (question_.groups.empty()) return ask();
    if (random_.one_in(4)) {
      if (auto made = piece()) question_.excluded.push_back(*made);
    }
    write(all);
    return question_;
  }

 private:
  std::optional<Piece> piece() {
    Piece made;
    if (random_.one_in(5)) made.field = random_.below(4);
    if (random_.one_in(6)) {
      made.kind = Piece::Kind::beginning;
      made.words = {random_.any_of(beginnings)};
    } else if (random_.one_in(6)) {
      made.kind = Piece::Kind::phrase;
      made.words = {random_.any_of(vocabulary), random_.any_of(vocabulary)};
    } else {
      made.words = {random_.any_of(random_.one_in(4) ? sources : vocabulary)};
    }
    // What is asked for twice is another matter.
    for (const auto& each : made.words)
      if (!used_.insert(each + (made.kind == Piece::Kind::beginning ? "*" : "")).second) return std::nullopt;
    return made;
  }
  void write(bool all) {
    for (const auto& group : question_.groups) {
      std::string text;
      const auto* const between = random_.one_in(2) ? " " : " OR ";
      for (const auto& each : group) text += (text.empty() ? "" : between) + each.text();
      if (all && group.size() > 1) text = '(' + text + ')';
      question_.text += (question_.text.empty() ? "" : " AND ") + text;
    }
    for (const auto& each : question_.excluded) {
      // Without AND what is excluded stands in the list; an OR before it would make it something that may be missing.
      const bool listed = !all && question_.text.find(" OR ") == std::string::npos;
      if (!all && !listed) question_.text = '(' + question_.text + ')';
      question_.text += listed ? " -" : random_.one_in(2) ? " AND -" : " AND NOT ";
      question_.text += each.text();
    }
  }

  Random& random_;
  Question question_;
  std::set<std::string> used_;
};

// --- The model -------------------------------------------------------------------------------------------------------

Words split(const std::string& text) {
  std::istringstream in(text);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

Fields fields(const LineKey& line, const Value& value, const std::optional<std::string>& source) {
  return {split(line.subject), split(line.predicate), split(value.as_string().value_or("")),
          split(source.value_or(""))};
}

struct ModelClaim {
  const ClaimHistory* claim;
  Position statement;
  long double score;
  bool takes_part;  // at the instant of its line's belief
};
struct ModelLine {
  AgentId agent;
  LineKey line;
  Belief belief;
  std::vector<ModelClaim> claims;
  long double score() const { return claims.front().score; }
};

constexpr long double tolerance = 2e-6L;

class Model {
 public:
  Model(Engine& engine, const SearchRequest& request, const Question& question, const AgentId& agent)
      : engine_(engine), request_(request), question_(question), agent_(agent) {
    const auto listed = engine.predicates({.agent = agent, .at = request.at, .page = {.limit = 10'000}});
    position = listed.at.position;
    asked_at_ = listed.at.asked_at;
    learn_weights();
    for (const auto& line : listed.items) look_at(line);
    std::ranges::stable_sort(lines, [](const auto& a, const auto& b) {
      if (std::abs(a.score() - b.score()) > 1e-12L) return a.score() > b.score();
      return a.claims.front().statement > b.claims.front().statement;
    });
  }

  Position position;
  std::vector<ModelLine> lines;

 private:
  void learn_weights() {
    const AuditFilter statements{.kinds = {"ClaimRecorded", "Corroborated"}};
    lookups_ = question_.lookups();
    with_it_.resize(lookups_.size());
    for (const auto& entry :
         engine_.audit({.agent = agent_, .filter = statements, .at = request_.at, .page = {.limit = 10'000}}).items) {
      const auto& content = entry.record.content;
      const auto there = fields({*content.subject, *content.predicate}, *content.value, content.source);
      for (std::size_t i = 0; i < lookups_.size(); ++i) with_it_[i] += count(lookups_[i], there) > 0;
    }
  }
  static std::size_t count(const Piece& lookup, const Fields& there) {
    std::size_t times = 0;
    for (const auto& field : there)
      for (const auto& word : field) times += lookup.stands_in({word});
    return times;
  }
  long double score(const Fields& there) const {
    long double got = 0, best = 0;
    for (std::size_t i = 0; i < lookups_.size(); ++i) {
      const auto idf =
          std::log2((static_cast<long double>(position.value) + 1) / (static_cast<long double>(with_it_[i]) + 0.5L));
      const auto tf = static_cast<long double>(count(lookups_[i], there));
      got += idf * tf / (tf + 1.2L);
      best += idf;
    }
    return got / best;
  }

  bool takes(const LineKey& line) const {
    const auto& filter = request_.filter;
    return (!filter.subject || *filter.subject == line.subject) &&
           (!filter.predicate || *filter.predicate == line.predicate) &&
           (!filter.subject_prefix || line.subject.rfind(*filter.subject_prefix, 0) == 0) &&
           (!filter.predicate_prefix || line.predicate.rfind(*filter.predicate_prefix, 0) == 0);
  }
  bool takes(const ClaimHistory& claim) const {
    const auto& filter = request_.filter;
    const auto has_member = [&](const std::string& member) {
      return claim.metadata && claim.metadata->text().find(member) != std::string::npos;
    };
    // The metadata asked for has one member, as the ledgers write it.
    const auto wanted = filter.metadata ? filter.metadata->text() : "{}";
    return (filter.provenances.empty() ||
            std::ranges::find(filter.provenances, claim.slot.provenance) != filter.provenances.end()) &&
           (!filter.source ||
            std::ranges::any_of(claim.statements, [&](const auto& each) { return each.source == filter.source; })) &&
           (!filter.least_confidence || claim.slot.value_confidence >= *filter.least_confidence) &&
           (!filter.least_criticality || claim.slot.criticality >= *filter.least_criticality) &&
           (!filter.metadata || has_member(wanted.substr(1, wanted.size() - 2)));
  }
  static bool is_pending(const ClaimHistory& claim) { return claim.slot.disposition == Disposition::pending_conflict; }
  static bool takes_part(const ClaimHistory& claim, ValidTime at) {
    return (is_live(claim.slot.disposition) || is_pending(claim)) &&
           std::ranges::any_of(claim.validity, [&](const Span& span) { return span.from <= at && at < span.until; });
  }
  // The first instant of the stretch asked about at which the claim holds.
  std::optional<ValidTime> first_during(const ClaimHistory& claim) const {
    const auto& during = *request_.filter.valid_during;
    const auto from = during.from ? during.from->at : ValidTime::beginning();
    const auto until = during.until ? during.until->at : ValidTime::forever();
    for (const auto& span : claim.validity) {
      const auto first = std::max(from, span.from);
      if (first < std::min(until, span.until)) return first;
    }
    return std::nullopt;
  }

  bool is_wanted_then(const ClaimHistory& claim, ValidTime valid_at) {
    if (request_.filter.valid_during) {
      if (!first_during(claim)) return false;
      if (request_.history) return true;
      return is_live(claim.slot.disposition) || is_pending(claim);
    }
    return request_.history || takes_part(claim, valid_at);
  }

  void look_at(const LineKey& line) {
    if (!takes(line)) return;
    const auto& history = histories_.emplace_back(
        engine_.history({.agent = agent_, .line = line, .at = request_.at, .page = {.limit = limits::page}}));
    auto valid_at = request_.valid_at.value_or(as_valid(asked_at_));
    std::vector<ModelClaim> found;
    for (const auto& claim : history.claims) {
      std::optional<ModelClaim> best;
      for (const auto& statement : claim.statements) {
        const auto there = fields(line, claim.slot.value, statement.source);
        if (!question_.matches(there)) continue;
        const ModelClaim made{&claim, statement.seq, score(there), false};
        if (!best || made.score > best->score - 1e-12L) best = made;  // of equally good ones the newest
      }
      if (best && takes(claim) && is_wanted_then(claim, valid_at)) found.push_back(*best);
    }
    if (found.empty()) return;
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      if (std::abs(a.score - b.score) > 1e-12L) return a.score > b.score;
      return a.statement > b.statement;
    });
    if (request_.filter.valid_during && !request_.valid_at) valid_at = *first_during(*found.front().claim);
    auto belief = engine_.recall({.agent = agent_, .line = line, .at = request_.at, .valid_at = valid_at});
    const auto& statuses = request_.filter.statuses;
    if (!statuses.empty() && std::ranges::find(statuses, belief.status) == statuses.end()) return;
    if (statuses.empty() && !request_.history && !request_.filter.valid_during &&
        belief.status == BeliefStatus::no_belief) {
      return;
    }
    for (auto& each : found) each.takes_part = takes_part(*each.claim, valid_at);
    lines.push_back({agent_, line, std::move(belief), std::move(found)});
  }

  Engine& engine_;
  const SearchRequest& request_;
  const Question& question_;
  AgentId agent_;
  TxTime asked_at_;
  std::vector<Piece> lookups_;
  std::vector<std::size_t> with_it_;
  std::list<History> histories_;
};

// --- Side by side ----------------------------------------------------------------------------------------------------

class Comparison {
 public:
  Comparison(const SearchAnswer& answer, std::vector<ModelLine> model, const SearchRequest& request)
      : answer_(answer), model_(std::move(model)), request_(request) {}

  // The first difference, in words.
  std::string difference() {
    const auto least = request_.least_score.number();
    const bool close = std::ranges::any_of(model_, [&](const auto& line) {
      return std::abs(line.score() - static_cast<long double>(least)) <= tolerance;
    });
    if (least > 0 && close) return {};  // what is found hangs on how a score is rounded
    std::erase_if(model_, [&](const auto& line) { return line.score() < static_cast<long double>(least); });
    for (auto& line : model_)
      std::erase_if(line.claims, [&](const auto& claim) { return claim.score < static_cast<long double>(least); });

    const auto wanted = std::min(model_.size(), request_.limit);
    if (answer_.lines.size() != wanted) {
      return "found " + std::to_string(answer_.lines.size()) + " of " + std::to_string(wanted);
    }
    if (answer_.more != (model_.size() > request_.limit)) return "says that there is more, or does not";
    const ModelLine* last = nullptr;
    std::set<std::pair<AgentId, LineKey>> seen;
    for (const auto& line : answer_.lines) {
      if (!seen.insert({line.agent, line.line}).second) return "a line twice";
      const auto* const mine = find(line);
      if (!mine) return "found a line that is not to be found: " + name(line.line);
      if (auto wrong = difference_of(line, *mine); !wrong.empty()) return name(line.line) + ": " + wrong;
      if (last && !in_order(*last, *mine)) return "in the wrong order before " + name(line.line);
      last = mine;
    }
    for (const auto& line : model_) {
      const bool better = last && line.score() > last->score() + 2 * tolerance;
      if (better && !seen.contains({line.agent, line.line})) return "left out a better line: " + name(line.line);
    }
    return {};
  }

 private:
  static std::string name(const LineKey& line) { return line.subject + '|' + line.predicate; }
  const ModelLine* find(const FoundLine& line) const {
    const auto found = std::ranges::find_if(
        model_, [&](const auto& each) { return each.agent == line.agent && each.line == line.line; });
    return found == model_.end() ? nullptr : &*found;
  }
  // Equally good lines come newest first; those of two ledgers in either order.
  static bool in_order(const ModelLine& a, const ModelLine& b) {
    if (std::abs(a.score() - b.score()) > 1e-12L) return a.score() > b.score() - 2 * tolerance;
    return a.agent != b.agent || a.claims.front().statement > b.claims.front().statement;
  }
  static bool is_close(Score score, long double mine) {
    return std::abs(static_cast<long double>(score.number()) - mine) <= tolerance;
  }

  static std::string difference_of(const FoundLine& line, const ModelLine& mine) {
    if (!(line.belief == mine.belief)) return "another belief";
    if (line.claims.size() != mine.claims.size()) {
      return "with " + std::to_string(line.claims.size()) + " claims of " + std::to_string(mine.claims.size());
    }
    if (!is_close(line.score, mine.score())) return "scores " + std::to_string(line.score.number());
    for (std::size_t i = 0; i < line.claims.size(); ++i) {
      const auto& claim = line.claims[i];
      const auto found = std::ranges::find_if(
          mine.claims, [&](const auto& each) { return each.claim->slot.claim == claim.slot.claim; });
      if (found == mine.claims.end()) return "a claim that is not to be found";
      const auto place = static_cast<std::size_t>(found - mine.claims.begin());
      const bool swapped = place != i && std::abs(found->score - mine.claims[i].score) > 2 * tolerance;
      const bool ties = place != i && std::abs(found->score - mine.claims[i].score) < 1e-12L;
      if (swapped || ties) return "its claims in another order";
      if (auto wrong = difference_of(claim, *found, mine.belief); !wrong.empty()) return wrong;
    }
    return {};
  }

  static std::string difference_of(const FoundClaim& claim, const ModelClaim& mine, const Belief& belief) {
    if (!(claim.slot == mine.claim->slot)) return "another slot";
    if (claim.statement != mine.statement) return "by statement " + std::to_string(claim.statement.value);
    if (!is_close(claim.score, mine.score)) return "a claim scores " + std::to_string(claim.score.number());
    const auto says_so = [&](const Slot& slot) { return slot.value == claim.slot.value; };
    const bool answers =
        (belief.primary && says_so(*belief.primary)) || std::ranges::any_of(belief.alternatives, says_so);
    if (mine.takes_part && claim.believed != answers) return "believed, or not";
    if (!answers && claim.believed) return "believed, though it is not the answer";
    const auto text = claim.slot.value.as_string().value_or("");
    if (claim.snippet.text != text) return "another snippet";  // none is long
    return {};
  }

  const SearchAnswer& answer_;
  std::vector<ModelLine> model_;
  const SearchRequest& request_;
};

ValidWindow stretch(Ledgers& ledgers) {
  ValidWindow window{ledgers.day(), ledgers.day()};
  if (window.until->at <= window.from->at) ledgers.random.one_in(2) ? window.until.reset() : window.from.reset();
  return window;
}

SearchFilter some_filter(Ledgers& ledgers) {
  auto& random = ledgers.random;
  SearchFilter filter;
  if (random.one_in(12)) filter.subject = random.any_of(Words{"hald", "hald jimp", "krell", "nobody"});
  if (random.one_in(12)) filter.predicate = random.any_of(Words{"lusk", "mord"});
  if (random.one_in(12)) filter.subject_prefix = random.any_of(Words{"hald", "k", ""});
  if (random.one_in(12)) filter.predicate_prefix = random.any_of(Words{"lusk", "mo"});
  if (random.one_in(6)) {
    for (auto left = 1 + random.below(2); left > 0; --left)
      filter.statuses.push_back(static_cast<BeliefStatus>(random.below(4)));
  }
  if (random.one_in(6)) filter.valid_during = stretch(ledgers);
  if (random.one_in(10)) filter.provenances = {static_cast<Provenance>(random.below(4)), Provenance::model_derived};
  if (random.one_in(10)) filter.source = random.any_of(sources);
  if (random.one_in(10)) filter.least_confidence = Confidence{random.one_in(2) ? 6'000 : 6'001};
  if (random.one_in(10)) filter.least_criticality = static_cast<Criticality>(random.below(4));
  if (random.one_in(10)) filter.metadata = Value::parse(random.one_in(2) ? R"({"a":1})" : R"({"b":"x"})");
  return filter;
}

SearchRequest some_request(Ledgers& ledgers, const Question& question) {
  auto& random = ledgers.random;
  SearchRequest request{.agent = ledgers.agents[0], .text = question.text, .filter = some_filter(ledgers)};
  const auto head = ledgers.engine().head({.agent = ledgers.agents[0]}).position.value;
  if (random.one_in(3)) request.at.position = Position{random.below(head + 3)};
  if (!request.at.position && random.one_in(3)) {
    const auto days = static_cast<int>(random.below(400));
    request.at.as_of = TxTime{ledgers.clock->now() - std::chrono::hours{24 * days}};
  }
  request.history = random.one_in(3);
  if (random.one_in(3) && (request.history || !request.filter.valid_during)) request.valid_at = ledgers.day().at;
  if (random.one_in(2)) request.limit = 1 + random.below(4);
  if (random.one_in(8)) request.least_score = {static_cast<std::uint32_t>(random.below(700'000))};
  if (!request.at.position && random.one_in(4)) request.more_agents = {ledgers.agents[1]};
  return request;
}

std::string shown(const SearchRequest& request) {
  std::ostringstream out;
  out << request.text << (request.history ? " (history)" : "") << " limit " << request.limit;
  if (request.at.position) out << " at " << request.at.position->value;
  if (request.at.as_of) out << " as of " << to_text(*request.at.as_of);
  if (request.valid_at) out << " about " << to_text(*request.valid_at);
  if (request.least_score.millionths > 0) out << " from " << request.least_score.millionths;
  if (!request.more_agents.empty()) out << " of both agents";
  const auto& filter = request.filter;
  for (const auto& each :
       {filter.subject, filter.predicate, filter.subject_prefix, filter.predicate_prefix, filter.source}) {
    out << ' ' << each.value_or("-");
  }
  for (const auto status : filter.statuses) out << ' ' << text(status);
  if (filter.valid_during) {
    const auto end = [](const auto& at) { return at ? to_text(*at) : std::string(); };
    out << " during " << end(filter.valid_during->from) << ".." << end(filter.valid_during->until);
  }
  for (const auto provenance : filter.provenances) out << ' ' << text(provenance);
  if (filter.least_confidence) out << " sure " << filter.least_confidence->basis_points;
  if (filter.least_criticality) out << ' ' << text(*filter.least_criticality);
  if (filter.metadata) out << ' ' << filter.metadata->text();
  return std::move(out).str();
}

}  // namespace

void expect_equal(Ledgers& ledgers, std::uint64_t seed, Tally& tally) {
  const auto question = Questioner(ledgers.random).ask();
  const auto request = some_request(ledgers, question);
  SCOPED_TRACE("seed " + std::to_string(seed) + ": " + shown(request));
  const auto answer = ledgers.engine().search(request);
  EXPECT_EQ(conformance::text_of(answer), conformance::text_of(ledgers.reference().search(request)));
  ++tally.questions;
  tally.found += !answer.lines.empty();
  tally.more += answer.more;
  for (const auto& line : answer.lines) tally.claims += line.claims.size();
  if (ledgers.erased()) return;
  std::vector<ModelLine> model;
  std::vector<std::unique_ptr<Model>> models;  // the lines refer to them
  for (std::size_t i = 0; i <= request.more_agents.size(); ++i) {
    models.push_back(std::make_unique<Model>(ledgers.engine(), request, question, ledgers.agents.at(i)));
    EXPECT_EQ(answer.ledgers.at(i).at.position, models.back()->position);
    model.insert(model.end(), models.back()->lines.begin(), models.back()->lines.end());
  }
  EXPECT_EQ(answer.remark, "");
  EXPECT_EQ(Comparison(answer, std::move(model), request).difference(), "");
}

}  // namespace claimledger::property
