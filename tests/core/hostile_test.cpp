#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "claimledger/conformance/forwarding_store.hpp"
#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "forging.hpp"
#include "random_records.hpp"
#include "script.hpp"

// A ledger that comes from elsewhere may hold anything that decodes: it is refused, or it can be read; it never takes
// the process down.
namespace claimledger::test {
namespace {

// One ledger with every kind of entry but the tombstone.
const std::vector<ForgedBatch>& history() {
  static const auto batches = [] {
    Config config;
    config.queue_for_adjudication = true;
    config.recall_burst = 2;
    Script script(config);
    for (const auto* line : {"say Berlin since 2020 source Ada key k1",
                             "+1d",
                             "say Munich since 2021",
                             "affirm Munich",
                             "+1d",
                             "say Rome since 2026-06",
                             "+300d",
                             "say Paris since 2026-06-01",
                             "deny Paris",
                             "say Berlin since 2020",
                             "say maybe sure 0.1 on mood",
                             "say maybe sure 0.1 on mood",
                             "say red set on likes ; blue set on likes",
                             "say capital on p2 by model from Berlin",
                             "say capital on p2 by model",
                             "serve chat",
                             "line p2",
                             "serve chat",
                             "say capital on p2 by recall from capital",
                             "say capital on p2 by recall from capital",
                             "say capital on p2 by recall from capital",
                             "retract Berlin",
                             "review capital keep",
                             "line lives_in",
                             "reopen Berlin 2022",
                             "end Rome 2027 by model",
                             "end Rome 2027",
                             "say Oslo on works_in ; Bern on works_in ttl 1h",
                             "+2d",
                             "sweep",
                             "say Kiel on works_in",
                             "reconcile",
                             "line works_in",
                             "say one on left ; two on left",
                             "say Berlin on country by model from Munich",
                             "line works_in",
                             "say Bonn on born until 2020 ; Ulm on born",
                             "line team",
                             "say Reds since 2020 on team source Ada",
                             "say Blues since 2026-09 on team",
                             "say Reds since 2020 on team source Bob from Berlin",
                             "end Blues 2026-11",
                             "correct Reds Greens",
                             "say Blues on team",
                             "reopen Blues",
                             "say Greens since 2020 on team",
                             "say Golds since 2027 on team",
                             "drop Ada",
                             "drop! Ada"}) {
      script.act(line);
    }
    const auto verification = script.engine().verify({.agent = script.agent()});
    EXPECT_TRUE(verification.ok) << verification.problem;
    return unsealed(script.store(), script.agent());
  }();
  return batches;
}

const AgentId agent{"tester"};

struct Host {
  std::shared_ptr<conformance::ManualClock> clock =
      std::make_shared<conformance::ManualClock>(std::chrono::sys_days{std::chrono::year{2030} / 1 / 1});
  std::unique_ptr<Store> made = memory::open();
  Store& store = *made;
  Engine engine =
      Engine({.store = std::move(made), .clock = clock, .ids = std::make_shared<conformance::SeededIds>(9)}, [] {
        Config config;
        config.queue_for_adjudication = true;
        return config;
      }());

  // The batch that was refused, if one was.
  std::optional<std::size_t> import(const std::vector<StoredBatch>& batches) {
    for (std::size_t i = 0; i < batches.size(); ++i) {
      try {
        engine.import_batch({.line = codec::to_json_line(batches[i])});
      } catch (const InvalidInput&) {
        return i;
      }
    }
    return std::nullopt;
  }
  Position head() { return engine.head({.agent = agent}).position; }
};

// How many of the verbs said that the ledger is corrupt, and the last of them why. Whatever else is thrown is not for a
// host to catch.
std::size_t use_every_verb(Engine& engine, const std::vector<ForgedBatch>& batches, std::string& why) {
  std::size_t corrupt = 0;
  const auto attempt = [&](const std::function<void()>& verb) {
    try {
      verb();
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::corrupt) return;
      ++corrupt;
      why = failure.what();
    }
  };
  attempt([&] { engine.pending({.agent = agent}); });
  attempt([&] { engine.contested({.agent = agent}); });
  attempt([&] { engine.audit({.agent = agent, .page = {.limit = 1000}}); });
  attempt([&] { engine.subject({.agent = agent, .subject = "alice"}); });
  attempt([&] { engine.served({.agent = agent, .claim_or_context = std::string("chat")}); });
  attempt([&] { engine.outcome({.agent = agent, .idempotency_key = "k1"}); });
  for (const auto& batch : batches) {
    for (const auto& [entry, content, line] : batch.entries) {
      if (line) attempt([&, &line = line] { engine.history({.agent = agent, .line = *line}); });
      const auto* recorded = std::get_if<ClaimRecorded>(&entry);
      if (!recorded) continue;
      attempt([&] { engine.claim({.agent = agent, .claim = recorded->claim.id}); });
      attempt(
          [&] { engine.lineage({.agent = agent, .claim = recorded->claim.id, .direction = Direction::descendants}); });
    }
  }
  attempt([&] { engine.sweep({.agent = agent}); });
  attempt([&] { engine.reconcile({.agent = agent}); });
  for (const auto& batch : batches) {
    for (const auto& [entry, content, line] : batch.entries) {
      if (const auto* opened = std::get_if<AdjudicationOpened>(&entry)) {
        attempt([&] {
          engine.adjudicate(
              {.agent = agent, .question = opened->handle, .verdict = Verdict::affirm, .evidence = "seen"});
        });
      }
      const auto* recorded = std::get_if<ClaimRecorded>(&entry);
      if (!recorded || !line) continue;
      const auto id = recorded->claim.id;
      attempt([&, &line = line] {
        engine.ingest({.agent = agent, .statements = {{line->subject, line->predicate, Value("new")}}});
      });
      attempt([&] { engine.reopen({.agent = agent, .claim = id}); });
      attempt([&] { engine.review({.agent = agent, .claim = id, .verdict = ReviewVerdict::keep}); });
      attempt([&] { engine.end_validity({.agent = agent, .claim = id, .at = parse_valid_time("2024", "at")}); });
      attempt([&] { engine.retract({.agent = agent, .claim = id}); });
    }
  }
  return corrupt;
}

// The first entry of this kind that `change` changes.
template <class Kind>
std::vector<StoredBatch> forged(const std::function<bool(Kind&, std::optional<Content>&)>& change) {
  auto batches = history();
  for (auto& batch : batches) {
    for (auto& [entry, content, line] : batch.entries) {
      auto* it = std::get_if<Kind>(&entry);
      if (it && change(*it, content)) return sealed(batches, agent);
    }
  }
  ADD_FAILURE() << "nothing to change";
  return {};
}

// Whether a verb meets what is wrong: some of it only verify, import and copy look at.
enum class Met { by_verbs, by_verify };

void expect_harmless(const std::vector<StoredBatch>& batches, Met met = Met::by_verbs) {
  Host importing;
  const auto refused = importing.import(batches);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(importing.head().value, batches[*refused].first.value - 1) << "nothing of it was written";
  EXPECT_TRUE(importing.engine.verify({.agent = agent}).ok);

  Host holding;
  ASSERT_EQ(plant(holding.store, agent, batches), std::nullopt);
  EXPECT_FALSE(holding.engine.verify({.agent = agent}).ok);
  std::string why;
  EXPECT_EQ(use_every_verb(holding.engine, history(), why) > 0U, met == Met::by_verbs) << why;

  Host copying;
  Host source;
  ASSERT_EQ(plant(source.store, agent, batches), std::nullopt);
  try {
    copying.engine.copy_from({.source = source.engine, .agent = agent});
    ADD_FAILURE() << "was copied";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
  }
  EXPECT_TRUE(copying.head() == Position{} || copying.engine.verify({.agent = agent}).ok);
}

TEST(HostileLedger, AsItWasItIsTaken) {
  Host host;
  const auto batches = sealed(history(), agent);
  EXPECT_EQ(host.import(batches), std::nullopt);
  EXPECT_TRUE(host.engine.verify({.agent = agent}).ok);
  std::string why;
  EXPECT_EQ(use_every_verb(host.engine, history(), why), 0U) << why;
  std::set<std::uint8_t> kinds;
  for (const auto& batch : batches) {
    for (const auto& entry : batch.entries) kinds.insert(entry.kind);
  }
  EXPECT_EQ(kinds.size(), entry_kinds().size() - 1) << testing::PrintToString(kinds);
}

TEST(HostileLedger, TrustedTimingWithoutAStart) {
  expect_harmless(forged<ClaimRecorded>([](auto& it, auto&) {
    it.claim.window.from.reset();
    return it.claim.trusted;
  }));
}

TEST(HostileLedger, AClaimWithoutAValue) {
  expect_harmless(forged<ClaimRecorded>([](auto&, auto& content) {
    content->value.reset();
    return true;
  }));
}

TEST(HostileLedger, AClaimWithoutContent) {
  expect_harmless(forged<ClaimRecorded>([](auto&, auto& content) {
    content.reset();
    return true;
  }));
}

// Rules of the ledger that no store checks.
const ClaimId nobody{parse_uuid("01977a3e-6c00-7000-8000-000000000001").value()};

TEST(HostileLedger, AParentThatIsNotThere) {
  expect_harmless(forged<ClaimRecorded>([](auto& it, auto&) {
                    for (auto& parent : it.claim.derived_from) parent = nobody;
                    return !it.claim.derived_from.empty();
                  }),
                  Met::by_verify);
}

TEST(HostileLedger, AServedClaimThatIsNotThere) {
  expect_harmless(forged<Served>([](auto& it, auto&) {
                    it.claims.push_back(nobody);
                    return true;
                  }),
                  Met::by_verify);
}

TEST(HostileLedger, AnEntryAboutAClaimThatIsNotThere) {
  expect_harmless(forged<Corroborated>([](auto& it, auto&) {
    it.stated.id = nobody;
    return true;
  }));
}

TEST(HostileLedger, AMarkForReviewWithoutItsCause) {
  expect_harmless(forged<ReviewMarked>([](auto& it, auto&) {
                    it.cause = nobody;
                    return true;
                  }),
                  Met::by_verify);
}

TEST(HostileLedger, AnAnswerWithoutItsQuestion) {
  expect_harmless(forged<AdjudicationClosed>([](auto& it, auto&) {
    it.handle = AdjudicationId{nobody.value};
    return true;
  }));
}

// What verify says of a ledger that got past every check.
std::string problem_of(const std::vector<ForgedBatch>& batches) {
  Host holding;
  if (const auto refused = plant(holding.store, agent, sealed(batches, agent)))
    return "refused by the store: " + *refused;
  return holding.engine.verify({.agent = agent}).problem;
}

TEST(HostileLedger, ATombstoneOfWhatHasNoContent) {
  auto batches = history();
  batches.back().entries.push_back({Tombstone{.erased = {1'000}}, std::nullopt, std::nullopt});
  Host importing;
  EXPECT_EQ(importing.import(sealed(batches, agent)), batches.size() - 1) << "not there at all";

  batches.back().entries.back().entry = Tombstone{.erased = {1}};
  batches.back().entries.push_back(batches.back().entries.back());
  Host twice;
  EXPECT_EQ(twice.import(sealed(batches, agent)), batches.size() - 1) << "erased by the one before";

  batches.back().entries.pop_back();
  Host once;
  EXPECT_EQ(once.import(sealed(batches, agent)), std::nullopt);
  EXPECT_TRUE(once.engine.verify({.agent = agent}).ok);

  auto again = batches.back();
  again.header.id.value.data[15] ^= 1;
  again.header.recorded_at.value += std::chrono::microseconds{1};
  again.entries = {batches.back().entries.back()};
  batches.push_back(again);
  Host later;
  EXPECT_EQ(later.import(sealed(batches, agent)), batches.size() - 1) << "erased by a batch before";
  EXPECT_TRUE(problem_of(batches).ends_with("erases content that was erased before")) << problem_of(batches);
}

TEST(HostileLedger, WhatIsErasedSaysSoWhateverIsAskedOfIt) {
  auto batches = history();
  const auto claim = std::get<ClaimRecorded>(batches.front().entries.front().entry).claim.id;
  batches.back().entries.push_back({Tombstone{.erased = {1}}, std::nullopt, std::nullopt});
  Host host;
  ASSERT_EQ(host.import(sealed(batches, agent)), std::nullopt);
  const std::string erased = "its content was erased, and nothing brings it back";

  for (const auto verdict : {Verdict::affirm, Verdict::deny}) {
    const auto judged =
        host.engine.adjudicate({.agent = agent, .question = claim, .verdict = verdict, .evidence = "lease"});
    EXPECT_EQ(judged.status, WriteStatus::not_found);
    EXPECT_EQ(judged.reason, "there is nothing to judge: " + erased);
  }
  const ValidEnd at = parse_valid_time("2024", "time");
  for (const auto& answer :
       {host.engine.end_validity({.agent = agent, .claim = claim, .at = at}),
        host.engine.retract({.agent = agent, .claim = claim}), host.engine.reopen({.agent = agent, .claim = claim}),
        host.engine.review({.agent = agent, .claim = claim}),
        host.engine.correct({.agent = agent, .claim = claim, .value = Value("Bonn")})}) {
    const bool rejected = !answer.receipts.empty() && answer.receipts.front().disposition == Disposition::rejected;
    EXPECT_TRUE(rejected || answer.status == WriteStatus::nothing_to_do);
    EXPECT_EQ(rejected ? answer.receipts.front().reason : answer.reason, erased);
  }
}

TEST(HostileLedger, ATombstoneOfAnEntryThatNeverHadContent) {
  auto batches = history();
  std::uint64_t seq = 0, bare = 0;
  for (const auto& batch : batches) {
    for (const auto& entry : batch.entries) {
      ++seq;
      if (bare == 0 && !entry.content) bare = seq;
    }
  }
  ASSERT_GT(bare, 0U);
  batches.back().entries.push_back({Tombstone{.erased = {bare}}, std::nullopt, std::nullopt});
  Host host;
  EXPECT_EQ(host.import(sealed(batches, agent)), batches.size() - 1);
  EXPECT_TRUE(problem_of(batches).ends_with("has content that it does not name")) << problem_of(batches);
}

// Files each erasure under the entry behind its tombstone.
class ErasedByAnother final : public conformance::ForwardingStore {
 public:
  ErasedByAnother() : ForwardingStore(memory::open()) {}
  Inventory inventory(const AgentId& of, const Call& call) const override {
    auto found = ForwardingStore::inventory(of, call);
    for (auto& [entry, tombstone] : found.erasures) ++tombstone.value;
    return found;
  }
};

TEST(HostileLedger, ContentThatIsFiledAsErasedByAnotherEntry) {
  auto batches = history();
  batches.back().entries.push_back({Tombstone{.erased = {1}}, std::nullopt, std::nullopt});
  auto made = std::make_unique<ErasedByAnother>();
  ASSERT_EQ(plant(*made, agent, sealed(batches, agent)), std::nullopt);
  const Engine engine({.store = std::move(made),
                       .clock = std::make_shared<conformance::ManualClock>(),
                       .ids = std::make_shared<conformance::SeededIds>(9)});
  const auto problem = engine.verify({.agent = agent}).problem;
  EXPECT_TRUE(problem.ends_with("is erased by another than its tombstone")) << problem;
}

TEST(HostileLedger, AClaimThatIsDerivedFromItself) {
  auto batches = history();
  for (auto& batch : batches) {
    for (auto& entry : batch.entries) {
      auto* recorded = std::get_if<ClaimRecorded>(&entry.entry);
      if (!recorded || recorded->claim.derived_from.empty()) continue;
      recorded->claim.derived_from = {recorded->claim.id};
      Host host;
      EXPECT_NE(host.import(sealed(batches, agent)), std::nullopt);
      EXPECT_TRUE(problem_of(batches).ends_with("names a claim that was not recorded before it"))
          << problem_of(batches);
      return;
    }
  }
  FAIL() << "nothing is derived in the history";
}

TEST(HostileLedger, AQuestionWithoutATermThatExpires) {
  expect_harmless(forged<AdjudicationOpened>(
      [](auto& it, auto&) { return std::exchange(it.expires_at, std::nullopt).has_value(); }));
}

TEST(HostileLedger, ARestatementOfWhatIsDerivedFromNothing) {
  expect_harmless(forged<Corroborated>([](auto& it, auto&) {
                    it.stated.derived_from = {nobody};
                    return true;
                  }),
                  Met::by_verify);
}

// An entry of this line that records a claim.
Position recorded_on(const std::string& predicate) {
  Position seq;
  for (const auto& batch : history()) {
    for (const auto& [entry, content, line] : batch.entries) {
      ++seq.value;
      if (std::holds_alternative<ClaimRecorded>(entry) && line->predicate == predicate) return seq;
    }
  }
  ADD_FAILURE() << "no claim on " << predicate;
  return {};
}

ClaimId claim_on(const std::string& predicate) {
  Position seq;
  for (const auto& batch : history()) {
    for (const auto& forged : batch.entries) {
      if (++seq.value == recorded_on(predicate).value) return std::get<ClaimRecorded>(forged.entry).claim.id;
    }
  }
  return {};
}

TEST(HostileLedger, AJudgementThatGivesAClaimAStatementOfAnotherLine) {
  expect_harmless(forged<Judged>([](auto& it, auto&) {
    it.statements.push_back(recorded_on("mood"));
    return true;
  }));
}

TEST(HostileLedger, AJudgementThatGivesAClaimWhatIsNoStatement) {
  for (const Position seq : {Position{0}, Position{1'000'000}}) {
    expect_harmless(forged<Judged>([&](auto& it, auto&) {
      it.statements.push_back(seq);
      return true;
    }));
  }
}

// Of this the store itself keeps watch: no claim is begun twice.
TEST(HostileLedger, AJudgementThatBeginsAClaimThatIsThere) {
  const auto batches = forged<Judged>([](auto& it, auto&) { return !std::exchange(it.begins, true); });
  Host importing, holding;
  const auto refused = importing.import(batches);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(importing.head().value, batches[*refused].first.value - 1);
  EXPECT_NE(plant(holding.store, agent, batches), std::nullopt);
}

TEST(HostileLedger, AJudgementOnAClaimThatIsNotThere) {
  expect_harmless(forged<Judged>([](auto& it, auto&) {
    it.claim = nobody;
    return !it.begins;
  }));
}

TEST(HostileLedger, ATakingBackOfWhatIsNoStatement) {
  for (const Position seq : {Position{0}, Position{1'000'000}, recorded_on("mood")}) {
    expect_harmless(forged<TakenBack>([&](auto& it, auto&) {
      it.statements.push_back(seq);
      return true;
    }));
  }
}

TEST(HostileLedger, ATakingBackOfAClaimOfAnotherLine) {
  for (const auto& claim : {nobody, claim_on("mood")}) {
    expect_harmless(forged<TakenBack>([&](auto& it, auto&) {
                      it.claim = claim;
                      return true;
                    }),
                    Met::by_verify);
  }
}

TEST(HostileLedger, AReopeningOfWhatIsNoStatement) {
  for (const Position seq : {Position{0}, Position{1'000'000}, recorded_on("mood")}) {
    expect_harmless(forged<Reopened>([&](auto& it, auto&) {
      it.statements.push_back(seq);
      return true;
    }));
  }
}

// All that its claim is made of is taken back, and then it is said again.
TEST(HostileLedger, ARestatementOfAClaimThatWasTakenBack) {
  auto batches = history();
  const auto claim = claim_on("mood");
  const auto line = LineKey{"alice", "mood"};
  std::optional<ForgedEntry> again;
  TakenBack taken{claim, {}, TakenBackReason::retraction};
  Position seq;
  for (const auto& batch : batches) {
    for (const auto& forged : batch.entries) {
      ++seq.value;
      if (forged.line != line) continue;
      const bool restates = std::holds_alternative<Corroborated>(forged.entry);
      if (restates) again = forged;
      if (restates || std::holds_alternative<ClaimRecorded>(forged.entry)) taken.statements.push_back(seq);
    }
  }
  ASSERT_TRUE(again.has_value());
  auto last = batches.back().header;
  ++last.id.value.data[0];
  last.recorded_at.value += std::chrono::seconds{1};
  batches.push_back({last, {{taken, std::nullopt, line}, *again}});
  expect_harmless(sealed(batches, agent));
}

TEST(HostileLedger, AWinOverAClaimThatIsNotThere) {
  for (const auto& loser : {nobody, claim_on("mood")}) {
    expect_harmless(forged<ClaimRecorded>([&](auto& it, auto&) {
      it.won.push_back({loser, {}});
      return true;
    }));
    expect_harmless(forged<AdjudicationClosed>([&](auto& it, auto&) {
      it.won.push_back({loser, {}});
      return it.closing == Closing::affirmed;
    }));
  }
}

TEST(HostileLedger, APromotionOfAClaimThatIsNotThere) {
  for (const auto& claim : {nobody, claim_on("likes")}) {
    expect_harmless(forged<Corroborated>([&](auto& it, auto&) {
      it.promoted.push_back({.claim = claim});
      return true;
    }));
  }
}

TEST(HostileLedger, ACorrectionOfAClaimThatIsNotThere) {
  for (const auto& claim : {nobody, claim_on("mood")}) {
    expect_harmless(forged<ClaimRecorded>([&](auto& it, auto&) {
      if (it.correction) it.correction->claim = claim;
      return it.correction.has_value();
    }));
  }
}

TEST(HostileLedger, ACorrectionThatEndsWithWhatIsNoEnd) {
  for (const auto seq : {Position{0}, Position{1'000'000}, recorded_on("mood"), recorded_on("team")}) {
    expect_harmless(forged<ClaimRecorded>([&](auto& it, auto&) {
      if (it.correction) it.correction->ends.push_back(seq);
      return it.correction.has_value();
    }));
  }
}

TEST(HostileLedger, AnEndedClaimWithoutAnEnd) {
  expect_harmless(forged<ClaimRecorded>([](auto& it, auto&) {
    if (it.claim.window.until) return false;
    it.ended.push_back(it.claim.id);
    return true;
  }));
}

TEST(HostileLedger, AClaimThatFollowsWhatIsNotThere) {
  for (const auto& claim : {nobody, claim_on("mood")}) {
    expect_harmless(forged<ClaimRecorded>([&](auto& it, auto&) {
                      it.follows.push_back(claim);
                      return it.rationale == Rationale::succession;
                    }),
                    Met::by_verify);
  }
}

TEST(HostileLedger, AJudgementThatFollowsWhatIsNotThere) {
  expect_harmless(forged<Judged>([](auto& it, auto&) {
                    it.follows.push_back(nobody);
                    return true;
                  }),
                  Met::by_verify);
}

// Two claims that follow each other, and one that follows itself: read without an end, and nothing holds for ever.
TEST(HostileLedger, ACircleOfSuccessorsIsReadAllTheSame) {
  auto batches = history();
  const auto line = LineKey{"alice", "team"};
  std::vector<ClaimId> claims;
  for (const auto& batch : batches) {
    for (const auto& forged : batch.entries) {
      const auto* recorded = std::get_if<ClaimRecorded>(&forged.entry);
      if (recorded && forged.line == line) claims.push_back(recorded->claim.id);
    }
  }
  ASSERT_GE(claims.size(), 2U);
  std::size_t circles = 0;
  for (auto& batch : batches) {
    for (auto& [entry, content, where] : batch.entries) {
      auto* judged = std::get_if<Judged>(&entry);
      if (!judged || where != line) continue;
      judged->follows = claims;
      ++circles;
    }
  }
  ASSERT_GE(circles, 2U);
  const auto bad = sealed(batches, agent);
  Host holding;
  ASSERT_EQ(plant(holding.store, agent, bad), std::nullopt);
  std::string why;
  use_every_verb(holding.engine, history(), why);
  Host importing;
  importing.import(bad);
  use_every_verb(importing.engine, history(), why);
}

// Content that decodes and is no value: no JSON at all, or nested so deep that printing it would overflow the stack.
TEST(HostileLedger, ValuesThatAreNone) {
  for (const auto& text : {std::string(), std::string("["), std::string("}"), std::string(100'000, '['),
                           std::string("1 "), std::string("\"\\ud800\"")}) {
    SCOPED_TRACE(text.substr(0, 10));
    const auto batches = forged<ClaimRecorded>([&](auto&, auto& content) {
      content->value = Value::from_canonical(text);
      return true;
    });
    Host source, copying;
    ASSERT_EQ(plant(source.store, agent, batches), std::nullopt);
    EXPECT_FALSE(source.engine.verify({.agent = agent}).ok);
    EXPECT_THROW(copying.engine.copy_from({.source = source.engine, .agent = agent}), StoreFailure);
    EXPECT_EQ(copying.head(), Position{});
  }
}

// Changes the field of a record that comes after so many others; ids mostly to others of the same ledger.
class Meddler {
 public:
  Meddler(RandomFields& random, std::size_t after) : random_(random), left_(after) {
    for (const auto& batch : history()) {
      for (const auto& forged : batch.entries) {
        if (const auto* it = std::get_if<ClaimRecorded>(&forged.entry)) claims_.push_back(it->claim.id);
        if (const auto* it = std::get_if<AdjudicationOpened>(&forged.entry)) handles_.push_back(it->handle);
      }
    }
  }

  // The visitor of layout.hpp.
  template <class Field>
  void operator()(std::uint8_t tag, Field& field) {
    if (left_-- == 0) change(tag, field);
  }
  void unless(std::uint8_t tag, ValidTime& time, Granularity& as, ValidTime usual) {
    if (left_-- == 0) random_.unless(tag, time, as, usual);
  }
  bool done() const { return left_ > std::numeric_limits<std::size_t>::max() / 2; }

 private:
  void change(std::uint8_t, ClaimId& id) { id = claims_[random_.below(claims_.size())]; }
  void change(std::uint8_t, AdjudicationId& id) { id = handles_[random_.below(handles_.size())]; }
  void change(std::uint8_t tag, std::vector<ClaimId>& ids) {
    ids.resize(random_.below(3));
    for (auto& id : ids) change(tag, id);
  }
  void change(std::uint8_t, Position& position) { position.value = 1 + random_.below(90); }
  template <class Field>
  void change(std::uint8_t tag, std::optional<Field>& field) {
    if (random_.below(2) == 0) return field.reset();
    change(tag, field.emplace());
  }
  // One item more or less, or one of them another.
  template <class Item>
  void change(std::uint8_t tag, std::vector<Item>& items) {
    if (items.empty() || random_.below(3) == 0) return change(tag, items.emplace_back());
    const auto at = random_.below(items.size());
    if (random_.below(2) == 0) {
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      change(tag, items[at]);
    }
  }
  // An item of a list: all that it names stands in this ledger.
  template <class Item>
  requires requires(Item& item, RandomFields& visitor) { codec::fields(item, visitor); }
  void change(std::uint8_t, Item& item) {
    Every every{*this};
    codec::fields(item, every);
  }
  template <class Field>
  void change(std::uint8_t tag, Field& field) {
    random_(tag, field);
  }

  // Changes every field.
  struct Every {
    Meddler& meddler;
    template <class Field>
    void operator()(std::uint8_t tag, Field& field) {
      meddler.change(tag, field);
    }
    void unless(std::uint8_t tag, ValidTime& time, Granularity& as, ValidTime usual) {
      meddler.random_.unless(tag, time, as, usual);
    }
  };

  RandomFields& random_;
  std::size_t left_;
  std::vector<ClaimId> claims_;
  std::vector<AdjudicationId> handles_;
};

// One field of one entry, or of its content, is another than it was.
std::vector<StoredBatch> meddled(RandomFields& random) {
  auto batches = history();
  for (;;) {
    auto& batch = batches[random.below(batches.size())];
    auto& [entry, content, line] = batch.entries[random.below(batch.entries.size())];
    Meddler meddler(random, random.below(20));
    const auto move = random.below(20);
    if (move == 0) {
      line = LineKey{"alice", "likes"};
    } else if (move == 1) {
      content.reset();
    } else if (move < 5 && content) {
      codec::fields(*content, meddler);
      if (content->subject && content->predicate) line = LineKey{*content->subject, *content->predicate};
    } else {
      std::visit([&](auto& it) { codec::fields(it, meddler); }, entry);
    }
    if (move < 2 || meddler.done()) return sealed(batches, agent);
  }
}

std::uint64_t seed_at_work = 0;

// CLAIMLEDGER_SEED=n takes that one alone; CLAIMLEDGER_LONG=1 takes many.
TEST(HostileLedger, WithOneFieldChangedIsRefusedOrCanBeRead) {
  std::signal(SIGABRT, [](int) { std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(seed_at_work)); });
  const auto* only = std::getenv("CLAIMLEDGER_SEED");
  const std::uint64_t first = only ? std::strtoull(only, nullptr, 10) : 1;
  const std::uint64_t count = only ? 1 : std::getenv("CLAIMLEDGER_LONG") ? 10'000 : 400;
  std::size_t taken = 0;
  for (auto seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    seed_at_work = seed;
    std::string why;
    RandomFields random(seed);
    const auto batches = meddled(random);

    Host importing;
    const auto refused = importing.import(batches);
    // A ledger that import accepts passes verify.
    const auto imported = importing.engine.verify({.agent = agent});
    EXPECT_TRUE(imported.ok) << imported.problem;
    EXPECT_EQ(use_every_verb(importing.engine, history(), why), 0U) << why;
    if (!refused) ++taken;

    Host holding;
    if (plant(holding.store, agent, batches)) continue;
    const auto verified = holding.engine.verify({.agent = agent});
    EXPECT_EQ(verified.ok, !refused) << verified.problem;
    const auto corrupt = use_every_verb(holding.engine, history(), why);
    EXPECT_TRUE(!verified.ok || corrupt == 0) << why;
  }
  std::signal(SIGABRT, SIG_DFL);
  std::cout << "seeds " << first << " to " << first + count - 1 << ": " << taken << " taken\n";
}

}  // namespace
}  // namespace claimledger::test
