#include "application/view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "codec/codec.hpp"
#include "codec/transfer.hpp"
#include "forging.hpp"
#include "rules/rules.hpp"
#include "script.hpp"

// A decided batch that is not durable yet reads as it will once it is durable.
namespace claimledger::application {
namespace {

const Call unlimited;

constexpr auto story = {
    "2026-01-01",
    "say Berlin since 2020 source letter key k1",
    "say calm on mood by model from Berlin key k2",
    "serve chat",
    "say Munich since 2020 source letter key k3 ttl 1h",
    "say Paris since 2021 source diary ; Rome since 2022 source letter key k4 ; Berlin since 2020 source diary from "
    "calm",
    "serve letter",
    "say Berlin since 2020 by recall key k5",
    "say calm on mood by model from Berlin",
    "affirm Munich",
    "say Ulm since 2020 ttl 1h key k6",
    "say Linz since 2020 ttl 3h",
    "+2h",
    "sweep",
    "correct Munich Bonn key k7",
    "say red on colour from Bonn,calm ; blue on colour source letter",
    "end red 2027",
    "serve chat",
    "retract Bonn",
    "reopen Bonn",
    "line mood",
    "serve chat",
    "line lives_in",
    "drop letter",
    "drop! letter",
    "say Berlin since 2020 source letter",
};

// The lines, claims and other keys that a ledger mentions anywhere.
struct Topics {
  std::set<LineKey> lines;
  std::set<ClaimId> claims;
  std::set<Digest> keys;
  std::set<AdjudicationId> handles;
  std::set<std::string> sources;
  std::map<Position, TxTime> ends;  // of batches
};

Topics topics_of(const std::vector<test::ForgedBatch>& batches, const AgentId& agent) {
  Topics topics;
  Position seq;
  for (const auto& batch : batches) {
    for (const auto& [entry, content, line] : batch.entries) {
      ++seq.value;
      if (line) topics.lines.insert(*line);
      if (const auto claim = claim_of(entry)) topics.claims.insert(*claim);
      if (const auto* opened = std::get_if<AdjudicationOpened>(&entry)) topics.handles.insert(opened->handle);
      if (content && content->source) topics.sources.insert(*content->source);
      if (content && content->context) topics.sources.insert(*content->context);
      if (content && content->idempotency_key)
        topics.keys.insert(codec::idempotency_digest(agent, *content->idempotency_key));
    }
    topics.ends[seq] = batch.header.recorded_at;
  }
  return topics;
}

std::string text(const Record& record, Position previous = {}) {
  const auto body = codec::encode(record.entry, {record.seq, record.recorded_at, previous, {}});
  const auto content = codec::encode(record.content);
  std::string text(body.begin(), body.end());
  text.append(content.begin(), content.end());
  return text + (record.content_state == ContentState::present ? "+" : "-");
}
std::string text(const std::optional<Record>& record) { return record ? text(*record) : "none"; }

using Answers = std::map<std::string, std::string>;

// Walks a list in pages of each size; they make one list, whatever the size, and only the last one is not full.
template <class Item>
std::string pages(const std::function<std::vector<Item>(const Item* last, std::size_t limit)>& page,
                  const std::function<std::string(const Item&)>& show) {
  std::string text;
  for (const std::size_t limit : {1U, 2U, 3U, 1'000U}) {
    std::optional<Item> last;
    for (bool full = true; full;) {
      const auto items = page(last ? &*last : nullptr, limit);
      full = items.size() == limit;
      EXPECT_LE(items.size(), limit);
      for (const auto& item : items) text += show(item) + ' ';
      if (full) last = items.back();
    }
    text += "| ";
  }
  return text;
}

std::string name(const LineKey& line) { return line.subject + '/' + line.predicate; }

// All that needs no whole line.
Answers ask(View& view, const Topics& topics, Position end) {
  Answers answers;
  for (const auto& [position, time] : topics.ends) {
    if (position <= end) answers["end " + to_text(time)] = std::to_string(view.batch_end(time).value);
  }
  answers["lines"] =
      pages<LineKey>([&](const LineKey* last,
                         std::size_t limit) { return view.lines(last ? std::optional(*last) : std::nullopt, limit); },
                     [](const LineKey& line) { return name(line); });
  answers["questions"] = pages<View::Question>(
      [&](const View::Question* last, std::size_t limit) {
        return view.open_questions(last ? last->seq : Position{}, limit);
      },
      [](const View::Question& it) { return std::to_string(it.seq.value) + to_text(it.opened.handle.value); });
  for (const auto& source : topics.sources) {
    answers["said by " + source] = pages<View::StatementPlace>(
        [&](const View::StatementPlace* last, std::size_t limit) {
          return view.statements_of(source, last ? last->seq : Position{}, limit);
        },
        [](const View::StatementPlace& it) { return std::to_string(it.seq.value) + name(it.line); });
  }
  for (const auto& key : topics.keys) {
    const auto found = view.by_key(key);
    answers["key " + key.hex()] = found ? text(found->record) + (found->line ? name(*found->line) : "") : "none";
  }
  for (const auto& handle : topics.handles) {
    answers["opened " + to_text(handle.value)] = text(view.opened(handle));
    answers["closed " + to_text(handle.value)] = text(view.closed(handle));
  }
  const auto shown = [](const std::vector<Derivation>& derivations) {
    std::string text;
    for (const auto& [parent, child, claim] : derivations)
      text += to_text(parent.value) + std::to_string(child.value) + to_text(claim.value) + ' ';
    return text;
  };
  for (const auto& claim : topics.claims) {
    const auto id = to_text(claim.value);
    const auto served = view.last_served(claim);
    answers["served " + id] = served ? to_text(*served) : "never";
    answers["dependants " + id] = shown(view.dependants(std::span(&claim, 1)));
    answers["began " + id] = std::to_string(view.began(claim).value);
    answers["has " + id] = view.has(claim) ? "yes" : "no";
    EXPECT_EQ(view.knows(claim), view.has(claim)) << id;
  }
  const std::vector<ClaimId> all(topics.claims.begin(), topics.claims.end());
  answers["dependants"] = shown(view.dependants(all));
  for (const auto& line : topics.lines) {
    for (const auto& [until, time] : topics.ends) {
      if (until > end) break;
      auto& entries = answers["entries of " + name(line) + " until " + std::to_string(until.value)];
      for (const auto& [record, previous] : view.entries_of(line, until)) entries += text(record, previous);
    }
  }
  return answers;
}

// The answers of a view about the lines.
Answers look(View& view, const Topics& topics, Position end) {
  Answers answers{{"at", std::to_string(view.at().value)}};
  for (const auto& claim : topics.claims) {
    const auto* line = view.line_of(claim);
    answers["line of " + to_text(claim.value)] = line ? name(line->key) : "none";
    auto& dependants = answers["derived from " + to_text(claim.value)];
    for (const auto& child : view.derived_from(std::span(&claim, 1))) dependants += to_text(child.value) + ' ';
  }
  const rules::Reading reading{end, topics.ends.at(end)};
  for (const auto& key : topics.lines) {
    const auto& line = view.line(key);
    const auto& state = line.state;
    auto& shown = answers["line " + name(key)];
    shown = std::to_string(state.last().value) + ' ' + std::to_string(line.last_before.value);
    for (const auto& claim : state.claims()) {
      const auto history = rules::claim_history(state, key, claim, reading);
      shown += '\n' + to_text(claim.id.value) + ' ' + std::string(claimledger::text(history.slot.disposition));
      for (const auto& span : claim.validity.spans()) shown += ' ' + test::short_text(span);
      for (const auto& statement : history.statements) shown += ' ' + std::to_string(statement.seq.value);
    }
  }
  return answers;
}

void expect_same(const Answers& pending, const Answers& durable) {
  ASSERT_EQ(pending.size(), durable.size());
  for (const auto& [question, answer] : durable) EXPECT_EQ(pending.at(question), answer) << question;
}

class Views : public testing::Test {
 protected:
  Views()
      : script_([] {
          Config config;
          config.queue_for_adjudication = true;
          return config;
        }()) {
    for (const auto* line : story) script_.act(line);
    batches_ = test::unsealed(script_.store(), script_.agent());
    topics_ = topics_of(batches_, script_.agent());
    for (const auto& [end, time] : topics_.ends) ends_.push_back(end);
  }

  // A ledger of the first of these batches and no more.
  View after(std::size_t batches) {
    const std::vector<test::ForgedBatch> first(batches_.begin(),
                                               batches_.begin() + static_cast<std::ptrdiff_t>(batches));
    auto& store = *stores_.emplace_back(memory::open());
    EXPECT_EQ(test::plant(store, script_.agent(), test::sealed(first, script_.agent())), std::nullopt);
    return {store, script_.agent(), end_of(batches), unlimited};
  }
  Position end_of(std::size_t batches) const { return batches == 0 ? Position{} : ends_[batches - 1]; }
  void make(View& view, std::size_t batch) {
    auto& draft = view.begin(batches_[batch].header.recorded_at);
    for (const auto& [entry, content, line] : batches_[batch].entries)
      draft.entries.push_back({entry, content.value_or(Content{}), line});
  }

  test::Script script_;
  std::vector<test::ForgedBatch> batches_;
  Topics topics_;
  std::vector<Position> ends_;
  std::vector<std::unique_ptr<Store>> stores_;
};

TEST_F(Views, TheStoryHasEverythingThatAViewIsAskedFor) {
  auto view = after(batches_.size());
  const auto answers = ask(view, topics_, ends_.back());
  std::map<std::string, std::set<std::string>> seen;  // by the first word of the question
  for (const auto& [question, answer] : answers) seen[question.substr(0, question.find(' '))].insert(answer);
  for (const auto& [about, different] : seen) {
    const bool one_list = about == "lines" || about == "questions" || about == "has";
    EXPECT_GE(different.size(), one_list ? 1U : 2U) << about;
  }
  EXPECT_NE(answers.at("dependants"), "");
  std::set<std::string> kinds;
  for (const auto& batch : batches_)
    for (const auto& entry : batch.entries) kinds.insert(std::string(kind_text(entry.entry)));
  for (const auto* kind : {"ClaimRecorded", "Corroborated", "Judged", "Served", "AdjudicationOpened",
                           "AdjudicationClosed", "TakenBack", "Reopened", "Ended", "ReviewMarked"})
    EXPECT_TRUE(kinds.contains(kind)) << kind;
}

TEST_F(Views, SeeADecidedBatchAsOnceItIsDurable) {
  for (std::size_t batch = 0; batch < batches_.size(); ++batch) {
    SCOPED_TRACE("batch " + std::to_string(batch));
    auto pending = after(batch);
    make(pending, batch);
    EXPECT_EQ(pending.at(), end_of(batch)) << "it is in the making";
    EXPECT_EQ(pending.begin({topics_.ends.at(ends_[batch]).value + std::chrono::microseconds{1}}).after, ends_[batch]);

    auto durable = after(batch + 1);
    expect_same(ask(pending, topics_, ends_[batch]), ask(durable, topics_, ends_[batch]));
    expect_same(look(pending, topics_, ends_[batch]), look(durable, topics_, ends_[batch]));
  }
}

TEST_F(Views, SeeSeveralDecidedBatchesAsOnceTheyAreDurable) {
  for (std::size_t first = 0; first < batches_.size(); ++first) {
    SCOPED_TRACE("from batch " + std::to_string(first));
    auto pending = after(first);
    for (auto batch = first; batch < batches_.size(); ++batch) make(pending, batch);
    pending.begin({topics_.ends.at(ends_.back()).value + std::chrono::microseconds{1}});

    auto durable = after(batches_.size());
    expect_same(ask(pending, topics_, ends_.back()), ask(durable, topics_, ends_.back()));
    expect_same(look(pending, topics_, ends_.back()), look(durable, topics_, ends_.back()));
  }
}

TEST_F(Views, SeeTheBatchInTheMakingAsOnceItIsDurable) {
  for (std::size_t batch = 0; batch < batches_.size(); ++batch) {
    SCOPED_TRACE("batch " + std::to_string(batch));
    auto pending = after(batch);
    ask(pending, topics_, end_of(batch));  // what was asked before does not hide what comes
    make(pending, batch);
    auto durable = after(batch + 1);
    expect_same(ask(pending, topics_, ends_[batch]), ask(durable, topics_, ends_[batch]));
  }
}

TEST_F(Views, ReadALineAgainThatWasClosed) {
  for (std::size_t first = 0; first < batches_.size(); ++first) {
    SCOPED_TRACE("from batch " + std::to_string(first));
    auto pending = after(first);
    for (auto batch = first; batch < batches_.size(); ++batch) make(pending, batch);
    pending.begin({topics_.ends.at(ends_.back()).value + std::chrono::microseconds{1}});
    const auto open = look(pending, topics_, ends_.back());
    for (const auto& key : topics_.lines) {
      const auto last_before = pending.line(key).last_before;
      pending.unload(key);
      EXPECT_EQ(pending.last_before(key), last_before);
    }
    expect_same(look(pending, topics_, ends_.back()), open);
  }
}

// Drafted entries are on their line at once, and the next batch continues from there.
TEST_F(Views, ALineThatIsOpenGoesOnFromBatchToBatch) {
  auto view = after(1);
  const LineKey key{"alice", "lives_in"};
  auto& line = view.line(key);
  EXPECT_EQ(line.last_before, ends_[0]);
  for (const auto* value : {"Oslo", "Bergen"}) {
    const auto last = line.state.last();
    auto& draft = view.begin({topics_.ends.at(ends_[0]).value + std::chrono::microseconds{view.at().value}});
    EXPECT_EQ(line.last_before, last);
    for (const auto& claim : line.state.claims())
      EXPECT_EQ(line.state.validity_before(line.state.index_of(claim)), claim.validity) << "of the batch before";
    rules::LineDraft drafting(line.key, line.state, draft);
    Claim claim;
    claim.id.value.data[0] = static_cast<std::uint8_t>(*value);
    Content content;
    content.value = Value(value);
    rules::decide(drafting, {claim, content}, {});
    EXPECT_EQ(line.last_before, last) << "the batch is still in the making";
    EXPECT_EQ(line.state.last(), Position{view.at().value + draft.entries.size()});
    // Closed and opened again, it shows the batch in the making all the same.
    const LineKey other{"alice", std::string("says ") + value};
    auto& opened = view.line(other);
    rules::LineDraft beside(opened.key, opened.state, draft);
    claim.id.value.data[1] = 1;
    rules::decide(beside, {claim, content}, {});
    view.unload(other);
    EXPECT_EQ(view.last_before(other), Position{});
    EXPECT_TRUE(view.line(other).state.find(claim.id));
    EXPECT_EQ(view.line(other).last_before, Position{});
  }
}

}  // namespace
}  // namespace claimledger::application
