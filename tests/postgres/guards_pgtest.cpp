#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "claimledger/domain/entry_number.hpp"
#include "own_schema.hpp"

// Two guards keep two writers of one agent from writing the same position: the lock under which append_1() looks at
// the head, and the unique keys. Each has to be enough alone, so here one is taken away; with both gone it has to show,
// or these tests prove nothing.
namespace claimledger::postgres::test {

namespace {

class Guards : public testing::Test {
 protected:
  Guards() { initialise(schema_.options(), {}); }

  // append_1() without its lock, and with a pause where the lock's work was: between the look at the head and the
  // writing.
  void take_the_lock_away() {
    schema_.ask(R"(DO $$
      DECLARE
        body TEXT := pg_get_functiondef('append_1'::REGPROC);
        lock TEXT := E',\n          pg_advisory_xact_lock(agent_lock(the_agent))';
        work TEXT := 'IF size = 1 THEN';
      BEGIN
        IF position(lock IN body) = 0 OR position(work IN body) = 0 THEN
          RAISE EXCEPTION 'the function reads otherwise';
        END IF;
        EXECUTE replace(replace(body, lock, ''), work, 'PERFORM pg_sleep(0.002); ' || work);
      END $$)");
  }
  void take_the_keys_away() {
    schema_.ask(R"(DO $$
      DECLARE
        key RECORD;
      BEGIN
        FOR key IN SELECT c.relname, i.indexrelid::REGCLASS::TEXT AS name, k.conname
                     FROM pg_index AS i
                     JOIN pg_class AS c ON c.oid = i.indrelid
                     LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid
                    WHERE c.relnamespace = quote_ident(current_schema())::REGNAMESPACE AND i.indisunique
                      AND c.relname NOT IN ('schema_migrations', 'tenant') LOOP
          IF key.conname IS NULL THEN
            EXECUTE 'DROP INDEX ' || key.name;
          ELSE
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', key.relname, key.conname);
          END IF;
        END LOOP;
      END $$)");
  }

  // Every writer appends to the same head, again and again; how often one was told that it had.
  int race(int rounds) {
    constexpr int writers = 4;
    const auto store = open(schema_.options());
    system::RandomIds ids;
    std::atomic<int> told = 0;
    std::barrier together(writers);
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < rounds; ++round) {
          together.arrive_and_wait();
          Head head;
          try {
            head = store->head(agent_, {});
          } catch (const StoreFailure&) {
            // Where a row is there twice, nothing can be read any more.
          }
          together.arrive_and_wait();
          const auto commit = after(head, ids);
          if (store->append(std::span(&commit, 1), {}).front().outcome == AppendOutcome::done) ++told;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    return told;
  }
  std::string doubles() const { return schema_.ask_one("SELECT count(*) - count(DISTINCT stream_seq) FROM entry"); }
  std::string entries() const { return schema_.ask_one("SELECT count(*) FROM entry"); }
  std::string gaps() const { return schema_.ask_one("SELECT max(stream_seq) - count(DISTINCT stream_seq) FROM entry"); }

  OwnSchema schema_{"guards"};

 private:
  Commit after(const Head& head, system::RandomIds& ids) const {
    Commit commit;
    commit.after = head;
    commit.header.agent = agent_;
    commit.header.id = BatchId{ids.uuid(Instant{})};
    commit.header.recorded_at = TxTime{head.recorded_at.value + std::chrono::microseconds{1}};
    commit.header.entries = 1;
    StoredEntry entry;
    entry.seq = Position{head.position.value + 1};
    entry.recorded_at = commit.header.recorded_at;
    entry.kind = kind_number<Rejected>;
    entry.body = "body";
    entry.hash = sha256({head.hash.view(), entry.body});
    commit.entries.push_back(std::move(entry));
    return commit;
  }

  const AgentId agent_{"raced for"};
};

}  // namespace

TEST_F(Guards, BothTogetherLetOneWriterOfEachRoundThrough) {
  EXPECT_EQ(race(20), 20);

  EXPECT_EQ(doubles(), "0");
  EXPECT_EQ(entries(), "20");
}

TEST_F(Guards, TheLockAloneIsEnough) {
  take_the_keys_away();

  EXPECT_EQ(race(20), 20);

  EXPECT_EQ(doubles(), "0");
  EXPECT_EQ(gaps(), "0");
}

TEST_F(Guards, TheKeysAloneAreEnough) {
  take_the_lock_away();

  const int told = race(20);

  EXPECT_EQ(doubles(), "0");
  EXPECT_EQ(gaps(), "0");
  EXPECT_EQ(entries(), std::to_string(told)) << "told and written are the same";
  EXPECT_GE(told, 1);
}

TEST_F(Guards, WithoutEitherItShows) {
  take_the_lock_away();
  take_the_keys_away();

  for (int attempts = 0; attempts < 20 && (attempts == 0 || doubles() == "0"); ++attempts) race(5);

  EXPECT_NE(doubles(), "0") << "this race would not have found a missing guard";
}

}  // namespace claimledger::postgres::test
