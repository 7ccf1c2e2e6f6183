#include <cmath>
#include <functional>
#include <map>
#include <random>

#include "axes_embedder.hpp"
#include "claimledger/conformance/seeded_ids.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/ports/vectors.hpp"
#include "search_support.hpp"

// Searches by meaning, through the engine.
namespace claimledger {
namespace {

using test::AxesEmbedder;
using test::short_text;
using test::values_of;
using Values = std::vector<std::string>;

const AgentId agent{"tester"};

class SearchByMeaning : public testing::Test {
 protected:
  SearchByMeaning() : engine_(make(embedder_)) {}

  Engine make(std::shared_ptr<Embedder> embedder, Config config = {}) {
    Parts parts;
    parts.store = memory::open();
    store_ = parts.store.get();
    parts.clock = clock_;
    parts.ids = std::make_shared<conformance::SeededIds>(++seed_);
    parts.embedder = std::move(embedder);
    parts.warn = [this](std::string_view what) { warnings_.emplace_back(what); };
    return Engine(std::move(parts), std::move(config));
  }

  void say(const std::string& predicate, const std::string& value) {
    engine_.ingest({.agent = agent, .statements = {{.subject = "it", .predicate = predicate, .value = value}}});
  }
  SearchAnswer search(SearchRequest request) {
    request.agent = agent;
    return engine_.search(request);
  }
  Values found(const std::string& text, std::optional<SearchBy> by = {}) {
    return values_of(search({.agent = agent, .text = text, .by = by}));
  }
  SearchedLedger ledger(const std::string& text) { return search({.agent = agent, .text = text}).ledgers.front(); }
  std::vector<FiledModel> models() { return models_of(engine_); }
  static std::vector<FiledModel> models_of(const Engine& engine) {
    std::vector<FiledModel> models;
    for (const auto& [filed, comparing] : engine.status({.agent = agent}).models) {
      EXPECT_EQ(comparing, std::nullopt) << "memory compares none";
      models.push_back(filed);
    }
    return models;
  }

  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  std::shared_ptr<AxesEmbedder> embedder_ = std::make_shared<AxesEmbedder>(AxesEmbedder::Axes{
      {"car", 0}, {"automobile", 0}, {"boat", 1}, {"ship", 1}, {"red", 2}, {"scarlet", 2}, {"it", 3}, {"is", 3}});
  std::uint64_t seed_ = 0;
  Store* store_ = nullptr;
  std::vector<std::string> warnings_;
  Engine engine_;
};

TEST_F(SearchByMeaning, FindsWhatHasNoWordOfTheQuestion) {
  say("a", "car");
  say("b", "boat");
  EXPECT_EQ(found("automobile"), Values{"car"});
  EXPECT_EQ(found("ship"), Values{"boat"});
  EXPECT_EQ(found("automobile", SearchBy::words), Values{});
  EXPECT_EQ(found("automobile", SearchBy::meaning), Values{"car"});
  EXPECT_EQ(found("automobile", SearchBy::ranks), Values{"car"});
}

TEST_F(SearchByMeaning, SaysHowItWasDone) {
  say("a", "car");
  const auto answer = search({.agent = agent, .text = "automobile"});
  EXPECT_EQ(answer.by, SearchBy::blend);
  EXPECT_EQ(answer.model, embedder_->model());
  EXPECT_EQ(answer.ledgers.front().compared, 1U);
  EXPECT_EQ(answer.ledgers.front().pending, 0U);
  EXPECT_EQ(answer.ledgers.front().no_meaning, "");
  const auto& claim = answer.lines.front().claims.front();
  ASSERT_TRUE(claim.cosine);
  EXPECT_NEAR(*claim.cosine, 1 / std::sqrt(3), 1e-6) << "one axis of three";
  EXPECT_EQ(claim.words, Score{});
  EXPECT_EQ(claim.score.millionths, static_cast<std::uint32_t>(*claim.cosine * 200'000));

  const auto words = search({.agent = agent, .text = "car", .by = SearchBy::words});
  EXPECT_EQ(words.by, SearchBy::words);
  EXPECT_EQ(words.model, std::nullopt);
  EXPECT_EQ(words.lines.front().claims.front().cosine, std::nullopt);
  EXPECT_EQ(words.lines.front().claims.front().score, words.lines.front().claims.front().words);
}

TEST_F(SearchByMeaning, GivesStatementsAndQuestionsToTheModelAsTheyAre) {
  say("a", "car");
  found("automobile -honey \"red thing\"");
  ASSERT_EQ(embedder_->asked.size(), 2U);
  EXPECT_EQ(embedder_->asked[0].kind, EmbeddedText::statement);
  EXPECT_EQ(embedder_->asked[0].texts, Values{"it a car"});
  EXPECT_EQ(embedder_->asked[1].kind, EmbeddedText::question);
  EXPECT_EQ(embedder_->asked[1].texts, Values{"automobile red thing"});
}

TEST_F(SearchByMeaning, KeepsToWhatTheQuestionDemands) {
  say("a", "red car");
  say("b", "scarlet car");
  EXPECT_EQ(found("automobile"), (Values{"scarlet car", "red car"}));
  EXPECT_EQ(found("automobile -red"), Values{"scarlet car"});
  EXPECT_EQ(found("automobile AND red"), Values{}) << "both words have to be there";
  EXPECT_EQ(found("\"red car\" automobile"), (Values{"red car", "scarlet car"})) << "any of the two";
  EXPECT_EQ(found("predicate:b"), Values{"scarlet car"});
}

// The words of what a question demands are no answer where they do not stand so: then only nearness may be one.
TEST_F(SearchByMeaning, WordsThatDoNotStandAsDemandedCountForNothing) {
  say("a", "boat of red car parts is scarlet");
  for (const auto* text :
       {"\"car boat\" honey", "\"car boat\" OR honey", "subject:boat honey", "(subject:boat AND red) OR honey"}) {
    SCOPED_TRACE(text);
    for (const auto by : {SearchBy::words, SearchBy::blend, SearchBy::ranks, SearchBy::meaning})
      EXPECT_EQ(values_of(search({.agent = agent, .text = text, .by = by, .least_cosine = Score{990'000}})), Values{});
    for (const auto by : {SearchBy::blend, SearchBy::ranks}) {
      const auto near = search({.agent = agent, .text = text, .by = by, .least_cosine = {}});
      ASSERT_EQ(near.lines.size(), 1U);
      EXPECT_EQ(near.lines[0].claims[0].words, Score{});
      if (by == SearchBy::blend) {
        const auto cosine = static_cast<std::uint32_t>(1e6 * *near.lines[0].claims[0].cosine + 0.5);
        EXPECT_EQ(near.lines[0].score, Score{cosine / 5});
      }
    }
  }
}

// Whatever share the meaning has: of equal scores the newest.
TEST_F(SearchByMeaning, OfEqualScoresTheNewestComesFirst) {
  say("a", "car boat");
  say("b", "car ship red");
  say("c", "car");  // the nearest, then the first, then the second
  const auto ask = [&](const std::string& text) {
    return values_of(search({.agent = agent, .text = text, .by = SearchBy::blend, .meaning_share = {}}));
  };
  EXPECT_EQ(ask("car"), (Values{"car", "car ship red", "car boat"}));
  EXPECT_EQ(ask("automobile"), (Values{"car", "car ship red", "car boat"})) << "all score nothing";
}

// However near they are, the newest is among the few that are asked for: not all of one score are read for it.
TEST_F(SearchByMeaning, OfManyEqualScoresTheNewestComesFirst) {
  for (int i = 1; i <= 40; ++i) {  // from the farthest to the nearest: 20 to 1, 21 to 40
    std::string value = "car";
    for (auto boats = i <= 20 ? 20 + i : 40 - i; boats > 0; --boats) value += " boat";
    say("p" + std::to_string(i), value);
  }
  const auto found = search({.agent = agent,
                             .text = "automobile",
                             .by = SearchBy::blend,
                             .meaning_share = {},
                             .least_cosine = {},
                             .limit = 1});
  ASSERT_EQ(found.lines.size(), 1U);
  EXPECT_EQ(found.lines[0].line.predicate, "p40");
}

TEST_F(SearchByMeaning, NearnessCountsBesideWords) {
  say("a", "boat red");
  say("b", "ship scarlet");
  say("c", "car");
  EXPECT_EQ(found("ship"), (Values{"ship scarlet", "boat red"}));
  EXPECT_EQ(found("boat"), (Values{"boat red", "ship scarlet"}));
}

TEST_F(SearchByMeaning, WhatIsFartherThanTheLeastCosineIsNotFoundByItAlone) {
  say("a", "car");
  EXPECT_EQ(values_of(search({.agent = agent, .text = "automobile", .least_cosine = Score{577'350}})), Values{"car"});
  EXPECT_EQ(values_of(search({.agent = agent, .text = "automobile", .least_cosine = Score{577'351}})), Values{});
  EXPECT_EQ(values_of(search({.agent = agent, .text = "car", .least_cosine = Score{1'000'000}})), Values{"car"});
}

// A line comes for its best claim; its others have to be near enough themselves.
TEST_F(SearchByMeaning, EachClaimOfALineHasToBeNearEnough) {
  say("a", "automobile");
  say("a", "automobile boat boat boat boat");
  for (const auto by : {SearchBy::blend, SearchBy::ranks, SearchBy::meaning}) {
    SearchRequest request{.agent = agent, .text = "car", .by = by, .least_cosine = Score{500'000}};
    EXPECT_EQ(short_text(search(request)), "a Contested{automobile boat boat boat boat automobile}: automobile")
        << text(by);
    request.least_cosine = {};
    EXPECT_EQ(short_text(search(request)),
              "a Contested{automobile boat boat boat boat automobile}: automobile automobile boat boat boat boat")
        << text(by);
  }
}

TEST_F(SearchByMeaning, WhatIsExplainedIsFoundAsItIsWithout) {
  say("a", "car");
  say("b", "boat car boat boat");
  say("c", "automobile");
  for (const auto by : {SearchBy::words, SearchBy::meaning, SearchBy::blend, SearchBy::ranks}) {
    SearchRequest request{.agent = agent, .text = "car is", .by = by, .least_cosine = Score{400'000}};
    const auto plain = search(request);
    request.explain = true;
    const auto explained = search(request);
    EXPECT_EQ(values_of(explained), values_of(plain)) << text(by);
    EXPECT_FALSE(explained.ledgers.front().terms.empty());
    for (std::size_t i = 0; i < plain.lines.size(); ++i) EXPECT_EQ(explained.lines[i].score, plain.lines[i].score);
  }
}

// Each line has one statement, so what words alone and meaning alone say of all makes the blend of all.
TEST_F(SearchByMeaning, ABlendIsThatOfBothListsHoweverLong) {
  engine_ = make(nullptr);
  const EmbeddingModel model{"random", 8, "1"};
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  const auto some_vector = [&] {
    std::vector<float> vector(8);
    for (auto& number : vector) number = normal(random);
    return vector;
  };
  static const Values words = {"car", "boat", "red", "is", "ship", "tree", "sky", "stone"};
  IngestRequest request{.agent = agent, .statements = {}, .model = model};
  for (int i = 0; i < 900; ++i) {
    std::string text;
    for (auto left = random() % 4 + 1; left > 0; --left) text += words[random() % words.size()] + " ";
    request.statements.push_back({.subject = "s" + std::to_string(i), .predicate = "p", .value = text});
    if (random() % 5 > 0) request.statements.back().vector = some_vector();
  }
  engine_.ingest(request);

  struct Legs {
    std::uint64_t words = 0;
    std::int64_t cosine = -1;
  };
  for (int question = 0; question < 24; ++question) {
    const auto least = static_cast<std::uint32_t>(random() % 700'000);
    const SearchRequest base{.agent = agent,
                             .text = words[random() % words.size()] + " " + words[random() % words.size()],
                             .least_cosine = Score{},
                             .vector = some_vector(),
                             .model = model,
                             .limit = 1'000};
    const auto ask = [&](SearchBy by, std::uint32_t least_cosine, std::size_t limit) {
      auto asked = base;
      asked.by = by;
      asked.least_cosine = Score{least_cosine};
      asked.limit = limit;
      return engine_.search(asked);
    };
    std::map<std::string, Legs> legs;
    for (const auto& line : ask(SearchBy::words, 0, 1'000).lines) legs[line.line.subject].words = line.score.millionths;
    for (const auto& line : ask(SearchBy::meaning, 0, 1'000).lines)
      legs[line.line.subject].cosine = std::lround(*line.claims.front().cosine * 1e6);
    std::vector<std::pair<std::uint64_t, std::string>> expected;
    for (const auto& [subject, leg] : legs) {
      if (leg.words == 0 && leg.cosine < std::max<std::int64_t>(least, 1)) continue;
      const auto cosine = static_cast<std::uint64_t>(std::max<std::int64_t>(leg.cosine, 0));
      expected.emplace_back((leg.words * 800'000 + cosine * 200'000) / 1'000'000, subject);
    }
    std::ranges::sort(expected, std::greater(), [](const auto& each) { return each.first; });
    for (const std::size_t limit : {3U, 40U, 300U, 1'000U}) {
      const auto answer = ask(SearchBy::blend, least, limit);
      ASSERT_EQ(answer.lines.size(), std::min(limit, expected.size()));
      EXPECT_EQ(answer.more, expected.size() > limit);
      for (std::size_t i = 0; i < answer.lines.size(); ++i) {
        ASSERT_EQ(answer.lines[i].score.millionths, expected[i].first) << "at " << i << " of " << limit;
        const auto& leg = legs.at(answer.lines[i].line.subject);
        EXPECT_EQ(answer.lines[i].claims.front().words.millionths, leg.words);
      }
    }
  }
}

TEST_F(SearchByMeaning, ABlendHasItsShares) {
  say("a", "car");
  const auto with = [&](std::uint32_t share) {
    return search({.agent = agent, .text = "car", .by = SearchBy::blend, .meaning_share = Score{share}})
        .lines.front()
        .claims.front();
  };
  const auto words = with(0);
  EXPECT_EQ(words.score, words.words);
  const auto cosine = static_cast<std::uint32_t>(std::lround(*words.cosine * 1e6));
  EXPECT_EQ(with(1'000'000).score.millionths, cosine);
  EXPECT_EQ(with(500'000).score.millionths, (words.words.millionths + cosine) / 2);
}

TEST_F(SearchByMeaning, RanksAreWorthTheirPlaces) {
  say("a", "car red");                 // second by words, second by meaning
  say("b", "car");                     // first by both
  say("c", "automobile is it is it");  // third by meaning, and has no word
  const auto answer = search({.agent = agent, .text = "car", .by = SearchBy::ranks, .least_cosine = Score{}});
  EXPECT_EQ(values_of(answer), (Values{"car", "car red", "automobile is it is it"}));
  std::vector<std::uint32_t> scores;
  for (const auto& line : answer.lines) scores.push_back(line.score.millionths);
  EXPECT_EQ(scores, (std::vector<std::uint32_t>{1'000'000, 2 * (500'000 * 61 / 62), 500'000 * 61 / 63}));
}

TEST_F(SearchByMeaning, WithoutAnEmbedderThingsAreFoundByWords) {
  engine_ = make(nullptr);
  say("a", "car");
  EXPECT_EQ(found("car"), Values{"car"});
  EXPECT_EQ(ledger("car").no_meaning, "");
  EXPECT_EQ(search({.agent = agent, .text = "car"}).by, SearchBy::words);
  for (const auto by : {SearchBy::meaning, SearchBy::blend, SearchBy::ranks}) {
    try {
      found("car", by);
      ADD_FAILURE() << text(by);
    } catch (const InvalidInput& refused) {
      EXPECT_EQ(refused.field(), "by");
      EXPECT_NE(refused.why().find("neither an embedder nor a vector"), std::string::npos);
    }
  }
}

TEST_F(SearchByMeaning, AModelThatFailsKeepsNothingFromBeingWrittenOrFound) {
  embedder_->fails_with = "the model is away";
  say("a", "car");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_.front(), "what is written has no vectors yet: the model is away");
  EXPECT_EQ(found("car"), Values{"car"});
  EXPECT_EQ(ledger("car").no_meaning, "the model is away");
  EXPECT_THROW(found("car", SearchBy::blend), StoreFailure);

  embedder_->fails_with.clear();
  EXPECT_EQ(ledger("car").pending, 1U);
  EXPECT_EQ(found("automobile"), Values{});
  const auto done = engine_.embed({.agent = agent});
  EXPECT_EQ(done.statements, 1U);
  EXPECT_EQ(done.up_to, Position{1});
  EXPECT_EQ(found("automobile"), Values{"car"});
}

TEST_F(SearchByMeaning, WhatIsNoVectorIsNotFiled) {
  const auto nan = std::nanf("");
  std::vector<float> of_zeros(8), of_nan(8, nan), short_one(7, 1);
  for (const auto& bad : {of_zeros, of_nan, short_one, std::vector<float>{}}) {
    embedder_->gives = bad;
    say("a", "car " + std::to_string(warnings_.size()));
    EXPECT_EQ(models(), std::vector<FiledModel>{});
    try {
      engine_.embed({.agent = agent});
      ADD_FAILURE();
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::incompatible);
      EXPECT_NE(failure.detail().find("the model axes made a vector that "), std::string::npos) << failure.detail();
    }
  }
  EXPECT_EQ(warnings_.size(), 4U);
}

TEST_F(SearchByMeaning, StatementsWithoutAVectorCompeteByTheirWords) {
  engine_ = make(embedder_, {.embed_writes = false});
  say("a", "car");
  engine_.embed({.agent = agent});
  say("b", "car too");
  say("c", "automobile");
  EXPECT_EQ(found("car"), (Values{"car", "car too"}));
  EXPECT_EQ(ledger("car").pending, 2U);
  EXPECT_EQ(ledger("car").compared, 1U);
}

TEST_F(SearchByMeaning, EmbeddingGoesOnFromWhereItWas) {
  engine_ = make(embedder_, {.embed_writes = false});
  for (int i = 0; i < 600; ++i) say("p" + std::to_string(i), "car");
  embedder_->asked.clear();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  const auto done =
      engine_.embed({.agent = agent, .progress = [&](auto now, auto all) { told.emplace_back(now, all); }});
  EXPECT_EQ(done.statements, 600U);
  EXPECT_EQ(told.back(), (std::pair<std::uint64_t, std::uint64_t>{600, 600}));
  EXPECT_GT(told.size(), 2U);
  EXPECT_EQ(engine_.embed({.agent = agent}).statements, 0U);
  say("last", "boat");
  EXPECT_EQ(engine_.embed({.agent = agent}).statements, 1U);
  EXPECT_EQ(engine_.embed({.agent = agent, .anew = true}).statements, 601U);
  EXPECT_TRUE(engine_.verify({.agent = agent}).ok);
}

TEST_F(SearchByMeaning, VectorsOfTheCallerAreFiledWithWhatTheyAreOf) {
  engine_ = make(nullptr);
  const EmbeddingModel model{"mine", 2, "v1"};
  const auto say_at = [&](const std::string& value, std::vector<float> vector) {
    return engine_.ingest({.agent = agent,
                           .statements = {{.subject = "it", .predicate = value, .value = value, .vector = vector}},
                           .model = model});
  };
  say_at("north", {0, 2});
  say_at("east", {3, 0});
  const auto near = [&](std::vector<float> vector) {
    return values_of(search({.agent = agent, .text = "?", .vector = std::move(vector), .model = model}));
  };
  EXPECT_EQ(near({0.1F, 1}), Values{"north"});
  EXPECT_EQ(near({1, 0.9F}), (Values{"east", "north"}));
  EXPECT_EQ(models(), (std::vector<FiledModel>{{.model = model, .up_to = {2}, .filed = 2}}));

  const auto refused = [&](const auto& act) -> std::string {
    try {
      act();
      return "done";
    } catch (const InvalidInput& input) {
      return input.what();
    }
  };
  EXPECT_EQ(refused([&] { say_at("up", {1, 2, 3}); }).substr(0, 7), "vector:");
  EXPECT_EQ(refused([&] { near({1}); }).substr(0, 7), "vector:");
  EXPECT_EQ(refused([&] { search({.agent = agent, .text = "?", .vector = {1, 2}}); }).substr(0, 6), "model:");
  EXPECT_EQ(refused([&] { search({.agent = agent, .text = "?", .model = model}); }).substr(0, 7), "vector:");
  EXPECT_EQ(refused([&] {
              engine_.ingest({.agent = agent,
                              .statements = {{.subject = "it", .predicate = "p", .value = "v", .vector = {1, 2}}}});
            }).substr(0, 6),
            "model:");
}

TEST_F(SearchByMeaning, ADamagedVectorNamesItsEntryAndItsRemedy) {
  engine_ = make(embedder_, {.embed_writes = false});
  say("a", "car");
  const std::vector<NewVector> damaged = {{{1}, Bytes(embedder_->model().dimensions * sizeof(float), '\0')}};
  ASSERT_TRUE(store_->vectors()->file_vectors(agent, embedder_->model(), {}, {1}, damaged, {}));
  const std::string why =
      "the vector of entry 1 by the model axes is not of length 1; `claimledger embed --anew` makes those of the model "
      "anew";
  try {
    search({.agent = agent, .text = "car", .by = SearchBy::blend});
    ADD_FAILURE();
  } catch (const StoreFailure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_EQ(failure.detail(), why);
  }
  const auto by_words = search({.agent = agent, .text = "car"});
  EXPECT_EQ(by_words.by, SearchBy::words);
  EXPECT_EQ(by_words.model, std::nullopt);
  EXPECT_EQ(by_words.ledgers.at(0).no_meaning, why);
  EXPECT_EQ(by_words.lines.size(), 1U) << "nobody insisted on its meaning";
  engine_.embed({.agent = agent, .anew = true});
  EXPECT_EQ(found("car"), Values{"car"});
}

TEST_F(SearchByMeaning, AnotherModelIsRefusedByName) {
  say("a", "car");
  const SearchRequest asked{.agent = agent,
                            .text = "car",
                            .by = SearchBy::blend,
                            .vector = std::vector<float>(8, 1),
                            .model = EmbeddingModel{"axes", 8, "2"}};
  try {
    search(asked);
    ADD_FAILURE();
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.field(), "by");
    EXPECT_EQ(refused.why(),
              "asks for meaning, but the ledger of tester has no vectors of axes (8 dimensions, fingerprint 2), but of "
              "axes (8 dimensions, fingerprint 1); file them with embed");
  }
  auto by_default = asked;
  by_default.by.reset();
  EXPECT_EQ(values_of(search(by_default)), Values{"car"});
  EXPECT_NE(search(by_default).ledgers.front().no_meaning, "");
}

TEST_F(SearchByMeaning, WhatCannotBeAnswersAsOfAPosition) {
  say("a", "car");
  say("b", "automobile");
  const auto then = search({.agent = agent, .text = "automobile", .at = {.position = Position{1}}});
  EXPECT_EQ(values_of(then), Values{"car"});
  EXPECT_EQ(then.ledgers.front().compared, 1U);
}

TEST_F(SearchByMeaning, CorrectionsAndRestatementsHaveVectors) {
  say("a", "car");
  const auto first = engine_.recall({.agent = agent, .line = {"it", "a"}}).primary->claim;
  engine_.correct({.agent = agent, .claim = first, .value = "boat"});
  say("a", "boat");
  EXPECT_EQ(found("ship"), Values{"boat"});
  EXPECT_EQ(found("automobile"), Values{});
  EXPECT_EQ(ledger("ship").pending, 0U);
  engine_.retract({.agent = agent, .claim = LineKey{"it", "a"}});
  EXPECT_EQ(found("ship"), Values{});
  EXPECT_EQ(models().front().up_to, engine_.head({.agent = agent}).position) << "acts without a statement move it, too";
  EXPECT_TRUE(engine_.verify({.agent = agent}).ok);
}

TEST_F(SearchByMeaning, ACopyHasTheVectorsOfItsSource) {
  say("a", "car");
  say("b", "boat");
  auto source = std::exchange(engine_, make(nullptr));
  engine_.copy_from({.source = source, .agent = agent});
  EXPECT_EQ(models(), models_of(source));

  source.ingest({.agent = agent, .statements = {{.subject = "it", .predicate = "c", .value = "ship"}}});
  engine_.copy_from({.source = source, .agent = agent});
  EXPECT_EQ(models(), models_of(source));
  EXPECT_EQ(values_of(engine_.search({.agent = agent,
                                      .text = "?",
                                      .by = SearchBy::meaning,
                                      .vector = embedder_->vector_of("it ship"),
                                      .model = embedder_->model()})),
            (Values{"ship", "boat", "car"}));
  EXPECT_TRUE(engine_.verify({.agent = agent}).ok);
}

TEST_F(SearchByMeaning, WhatIsImportedIsFoundByItsMeaning) {
  auto source = make(nullptr);
  for (const auto* value : {"car", "boat"})
    source.ingest({.agent = agent, .statements = {{.subject = "it", .predicate = value, .value = value}}});
  const auto lines = source.export_batches({.agent = agent}).lines;
  engine_ = make(embedder_);
  for (const auto& line : lines) engine_.import_batch({.line = line});
  EXPECT_EQ(found("ship"), Values{"boat"});
  EXPECT_EQ(ledger("ship").pending, 0U);
}

}  // namespace
}  // namespace claimledger
