#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "agent_files.hpp"
#include "poll_interval.hpp"
#include "support.hpp"

// One database for each agent.
namespace claimledger::sqlite::test {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> hostile = {"../x",
                                          "a/b",
                                          "a\\b",
                                          ".",
                                          "..",
                                          ".hidden",
                                          "alice",
                                          "Alice",
                                          "ALICE",
                                          " ",
                                          "a b",
                                          "a%2fb",
                                          "=abc",
                                          "con",
                                          "-rf",
                                          "~",
                                          "a.db",
                                          "\n",
                                          "caf\u00e9",
                                          "cafe\u0301",
                                          "\U0001F600",
                                          "*?<>|:",
                                          "'; DROP",
                                          "$HOME",
                                          std::string(256, 'x'),
                                          std::string(255, 'x') + "y",
                                          std::string(256, '/'),
                                          std::string(120, 'a'),
                                          std::string(121, 'a'),
                                          "\xff"};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::set<std::string> database_names(const Folder& folder) {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(folder.path())) {
    if (file.path().extension() == ".db") names.insert(file.path().filename().string());
  }
  return names;
}

}  // namespace

TEST(AgentFiles, AreSafeAndDifferentWhereCaseDoesNotCount) {
  std::set<std::string> names;
  for (const auto& agent : hostile) {
    const auto name = file_name(AgentId{agent});
    EXPECT_LE(name.size(), 130U) << agent;
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
      return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) ||
             std::string_view("-_%=.").find(c) != std::string_view::npos;
    })) << name;
    EXPECT_FALSE(name.starts_with(".")) << name;
    EXPECT_TRUE(names.insert(lower(name)).second) << "two agents share " << name;
  }
}

TEST(AgentFiles, TheNameIsReadBackUnlessItWasLong) {
  for (const auto& agent : hostile) {
    const auto read = read_file_name(file_name(AgentId{agent}));
    ASSERT_TRUE(read) << agent;
    if (read->agent) {
      EXPECT_EQ(read->agent->value, agent);
    }
  }
  EXPECT_TRUE(read_file_name(file_name(AgentId{"a/b"}))->agent);
  EXPECT_FALSE(read_file_name(file_name(AgentId{std::string(256, 'x')}))->agent);
}

TEST(AgentFiles, StrangersAreNotOurs) {
  for (const auto* name :
       {"alice", "Alice.db", "a b.db", ".db", "%2.db", "%zz.db", "%61.db", "alice.db-wal", "=12.db"}) {
    EXPECT_FALSE(read_file_name(name)) << name;
  }
}

TEST(PollInterval, GrowsUntilSomethingIsFound) {
  PollInterval interval;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 7; ++i) waits.push_back(interval.next().count());

  EXPECT_EQ(waits, (std::vector<std::int64_t>{50, 100, 200, 400, 800, 1'000, 1'000}));
  interval.start_over();
  EXPECT_EQ(interval.next().count(), 50);
}

// Sleeps: what is tested is how long the store waits.
TEST(Directory, AFeedOfAllLooksLessOftenWhileNothingIsFound) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  const auto other = open({.path = folder.path()});
  const auto wait = [&](const std::optional<AgentId>& agent) {
    const auto begin = std::chrono::steady_clock::now();
    store->await_append(agent, store->await_append(agent, 0, unlimited), unlimited);
    return std::chrono::steady_clock::now() - begin;
  };
  const auto long_wait = std::chrono::milliseconds{400};
  for (int i = 0; i < 3; ++i) wait({});

  EXPECT_GE(wait({}), long_wait);

  // A busy machine may be late once, hardly each time: the shortest of three.
  using Durations = std::vector<std::chrono::steady_clock::duration>;
  Durations of_one;
  Durations after_a_find;
  Durations after_an_append;
  for (std::uint64_t i = 0; i < 3; ++i) {
    of_one.push_back(wait(alice));
    write(*other, alice, {claim_entry(i)});
    EXPECT_EQ(store->agents({}, 10, unlimited).at(0).position, Position{i + 1});
    after_a_find.push_back(wait({}));
    for (int idle = 0; idle < 3; ++idle) wait({});
    write(*store, bob, {claim_entry(i)});
    after_an_append.push_back(wait({}));
  }
  EXPECT_LT(std::ranges::min(of_one), long_wait) << "the ledger of one agent is looked at as often as ever";
  EXPECT_LT(std::ranges::min(after_a_find), long_wait);
  EXPECT_LT(std::ranges::min(after_an_append), long_wait);
}

TEST(Directory, KeepsEveryAgentInAFileOfItsOwn) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  std::vector<AgentId> agents;
  for (const auto& name : hostile) agents.push_back(AgentId{name});
  for (std::uint64_t i = 0; i < agents.size(); ++i) write(*store, agents[i], {claim_entry(i)});

  EXPECT_EQ(database_names(folder).size(), agents.size());
  EXPECT_FALSE(fs::exists(fs::path(folder.path()).parent_path() / "x.db")) << "a name climbed out of the folder";
  std::ranges::sort(agents);
  EXPECT_EQ(names_of(store->agents({}, 1000, unlimited)), agents);
  EXPECT_EQ(names_of(store->agents(agents[4], 3, unlimited)), (std::vector<AgentId>{agents[5], agents[6], agents[7]}));
  for (std::uint64_t i = 0; i < hostile.size(); ++i) {
    const auto line = store->line(AgentId{hostile[i]}, {"alice", "likes"}, anywhere, unlimited);
    ASSERT_EQ(line.size(), 1U);
    EXPECT_EQ(line[0].claim, claim_id(i));
  }
}

TEST(Directory, IsMadeWhenItsPathEndsInASlash) {
  const Folder folder;
  write(*open({.path = folder / "agents/"}), alice, {claim_entry(1)});

  EXPECT_TRUE(fs::exists(folder / "agents/alice.db"));
  EXPECT_EQ(open({.path = folder / "agents"})->head(alice, unlimited).position, Position{1});
  EXPECT_EQ(failure_of([&] { open({.path = folder / "others/", .create = false}); }).kind(), FailureKind::unreachable);
}

TEST(Directory, TellsHowFarEachLedgerGoesAlsoWhenItHasLookedBefore) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  const auto other = open({.path = folder.path()});
  write(*store, alice, {claim_entry(1)});
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto end = head_of(write(*other, bob, {claim_entry(100 + i)})).position;
    const std::vector<AgentHead> expected = {{alice, Position{1}}, {bob, end}};

    EXPECT_EQ(store->agents({}, 10, unlimited), expected);
    EXPECT_EQ(store->agents({}, 10, unlimited), expected) << "asked twice";
  }
}

TEST(Directory, AskingMakesNoFile) {
  const Folder folder;
  const auto store = open({.path = folder.path()});

  EXPECT_EQ(store->head(alice, unlimited), (Head{{}, {}, genesis_hash(alice)}));
  EXPECT_TRUE(store->line(alice, {"alice", "likes"}, anywhere, unlimited).empty());
  EXPECT_TRUE(store->agents({}, 10, unlimited).empty());
  const auto late = commit_after({Position{7}, {}, digest(1)}, alice, {claim_entry(1)});
  EXPECT_EQ(append(*store, late).outcome, AppendOutcome::conflict);

  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Directory, AfterAFailureAskingStillMakesNoFile) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  std::ofstream(folder / "alice.db") << "no database";
  EXPECT_EQ(failure_of([&] { store->head(alice, unlimited); }).kind(), FailureKind::incompatible);
  fs::remove(folder / "alice.db");
  EXPECT_EQ(describe(*store, "databases_open"), "0");

  EXPECT_EQ(store->head(alice, unlimited), (Head{{}, {}, genesis_hash(alice)}));

  EXPECT_TRUE(fs::is_empty(folder.path()));
  write(*store, alice, {claim_entry(1)});
}

// A ledger was there: what is written into such a file would begin another history under its name.
TEST(Directory, AnEmptyFileIsAFindingForEveryQuestionAndEveryWrite) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  write(*store, bob, {claim_entry(1)});
  std::ofstream(folder / "alice.db").flush();

  const auto failure = failure_of([&] { store->head(alice, unlimited); });
  EXPECT_EQ(failure.kind(), FailureKind::corrupt);
  EXPECT_NE(failure.detail().find(folder / "alice.db: is empty"), std::string::npos) << failure.detail();
  const auto first = commit_after({{}, {}, genesis_hash(alice)}, alice, {claim_entry(1)});
  EXPECT_EQ(failure_of([&] { append(*store, first); }).kind(), FailureKind::corrupt);
  EXPECT_EQ(failure_of([&] { store->begin_write({{alice}}, unlimited); }).kind(), FailureKind::corrupt);

  EXPECT_EQ(fs::file_size(folder / "alice.db"), 0U);
  const auto listed = store->agents({}, 10, unlimited);
  ASSERT_EQ(names_of(listed), (std::vector<AgentId>{alice, bob}));
  EXPECT_EQ(listed[0].problem, failure.detail());
  EXPECT_EQ(listed[1].problem, "");
  EXPECT_EQ(store->head(bob, unlimited).position, Position{1});
}

namespace {

// What is said of each file that cannot be read, and that nobody else is in its way.
struct BadFile {
  const char* name;
  std::function<void(const Folder&, const std::string&)> put;
  const char* listed_as;  // the agent
  const char* problem;
};

const std::string long_name(200, 'y');

const std::vector<BadFile> bad_files = {
    {"bob.db", [](const Folder&, const std::string& path) { std::ofstream(path).flush(); }, "bob", "is empty"},
    {"bob.db", [](const Folder&, const std::string& path) { std::ofstream(path) << "hello"; }, "bob",
     "is not a database"},
    {"notes.db", [](const Folder&, const std::string& path) { Raw(path).run("CREATE TABLE t (x)"); }, "notes",
     "another program"},
    {"bob.db", [](const Folder&, const std::string& path) { fs::create_directory(path); }, "bob", "is neither a file"},
    {"bob.db", [](const Folder& folder, const std::string& path) { fs::copy_file(folder / "alice.db", path); }, "bob",
     "the ledger of 'alice', which is kept under the name alice.db"},
    {"bob.db", [](const Folder&, const std::string& path) { fs::create_symlink("nowhere.db", path); }, "bob",
     "nowhere.db, and nothing is there"},
    {"bob.db",
     [](const Folder& folder, const std::string& path) {
       fs::copy_file(folder / "alice.db", path);
       fs::resize_file(path, 4096);
     },
     "bob", "bob.db: "},
    {"bob.db",
     [](const Folder&, const std::string& path) {
       const Folder elsewhere;
       {
         const auto store = open({.path = elsewhere / "agent.db"});
         write(*store, alice, {claim_entry(1)});
         write(*store, bob, {claim_entry(1)});
       }
       fs::copy_file(elsewhere / "agent.db", path);
     },
     "bob", "ledgers of several agents"},
    {"Bob.db", [](const Folder& folder, const std::string& path) { fs::copy_file(folder / "alice.db", path); },
     "Bob.db", "the ledger of 'alice'"},
    {"Bob.db", [](const Folder&, const std::string& path) { std::ofstream(path).flush(); }, "Bob.db", "is empty"},
};

}  // namespace

TEST(Directory, NamesEachFileThatCannotBeReadAndServesTheOthers) {
  for (const auto& bad : bad_files) {
    SCOPED_TRACE(std::string(bad.name) + ": " + bad.problem);
    const Folder folder;
    write(*open({.path = folder.path()}), alice, {claim_entry(1)});
    write(*open({.path = folder.path()}), AgentId{"zed"}, {claim_entry(1), claim_entry(2)});
    bad.put(folder, folder / bad.name);
    const auto store = open({.path = folder.path()});

    auto listed = store->agents({}, 10, unlimited);

    ASSERT_EQ(listed.size(), 3U);
    const auto found = std::ranges::find(listed, AgentId{bad.listed_as}, &AgentHead::agent);
    ASSERT_NE(found, listed.end());
    EXPECT_EQ(found->position, Position{});
    EXPECT_NE(found->problem.find(bad.problem), std::string::npos) << found->problem;
    EXPECT_NE(found->problem.find(folder / bad.name), std::string::npos) << found->problem;
    EXPECT_EQ(store->agents({}, 10, unlimited), listed) << "asked twice";
    for (const auto& file : databases(folder.path())) {
      EXPECT_EQ(file.problem, file.path == folder / bad.name ? found->problem : "") << file.path;
    }
    EXPECT_EQ(databases(folder.path()).size(), 3U);
    listed.erase(found);
    EXPECT_EQ(listed, (std::vector<AgentHead>{{alice, Position{1}}, {AgentId{"zed"}, Position{2}}}));
    EXPECT_EQ(store->agents(AgentId{bad.listed_as}, 1, unlimited).size(), 1U) << "another one comes behind it";
    EXPECT_EQ(describe(*store, "databases"), "3");
    EXPECT_EQ(describe(*store, "schema"), "whole");
    if (bad.name == std::string(bad.listed_as)) continue;  // nobody's
    EXPECT_NE(failure_of([&] { store->head(AgentId{bad.listed_as}, unlimited); }).detail(), "");
  }
}

// By whichever path it is opened, so that the directory goes on to read it.
TEST(Directory, ItsLedgersTakeNoOtherAgent) {
  const Folder folder;
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  fs::create_symlink(folder / "alice.db", folder / "link");

  for (const auto* name : {"alice.db", "link"}) {
    const auto store = open({.path = folder / name});
    const auto outcome = append(*store, commit_after(store->head(bob, unlimited), bob, {claim_entry(2)}));
    EXPECT_EQ(outcome.outcome, AppendOutcome::refused) << name;
    EXPECT_NE(outcome.detail.find("the ledger of 'alice' in a directory"), std::string::npos) << outcome.detail;
    write(*store, alice, {claim_entry(store->head(alice, unlimited).position.value + 10)});
  }
  EXPECT_EQ(open({.path = folder.path()})->agents({}, 10, unlimited), (std::vector<AgentHead>{{alice, Position{3}}}));
}

// One that was a store of its own is a directory's from its next batch there on; of all the files that lie there, it is
// those that the directory reads.
TEST(Directory, MakesALedgerOfItsOwnOfOneThatItWrites) {
  const Folder folder;
  write(*open({.path = folder / "alice.db"}), alice, {claim_entry(1)});
  write(*open({.path = folder / "agent.db"}), alice, {claim_entry(1)});
  const auto as_file = open({.path = folder / "alice.db"});
  const auto bobs = commit_after(as_file->head(bob, unlimited), bob, {claim_entry(2)});
  open({.path = folder.path()})->agents({}, 10, unlimited);
  EXPECT_FALSE(is_directory_of_ledgers(folder.path())) << "it is only read";

  write(*open({.path = folder.path()}), alice, {claim_entry(3)});

  EXPECT_TRUE(is_directory_of_ledgers(folder.path()));
  EXPECT_EQ(append(*as_file, bobs).outcome, AppendOutcome::refused) << "nor by who had it open before";
  write(*open({.path = folder / "agent.db"}), bob, {claim_entry(2)});
}

// Made before the directory was one; what is in a file that no agent has by its name is a store of its own.
TEST(Directory, AnEmptyDatabaseInItTakesNobodyButWhomItIsNamedFor) {
  const Folder folder;
  const AgentId unspellable{std::string(200, 'x')};
  const auto hidden = database_name(unspellable);
  for (const auto& name : {std::string("carol.db"), hidden, std::string("Notes.db")}) open({.path = folder / name});
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  const auto bobs = commit_after({{}, {}, genesis_hash(bob)}, bob, {claim_entry(1)});

  for (const auto& name : {std::string("carol.db"), hidden}) {
    const auto outcome = append(*open({.path = folder / name}), bobs);
    EXPECT_EQ(outcome.outcome, AppendOutcome::refused) << name;
    EXPECT_NE(outcome.detail.find("in a directory that has one for each agent"), std::string::npos) << outcome.detail;
  }
  write(*open({.path = folder / "carol.db"}), AgentId{"carol"}, {claim_entry(1)});
  write(*open({.path = folder / hidden}), unspellable, {claim_entry(1)});
  write(*open({.path = folder / "Notes.db"}), bob, {claim_entry(1)});
}

// A copy that lies elsewhere is what its owner makes of it, and so is a folder that was emptied.
TEST(Directory, IsNoMoreThanWhereItIs) {
  const Folder folder;
  const Folder elsewhere;
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  backup(folder / "alice.db", elsewhere / "alice.db");

  write(*open({.path = elsewhere / "alice.db"}), bob, {claim_entry(2)});
  write(*open({.path = elsewhere / "new.db"}), bob, {claim_entry(2)});
  for (const auto* ending : {"", "-lock", "-wal", "-shm"}) fs::remove(folder / ("alice.db" + std::string(ending)));
  write(*open({.path = folder / "bob.db"}), bob, {claim_entry(2)});
  write(*open({.path = folder / "bob.db"}), alice, {claim_entry(2)});
  write(*open({.path = folder / "new.db"}), bob, {claim_entry(2)});
  // Nor is one that only has something of the name of the mark.
  const Folder other;
  fs::create_directory(other / ".claimledger");
  write(*open({.path = other / "alice.db"}), alice, {claim_entry(1)});
  write(*open({.path = other / "alice.db"}), bob, {claim_entry(1)});
  EXPECT_FALSE(is_directory_of_ledgers(other.path()));
}

TEST(Directory, IsNoPlaceForAnythingElse) {
  const Folder folder;
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  fs::create_directory_symlink(folder.path(), folder.path() + "-link");

  for (const auto& path : {folder / "bob.db", folder / "other", folder.path() + "-link/bob.db"}) {
    const auto failure = failure_of([&] { open({.path = path}); });
    EXPECT_EQ(failure.kind(), FailureKind::refused) << path;
    EXPECT_NE(failure.detail().find("a ledger for each agent"), std::string::npos) << failure.detail();
    EXPECT_FALSE(fs::exists(path));
  }
  fs::remove(folder.path() + "-link");
  EXPECT_FALSE(is_directory_of_ledgers(Folder().path()));
  EXPECT_FALSE(is_directory_of_ledgers(folder / "nothing"));
  EXPECT_TRUE(is_directory_of_ledgers(folder.path()));
}

TEST(Directory, ALongNameThatCannotBeReadIsListedByItsFile) {
  const Folder folder;
  write(*open({.path = folder.path()}), AgentId{long_name}, {claim_entry(1)});
  const auto name = file_name(AgentId{long_name});
  auto other = name;
  other[5] = other[5] == '0' ? '1' : '0';
  fs::copy_file(folder / name, folder / other);
  const auto broken = "=" + std::string(64, 'a') + ".db";
  std::ofstream(folder / broken) << "no database";
  const auto store = open({.path = folder.path()});

  const auto listed = store->agents({}, 10, unlimited);

  ASSERT_EQ(listed.size(), 3U);
  std::map<std::string, std::string> problems;
  for (const auto& each : listed) problems[each.agent.value] = each.problem;
  EXPECT_EQ(problems.at(long_name), "");
  EXPECT_NE(problems.at(other).find("is kept under the name " + name), std::string::npos);
  EXPECT_NE(problems.at(broken).find("is not a database"), std::string::npos);
}

TEST(Directory, WhatIsNotNamedLikeADatabaseIsNoneOfOurs) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  write(*store, alice, {claim_entry(1)});
  for (const auto* name : {"notes.txt", "alice.db-wal.old", "alice.db-unfinished", ".hidden.db", "ledger", "db"}) {
    std::ofstream(folder / name) << "hello";
  }

  EXPECT_EQ(store->agents({}, 10, unlimited), (std::vector<AgentHead>{{alice, Position{1}}}));
}

// Nobody is told again and again of what stays as it is: a feed of all would never rest.
TEST(Directory, AFeedOfAllRestsAlsoWhereAFileCannotBeRead) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  std::ofstream(folder / "bob.db") << "no database";
  const auto wait = [&] {
    store->agents({}, 10, unlimited);
    const auto begin = std::chrono::steady_clock::now();
    store->await_append({}, store->await_append({}, 0, unlimited), unlimited);
    return std::chrono::steady_clock::now() - begin;
  };
  for (int i = 0; i < 4; ++i) wait();

  EXPECT_GE(wait(), std::chrono::milliseconds{400});
}

TEST(Directory, AnAgentWhoseFirstBatchWasRefusedIsNotListed) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  auto nowhere = claim_entry(2);
  nowhere.line.reset();

  EXPECT_EQ(append(*store, commit_after(store->head(alice, unlimited), alice, {nowhere})).outcome,
            AppendOutcome::refused);

  EXPECT_TRUE(store->agents({}, 10, unlimited).empty());
  EXPECT_EQ(store->head(alice, unlimited), (Head{{}, {}, genesis_hash(alice)}));
  EXPECT_TRUE(fs::is_empty(folder.path())) << "a file without an entry would be a finding";
}

// A ledger appears with its first batch, so what is there without one has lost something, or is none of these.
TEST(Directory, ADatabaseWithoutAnEntryIsAFindingAndNoHistoryBeginsInIt) {
  const Folder folder;
  open({.path = folder / "alice.db"});
  open({.path = folder / "Notes.db"});
  const auto store = open({.path = folder.path()});
  write(*store, bob, {claim_entry(1)});

  const auto failure = failure_of([&] { store->head(alice, unlimited); });
  EXPECT_EQ(failure.kind(), FailureKind::corrupt);
  EXPECT_NE(failure.detail().find(folder / "alice.db: holds no entry"), std::string::npos) << failure.detail();
  const auto first = commit_after({{}, {}, genesis_hash(alice)}, alice, {claim_entry(1)});
  EXPECT_EQ(failure_of([&] { append(*store, first); }).detail(), failure.detail());
  EXPECT_EQ(failure_of([&] { store->begin_write({{alice}}, unlimited); }).detail(), failure.detail());
  const auto listed = store->agents({}, 10, unlimited);
  ASSERT_EQ(names_of(listed), (std::vector<AgentId>{{"Notes.db"}, alice, bob}));
  EXPECT_NE(listed[0].problem.find("Notes.db: holds no entry"), std::string::npos) << listed[0].problem;
  EXPECT_EQ(listed[1].problem, failure.detail());
  EXPECT_EQ(listed[2].problem, "");

  fs::remove(folder / "alice.db");
  write(*store, alice, {claim_entry(1)});
  write(*open({.path = folder / "Notes.db"}), alice, {claim_entry(1)});  // a store of its own may be empty
}

TEST(Directory, ALedgerAppearsWithItsFirstBatchWhole) {
  const Folder folder;
  const auto store = open({.path = folder.path()});
  const auto first = commit_after({{}, {}, genesis_hash(alice)}, alice, one_of_each(1));
  const auto second = commit_after(head_of(first), alice, {tombstone(Position{1})});
  const auto late = commit_after({Position{9}, {}, digest(1)}, alice, {claim_entry(50)});

  const auto outcomes = store->append(std::vector{first, late, second, first}, unlimited);

  EXPECT_EQ(outcomes[0].outcome, AppendOutcome::done);
  EXPECT_EQ(outcomes[1].outcome, AppendOutcome::conflict);
  EXPECT_EQ(outcomes[2].outcome, AppendOutcome::done);
  EXPECT_EQ(outcomes[3].outcome, AppendOutcome::already_there);
  EXPECT_EQ(store->batches(alice, {}, 10, unlimited).size(), 2U);
  EXPECT_EQ(store->inventory(alice, unlimited).problem, "");
  for (const auto& file : fs::directory_iterator(folder.path())) {
    EXPECT_EQ(file.path().string().find("-unfinished"), std::string::npos) << file.path();
    EXPECT_EQ(bytes_of(file.path()).find("content of 1"), std::string::npos) << "erased, and still in " << file.path();
  }
}

TEST(Directory, WhatIsLeftOfALostDatabaseIsNotPlayedIntoANewOne) {
  const Folder folder;
  std::ofstream(folder / "alice.db-journal") << "what is left";
  for (const auto& path : {folder.path(), folder / "alice.db"}) {
    const auto failure = failure_of([&] {
      const auto store = open({.path = path});
      append(*store, commit_after({{}, {}, genesis_hash(alice)}, alice, {claim_entry(1)}));
    });
    EXPECT_EQ(failure.kind(), FailureKind::incompatible);
    EXPECT_NE(failure.detail().find("beside it is a journal"), std::string::npos) << failure.detail();
  }
  EXPECT_EQ(bytes_of(folder / "alice.db-journal"), "what is left");
}

namespace {

// What happens to a ledger while it is closed.
struct Change {
  const char* name;
  bool same;
  std::function<void(const Folder&)> happen;
};

void put_in_place(const Folder& folder, const std::string& by) {
  for (const auto* ending : {"-wal", "-shm"}) fs::remove(folder / ("alice.db" + std::string(ending)));
  std::ofstream(folder / "alice.db", std::ios::binary) << bytes_of(by);  // the file is the same
}

const std::vector<Change> changes = {
    {"nothing", true, [](const Folder&) {}},
    {"written by others", true,
     [](const Folder& folder) { write(*open({.path = folder / "alice.db"}), alice, {claim_entry(7)}); }},
    {"removed", false, [](const Folder& folder) { fs::remove(folder / "alice.db"); }},
    {"replaced", false,
     [](const Folder& folder) {
       backup(folder / "alice.db", folder / "copy");
       fs::rename(folder / "copy", folder / "alice.db");
     }},
    {"another history in the same file", false,
     [](const Folder& folder) {
       const Folder elsewhere;
       for (std::uint64_t i = 0; i < 9; ++i) write(*open({.path = elsewhere / "x.db"}), alice, {claim_entry(40 + i)});
       put_in_place(folder, elsewhere / "x.db");
     }},
    {"an older copy in the same file", false, [](const Folder& folder) { put_in_place(folder, folder / "older"); }},
};

}  // namespace

TEST(Directory, ALedgerThatWasClosedIsOnlyOpenedAgainIfItIsTheSame) {
  for (const auto& change : changes) {
    SCOPED_TRACE(change.name);
    const Folder folder;
    const auto store = open({.path = folder.path(), .max_open = 1});
    write(*store, alice, {claim_entry(1)});
    write(*store, bob, {claim_entry(1)});
    backup(folder / "alice.db", folder / "older");
    const auto known = head_of(write(*store, alice, {claim_entry(2)}));
    write(*store, bob, {claim_entry(2)});  // there is room for one
    change.happen(folder);

    const auto commit = commit_after(known, alice, {claim_entry(3)});
    const auto first = commit_after({{}, {}, genesis_hash(alice)}, alice, {claim_entry(3)});
    if (change.same) {
      EXPECT_GE(store->head(alice, unlimited).position, known.position);
      continue;
    }
    for (const auto& failure :
         {failure_of([&] { store->head(alice, unlimited); }), failure_of([&] { append(*store, commit); }),
          failure_of([&] { append(*store, first); })}) {
      EXPECT_EQ(failure.kind(), FailureKind::unreachable);
      EXPECT_NE(failure.detail().find("alice.db: it, or its log, was removed or replaced"), std::string::npos)
          << failure.detail();
    }
  }
}

// A feed of all agents would be silent for ever.
TEST(Directory, ALedgerThatIsGoneOrReplacedUnderTheStoreIsListedWithItsProblem) {
  for (const bool closed : {false, true}) {
    for (const bool replaced : {false, true}) {
      const Folder folder;
      const auto store = open({.path = folder.path(), .max_open = closed ? 1U : 9U});
      for (const auto* name : {"alice", "bob", "zed"}) write(*store, AgentId{name}, {claim_entry(1)});
      replaced ? fs::copy_file(folder / "bob.db", folder / "copy") : false;
      replaced ? fs::rename(folder / "copy", folder / "bob.db") : void(fs::remove(folder / "bob.db"));

      const auto listed = store->agents({}, 10, unlimited);

      ASSERT_EQ(names_of(listed), (std::vector<AgentId>{alice, bob, {"zed"}}));
      EXPECT_NE(listed[1].problem.find("bob.db: it, or its log, was removed or replaced"), std::string::npos);
      EXPECT_EQ(listed[1].position, Position{});
      EXPECT_EQ(listed[0].problem + listed[2].problem, "");
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(store->agents(i == 0 ? std::nullopt : std::optional(listed[i - 1].agent), 1, unlimited),
                  std::vector<AgentHead>{listed[i]});
      }
      EXPECT_TRUE(store->agents({}, 0, unlimited).empty());
    }
  }
}

TEST(Directory, AFileUnderAnotherAgentsNameIsRefused) {
  const Folder folder;
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  fs::copy_file(folder / "alice.db", folder / "bob.db");

  const auto store = open({.path = folder.path()});

  EXPECT_EQ(failure_of([&] { store->head(bob, unlimited); }).kind(), FailureKind::incompatible);
  EXPECT_EQ(store->head(alice, unlimited).position, Position{1});
}

TEST(Directory, HoldsNoMoreDatabasesOpenThanAllowed) {
  const Folder folder;
  const auto store = open({.path = folder.path(), .max_open = 3});
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) write(*store, AgentId{"agent " + std::to_string(i)}, {claim_entry(round)});
  }

  EXPECT_EQ(describe(*store, "databases"), "10");
  EXPECT_EQ(describe(*store, "databases_open"), "3");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(store->head(AgentId{"agent " + std::to_string(i)}, unlimited).position, Position{3});
  }
}

TEST(Directory, ItsDatabasesShareTheCacheOfOne) {
  const Folder folder;
  write(*open({.path = folder.path()}), alice, {claim_entry(1)});
  const auto cache = [&](std::size_t kib, std::size_t max_open) {
    return describe(*open({.path = folder.path(), .cache_kib = kib, .max_open = max_open}), "cache_size");
  };

  EXPECT_EQ(cache(16'384, 1), "-16384");
  EXPECT_EQ(cache(16'384, 4), "-4096");
  EXPECT_EQ(cache(16'384, 64), "-1024");
  EXPECT_EQ(cache(16'384, 1'000), "-1024") << "with less every page would be read again and again";
  EXPECT_EQ(cache(100, 64), "-100") << "never more than was asked for";
  EXPECT_EQ(cache(16'384, 0), "-16384");
}

TEST(Directory, TheDatabaseUsedLongestAgoCloses) {
  const Folder folder;
  const auto store = open({.path = folder.path(), .max_open = 2});
  const auto log_is_empty = [&](const std::string& agent) { return !log_holds_anything(folder / (agent + ".db")); };
  for (std::uint64_t i = 0; i < 2; ++i) {  // the first batch is in the database
    write(*store, AgentId{"a"}, {claim_entry(i)});
    write(*store, AgentId{"b"}, {claim_entry(i)});
  }
  store->head(AgentId{"a"}, unlimited);

  write(*store, AgentId{"c"}, {claim_entry(1)});

  EXPECT_FALSE(log_is_empty("a")) << "used after b";
  EXPECT_TRUE(log_is_empty("b")) << "closing empties the log";
}

TEST(Directory, AgentsWriteWhileAnotherHoldsItsDatabase) {
  const Folder folder;
  const auto store = open({.path = folder.path(), .busy_timeout = std::chrono::milliseconds{20}});
  write(*store, alice, {claim_entry(1)});
  Raw other(folder / "alice.db");
  other.run("BEGIN IMMEDIATE");

  const auto blocked = commit_after(store->head(alice, unlimited), alice, {claim_entry(2)});
  EXPECT_EQ(failure_of([&] { append(*store, blocked); }).kind(), FailureKind::busy);
  write(*store, bob, {claim_entry(1)});

  other.run("ROLLBACK");
  EXPECT_EQ(append(*store, blocked).outcome, AppendOutcome::done);
}

TEST(Directory, AnAgentThatFailsSaysNothingOfTheOthers) {
  const Folder folder;
  const auto store = open({.path = folder.path(), .busy_timeout = std::chrono::milliseconds{20}});
  write(*store, alice, {claim_entry(1)});
  const std::vector<Commit> both = {commit_after(store->head(bob, unlimited), bob, {claim_entry(1)}),
                                    commit_after(store->head(alice, unlimited), alice, {claim_entry(2)})};
  {
    Raw other(folder / "alice.db");
    other.run("BEGIN IMMEDIATE");
    const auto outcomes = store->append(both, unlimited);
    EXPECT_EQ(outcomes[0], Outcome{});
    EXPECT_EQ(outcomes[1].outcome, AppendOutcome::failed);
    EXPECT_EQ(outcomes[1].failure, FailureKind::busy);
  }

  const auto outcomes = store->append(both, unlimited);

  EXPECT_EQ(outcomes[0].outcome, AppendOutcome::already_there);
  EXPECT_EQ(outcomes[1].outcome, AppendOutcome::done);
}

TEST(Directory, ManyThreadsAndFewHandles) {
  const Folder folder;
  const auto store = open({.path = folder.path(), .max_open = 2});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 15; ++i) {
        write(*store, AgentId{"agent " + std::to_string(t)}, {claim_entry(i)});
        store->head(AgentId{"agent " + std::to_string((t + 1) % 4)}, unlimited);
      }
    });
  }
  for (auto& thread : threads) thread.join();

  for (int t = 0; t < 4; ++t) {
    EXPECT_EQ(store->head(AgentId{"agent " + std::to_string(t)}, unlimited).position, Position{15});
  }
}

}  // namespace claimledger::sqlite::test
