#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "forging.hpp"
#include "script.hpp"

// An entry that decides something else than its line gives is named by verify and refused by import and copy, whatever
// the decision, even where everything else about it fits.
namespace claimledger::test {
namespace {

const AgentId agent{"tester"};
constexpr std::string_view undecided = "decides what its line does not give";

std::vector<ForgedBatch> told(std::initializer_list<const char*> lines, const Config& config) {
  Script script(config);
  for (const auto* line : lines) script.act(line);
  const auto verification = script.engine().verify({.agent = script.agent()});
  EXPECT_TRUE(verification.ok) << verification.problem;
  return unsealed(script.store(), script.agent());
}

struct Host {
  Store* store;
  Engine engine;

  Host() : Host(memory::open()) {}
  explicit Host(std::unique_ptr<Store> owned)
      : store(owned.get()),
        engine({.store = std::move(owned),
                .clock =
                    std::make_shared<conformance::ManualClock>(std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}),
                .ids = std::make_shared<conformance::SeededIds>(9)}) {}
};

using Change = std::function<bool(ForgedEntry&)>;

template <class Kind>
Change of(std::function<void(Kind&)> change) {
  return [change](ForgedEntry& forged) {
    auto* entry = std::get_if<Kind>(&forged.entry);
    if (entry == nullptr) return false;
    const auto before = *entry;
    change(*entry);
    return !(*entry == before);
  };
}

// Changes the last entry that can be, so that no later one shows the difference first.
void expect_found(std::initializer_list<const char*> lines, const Change& change, const Config& config = {}) {
  auto batches = told(lines, config);
  std::size_t forged = batches.size();
  for (std::size_t i = batches.size(); i-- > 0 && forged == batches.size();) {
    auto& entries = batches[i].entries;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (!change(*entry)) continue;
      forged = i;
      break;
    }
  }
  ASSERT_LT(forged, batches.size()) << "nothing to change";
  const auto out = sealed(batches, agent);

  Host holding;
  ASSERT_EQ(plant(*holding.store, agent, out), std::nullopt);
  const auto verified = holding.engine.verify({.agent = agent});
  EXPECT_TRUE(verified.problem.ends_with(undecided)) << verified.problem;
  EXPECT_EQ(verified.first_bad, out[forged].first);

  Host importing;
  for (std::size_t i = 0; i < forged; ++i)
    EXPECT_TRUE(importing.engine.import_batch({.line = codec::to_json_line(out[i])}));
  try {
    importing.engine.import_batch({.line = codec::to_json_line(out[forged])});
    ADD_FAILURE() << "was imported";
  } catch (const InvalidInput& refused) {
    EXPECT_TRUE(std::string_view(refused.what()).ends_with(undecided)) << refused.what();
  }

  Host copying;
  try {
    copying.engine.copy_from({.source = holding.engine, .agent = agent});
    ADD_FAILURE() << "was copied";
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_TRUE(failure.detail().ends_with(undecided)) << failure.detail();
  }
}

Config newest_wins() {
  Config config;
  config.overturn_policy = OverturnPolicy::newest_first_hand_wins;
  return config;
}
Config asking() {
  Config config;
  config.queue_for_adjudication = true;
  return config;
}

TEST(ForgedDecision, AClaimOfItsOwnWhereItWasSaidAgain) {
  expect_found({"say Berlin since 2020", "+1d", "say Berlin since 2020"}, [](ForgedEntry& forged) {
    const auto* again = std::get_if<Corroborated>(&forged.entry);
    if (again == nullptr) return false;
    ClaimRecorded recorded;
    recorded.claim = again->stated;
    recorded.claim.id.value.data[0] ^= 1;
    recorded.rationale = again->rationale;
    forged.entry = recorded;
    return true;
  });
}

TEST(ForgedDecision, SaidAgainWhereItIsAnother) {
  const auto batches = told({"say Berlin since 2020", "+1d", "say Munich since 2021"}, {});
  const auto first = std::get<ClaimRecorded>(batches.front().entries.front().entry).claim.id;
  expect_found({"say Berlin since 2020", "+1d", "say Munich since 2021"}, [&](ForgedEntry& forged) {
    const auto* recorded = std::get_if<ClaimRecorded>(&forged.entry);
    if (recorded == nullptr) return false;
    Corroborated again;
    again.stated = recorded->claim;
    again.stated.id = first;
    again.answered = Disposition::committed_cheap;
    forged.entry = again;
    return true;
  });
}

TEST(ForgedDecision, WhomItFollows) {
  expect_found({"2026-01-15", "say Berlin since 2020", "2026-06-01", "say Munich since 2026-03"},
               of<ClaimRecorded>([](auto& it) { it.follows.clear(); }));
  const auto apart = {"2026-01-15", "say Berlin since 2020 until 2025", "2026-06-01", "say Munich since 2026-03"};
  const auto batches = told(apart, {});
  const auto first = std::get<ClaimRecorded>(batches.front().entries.front().entry).claim.id;
  expect_found(apart, of<ClaimRecorded>([&](auto& it) {
                 if (it.claim.id != first) it.follows = {first};
               }));
}

TEST(ForgedDecision, ThatItWaits) {
  expect_found({"say Berlin", "+1d", "say Munich since 2020"}, of<ClaimRecorded>([](auto& it) {
                 if (it.disposition == Disposition::contested) it.disposition = Disposition::committed_cheap;
               }));
  expect_found({"say Berlin since 2020"}, of<ClaimRecorded>([](auto& it) { it.disposition = Disposition::contested; }));
}

TEST(ForgedDecision, WhatItIsWhenItDoesNotWait) {
  expect_found({"say Berlin since 2020"},
               of<ClaimRecorded>([](auto& it) { it.disposition = Disposition::superseded; }));
  expect_found({"say Berlin since 2020 sure 0.1"},
               of<ClaimRecorded>([](auto& it) { it.disposition = Disposition::committed_cheap; }));
}

TEST(ForgedDecision, Why) {
  expect_found({"say Berlin since 2020"}, of<ClaimRecorded>([](auto& it) { it.rationale = Rationale::extends; }));
  expect_found({"say Berlin since 2020", "+1d", "say Berlin since 2020"},
               of<Corroborated>([](auto& it) { it.rationale = Rationale::confirms; }));
}

TEST(ForgedDecision, WhatCouldNotBeApplied) {
  expect_found({"say Berlin since 2020", "+1d", "say Berlin since 2020"},
               of<Corroborated>([](auto& it) { it.not_applied = {NotApplied::end}; }));
  expect_found({"say en set ; de set", "+1d", "say en functional"},
               of<Corroborated>([](auto& it) { it.not_applied.clear(); }));
}

TEST(ForgedDecision, WhatItWon) {
  expect_found({"say Berlin low", "+1d", "say Munich low"}, of<ClaimRecorded>([](auto& it) { it.won.clear(); }),
               newest_wins());
  expect_found({"say Berlin low", "+1d", "say Munich low"}, of<ClaimRecorded>([](auto& it) {
                 for (auto& win : it.won) win.span.from = ValidTime::beginning();
               }),
               newest_wins());
}

TEST(ForgedDecision, WhatItEnded) {
  expect_found({"say Berlin since 2020 source Ada", "+1d", "say Berlin since 2020 until 2025 source Ada"},
               of<ClaimRecorded>([](auto& it) { it.ended.clear(); }));
}

// Of a claim that was taken back nothing is left to decide, and no judgement of the line would show it.
TEST(ForgedDecision, OfAClaimThatWasTakenBack) {
  const auto lines = {"say Berlin since 2020", "+1d", "retract Berlin", "+1d", "say Munich since 2020 until 2025"};
  const auto batches = told(lines, {});
  const auto gone = std::get<ClaimRecorded>(batches.front().entries.front().entry).claim.id;
  const Span always{ValidTime::beginning(), ValidTime::forever()};
  const auto last = [&](const std::function<void(ClaimRecorded&)>& change) {
    expect_found(lines, of<ClaimRecorded>([&](auto& it) {
                   if (it.claim.id != gone) change(it);
                 }));
  };
  last([&](ClaimRecorded& it) { it.won = {{gone, always}}; });
  last([&](ClaimRecorded& it) { it.ended = {gone}; });
  last([&](ClaimRecorded& it) { it.promoted = {{.claim = gone, .disposition = Disposition::committed_cheap}}; });
  expect_found({"say Berlin", "+1d", "say Munich since 2020", "+1d", "retract Berlin", "+1d", "affirm Munich"},
               of<AdjudicationClosed>([&](auto& it) {
                 const auto told_of = told({"say Berlin", "+1d", "say Munich since 2020"}, asking());
                 it.won = {{std::get<ClaimRecorded>(told_of.front().entries.front().entry).claim.id, always}};
               }),
               asking());
}

TEST(ForgedDecision, WhatItPromoted) {
  expect_found({"say maybe sure 0.1", "+1d", "say maybe sure 0.1"},
               of<Corroborated>([](auto& it) { it.promoted.clear(); }));
  expect_found({"say maybe sure 0.1", "+1d", "say maybe"}, of<ClaimRecorded>([](auto& it) { it.promoted.clear(); }));
}

TEST(ForgedDecision, WhatAVerdictWon) {
  expect_found({"say Berlin", "+1d", "say Munich since 2020", "+1d", "affirm Munich"},
               of<AdjudicationClosed>([](auto& it) { it.won.clear(); }), asking());
}

TEST(ForgedDecision, WhatAnEndLeaves) {
  expect_found({"say Berlin since 2020", "+1d", "end Berlin 2025"},
               of<Ended>([](auto& it) { it.disposition = Disposition::contested; }));
}

TEST(ForgedDecision, WhatComesOutWhereSomethingIsTakenBack) {
  const auto lines = {"2026-01-15", "say Berlin since 2020",  "2026-03-15", "say Munich since 2026-03",
                      "2026-05-15", "say Rome since 2026-05", "2026-06-15", "retract Munich"};
  expect_found(lines, of<Judged>([](auto& it) { it.follows.clear(); }));
  expect_found(lines, of<Judged>([](auto& it) { it.counts_from.reset(); }));
  expect_found(lines, of<Judged>([](auto& it) { it.otherwise = Disposition::superseded; }));
  expect_found(lines, of<Judged>([](auto& it) { it.cardinality = Cardinality::set_valued; }));
  expect_found(lines, of<Judged>([](auto& it) { it.cuts.push_back({Span{}, CutReason::verdict, it.claim, {1}}); }));
}

// A line on which every kind of entry that carries a disposition or a reason stands, each decided in several ways.
std::vector<ForgedBatch> everything(const Config& config) {
  return told({"2026-01-15",
               "say Berlin since 2020 source Ada ; Munich since 2026-06-01 until 2026-05",
               "+1d",
               "say Berlin since 2020 until 2025 source Ada",
               "+1d",
               "say Rome",
               "+1d",
               "say Berlin since 2021",
               "+1d",
               "affirm Rome!",
               "+1d",
               "say Oslo since 2022",
               "+1d",
               "deny Oslo!",
               "+1d",
               "reopen Oslo",
               "+1d",
               "correct Oslo Bonn",
               "+1d",
               "end Bonn 2025",
               "+1d",
               "say Paris by model from Bonn",
               "+1d",
               "say Rome by model",
               "+1d",
               "say maybe sure 0.1 on mood",
               "say maybe on mood",
               "+1d",
               "retract Rome",
               "+1d",
               "reopen Rome",
               "+1d",
               "retract Bonn",
               "+1d",
               "reconcile",
               "+1d",
               "drop Ada",
               "drop! Ada"},
              config);
}

// Changes the word of an entry to another; false for an entry without such a word.
bool say(Entry& entry, Disposition other) {
  return std::visit(
      [&](auto& it) {
        if constexpr (requires { it.disposition = other; }) {
          const auto before = it.disposition;
          it.disposition = other;
          return before != it.disposition;
        } else {
          return false;
        }
      },
      entry);
}
bool say(Entry& entry, Rationale other) {
  if (std::holds_alternative<Rejected>(entry)) return false;  // the words of an attempt decide nothing
  return std::visit(
      [&](auto& it) {
        if constexpr (requires { it.rationale = other; }) {
          return std::exchange(it.rationale, other) != other;
        } else {
          return false;
        }
      },
      entry);
}

bool waiting(const Entry& entry) {
  const auto disposition = disposition_of(entry);
  return disposition == Disposition::contested || disposition == Disposition::queued_for_adjudication;
}

template <class Word>
void expect_each_found(const std::vector<ForgedBatch>& batches) {
  std::size_t tried = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (std::size_t e = 0; e < batches[b].entries.size(); ++e) {
      for (const auto spelling : spellings<Word>()) {
        const auto word = *parse<Word>(spelling);
        auto forged = batches;
        auto& entry = forged[b].entries[e].entry;
        const auto before = entry;
        if (!say(entry, word) || (waiting(before) && waiting(entry))) continue;  // whether it was asked is not compared
        ++tried;
        Host host;
        ASSERT_EQ(plant(*host.store, agent, sealed(forged, agent)), std::nullopt);
        EXPECT_FALSE(host.engine.verify({.agent = agent}).ok)
            << kind_text(before) << " " << e << " of batch " << b << " says " << text(word);
      }
    }
  }
  EXPECT_GT(tried, 200U);
}

TEST(ForgedDecision, AnyOtherDisposition) {
  for (const auto& config : {Config{}, newest_wins(), asking()}) expect_each_found<Disposition>(everything(config));
}
TEST(ForgedDecision, AnyOtherReason) {
  for (const auto& config : {Config{}, newest_wins(), asking()}) expect_each_found<Rationale>(everything(config));
}

TEST(ForgedDecision, ThatItIsQuarantined) {
  // What is quarantined is not judged, so only what has to be may be.
  for (const auto why : {Rationale::incoherent_window, Rationale::future_start, Rationale::rivals}) {
    for (const auto* second : {"say Munich since 2021", "say Munich", "say Munich until 2025"}) {
      expect_found({"2026-01-15", "say Berlin since 2020", "+1d", second}, of<ClaimRecorded>([&](auto& it) {
                     it.disposition = Disposition::quarantined;
                     it.rationale = why;
                   }));
    }
  }
}

TEST(ForgedDecision, HowACorrectionTakesBack) {
  const auto lines = {"2026-01-15", "say Berlin since 2020", "+1d", "correct Berlin Bonn"};
  expect_found(lines, of<TakenBack>([](auto& it) { it.reason = TakenBackReason::retraction; }));
  expect_found(lines, of<TakenBack>([](auto& it) { it.reason = TakenBackReason::denial; }));
}

TEST(ForgedDecision, WhyItIsTakenBack) {
  const auto retracted = {"say Berlin since 2020", "+1d", "retract Berlin"};
  expect_found(retracted, of<TakenBack>([](auto& it) { it.reason = TakenBackReason::denial; }));
  const auto denied = {"say Berlin since 2020", "+1d", "say Rome since 2021", "+1d", "deny Rome!"};
  expect_found(denied, of<TakenBack>([](auto& it) { it.reason = TakenBackReason::retraction; }));
}

TEST(ForgedDecision, ThatNothingIsTakenBack) {
  auto batches = told({"say Berlin since 2020", "+1d", "retract Berlin"}, {});
  std::get<TakenBack>(batches.back().entries.front().entry).statements.clear();
  Host host;
  ASSERT_EQ(plant(*host.store, agent, sealed(batches, agent)), std::nullopt);
  EXPECT_TRUE(host.engine.verify({.agent = agent}).problem.ends_with("takes nothing back"));
}

TEST(ForgedDecision, WhatWasAnsweredWhereItWasSaidAgain) {
  for (const auto* first : {"say Berlin since 2020", "say Berlin"}) {
    for (const auto* between : {"+1d", "say Munich since 2021"}) {
      for (const auto spelling : spellings<Disposition>()) {
        const auto other = *parse<Disposition>(spelling);
        const bool waits = other == Disposition::contested || other == Disposition::queued_for_adjudication;
        if (waits || other == Disposition::committed_cheap) continue;
        expect_found({first, "+1d", between, "+1d", first}, of<Corroborated>([&](auto& it) { it.answered = other; }));
      }
      expect_found({first, "+1d", between, "+1d", first},
                   of<Corroborated>([](auto& it) { it.answered = Disposition::contested; }));
    }
  }
}

TEST(ForgedDecision, WhatAnEndedQuestionWon) {
  for (const auto* closing : {"deny Rome!", "unknown Rome!"}) {
    expect_found({"say Berlin since 2020", "+1d", "say Rome since 2021", "+1d", closing},
                 of<AdjudicationClosed>([](auto& it) {
                   it.won.push_back({it.claim, Span{}});
                 }));
  }
}

// Neither is judged, so neither does anything to others.
TEST(ForgedDecision, WhatADerivedClaimAndAQuarantinedOneDo) {
  for (const auto* second : {"say Rome since 2018 until 2019 by model", "say Rome since 2022 until 2021"}) {
    const auto lines = {"2026-01-15", "say Berlin since 2020", "+1d", second};
    const auto batches = told(lines, {});
    const auto berlin = std::get<ClaimRecorded>(batches.front().entries.front().entry).claim.id;
    const Span all{ValidTime::beginning(), ValidTime::forever()};
    expect_found(lines, of<ClaimRecorded>([&](auto& it) { it.follows = {berlin}; }));
    expect_found(lines, of<ClaimRecorded>([&](auto& it) { it.won = {{berlin, all}}; }));
    expect_found(lines, of<ClaimRecorded>([&](auto& it) { it.ended = {berlin}; }));
    expect_found(lines, of<ClaimRecorded>([&](auto& it) {
                   it.promoted = {{berlin, Disposition::committed_cheap, {}, {}}};
                 }));
  }
}

TEST(ForgedDecision, HowFarItIsFromFirstHand) {
  const auto expect = [](std::initializer_list<const char*> lines, const std::function<void(Claim&)>& change) {
    auto batches = told(lines, {});
    change(std::get<ClaimRecorded>(batches.back().entries.back().entry).claim);
    Host host;
    ASSERT_EQ(plant(*host.store, agent, sealed(batches, agent)), std::nullopt);
    EXPECT_FALSE(host.engine.verify({.agent = agent}).ok);
  };
  for (const auto& lines : {std::initializer_list<const char*>{"say Berlin"},
                            {"say Berlin by model"},
                            {"say Berlin", "say sunny by model from Berlin on mood"},
                            {"say Berlin", "say sunny by user from Berlin on mood"}}) {
    expect(lines, [](Claim& said) { said.depth += 5; });
    expect(lines, [](Claim& said) { said.anchor_distance += 5; });
    expect(lines, [](Claim& said) { said.nearest_external_anchor = ClaimId{}; });
  }
  expect({"say Berlin", "say sunny by model from Berlin on mood"}, [](Claim& said) { said.depth = 0; });
}

// The engine's own decisions pass the check, in one batch or many, and by every way of transfer.
TEST(ForgedDecision, NoneIsFoundWhereNoneIs) {
  for (const auto& config : {Config{}, newest_wins(), asking()}) {
    const auto batches =
        sealed(told({"say Berlin since 2020 source Ada ; Munich since 2021", "+1d",
                     "say Berlin since 2020 until 2025 source Ada", "+1d", "say Rome", "+1d", "retract Munich", "+1d",
                     "reopen Munich", "+1d", "correct Munich Bonn", "+1d", "say maybe sure 0.1 on mood",
                     "say maybe on mood", "+1d", "drop Ada", "drop! Ada", "+1d", "say Rome"},
                    config),
               agent);
    Host host;
    for (const auto& batch : batches) EXPECT_TRUE(host.engine.import_batch({.line = codec::to_json_line(batch)}));
    Host copy;
    EXPECT_EQ(copy.engine.copy_from({.source = host.engine, .agent = agent}).status, CopyStatus::done);
    EXPECT_TRUE(copy.engine.verify({.agent = agent}).ok) << copy.engine.verify({.agent = agent}).problem;
  }
}

}  // namespace
}  // namespace claimledger::test
