#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"
#include "own_schema.hpp"

// No request reads more of a ledger than it answers, and this also on a connection whose plans were made when the
// ledger was empty: Postgres keeps to them until it has counted the tables, and a young table looks as if any index
// would do.
namespace claimledger::postgres::test {

namespace {

const Call unlimited;
const AgentId alice{"alice"};
const AgentId bob{"bob"};
constexpr std::uint64_t entries = 1'500;  // of each agent
constexpr std::uint64_t to_a_batch = 10;
constexpr std::int64_t rows_allowed = 80;  // of tables and indexes together, for pages of five
constexpr Position anywhere{1'000'000'000};

const std::string recipe = "plans";
const EmbeddingModel model{"small", 4, "weights 1"};
const EmbeddingModel other_model{"large", 4, "weights 1"};

template <class Id>
Id id_of(std::uint64_t number, std::uint8_t of) {
  Id id{};
  for (std::size_t i = 0; i < 8; ++i) id.value.data[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.value.data[0] = of;
  return id;
}
ClaimId claim(std::uint64_t number) { return id_of<ClaimId>(number, 1); }
AdjudicationId question(std::uint64_t number) { return id_of<AdjudicationId>(number, 2); }
Digest key_of(std::uint64_t number) { return sha256({"key", std::to_string(number)}); }
LineKey line(std::uint64_t number) { return {"subject " + std::to_string(number / 3), std::to_string(number % 3)}; }

// One of each sort in turn, so that every index of a ledger has much that is not asked for.
StoredEntry entry(std::uint64_t seq) {
  StoredEntry made;
  made.seq = {seq};
  made.kind = kind_number<ClaimRecorded>;
  made.disposition = disposition_number(Disposition::committed_cheap);
  made.body = "body";
  made.hash = sha256({std::to_string(seq)});
  made.content_state = ContentState::present;
  made.content.body = "content";
  made.content.search_text = seq % 250 == 1 ? "rare" : "source " + std::to_string(seq % 2);
  made.content.terms = {{"every", 1}, {seq % 250 == 1 ? "rare" : "word " + std::to_string(seq), 2}};
  made.content.vector = Bytes(16, 'v');
  const auto turn = seq % 5;
  if (turn == 0) {
    made.kind = kind_number<Served>;
    made.disposition.reset();
    made.served = {claim(seq - 1)};
  } else if (turn == 2) {
    const bool opens = seq % 2 == 0 || seq < 100;  // the first ones stay open
    made.kind = opens ? kind_number<AdjudicationOpened> : kind_number<AdjudicationClosed>;
    made.handle = question(opens ? seq : seq - 5);
    made.claim = claim(seq - 1);
    made.disposition.reset();
  } else {
    if (seq % 7 == 0) made.disposition = disposition_number(Disposition::contested);
    made.claim = claim(seq);
    made.begins = true;
    made.line = line(seq);
    made.idempotency_key = key_of(seq);
    if (turn == 3 && seq > 5) made.derived_from = {claim(seq - 2)};
  }
  return made;
}

Commit batch_after(const Head& head, const AgentId& agent, std::uint64_t count) {
  const TxTime at{head.recorded_at.value + std::chrono::seconds{1}};
  Commit commit{
      .after = head, .header = {.agent = agent, .id = id_of<BatchId>(head.position.value + 1, 3)}, .entries = {}};
  commit.header.recorded_at = at;
  commit.header.entries = static_cast<std::uint32_t>(count);
  commit.recipe = recipe;
  commit.model = model;
  commit.every_vector = true;
  for (std::uint64_t i = 1; i <= count; ++i) {
    commit.entries.push_back(entry(head.position.value + i));
    commit.entries.back().recorded_at = at;
  }
  return commit;
}

void append(Store& store, const Commit& commit) {
  const auto outcome = store.append(std::span(&commit, 1), unlimited).front();
  if (outcome.outcome != AppendOutcome::done) throw std::runtime_error("not appended: " + outcome.detail);
}

void grow(Store& store, const AgentId& agent) {
  for (auto head = store.head(agent, unlimited); head.position.value < entries;) {
    const auto commit = batch_after(head, agent, to_a_batch);
    append(store, commit);
    head = {commit.entries.back().seq, commit.header.recorded_at, commit.entries.back().hash};
  }
}

// Takes the content of the first hundred back, more than any request may read of.
void erase_some(Store& store, const AgentId& agent) {
  const auto head = store.head(agent, unlimited);
  auto commit = batch_after(head, agent, 100);
  for (std::size_t i = 0; i < commit.entries.size(); ++i) {
    StoredEntry tombstone;
    tombstone.seq = commit.entries[i].seq;
    tombstone.recorded_at = commit.entries[i].recorded_at;
    tombstone.kind = kind_number<Tombstone>;
    tombstone.body = "body";
    tombstone.hash = commit.entries[i].hash;
    tombstone.erases = Position{i + 1};
    commit.entries[i] = std::move(tombstone);
  }
  append(store, commit);
}

struct Request {
  std::string name;
  std::function<void(Store&, const AgentId&)> ask;
};

std::function<void(Store&, const AgentId&)> page(Key key, Order order, std::vector<std::uint8_t> kinds = {}) {
  // Without the tombstones at the end: what nearly every entry has is found among all, one by one.
  const EntryQuery query{
      .key = std::move(key), .kinds = std::move(kinds), .to = Position{entries}, .order = order, .limit = 5};
  return [=](Store& store, const AgentId& agent) { store.entries(agent, query, anywhere, unlimited); };
}

std::function<void(Store&, const AgentId&)> postings(TermQuery query, Position from, Position to) {
  return [=](Store& store, const AgentId& agent) {
    store.search_index()->postings(
        agent, recipe, std::span(&query, 1), from, to, [](const Posting&) {}, unlimited);
  };
}

std::vector<Request> requests() {
  const auto middle = entries / 2 + 1;  // a claim
  std::vector<Request> all = {
      {"head", [](Store& store, const AgentId& agent) { store.head(agent, unlimited); }},
      {"position_at",
       [](Store& store, const AgentId& agent) {
         store.position_at(agent, TxTime{Instant{std::chrono::seconds{20}}}, unlimited);
       }},
      {"dependants",
       [=](Store& store, const AgentId& agent) {
         const ClaimId parent = claim(middle);
         store.dependants(agent, std::span(&parent, 1), anywhere, unlimited);
       }},
      {"open_adjudications",
       [](Store& store, const AgentId& agent) {
         store.open_adjudications(agent, Position{0}, 5, anywhere, unlimited);
       }},
      {"lines", [](Store& store, const AgentId& agent) { store.lines(agent, {}, {}, 5, anywhere, unlimited); }},
      {"lines of a subject",
       [=](Store& store, const AgentId& agent) {
         store.lines(agent, line(middle).subject, {}, 5, anywhere, unlimited);
       }},
      {"subjects", [](Store& store, const AgentId& agent) { store.subjects(agent, {}, 5, anywhere, unlimited); }},
      {"batches",
       [](Store& store, const AgentId& agent) { store.batches(agent, Position{entries / 2}, 1, unlimited); }},
      {"agents", [](Store& store, const AgentId&) { store.agents({}, 5, unlimited); }},
      {"append",
       [](Store& store, const AgentId& agent) { append(store, batch_after(store.head(agent, unlimited), agent, 5)); }},
  };
  all.push_back({"a line that is erased",
                 [](Store& store, const AgentId& agent) { store.line(agent, line(3), anywhere, unlimited); }});
  all.push_back(
      {"text_index", [](Store& store, const AgentId& agent) { store.search_index()->text_index(agent, unlimited); }});
  all.push_back({"postings of a rare term", postings({TermQuery::Kind::term, "rare"}, {}, anywhere)});
  all.push_back({"postings of a common term", postings({TermQuery::Kind::term, "every"}, {700}, {705})});
  all.push_back({"postings of a beginning", postings({TermQuery::Kind::beginning, "word 70"}, {}, anywhere)});
  all.push_back({"extend", [](Store& store, const AgentId& agent) {
                   auto unfiled = batch_after(store.head(agent, unlimited), agent, 1);
                   unfiled.recipe.clear();
                   append(store, unfiled);
                   const auto& entry = unfiled.entries.front();
                   const ContentTerms terms{entry.seq, entry.content.terms};
                   auto& index = *store.search_index();
                   const auto there = index.text_index(agent, unlimited);
                   if (!index.extend(agent, there, {recipe, entry.seq}, std::span(&terms, 1), unlimited))
                     throw std::runtime_error("not extended");
                 }});
  all.push_back({"models", [](Store& store, const AgentId& agent) { store.vectors()->models(agent, unlimited); }});
  for (const std::uint64_t after : {200U, 1'000U, 10'000U}) {
    all.push_back({"vectors after " + std::to_string(after), [=](Store& store, const AgentId& agent) {
                     store.vectors()->read_vectors(
                         agent, model, after, 5, [](const FiledVector&) {}, unlimited);
                   }});
  }
  for (const auto& each : {std::pair{model, entries - 10}, {other_model, entries / 2}}) {
    all.push_back({"entries without a vector of the " + each.first.name, [=](Store& store, const AgentId& agent) {
                     const std::vector<std::uint8_t> kinds = {kind_number<ClaimRecorded>};
                     store.vectors()->without_vector(agent, each.first, kinds, {each.second}, {entries}, 5, unlimited);
                   }});
  }
  all.push_back({"file_vectors", [](Store& store, const AgentId& agent) {
                   const auto head = store.head(agent, unlimited).position;
                   const std::vector<NewVector> late = {{{entries / 2}, Bytes(16, 'v')}, {{101}, Bytes(16, 'v')}};
                   const bool filed = store.vectors()->file_vectors(agent, other_model, {}, {}, late, unlimited);
                   if (!filed && head != Position{}) throw std::runtime_error("not filed");
                 }});
  all.push_back({"drop_vectors", [](Store& store, const AgentId& agent) {
                   store.vectors()->drop_vectors(agent, other_model, unlimited);
                 }});
  const Wanted wanted{.lines = {line(middle)}, .keys = {key_of(middle)}, .claims = {claim(middle)}};
  const TxTime some_time{Instant{std::chrono::seconds{90}}};
  for (const Moment& moment : {Moment{AtHead{}}, Moment{Position{middle}}, Moment{some_time}}) {
    all.push_back({"snapshot " + std::to_string(moment.index()),
                   [=](Store& store, const AgentId& agent) { store.snapshot(agent, moment, wanted, unlimited); }});
  }
  for (const auto order : {Order::ascending, Order::descending}) {
    const std::string way = order == Order::ascending ? " up" : " down";
    all.push_back({"entries" + way, page(key::All{}, order)});
    all.push_back({"entries that serve" + way, page(key::ServedClaim{claim(4)}, order)});
    all.push_back({"entries of a question" + way, page(key::Handle{question(entries / 2 + 2)}, order)});
    all.push_back({"entries of a claim" + way, page(key::Claim{claim(middle)}, order)});
    all.push_back(
        {"entries at positions" + way, page(key::Positions{{{700}, {3}, anywhere, {701}, {3}, {1'100}, {0}}}, order)});
    all.push_back({"entries of a line" + way, page(key::Line{line(middle)}, order)});
    all.push_back({"entries of a source" + way, page(key::Text{"source 1"}, order)});
    all.push_back({"entries of a rare source" + way, page(key::Text{"rare"}, order)});
    all.push_back({"entries with a disposition" + way,
                   page(key::Disposition{disposition_number(Disposition::contested)}, order)});
    all.push_back({"entries with the common disposition" + way,
                   page(key::Disposition{disposition_number(Disposition::committed_cheap)}, order)});
    all.push_back(
        {"entries of kinds" + way, page(key::All{}, order, {kind_number<Served>, kind_number<ClaimRecorded>})});
    all.push_back({"entries of rare kinds" + way,
                   page(key::All{}, order, {kind_number<Served>, kind_number<AdjudicationClosed>})});
  }
  return all;
}

class Plans : public testing::TestWithParam<std::size_t> {
 protected:
  Plans() {
    initialise(schema_.options(), {.partitions = GetParam()});
    // Nobody counts the rows meanwhile, which would have the plans made anew.
    for (const auto& table : schema_.ask("SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND "
                                         "relnamespace = quote_ident(current_schema())::REGNAMESPACE")) {
      schema_.ask("ALTER TABLE " + table + " SET (autovacuum_enabled = off)");
    }
  }

  std::unique_ptr<Store> one_connection(const std::string& application) {
    auto options = schema_.options();
    options.pool_size = 1;
    options.notify = false;
    options.application_name = application;
    return open(options);
  }

  // The rows that closed connections have read. A backend reports when it ends.
  std::int64_t rows_read(const std::string& application) {
    while (schema_.ask_one("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '" + application + "'") !=
           "0") {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return std::stoll(schema_.ask_one(
        "SELECT COALESCE((SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = current_schema()), 0)"
        "     + COALESCE((SELECT SUM(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = current_schema()), 0)"));
  }

  OwnSchema schema_{"plans " + std::to_string(GetParam())};
};

}  // namespace

TEST_P(Plans, MadeForAnEmptyLedgerServeALargeOne) {
  const auto name = "plans " + schema_.suffix();
  struct Prepared {
    Request request;
    std::unique_ptr<Store> store;
  };
  std::vector<Prepared> all;
  for (const auto& request : requests()) {
    all.push_back({request, one_connection(name + request.name)});
    request.ask(*all.back().store, AgentId{"nobody " + request.name});
  }
  for (const auto& agent : {alice, bob}) {
    const auto store = one_connection(name + "grow");
    grow(*store, agent);
    erase_some(*store, agent);
  }
  auto before = rows_read(name + "grow");

  for (auto& [request, store] : all) {
    request.ask(*store, alice);
    store.reset();
    const auto after = rows_read(name + request.name);
    EXPECT_LE(after - before, rows_allowed) << request.name;
    before = after;
  }
}

TEST_P(Plans, TombstonesHaveThePostingsReadOnceForABatch) {
  const auto name = "plans " + schema_.suffix();
  {
    const auto store = one_connection(name);
    grow(*store, alice);
    grow(*store, bob);
  }
  const auto sum = [&](const char* of) {
    return std::stoll(
        schema_.ask_one("SELECT SUM(" + std::string(of) + ") FROM posting WHERE agent_id = agent_key('alice')"));
  };
  const auto postings = [&] { return sum("1 + COALESCE(cardinality(distances), 0)"); };
  const auto postings_before = postings();
  const auto blocks = sum("1");
  const auto before = rows_read(name);

  erase_some(*one_connection(name), alice);

  EXPECT_EQ(postings(), postings_before - 200);
  EXPECT_LE(rows_read(name) - before, 2 * blocks + 100 * 20);
}

INSTANTIATE_TEST_SUITE_P(Postgres, Plans, testing::Values(0U, 4U), [](const auto& of) {
  return of.param == 0 ? std::string("plain") : "partitions_" + std::to_string(of.param);
});

}  // namespace claimledger::postgres::test
