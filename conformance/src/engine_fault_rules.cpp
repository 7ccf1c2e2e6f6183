#include <functional>
#include <map>

#include "claimledger/conformance/faulty_store.hpp"
#include "claimledger/conformance/store_contract.hpp"
#include "claimledger/ports/vectors.hpp"
#include "searching.hpp"

// Every use-case, with each of its store calls failing in turn, before and after its effect: all or nothing, the engine
// goes on, and saying it again is safe.
namespace claimledger::conformance {

namespace {

using Attempt = std::function<void()>;
// Prepares a ledger without faults, and returns the use-case that is then run with faults.
using UseCase = std::function<Attempt(Bench&, const AgentId&)>;

constexpr int most_calls = 500;  // a use-case with more store calls than this asks per entry, not per line
const Call unlimited;

std::vector<StoredBatch> batches_of(const Store& store, const AgentId& agent) {
  return store.batches(agent, {}, 1'000, unlimited);
}

// The kind of failure that came out, if any.
std::optional<FailureKind> failure_of(const Attempt& run) {
  try {
    run();
    return {};
  } catch (const StoreFailure& failure) {
    return failure.kind();
  }
}

void expect_whole(Bench& bench, Store& store, const AgentId& agent) {
  const auto verification = bench.engine.verify({.agent = agent});
  EXPECT_TRUE(verification.ok) << verification.problem;
  // It finds by reading what the engine under test may find by an index.
  auto fresh = Bench::over(std::make_unique<UnindexedStore>(std::shared_ptr<Store>(&store, [](Store*) {})),
                           bench.engine.config(), 77);
  const At at{.asked_at = TxTime{bench.clock->now()}};
  const auto topics = Topics::of(fresh.engine, agent);
  EXPECT_EQ(survey(bench.engine, agent, topics, at), survey(fresh.engine, agent, topics, at))
      << "remembers what never was";
}

// Fails the n-th call of the use-case on a ledger of its own. Returns whether it had that many calls.
bool fails_cleanly_at(int n, Fault::Side side, Store& store, const AgentId& agent, const UseCase& use_case,
                      const std::shared_ptr<Embedder>& embedder) {
  auto fault = std::make_shared<Fault>();
  std::shared_ptr<Store> borrowed(&store, [](Store*) {});
  auto bench = Bench::over(std::make_unique<FaultyStore>(borrowed, fault),
                           {.queue_for_adjudication = true, .adjudication_ttl = std::chrono::hours{1}}, 1, embedder);
  const auto run = use_case(bench, agent);
  const auto before = batches_of(store, agent);

  fault->arm(n, side);
  const auto failure = failure_of(run);
  fault->calls_left = 0;
  if (!fault->fired) return false;

  const auto after = batches_of(store, agent);
  EXPECT_LE(after.size(), before.size() + 1);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  if (failure && failure != FailureKind::in_doubt) {
    EXPECT_EQ(after.size(), before.size()) << text(*failure);
  }
  expect_whole(bench, store, agent);

  EXPECT_EQ(failure_of(run), std::nullopt) << "the engine works afterwards";
  expect_whole(bench, store, agent);
  return true;
}

void expect_all_or_nothing(Store& store, const AgentId& agent, const UseCase& use_case,
                           const std::shared_ptr<Embedder>& embedder = nullptr) {
  for (const auto side : {Fault::Side::before_effect, Fault::Side::after_effect}) {
    int n = 1;
    for (; n < most_calls; ++n) {
      const auto name = (side == Fault::Side::before_effect ? " before " : " after ") + std::to_string(n);
      SCOPED_TRACE("failing" + name);
      if (!fails_cleanly_at(n, side, store, AgentId{agent.value + name}, use_case, embedder)) break;
    }
    EXPECT_GT(n, 1) << "a use-case that calls no store";
    EXPECT_LT(n, most_calls);
  }
}

// Two rivals with an open question, and a claim derived from the first.
struct Dispute {
  ClaimId incumbent;
  ClaimId challenger;
  AdjudicationId handle;

  Dispute(Engine& engine, const AgentId& agent)
      : incumbent(said(engine, agent, from_source(stated("alice", "lives_in", "Berlin", "2020"), "rumour"))) {
    said(engine, agent, derived(stated("alice", "mood", "calm"), {incumbent}));
    const auto receipt = say(engine, agent, {stated("alice", "lives_in", "Munich", "2020")}).receipts.at(0);
    challenger = receipt.claim.value();
    handle = receipt.handle.value();
  }
};

}  // namespace

TEST_P(StoreContract, F01_AFaultDuringIngestLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    return [&engine = bench.engine, who, dispute] {
      say(engine, who,
          {stated("alice", "lives_in", "Paris", "2020"), stated("alice", "likes", "tea"),
           derived(stated("alice", "mood", "calm"), {dispute.challenger})});
    };
  });
}

TEST_P(StoreContract, F02_RetryingAKeyedWriteAfterAFaultGivesOneClaim) {
  const auto keyed = with_idempotency(stated("alice", "likes", "tea"), "key");
  expect_all_or_nothing(store(), agent(), [&](Bench& bench, const AgentId& who) -> Attempt {
    said(bench.engine, who, stated("alice", "likes", "milk"));
    return [&engine = bench.engine, who, keyed] { say(engine, who, {keyed}); };
  });

  // Each ledger that expect_all_or_nothing made was asked twice.
  for (const auto& each : store().agents({}, 1'000, unlimited)) {
    EXPECT_LE(all_batches(each.agent).size(), 2U) << each.agent.value;
  }
}

TEST_P(StoreContract, F03_AFaultDuringAnEndLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    return [&engine = bench.engine, who, dispute] {
      engine.end_validity({.agent = who, .claim = dispute.incumbent, .at = parse_valid_time("2024", "at")});
    };
  });
}

TEST_P(StoreContract, F04_AFaultDuringARetractionLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    return [&engine = bench.engine, who, dispute] { engine.retract({.agent = who, .claim = dispute.incumbent}); };
  });
}

TEST_P(StoreContract, F05_AFaultWhileASourceIsRetractedLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    return [&engine = bench.engine, who] {
      RetractSourceRequest request{.agent = who, .source = "rumour", .dry_run = true};
      request.expected_position = engine.retract_source(request).position;
      request.dry_run = false;
      engine.retract_source(request);
    };
  });
}

TEST_P(StoreContract, F06_AFaultDuringAReopeningLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    bench.engine.retract({.agent = who, .claim = dispute.incumbent});
    return [&engine = bench.engine, who, dispute] { engine.reopen({.agent = who, .claim = dispute.incumbent}); };
  });
}

TEST_P(StoreContract, F07_AFaultDuringAReviewLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    const auto marked = bench.engine.retract({.agent = who, .claim = dispute.incumbent}).marked_for_review;
    EXPECT_EQ(marked.size(), 1U);
    return [&engine = bench.engine, who, marked] {
      engine.review({.agent = who, .claim = marked.at(0), .verdict = ReviewVerdict::retract});
    };
  });
}

TEST_P(StoreContract, F08_AFaultDuringAVerdictLeavesAllOrNothing) {
  for (const auto verdict : {Verdict::affirm, Verdict::deny, Verdict::unknown}) {
    const AgentId judged{agent().value + std::string(text(verdict))};
    expect_all_or_nothing(store(), judged, [verdict](Bench& bench, const AgentId& who) -> Attempt {
      const Dispute dispute(bench.engine, who);
      return [&engine = bench.engine, who, dispute, verdict] {
        engine.adjudicate({.agent = who, .question = dispute.handle, .verdict = verdict, .evidence = "seen"});
      };
    });
  }
}

TEST_P(StoreContract, F09_AFaultDuringASweepLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    bench.clock->advance(std::chrono::hours{2});
    return [&engine = bench.engine, who] { engine.sweep({.agent = who}); };
  });
}

TEST_P(StoreContract, F10_AFaultDuringReconciliationLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    said(bench.engine, who, derived(stated("alice", "lives_in", "Rome", "2020"), {}));
    bench.clock->advance(std::chrono::hours{2});
    bench.engine.sweep({.agent = who});
    return [&engine = bench.engine, who] { engine.reconcile({.agent = who}); };
  });
}

TEST_P(StoreContract, F11_AFaultWhileServingLeavesAllOrNothing) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    said(bench.engine, who, stated("alice", "likes", "tea"));
    return [&engine = bench.engine, who] {
      engine.recall({.agent = who, .line = {"alice", "likes"}, .serve_to = "chat"});
    };
  });
}

TEST_P(StoreContract, F12_AFaultDuringAReadLeavesEverythingAsItWas) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    auto topics = Topics::of(bench.engine, who);
    topics.lines.resize(1);
    topics.claims.resize(1);
    return [&bench, who, topics] { survey(bench.engine, who, topics, {}); };
  });
}

TEST_P(StoreContract, F13_AFaultDuringVerifyIsAFailureNotAnAnswer) {
  expect_all_or_nothing(store(), agent(), [](Bench& bench, const AgentId& who) -> Attempt {
    const Dispute dispute(bench.engine, who);
    return [&engine = bench.engine, who] { EXPECT_TRUE(engine.verify({.agent = who}).ok); };
  });
}

TEST_P(StoreContract, F14_AFaultDuringAnImportLeavesWholeBatches) {
  auto source = Bench::over(store());
  tell_story(source, agent());
  const auto lines = source.engine.export_batches({.agent = agent(), .limit = 1'000}).lines;
  for (const auto side : {Fault::Side::before_effect, Fault::Side::after_effect}) {
    for (int n = 1; n < 8; ++n) {
      const auto copy = fresh_store();
      auto fault = std::make_shared<Fault>();
      auto bench = Bench::over(std::make_unique<FaultyStore>(std::shared_ptr<Store>(copy.get(), [](Store*) {}), fault));
      bench.clock->set(source.clock->now());
      const auto import = [&] {
        for (const auto& line : lines) bench.engine.import_batch({.line = line});
      };
      fault->arm(n, side);
      EXPECT_NE(failure_of(import), std::nullopt) << n;

      EXPECT_EQ(failure_of(import), std::nullopt) << n;
      EXPECT_EQ(copy->head(agent(), unlimited), head()) << n;
    }
  }
}

TEST_P(StoreContract, F15_AFaultDuringAReindexChangesNoAnswer) {
  if (const auto reason = files_no_words(); !reason.empty()) GTEST_SKIP() << reason;
  for (const bool anew : {true, false}) {
    const AgentId indexed{agent().value + (anew ? " anew" : " behind")};
    expect_all_or_nothing(store(), indexed, [&](Bench& bench, const AgentId& who) -> Attempt {
      const Dispute dispute(bench.engine, who);
      if (!anew) {
        auto unindexed = Bench::over(store(), {.index_words = false}, 55);
        unindexed.clock->set(bench.clock->now() + std::chrono::seconds{1});
        for (int i = 0; i < 20; ++i) said(unindexed.engine, who, stated("bob", std::to_string(i), "Berlin"));
        bench.clock->set(unindexed.clock->now());
      }
      return [&engine = bench.engine, who, anew] { engine.reindex({.agent = who, .anew = anew}); };
    });
  }
}

namespace {

// By position.
std::map<Position, std::string> vectors_of(Store& store, const AgentId& agent, const EmbeddingModel& model) {
  std::map<Position, std::string> vectors;
  store.vectors()->read_vectors(
      agent, model, 0, 1'000, [&](const FiledVector& each) { vectors[each.seq] = each.vector; }, unlimited);
  return vectors;
}

}  // namespace

TEST_P(StoreContract, F16_AFaultWhileVectorsAreFiledLeavesNoOtherOnes) {
  if (const auto reason = keeps_no_vectors(); !reason.empty()) GTEST_SKIP() << reason;
  const auto embedder = embedder_of_words("words");
  for (const bool anew : {true, false}) {
    const AgentId embedded{agent().value + (anew ? " anew" : " behind")};
    const auto use_case = [&](Bench& bench, const AgentId& who) -> Attempt {
      const Dispute dispute(bench.engine, who);
      auto without = Bench::over(store(), {}, 55);
      without.clock->set(bench.clock->now() + std::chrono::seconds{1});
      for (int i = 0; i < 20; ++i) said(without.engine, who, stated("bob", std::to_string(i), "Berlin"));
      bench.clock->set(without.clock->now());
      const auto filed = vectors_of(store(), who, embedder->model());
      return [&, who, anew, filed] {
        bench.engine.embed({.agent = who, .anew = anew});
        const auto now = vectors_of(store(), who, embedder->model());
        EXPECT_EQ(now.size(), filed.size() + 20);
        for (const auto& [seq, vector] : filed) EXPECT_EQ(now.at(seq), vector) << seq.value;
        EXPECT_EQ(store().vectors()->models(who, unlimited).at(0).up_to, store().head(who, unlimited).position);
      };
    };
    expect_all_or_nothing(store(), embedded, use_case, embedder);
  }
}

}  // namespace claimledger::conformance
