#include "engine_story.hpp"

#include <algorithm>
#include <sstream>

#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"

namespace claimledger::property {

namespace {

using What = Step::What;

std::string text_of(const Value& value) { return value.as_string().value_or(value.text()); }

std::string words_of(const Segment& segment, bool set) {
  std::string all;
  for (const auto& slot : segment.values) {
    if (!all.empty()) all += set ? ' ' : '|';
    all += text_of(slot.value);
  }
  if (all.empty()) return all;
  if (set) return "{" + all + "}";
  return segment.status == BeliefStatus::timing_uncertain ? "~" + all : all;
}

std::string words_of(const Belief& belief) {
  Segment segment{.span = {}, .status = belief.status, .values = belief.alternatives};
  if (belief.primary) segment.values = {*belief.primary};
  return words_of(segment, belief.set);
}

Stretches stretches_of(const Timeline& timeline) {
  Stretches found;
  for (const auto& segment : timeline.segments) {
    const auto words = words_of(segment, timeline.set);
    if (words.empty()) continue;
    if (!found.empty() && found.back().first.until == segment.span.from && found.back().second == words) {
      found.back().first.until = segment.span.until;
    } else {
      found.emplace_back(segment.span, words);
    }
  }
  return found;
}

std::string in_words(const std::vector<Span>& spans) {
  std::string all;
  for (const auto& span : spans) all += (all.empty() ? "" : " ") + in_days(span);
  return all.empty() ? "nothing" : all;
}

bool waits(Disposition disposition) {
  return disposition == Disposition::contested || disposition == Disposition::queued_for_adjudication;
}

}  // namespace

std::string in_words(const Became& became) {
  std::ostringstream out;
  out << (became.done ? "done" : "nothing");
  if (!became.claim.empty()) out << (became.began ? ", began " : ", restates ") << became.claim;
  if (became.waits) out << ", waits";
  for (const auto& rival : became.against) out << ", against " << rival;
  return out.str();
}

EngineStory::EngineStory(const Config& config) : clock_(std::make_shared<conformance::ManualClock>(day(0))) {
  Parts parts;
  parts.store = memory::open();
  parts.clock = clock_;
  parts.ids = std::make_shared<conformance::SeededIds>(7);
  engine_ = std::make_unique<Engine>(std::move(parts), config);
}

Position EngineStory::head() const { return engine_->head({.agent = agent_}).position; }

std::string EngineStory::verified() const {
  const auto verification = engine_->verify({.agent = agent_});
  if (!verification.ok) return verification.problem;
  const auto timeline = timeline_at({}).segments;
  const bool contested =
      std::ranges::any_of(timeline, [](const Segment& segment) { return segment.status == BeliefStatus::contested; });
  const bool listed = !engine_->contested({.agent = agent_}).items.empty();
  if (listed != contested) return std::string("the line is ") + (listed ? "" : "not ") + "listed as contested";
  return {};
}

At EngineStory::at(std::optional<Position> position) const {
  if (!position) return {};
  const auto asked = asked_at_.find(*position);
  return {.position = position, .asked_at = asked == asked_at_.end() ? std::nullopt : std::optional(asked->second)};
}

History EngineStory::read(std::optional<Position> position) const {
  return engine_->history({.agent = agent_, .line = story_line, .at = at(position)});
}

Timeline EngineStory::timeline_at(std::optional<Position> position) const {
  return engine_->timeline({.agent = agent_, .line = story_line, .at = at(position)});
}

Belief EngineStory::belief(ValidTime valid_at, std::optional<Position> position) {
  return engine_->recall({.agent = agent_, .line = story_line, .at = at(position), .valid_at = valid_at});
}

std::string EngineStory::name(const ClaimId& claim) const {
  const auto found = names_.find(claim);
  return found == names_.end() ? "new:" + to_text(claim.value) : found->second;
}

std::vector<Became> EngineStory::play(const std::vector<Step>& batch) {
  // The clock goes on with every step, as the model's does, whether anything is written or not.
  clock_->set(played_ ? std::max(clock_->now() + std::chrono::microseconds{1}, batch.front().when)
                      : batch.front().when);
  played_ = true;
  auto became = batch.front().what == What::say ? say(batch) : std::vector{verb(batch.front())};
  const auto position = head();
  if (!asked_at_.contains(position)) asked_at_[position] = TxTime{clock_->now()};
  return became;
}

std::vector<Became> EngineStory::say(const std::vector<Step>& batch) {
  IngestRequest request{.agent = agent_, .statements = {}};
  for (const auto& step : batch) request.statements.push_back(step.word);
  const auto answer = engine_->ingest(request);
  std::vector<Became> all;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& receipt = answer.receipts.at(i);
    named_[batch[i].name] = *receipt.claim;
    if (!receipt.corroborated) names_[*receipt.claim] = batch[i].name;
  }
  number_statements(batch);
  for (const auto& receipt : answer.receipts) {
    Became became{.began = !receipt.corroborated, .claim = name(*receipt.claim), .waits = waits(receipt.disposition)};
    for (const auto& rival : receipt.contested_with) became.against.insert(name(rival));
    all.push_back(std::move(became));
  }
  return all;
}

// Entries that are new since are the statements of the batch, in order.
void EngineStory::number_statements(const std::vector<Step>& batch) {
  std::set<std::uint64_t> fresh;
  for (const auto& claim : read({}).claims)
    for (const auto& statement : claim.statements)
      if (!said_.contains(statement.seq.value)) fresh.insert(statement.seq.value);
  auto step = batch.begin();
  for (const auto seq : fresh)
    if (step != batch.end()) said_[seq] = (step++)->name;
}

std::optional<ClaimId> EngineStory::target(const Step& step) const {
  const auto named = named_.find(step.about);
  if (named == named_.end()) return {};
  if (step.present) {
    for (const auto& claim : read({}).claims)
      for (const auto& statement : claim.statements)
        if (said_.at(statement.seq.value) == step.about) return claim.slot.claim;
  }
  return named->second;
}

WriteAnswer EngineStory::written(const Step& step, const ClaimId& claim) {
  const auto at = step.at ? std::optional(ValidEnd{*step.at, Granularity::day}) : std::nullopt;
  switch (step.what) {
    case What::end:
      return engine_->end_validity({.agent = agent_, .claim = claim, .at = *at});
    case What::retract:
      return engine_->retract({.agent = agent_, .claim = claim});
    case What::reopen:
      return engine_->reopen({.agent = agent_, .claim = claim, .at = at});
    case What::correct: {
      CorrectRequest correct{.agent = agent_, .claim = claim, .value = step.word.value};
      correct.source = step.word.source;
      correct.provenance = step.word.provenance;
      if (step.given_window) correct.window = step.word.window;
      return engine_->correct(correct);
    }
    case What::affirm:
    case What::deny:
    case What::unknown: {
      const auto verdict = step.what == What::affirm ? Verdict::affirm
                           : step.what == What::deny ? Verdict::deny
                                                     : Verdict::unknown;
      return engine_->adjudicate({.agent = agent_, .question = claim, .verdict = verdict, .evidence = "seen"});
    }
    case What::say:
    case What::drop:
      break;
  }
  return {};
}

Became EngineStory::verb(const Step& step) {
  Became became;
  WriteAnswer answer;
  if (step.what == What::drop) {
    RetractSourceRequest request{.agent = agent_, .source = step.source, .dry_run = true};
    const auto dry = engine_->retract_source(request);
    if (dry.receipts.empty()) return {.done = false};
    request.dry_run = false;
    request.expected_position = dry.position;
    answer = engine_->retract_source(request);
  } else {
    const auto claim = target(step);
    if (!claim) return {.done = false};
    try {
      answer = written(step, *claim);
    } catch (const InvalidInput&) {
      return {.done = false};
    }
  }
  became.done = answer.status == WriteStatus::done && !answer.receipts.empty() &&
                answer.receipts.front().disposition != Disposition::rejected;
  if (became.done && step.what == What::correct) {
    // The claim that stands in its place now.
    for (const auto& receipt : answer.receipts) {
      if (names_.contains(*receipt.claim)) continue;
      names_[*receipt.claim] = step.name;
      named_[step.name] = *receipt.claim;
    }
    number_statements({step});
    became.began = true;
    became.claim = step.name;
  }
  return became;
}

Picture EngineStory::picture(std::optional<Position> position) {
  const auto history = read(position);
  Picture picture{.line = stretches_of(timeline_at(position))};
  std::map<ClaimId, std::set<std::string>> statements;
  for (const auto& claim : history.claims) {
    auto& mine = statements[claim.slot.claim];
    for (const auto& statement : claim.statements) {
      const auto said = said_.find(statement.seq.value);
      mine.insert(said == said_.end() ? "entry " + std::to_string(statement.seq.value) : said->second);
    }
    if (naming_ && !mine.empty() && !names_.contains(claim.slot.claim))
      names_[claim.slot.claim] = naming_(claim.slot.claim, mine);
  }
  for (const auto& claim : history.claims) {
    if (claim.statements.empty()) continue;
    auto& drawn = picture.claims[name(claim.slot.claim)];
    drawn.statements = statements[claim.slot.claim];
    drawn.live = is_live(claim.slot.disposition);
    if (drawn.live) drawn.base = in_words(claim.base);
    if (drawn.live) drawn.validity = in_words(claim.validity);
    drawn.waits = waits(claim.slot.disposition);
    drawn.queued = claim.slot.disposition == Disposition::queued_for_adjudication;
    for (const auto& followed : claim.follows) drawn.follows.insert(name(followed));
  }
  return picture;
}

Picture drawn_by_engine(const Story& story) {
  EngineStory engine(story.config);
  for (std::size_t i = 0; i < story.steps.size();) {
    std::vector<Step> batch{story.steps[i]};
    while (++i < story.steps.size() && story.steps[i].joins && batch.front().what == What::say)
      batch.push_back(story.steps[i]);
    engine.play(batch);
  }
  return engine.picture();
}

// --- Side by side ----------------------------------------------------------------------------------------------------

namespace {

Became became(const Model& model, std::size_t step) {
  const auto& outcome = model.outcome(step);
  Became became{.done = outcome.done};
  if (!outcome.done || !model.story().steps[step].speaks()) return became;
  became.began = outcome.began;
  if (model.story().steps[step].what == What::correct) {
    became.claim = model.name(step);
    return became;
  }
  became.claim = model.name(*outcome.claim);
  const auto& line = model.after(step + 1);
  const auto& claim = *line.find(*outcome.claim);
  became.waits = claim.counts && line.waits(claim);
  for (const auto rival : line.rivals_of(claim)) became.against.insert(model.name(rival));
  return became;
}

std::optional<std::string> beliefs_differ(const Model& model, std::size_t steps, EngineStory& engine) {
  const auto drawn = picture_of(model, steps);
  for (std::size_t cell = 0; cell < model.axis().size(); ++cell) {
    std::vector<ValidTime> instants{model.axis().start(cell)};
    if (cell > 0) instants.push_back({instants[0].value - std::chrono::microseconds{1}});
    if (cell == 0) instants = {{earliest_instant}};
    for (const auto at : instants) {
      const auto words = words_of(engine.belief(at));
      if (words != drawn.at(at))
        return "at " + in_days(at) + " the model believes " + drawn.at(at) + ", the engine " + words;
      const auto expected = model.after(steps).belief(at).primary;
      const auto primary = engine.belief(at).primary;
      const auto name = primary ? engine.name(primary->claim) : "nobody";
      if (expected && name != model.name(*expected))
        return "at " + in_days(at) + " the model answers with " + model.name(*expected) + ", the engine with " + name;
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> side_by_side(const Story& story) {
  const Model model(story);
  EngineStory engine(story.config);
  std::size_t now = 0;
  std::map<std::string, std::string> new_names;  // the model's, taken
  engine.name_new_ones([&](const ClaimId& id, const std::set<std::string>& statements) -> std::string {
    for (const auto& [name, claim] : picture_of(model, now).claims) {
      if (name.starts_with("new") && claim.statements == statements && !new_names.contains(name)) {
        new_names[name] = to_text(id.value);
        return name;
      }
    }
    return "new:" + to_text(id.value);
  });

  std::map<Position, Picture> old;
  for (std::size_t i = 0; i < story.steps.size();) {
    const auto first = i;
    std::vector<Step> batch{story.steps[i]};
    while (++i < story.steps.size() && story.steps[i].joins && batch.front().what == What::say)
      batch.push_back(story.steps[i]);
    const auto where = "after " + text(batch.back()) + ": ";
    now = i;
    const auto came = engine.play(batch);
    const auto drawn = engine.picture();
    for (std::size_t step = first; step < i; ++step) {
      auto expected = became(model, step);
      auto real = came[step - first];
      // A receipt also names whom its claim has won over; the model tells those by what they lost.
      if (story.config.overturn_policy == OverturnPolicy::newest_first_hand_wins && !real.waits) {
        expected.against.clear();
        real.against.clear();
      }
      if (real != expected) return where + "the model says " + in_words(expected) + ", the engine " + in_words(real);
    }
    if (const auto wrong = difference("model", picture_of(model, i), "engine", drawn)) return where + *wrong;
    if (const auto wrong = beliefs_differ(model, i, engine)) return where + *wrong;
    old.emplace(engine.head(), drawn);
  }
  for (const auto& [position, drawn] : old)
    if (const auto wrong = difference("then", drawn, "now", engine.picture(position)))
      return "an old position" + *wrong;
  if (const auto problem = engine.verified(); !problem.empty()) return "verify: " + problem;
  return {};
}

}  // namespace claimledger::property
