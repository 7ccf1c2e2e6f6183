#include <gtest/gtest.h>

#include <map>

#include "claimledger/conformance/matchers.hpp"
#include "claimledger/ports/search_index.hpp"
#include "own_schema.hpp"
#include "session.hpp"

// Answers that no ledger gives, as from functions that somebody has changed: the store says so, in its own words.
namespace claimledger::postgres::test {

namespace {

using conformance::fails_with;

const AgentId alice{"alice"};

// How often each entry has the word.
std::map<std::uint64_t, std::uint32_t> postings(Store& store) {
  const TermQuery query{.text = "word"};
  std::map<std::uint64_t, std::uint32_t> found;
  store.search_index()->postings(alice, "r", std::span(&query, 1), {}, {9},
                                 [&](const Posting& it) { found[it.seq.value] = it.count; }, {});
  return found;
}

}  // namespace

TEST(Answers, ANumberThatIsNoneIsCorrupt) {
  Session session(ConnectionString(tests::shared_server(), "test"), "test");
  auto row = session.run("SELECT 'seven', NULL, '', '99999999999999999999', ' 7', '7 ', '-7'", Parameters(), "test");
  row.next();

  for (int column = 0; column < 6; ++column) {
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { row.integer(column); })) << column;
  }
  EXPECT_EQ(row.integer(6), -7);
}

TEST(Answers, ArraysThatAreNoneAreCorrupt) {
  const OwnSchema schema("answers");
  const auto store = open(schema.options());
  schema.ask("DROP FUNCTION read_postings_1");
  const auto answering = [&](const std::string& seqs, const std::string& counts, const std::string& others) -> Store& {
    schema.ask(
        "CREATE OR REPLACE FUNCTION read_postings_1(the_agent UUID, the_recipe TEXT, beginnings BOOLEAN[], texts "
        "TEXT[], first BIGINT, last BIGINT) RETURNS TABLE (place BIGINT, term TEXT, seq BIGINT, seqs TEXT, counts "
        "TEXT, others TEXT) "
        "LANGUAGE sql SET search_path FROM CURRENT AS $$ VALUES (0::BIGINT, 'r', 9::BIGINT, '', '', ''), (1, NULL, "
        "NULL, '" +
        seqs + "', '" + counts + "', '" + others + "') $$");
    return *store;
  };
  using Found = std::map<std::uint64_t, std::uint32_t>;
  EXPECT_EQ(postings(answering("{}", "{}", "")), Found{});
  EXPECT_EQ(postings(answering("{7}", "{1}", ";")), (Found{{7, 1}}));
  EXPECT_EQ(postings(answering("{2,35}", "{1,4}", ";;")), (Found{{2, 1}})) << "35 is past what was asked for";
  EXPECT_EQ(postings(answering("{2,6}", "{1,4}", "{1,3};{1}{7};")), (Found{{2, 1}, {3, 1}, {5, 1}, {6, 4}, {7, 7}}));
  for (const std::string bad : {"", "{", "}", "{1", "1}", "{1,}", "{,1}", "{1 2}", "{NULL}", "{1}}", "{{1}}", "[1]",
                                "{99999999999999999999}", "{1,2}"}) {
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { postings(answering(bad, "{1}", ";")); })) << bad;
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { postings(answering("{1}", bad, ";")); })) << bad;
  }
  for (const std::string bad : {"", "{1}", "1;", ";;", "{1};;", "{;", "{1,};", "{1}{};", "{1}{1,2};", "{1}{1}{1};"})
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { postings(answering("{1}", "{1}", bad)); })) << bad;
}

TEST(Answers, APlaceThatNobodyAskedForIsCorrupt) {
  const OwnSchema schema("answers");
  const auto store = open(schema.options());
  const ClaimId parent{};
  for (const std::string place : {"-1", "0", "2", "9223372036854775807"}) {
    SCOPED_TRACE(place);
    schema.ask(
        "CREATE OR REPLACE FUNCTION read_dependants_1(the_agent UUID, parents UUID[], up_to BIGINT) "
        "RETURNS TABLE (place BIGINT, child_seq BIGINT, child_id UUID) LANGUAGE sql SET search_path FROM CURRENT AS $$ "
        "SELECT " +
        place + ", 1::BIGINT, the_agent $$");
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { store->dependants(alice, std::span(&parent, 1), {1}, {}); }));
    schema.ask(
        "CREATE OR REPLACE FUNCTION read_postings_1(the_agent UUID, the_recipe TEXT, beginnings BOOLEAN[], texts "
        "TEXT[], first BIGINT, last BIGINT) "
        "RETURNS TABLE (place BIGINT, term TEXT, seq BIGINT, seqs BIGINT[], counts INTEGER[], others TEXT) LANGUAGE "
        "sql SET search_path FROM CURRENT AS $$ SELECT w.place, 'r', 1::BIGINT, ARRAY[1::BIGINT], ARRAY[1], ';' FROM "
        "(VALUES (0::BIGINT), (" +
        place + ")) AS w (place) $$");
    EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { postings(*store); }));
    for (const std::string part : {"line", "key", "claim"}) {
      SCOPED_TRACE(part);
      schema.ask(
          "CREATE OR REPLACE FUNCTION read_snapshot_1(the_agent UUID, moment TEXT, up_to BIGINT, subjects TEXT[], "
          "predicates TEXT[], line_after BIGINT[], keys BYTEA[], claims UUID[]) "
          "RETURNS TABLE (part TEXT, place BIGINT, found whole_entry) LANGUAGE sql SET search_path FROM CURRENT AS $$ "
          "SELECT '" +
          part + "', " + place +
          ", ROW(the_agent, 1, 1, 16, NULL, the_agent, true, NULL, '', sha256(''), NULL, NULL, NULL, NULL, 1, 'a', "
          "'says')::whole_entry $$");
      EXPECT_TRUE(fails_with(FailureKind::corrupt, [&] { store->line(alice, {"a", "says"}, {1}, {}); }));
    }
  }
}

}  // namespace claimledger::postgres::test
