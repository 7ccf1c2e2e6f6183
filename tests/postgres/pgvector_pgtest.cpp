#include <gtest/gtest.h>

#include <functional>
#include <pqxx/pqxx>
#include <random>

#include "claimledger/conformance/forwarding_store.hpp"
#include "vector_ledger.hpp"

// What there may be of pgvector, and who says so: in databases of a test's own.
namespace claimledger::postgres::test {

namespace {

using Found = std::vector<std::string>;

const Config forgetful{.vector_cache_bytes = 0};
const auto embedder = std::make_shared<SprayedEmbedder>("small", 8);

// A database without the extension, gone with the test; also its roles, whose names begin with its own.
class Databases : public testing::Test {
 protected:
  Databases() {
    drop();
    tests::ask(server_, "CREATE DATABASE " + name_ + " TEMPLATE template0");
  }
  ~Databases() override {
    store_.reset();
    drop();
  }

  Options options() const {
    Options made;
    made.connection = server_ + " dbname=" + name_;
    made.pgvector_from = 2;
    made.compared = compared_;
    return made;
  }
  Store& open_store(Pgvector pgvector = Pgvector::automatic) {
    store_.reset();
    auto with = options();
    with.pgvector = pgvector;
    store_ = open(with);
    return *store_;
  }
  Engine engine(const Config& config = forgetful) {
    return Engine({.store = std::make_unique<conformance::ForwardingStore>(store_),
                   .clock = std::make_shared<system::SystemClock>(),
                   .ids = std::make_shared<system::RandomIds>(),
                   .embedder = embedder},
                  config);
  }
  void say(int count) {
    auto writer = engine();
    for (int i = 0; i < count; ++i) test::say(writer, agent_, "subject " + std::to_string(i), "word");
  }
  std::string comparing() {
    const auto answer = store_->vectors()->comparing(agent_, embedder->model(), {});
    return std::string(answer->in_store ? "database: " : "here: ") + answer->detail;
  }
  // Whether the database compared.
  bool asks_database() {
    const auto before = compared_->load();
    EXPECT_EQ(engine().search({.agent = agent_, .text = "word", .by = SearchBy::meaning}).lines.empty(), false);
    return compared_->load() > before;
  }
  Found ask(const std::string& sql) const {
    return tests::ask(options().connection, "SET search_path = claimledger, public; " + sql);
  }
  void create_extension(const std::string& where = "public") const {
    tests::ask(options().connection, "CREATE SCHEMA IF NOT EXISTS \"" + where + "\"");
    tests::ask(options().connection, "CREATE EXTENSION vector SCHEMA \"" + where + "\"");
  }
  std::string role(const std::string& name) const { return name_ + "_" + name; }

  const AgentId agent_{"alice"};
  const std::string server_ = tests::shared_server();
  const std::string name_ = "pgvector_" + std::to_string(getpid());
  std::shared_ptr<std::atomic<std::uint64_t>> compared_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  std::shared_ptr<Store> store_;

 private:
  void drop() const {
    tests::ask(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    const auto roles = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, '" + name_ + "_')";
    for (const auto& found : tests::ask(server_, roles)) tests::ask(server_, "DROP ROLE " + found);
  }
};

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
    return "none";
  } catch (const StoreFailure& failure) {
    return std::string(text(failure.kind())) + ": " + failure.detail();
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

// From the database without it to the one that compares, each step as the one before said.
TEST_F(Databases, SayWhatIsMissingUntilTheyCompare) {
  open_store();
  say(3);
  EXPECT_TRUE(has(comparing(), "here: pgvector 0.8")) << comparing();
  EXPECT_TRUE(has(comparing(), "not created in this database; run CREATE EXTENSION vector")) << comparing();
  EXPECT_FALSE(asks_database());
  EXPECT_TRUE(migrate(options()).pending.empty()) << "nothing is pending without it";

  create_extension("where it is");
  EXPECT_TRUE(has(comparing(), "was created after this ledger; run `claimledger migrate`")) << comparing();
  EXPECT_FALSE(asks_database());
  EXPECT_EQ(pending_migrations(options()).pending, Found{"a column by which pgvector compares vectors"});
  EXPECT_EQ(migrate(options()).pending, Found{"a column by which pgvector compares vectors"});
  EXPECT_TRUE(pending_migrations(options()).pending.empty());
  EXPECT_EQ(ask("SELECT attstorage FROM pg_attribute WHERE attrelid = 'embedding'::REGCLASS AND attname = 'near'"),
            Found{"m"});

  // By the store that was opened before.
  EXPECT_FALSE(asks_database()) << "none is ready";
  EXPECT_TRUE(has(comparing(), "; 3 vectors are not ready for pgvector; run `claimledger embed`")) << comparing();
  engine().embed({.agent = agent_});
  EXPECT_TRUE(has(comparing(), "database: pgvector 0.8")) << comparing();
  EXPECT_FALSE(has(comparing(), ";")) << comparing();
  EXPECT_TRUE(asks_database());
  const auto model = engine().status({.agent = agent_}).models.at(0);
  ASSERT_TRUE(model.comparing);
  EXPECT_TRUE(model.comparing->in_store);

  open_store(Pgvector::never);
  EXPECT_EQ(comparing(), "here: this store is opened with pgvector=never");
  EXPECT_FALSE(asks_database());
}

TEST_F(Databases, CompareOnlyWhatIsMany) {
  create_extension();
  auto many = options();
  many.pgvector_from = 5;
  store_ = open(many);
  say(4);
  engine().embed({.agent = agent_});
  EXPECT_EQ(comparing(), "here: there are 4 vectors, and fewer than 5 are as soon read");
  EXPECT_FALSE(asks_database());
  EXPECT_EQ(ask("SELECT COUNT(near) FROM embedding"), Found{"0"});
  say(1);
  engine().embed({.agent = agent_});
  EXPECT_EQ(ask("SELECT COUNT(near) FROM embedding"), Found{"5"});
  EXPECT_TRUE(asks_database());
}

TEST_F(Databases, ThatArePastTheToleratedBacklogAreReadInstead) {
  create_extension();
  open_store();
  std::vector<claimledger::Statement> statements;
  for (int i = 0; i < 1'100; ++i)
    statements.push_back({.subject = "s" + std::to_string(i), .predicate = "p", .value = "word"});
  engine().ingest({.agent = agent_, .statements = statements});
  EXPECT_FALSE(asks_database());
  EXPECT_EQ(comparing(), "here: 1100 vectors are not ready for pgvector; run `claimledger embed`");
  open_store(Pgvector::required);
  const auto refusal = failure_of([&] { asks_database(); });
  EXPECT_TRUE(has(refusal, "incompatible: ") && has(refusal, "run `claimledger embed`")) << refusal;

  engine().embed({.agent = agent_});
  EXPECT_EQ(ask("SELECT COUNT(*) - COUNT(near) FROM embedding"), Found{"0"}) << "in several steps";
  EXPECT_TRUE(asks_database());
}

TEST_F(Databases, ThatHaveToCompareAndCannotAreRefused) {
  const auto refusal = [&] { return failure_of([&] { open_store(Pgvector::required); }); };
  migrate(options());
  EXPECT_TRUE(has(refusal(), "incompatible: vectors have to be compared in the database (pgvector=required)"));
  EXPECT_TRUE(has(refusal(), "CREATE EXTENSION vector")) << refusal();
  create_extension();
  EXPECT_TRUE(has(refusal(), "run `claimledger migrate`")) << refusal();
  migrate(options());
  EXPECT_EQ(refusal(), "none");
}

// Whoever may not use the extension reads, and writes on.
TEST_F(Databases, ServeARoleThatMayNotUseIt) {
  create_extension("hidden");
  const Roles names{role("owner"), role("writer"), role("reader")};
  initialise(options(), {.roles = true, .names = names});
  tests::ask(server_, "CREATE ROLE " + role("login") + " LOGIN; GRANT " + names.writer + " TO " + role("login"));
  auto as = options();
  as.connection += " user=" + role("login");
  as.migrate = Migrate::require_current;
  store_ = open(as);
  say(3);
  EXPECT_TRUE(has(comparing(), "may not use the schema or the type of pgvector 0.8")) << comparing();
  EXPECT_EQ(ask("SELECT COUNT(*) FROM pg_attribute WHERE attrelid = 'embedding'::REGCLASS AND attname = 'near'"),
            Found{"0"})
      << "nor may the owner";

  tests::ask(options().connection, "GRANT USAGE ON SCHEMA hidden TO " + names.owner);
  migrate(options());
  store_ = open(as);
  EXPECT_TRUE(has(comparing(), "may not use the schema")) << comparing();
  engine().embed({.agent = agent_});
  EXPECT_EQ(ask("SELECT COUNT(near) FROM embedding"), Found{"3"}) << "a routine of the owner files";
  say(1);
  EXPECT_EQ(ask("SELECT COUNT(near) FROM embedding"), Found{"4"});
  EXPECT_FALSE(asks_database());

  tests::ask(options().connection, "GRANT USAGE ON SCHEMA hidden TO " + names.writer);
  EXPECT_TRUE(has(comparing(), "database: pgvector 0.8")) << comparing();
  EXPECT_TRUE(asks_database());
}

TEST_F(Databases, ThatLoseTheExtensionGoOn) {
  create_extension();
  open_store();
  say(3);
  engine().embed({.agent = agent_});
  EXPECT_TRUE(asks_database());

  tests::ask(options().connection, "SET client_min_messages = error; DROP EXTENSION vector CASCADE");
  EXPECT_FALSE(asks_database());
  say(2);
  engine().embed({.agent = agent_});
  EXPECT_FALSE(asks_database());
  EXPECT_EQ(engine().verify({.agent = agent_}).problem, "");

  create_extension();
  migrate(options());
  EXPECT_FALSE(asks_database());
  engine().embed({.agent = agent_});
  EXPECT_TRUE(asks_database());
}

TEST_F(Databases, WhoseTablesWereLostHaveTheColumnAgain) {
  create_extension();
  open_store();
  say(3);
  ask("DROP TABLE embedding");
  EXPECT_EQ(migrate(options()).pending,
            (Found{"0005_vectors", "0006_nearest", "a column by which pgvector compares vectors"}));
  open_store();
  engine().embed({.agent = agent_});
  EXPECT_TRUE(asks_database());
}

TEST_F(Databases, AreFoundOutWhereNumbersAreNotThoseOfTheBytes) {
  create_extension();
  open_store();
  say(3);
  engine().embed({.agent = agent_});
  EXPECT_EQ(engine().verify({.agent = agent_}).problem, "");
  ask("UPDATE embedding SET near = '[1,0,0,0,0,0,0,0]' WHERE stream_seq = 2");
  EXPECT_TRUE(has(engine().verify({.agent = agent_}).problem, "the numbers of the vector of entry 2"));
  ask("UPDATE embedding SET near = '[1,0]' WHERE stream_seq = 2");
  EXPECT_TRUE(has(engine().verify({.agent = agent_}).problem, "the numbers of the vector of entry 2"));
}

// Every float that a vector may have, to the last bit: the least, the greatest below 1, both signs, both zeros.
TEST_F(Databases, ReadNumbersFromBytesToTheLastBit) {
  migrate(options());
  pqxx::connection connection(options().connection);
  pqxx::work work(connection);
  work.exec("SET search_path = claimledger");
  std::mt19937 random(5);
  std::vector<std::uint32_t> bits = {0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x3f800000, 0xbf7fffff};
  for (int i = 0; i < 2'000; ++i) bits.push_back(static_cast<std::uint32_t>(random()) & 0xbfffffff);
  std::string bytes;
  for (const auto each : bits)
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(each >> shift);
  const auto rows = work.exec("SELECT encode(float4send(n), 'hex') FROM unnest(vector_numbers(" +
                              work.quote_raw(bytes) + ", " + std::to_string(bits.size()) + ")) AS n");
  ASSERT_EQ(rows.size(), bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto read =
        static_cast<std::uint32_t>(std::stoul(rows[static_cast<pqxx::result::size_type>(i)][0].c_str(), nullptr, 16));
    EXPECT_EQ(read, bits[i] == 0x80000000 ? read : bits[i]);
    EXPECT_EQ(read & 0x7fffffff, bits[i] & 0x7fffffff);
  }
  const auto infinite = work.exec1("SELECT vector_numbers('\\x0000807f'::BYTEA, 1) IS NULL");
  EXPECT_STREQ(infinite[0].c_str(), "t");
}

TEST_F(Databases, SayThatItIsTooOld) {
  const tests::Cluster old("--version old-pgvector --pgvector");
  if (!old) GTEST_SKIP() << "no such server: `postgres_cluster.sh fetch old-pgvector`";
  auto with = options();
  with.connection = old.connection();
  store_ = open(with);
  say(3);
  EXPECT_TRUE(migrate(with).pending.empty());
  EXPECT_TRUE(has(comparing(), "here: pgvector 0.6.2 is older than 0.8; install a newer one")) << comparing();
  EXPECT_FALSE(asks_database());
  engine().embed({.agent = agent_});
  with.pgvector = Pgvector::required;
  EXPECT_TRUE(has(failure_of([&] { open(with); }), "older than 0.8"));
}

TEST_F(Databases, SayThatItIsNotInstalled) {
  const tests::Cluster without("--version 15");
  if (!without) GTEST_SKIP() << "no such server";
  auto with = options();
  with.connection = without.connection();
  if (tests::ask_one(with.connection, "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'") == "1")
    GTEST_SKIP() << "it is installed";
  store_ = open(with);
  say(3);
  EXPECT_TRUE(has(comparing(), "here: pgvector is not installed on this server; install 0.8 or newer")) << comparing();
  EXPECT_FALSE(asks_database());
}

// The column goes with the row: after VACUUM no file of the tables has its bytes.
TEST_F(Databases, KeepNoByteOfAnErasedVector) {
  create_extension();
  open_store();
  Told told(store_, 7);
  const EmbeddingModel wide{"wide", 700, "1"};  // out of line, and in line
  std::mt19937 random(9);
  std::vector<std::vector<float>> vectors(4, std::vector<float>(700));
  for (auto& vector : vectors)
    for (auto& number : vector) number = static_cast<float>(random() % 1'000) + 1;
  told.say(wide, vectors);
  for (std::optional<std::uint64_t> after = 0; after;)
    after = store_->vectors()->extend_nearest(told.agent, wide, *after, {});
  EXPECT_EQ(ask("SELECT COUNT(near) FROM embedding"), Found{"4"});
  const auto bytes = ask("SELECT encode(substring(vector FROM 401 FOR 40), 'hex') FROM embedding WHERE stream_seq = 1");
  const auto files = [&] {
    tests::ask(options().connection, "CHECKPOINT");
    std::size_t found = 0;
    for (const auto* table : {"'claimledger.embedding'::REGCLASS",
                              "(SELECT reltoastrelid FROM pg_class WHERE oid = 'claimledger.embedding'::REGCLASS)"}) {
      const auto path = std::string("pg_read_binary_file(pg_relation_filepath(") + table + "))";
      found += std::stoul(ask("SELECT (length(replace(encode(" + path + ", 'hex'), '" + bytes.at(0) + "', '')) < " +
                              "length(encode(" + path + ", 'hex')))::INT")
                              .at(0));
    }
    return found;
  };
  EXPECT_EQ(files(), 2U) << "beside the row and out of line";
  told.erase(100);  // the first
  vacuum_until([&] { tests::ask(options().connection, "VACUUM claimledger.embedding"); }, [&] { return files() == 0; });
  EXPECT_EQ(files(), 0U);
}

// However many candidates there are, they are compared some hundred at a time.
TEST_F(Databases, AreAskedInFewRoundTrips) {
  create_extension();
  auto counting = options();
  counting.round_trips = std::make_shared<std::atomic<std::uint64_t>>(0);
  store_ = open(counting);
  std::vector<claimledger::Statement> statements;
  for (int i = 0; i < 3'000; ++i) {
    const auto number = std::to_string(i);
    statements.push_back({.subject = "s" + number, .predicate = "p", .value = "word and " + number});
  }
  engine().ingest({.agent = agent_, .statements = statements});
  engine().embed({.agent = agent_});
  const auto trips = [&](SearchBy by) {
    const auto asked = engine();
    const SearchRequest request{.agent = agent_, .text = "word and 7", .by = by};
    const auto before = counting.round_trips->load();
    EXPECT_EQ(asked.search(request).lines.size(), 10U);
    return counting.round_trips->load() - before;
  };
  EXPECT_LE(trips(SearchBy::meaning), 6U);
  EXPECT_LE(trips(SearchBy::blend), 8U);
}

// The first question of a ledger and a model; whoever asks again has the vectors read where there is room.
TEST_F(Databases, AreAskedOnceWhereVectorsMayBeKept) {
  create_extension();
  open_store();
  say(3);
  engine().embed({.agent = agent_});
  const auto asked = [&](const Config& config, int questions) {
    const auto keeps = engine(config);
    const auto before = compared_->load();
    for (; questions > 0; --questions) keeps.search({.agent = agent_, .text = "word", .by = SearchBy::meaning});
    return compared_->load() - before;
  };
  EXPECT_EQ(asked({}, 4), 1U);
  EXPECT_EQ(asked(forgetful, 4), 4U);
}

}  // namespace claimledger::postgres::test
