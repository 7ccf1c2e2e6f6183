#include <gtest/gtest.h>

#include "answers.hpp"
#include "claimledger/conformance/forwarding_store.hpp"
#include "vector_ledger.hpp"

// Where the database compares vectors, each answer is the one that memory gives, to the last bit.
namespace claimledger::postgres::test {

namespace {

using conformance::Random;

// Asks the database every time: nothing that was read is kept.
const Config forgetful{.vector_cache_bytes = 0};

// A database, its partitions and the role that uses it.
struct Way {
  std::string name;
  std::size_t partitions = 0;
  bool walled = false;  // by row-level security, as a login role that owns nothing
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class Comparing : public testing::TestWithParam<Way> {
 protected:
  Comparing() : schema_("comparing " + GetParam().name) {
    drop_roles();
    auto options = schema_.options();
    if (GetParam().walled) {
      initialise(options, {.roles = true,
                           .names = {role("owner"), role("writer"), role("reader")},
                           .partitions = GetParam().partitions,
                           .tenancy = Tenancy::enforced});
      schema_.ask("CREATE ROLE " + role("login") + " LOGIN; GRANT " + role("writer") + " TO " + role("login"));
      admit_tenant(options, role("login"), AgentId{"alice"});
      options.connection += " user=" + role("login");
      options.tenancy = Tenancy::enforced;
      options.migrate = Migrate::require_current;
    } else {
      initialise(options, {.partitions = GetParam().partitions});
    }
    options.pgvector = Pgvector::required;
    options.pgvector_from = 1;
    options.compared = compared_;
    options.round_trips = round_trips_;
    store_ = open(options);
  }
  ~Comparing() override {
    store_.reset();
    drop_roles();
  }

  // All questions are answered alike; how many of them the database compared.
  std::uint64_t questions(Told& here, Told& model, const std::shared_ptr<Embedder>& embedder, std::uint64_t seed,
                          int count) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    auto asked = here.engine(embedder, forgetful);
    auto reference = model.engine(embedder, forgetful);
    const auto before = compared_->load();
    const auto head = asked.head({.agent = here.agent}).position;
    for (; count > 0; --count) {
      auto request = conformance::some_search(random, here.agent, head, here.clock->now());
      request.by = static_cast<SearchBy>(1 + random.below(2));
      if (random.one_in(3)) request.meaning_share = Score{static_cast<std::uint32_t>(random.below(1'000'001))};
      request.least_cosine = Score{static_cast<std::uint32_t>(random.below(500'000))};
      EXPECT_EQ(answer(asked, request), answer(reference, request)) << request.text;
    }
    return compared_->load() - before;
  }
  static std::string answer(Engine& engine, const SearchRequest& request) {
    try {
      return conformance::text_of(engine.search(request));
    } catch (const InvalidInput& refused) {
      return refused.what();
    }
  }
  std::string role(const std::string& name) const { return "cl_comparing_" + name + "_" + schema_.suffix(); }
  std::string ask_one(const std::string& sql) const { return schema_.ask_one(sql); }

  OwnSchema schema_;
  std::shared_ptr<std::atomic<std::uint64_t>> compared_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<std::atomic<std::uint64_t>> round_trips_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<Store> store_;
  std::shared_ptr<Store> memory_ = memory::open();

 private:
  void drop_roles() const {
    for (const auto* name : {"login", "owner", "writer", "reader"}) {
      const auto found = "SELECT 1 FROM pg_roles WHERE rolname = '" + role(name) + "'";
      if (tests::ask_one(tests::shared_server(), found).empty()) continue;
      tests::ask(tests::shared_server(), "SET client_min_messages = error; DROP OWNED BY " + role(name) + " CASCADE");
      tests::ask(tests::shared_server(), "DROP ROLE " + role(name));
    }
  }
};

// But for some at positions before the first vector.
std::uint64_t most(std::uint64_t questions) { return questions * 3 / 4; }

// A vector that points nearly where another does.
std::vector<float> beside(const std::vector<float>& vector, float distance, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  auto near = vector;
  for (auto& number : near) number += distance * normal(random);
  return near;
}

}  // namespace

TEST_P(Comparing, AnswersAsMemoryDoesHoweverVectorsWereFiled) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const auto one = std::make_shared<SprayedEmbedder>("one"), two = std::make_shared<SprayedEmbedder>("two", 5);
  Told here(store_, seed), model(memory_, seed);
  const auto both = [&](auto tell) { tell(here), tell(model); };

  both([&](Told& told) { told.live(one, 30), told.live(nullptr, 20); });
  EXPECT_EQ(questions(here, model, one, seed, 10), 0U) << "none is ready";
  both([&](Told& told) { told.embed(one); });
  EXPECT_EQ(ask_one("SELECT COUNT(*) FROM embedding WHERE near IS NULL"), "0") << "embed makes them ready";
  EXPECT_GT(questions(here, model, one, seed + 1, 40), most(40));
  both([&](Told& told) { told.live(one, 20), told.live(two, 20); });
  EXPECT_EQ(ask_one("SELECT COUNT(*) FROM embedding WHERE near IS NULL AND model_no = 1"), "0")
      << "what is written from then on is ready at once";
  EXPECT_GT(questions(here, model, one, seed + 2, 40), most(40));
  EXPECT_EQ(questions(here, model, two, seed + 3, 10), 0U) << "of a model that embed has not seen";
  both([&](Told& told) { told.embed(two); });
  EXPECT_GT(questions(here, model, two, seed + 4, 20), most(20));

  ask_one("UPDATE embedding SET near = NULL WHERE filed_no % 3 = 0");
  EXPECT_GT(questions(here, model, one, seed + 5, 30), most(30)) << "and those that are not ready are not missed";
  EXPECT_EQ(here.engine(one).verify({.agent = here.agent}).problem, "");
  both([&](Told& told) { told.erase(7); });
  EXPECT_GT(questions(here, model, one, seed + 6, 30), most(30));
}

// Nearer to each other than pgvector can tell, so that its order is not the one that is asked for; many exactly as
// near; and some that it cannot compare.
TEST_P(Comparing, OrdersWhatTheDatabaseCannot) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Told here(store_, seed), model(memory_, seed);
  for (const std::uint32_t dimensions : {3U, 384U}) {
    SCOPED_TRACE(dimensions);
    const EmbeddingModel model_of{"close " + std::to_string(dimensions), dimensions, "1"};
    const auto center = beside(std::vector<float>(dimensions), 1, random);
    std::vector<std::vector<float>> vectors;
    for (int i = 0; i < 700; ++i) vectors.push_back(beside(center, i % 3 == 0 ? 1e-3F : 3e-4F, random));
    for (int i = 0; i < 400; ++i) vectors.push_back(center);
    for (int i = 0; i < 300; ++i) vectors.push_back(beside(center, 1, random));
    std::ranges::shuffle(vectors, random);
    here.say(model_of, vectors);
    model.say(model_of, vectors);
    for (std::optional<std::uint64_t> after = 0; after;)
      after = store_->vectors()->extend_nearest(here.agent, model_of, *after, {});
    schema_.ask("UPDATE embedding SET near = NULL WHERE filed_no % 29 = 0");  // any of them may be the nearest
    auto asked = here.engine(nullptr, forgetful);
    auto reference = model.engine(nullptr, forgetful);
    for (const auto* text : {"", "said 7", "line"}) {
      for (const std::size_t limit : {1U, 20U, 500U}) {
        for (const auto distance : {0.F, 1e-4F, 0.5F}) {
          SearchRequest request{.agent = here.agent, .text = text, .limit = limit};
          request.by = *text == '\0' ? SearchBy::meaning : SearchBy::blend;
          request.vector = beside(center, distance, random);
          request.model = model_of;
          request.least_cosine = Score{};
          const auto before = compared_->load();
          ASSERT_EQ(answer(asked, request), answer(reference, request)) << text << ", " << limit << ", " << distance;
          EXPECT_GT(compared_->load(), before);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, Comparing,
                         testing::Values(Way{"plain"}, Way{"partitions", 4}, Way{"walled", 0, true},
                                         Way{"walled_partitions", 4, true}),
                         [](const auto& each) { return each.param.name; });

}  // namespace claimledger::postgres::test
