#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shell.hpp"

// Every verb where it cannot do what it would: as somebody else, in a folder that may only be read, with a standard
// output that takes nothing. Nothing is lost, nothing is half written, and the exit code is the documented one.
namespace claimledger::tests {
namespace {

struct Verb {
  std::string words;
  int exit = 0;         // where nothing is in the way
  bool writes = false;  // the ledger, a file or a store
};

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"remember user pet cat", 0, true},
      {"ingest lines.jsonl", 0, true},
      {"correct user city Bonn", 1, true},
      {"end user city 2030", 1, true},
      {"retract user name", 0, true},
      {"review 0190163d-8694-7c3b-b2a1-0123456789ab keep", 1, true},
      {"reconcile", 0, true},
      {"sweep", 0, true},
      {"import batches.jsonl", 0},
      {"backup copy.db", 0, true},
      {"restore old.db", 0, true},
      {"export --output out.jsonl", 0, true},
      {"vectors export vectors-here", 0, true},
      {"vectors drop --model all-MiniLM-L6-v2-static", 0, true},
      // What only reads here.
      {"migrate", 0},
      {"retract --source 'feed 7' --dry-run", 0},
      {"copy --from sqlite:agent.db --to memory:", 0},
      {"backup ../elsewhere/copy.db", 0},
      {"export --output ../elsewhere/out.jsonl", 0},
      {"vectors export ../elsewhere/vectors", 0},
      {"recall user name", 0},
      {"recall user city", 1},
      {"recall user city --serve-to me", 1, true},
      {"search Ada", 0},
      {"search nowhere --by words", 1},
      {"embed", 0},
      {"embed --anew", 0, true},
      {"doctor", 0},
      {"context Ada", 0},
      {"context Ada --serve-to me", 0, true},
      {"history user city", 0},
      {"subject user", 0},
      {"contested", 0},
      {"pending", 0},
      {"audit", 0},
      {"agents", 0},
      {"subjects", 0},
      {"predicates", 0},
      {"answer questions.jsonl", 0},
      {"answer questions.jsonl --json", 0},
      {"audit --limit 1", 0},
      {"predicates --limit 1", 0},
      {"export", 0},
      {"tail --no-follow --from-start", 0},
      {"verify", 0},
      {"status", 0},
  };
  return all;
}

// What each place begins as.
const Shell& beginning() {
  static const Shell shell;
  static const bool made [[maybe_unused]] =
      shell
          .run(
              "mkdir place; mkdir -m 777 elsewhere; cd place; claimledger remember user name Ada\n"
              "claimledger backup old.db; claimledger remember user city Berlin; claimledger remember user city "
              "Munich\n"
              "rm -f agent.db-lock; claimledger export --output batches.jsonl\n"
              "echo '{\"subject\":\"s\",\"predicate\":\"p\",\"value\":1}' > lines.jsonl\n"
              "echo '{\"subject\":\"user\",\"predicate\":\"name\",\"expected\":\"Ada\"}' > questions.jsonl")
          .exit == 0;
  return shell;
}

// In a folder of its own for each verb, so that none meets what another left.
class Place {
 public:
  Place() { shell_.run("cp -a " + beginning().folder().string() + "/[pe]* .; chmod 755 ."); }
  Ran run(const std::string& script) const { return shell_.run("cd place\n" + script); }
  void write(const std::string& name, const std::string& text) const { shell_.write("place/" + name, text); }

  // What `script` does as somebody with no rights of his own. Outside of the program's folder nothing else is needed.
  Ran run_as_nobody(const std::string& script) const {
    write(".nobody", script + "\n");
    return run("chmod 644 .nobody; setpriv --reuid=65534 --regid=65534 --clear-groups sh .nobody");
  }

 private:
  Shell shell_;
};

TEST(EveryVerb, EndsAsItShould) {
  for (const auto& verb : verbs()) {
    const Place place;
    EXPECT_EQ(place.run("claimledger " + verb.words).exit, verb.exit) << verb.words;
    EXPECT_EQ(place.run("claimledger verify").exit, 0) << verb.words;
  }
}

TEST(EveryVerb, EndsSoForTheOwnerWhoIsNotRoot) {
  for (const auto& verb : verbs()) {
    const Place place;
    place.run("chown -R 65534:65534 .");
    const auto ran = place.run_as_nobody("claimledger " + verb.words);
    EXPECT_EQ(ran.exit, verb.exit) << verb.words << ": " << ran.err;
    EXPECT_EQ(place.run_as_nobody("claimledger verify").exit, 0) << verb.words;
  }
}

TEST(EveryVerb, ReadsAndDoesNotWriteWhereItMayOnlyRead) {
  for (const auto& verb : verbs()) {
    const Place place;
    place.run("chmod 444 agent.db* *.jsonl; chmod 755 .");
    const auto before = place.run("cat agent.db | sha256sum; ls -A | grep -v '^[.]nobody'").out;

    const auto ran = place.run_as_nobody("claimledger " + verb.words);

    const bool refused = ran.exit == 3 || ran.exit == 2;
    EXPECT_TRUE(verb.writes ? refused : ran.exit == verb.exit) << verb.words << ": " << ran.exit << " " << ran.err;
    EXPECT_TRUE(!refused || !ran.err.empty()) << verb.words;
    EXPECT_EQ(place.run("cat agent.db | sha256sum; ls -A | grep -v '^[.]nobody'").out, before) << verb.words;
  }
}

// The superuser's side files and lock belong to whom the ledger belongs to.
TEST(EveryVerb, OfTheSuperuserLeavesTheServiceItsRightToWrite) {
  const Place place;
  place.run("mkdir d; chmod 777 d");
  const std::string service = "claimledger --store sqlite:d/ --agent ann remember a b ";
  ASSERT_EQ(place.run_as_nobody(service + "1").exit, 0);
  for (const std::string words :
       {"verify --all", "agents", "--agent ann recall a b", "--agent ann export", "--agent ann status",
        "tail --all --no-follow --from-start", "backup ../copy", "migrate", "--agent ann remember a b c"}) {
    // Without side files: whoever comes first makes them.
    place.run("rm -f d/*-wal d/*-shm d/*-lock; claimledger --store sqlite:d/ " + words + "; rm -rf ../copy");
    const auto ran = place.run_as_nobody(service + "2");
    EXPECT_EQ(ran.exit, 0) << words << ran.err;
  }
}

// A device that is full, and no output at all.
TEST(EveryVerb, SaysThatItsAnswerCouldNotBeWritten) {
  for (const auto& verb : verbs()) {
    if (verb.words == "pending") continue;  // has nothing to say
    for (const std::string output : {" >/dev/full", " >&-"}) {
      const Place place;
      const auto ran = place.run("claimledger " + verb.words + output);
      EXPECT_EQ(ran.exit, 3) << verb.words << output << ": " << ran.err;
      EXPECT_NE(ran.err.find("could not be written"), std::string::npos) << verb.words << output << ": " << ran.err;
      EXPECT_EQ(place.run("claimledger verify").exit, 0) << verb.words;
    }
  }
}

// Nobody is to say it again because its answer was lost.
TEST(AnswerThatCannotBeWritten, HidesNothingThatIsDone) {
  const struct {
    std::string words, done;
  } rows[] = {
      {"remember user pet cat", "but what was asked is done: the ledger has it, up to position 4\n"},
      {"remember user pet cat --json", "but what was asked is done: the ledger has it, up to position 4\"}}\n"},
      {"ingest lines.jsonl", "is done: 1 taken, 0 rejected, up to position 4\nLines up to 1 are in the ledger"},
      {"ingest lines.jsonl --json", "up to position 4\",\"last_line\":1}}\n"},
      {"retract user name", "is done: the ledger has it, up to position 4\n"},
      {"reconcile", "is done: the ledger is reconciled, up to position "},
      {"recall user city --serve-to me", "is done: the ledger has it as served\n"},
      {"context Ada --serve-to me", "is done: the ledger has it as served\n"},
      {"import batches.jsonl", "is done: 0 batches imported\nLines up to 3 are in the ledger"},
      {"--store sqlite:new.db import batches.jsonl", "is done: 3 batches imported\nLines up to 3 are in the ledger"},
      {"--store sqlite:new.db init", "is done: the store is made"},
      {"migrate", "is done: the store is brought up to"},
      {"copy --from sqlite:agent.db --to sqlite:new.db", "is done: the target has default up to entry 3; copy again"},
      {"copy --from sqlite:agent.db --to sqlite:new.db --json", "is done: the target has default up to entry 3; "},
      {"backup copy.db", "is done: copied to copy.db\n"},
      {"restore old.db", "is done: agent.db is restored, set aside agent.db.set-aside-1"},
      {"export --output out.jsonl", "is done: out.jsonl is written\n"},
      {"vectors export out", "is done: out is written\n"},
      {"vectors drop --model all-MiniLM-L6-v2-static",
       "is done: the vectors of all-MiniLM-L6-v2-static are taken away\n"},
      {"verify --head-file heads", "is done: where the ledgers end is noted in heads\n"},
  };
  for (const auto& [words, done] : rows) {
    const Place place;
    const auto ran = place.run("claimledger " + words + " >/dev/full");
    EXPECT_EQ(ran.exit, 3) << words << ran.err;
    EXPECT_NE(ran.err.find(done), std::string::npos) << words << ": " << ran.err;
  }
  // A reader that has gone learns nothing, so somebody else does.
  const Place place;
  place.write("gone.sh", "mkfifo pipe; true <pipe & exec 3>pipe; wait; claimledger remember user pet cat >&3\n");
  const auto gone = place.run("bash gone.sh");
  EXPECT_EQ(gone.exit, 141);
  EXPECT_NE(gone.err.find("is done: the ledger has it, up to position 4\n"), std::string::npos) << gone.err;
  // Nothing was done where the answer is no, or where there is only an answer.
  for (const std::string words : {"correct user city Bonn", "recall user name", "retract --source x --dry-run",
                                  "recall nobody city --serve-to me", "migrate --dry-run", "verify"}) {
    const auto ran = Place().run("claimledger " + words + " >/dev/full");
    EXPECT_EQ(ran.exit, 3) << words << ran.err;
    EXPECT_EQ(ran.err, "claimledger: the answer could not be written\n") << words;
  }
}

// Where no file may grow, as on a full disk.
TEST(EveryVerb, LosesNothingWhereThereIsNoRoom) {
  for (const auto& verb : verbs()) {
    const Place place;
    place.run("ls > keep; cp keep out.jsonl");
    const auto ran = place.run("(ulimit -f 0; claimledger " + verb.words + ") >/dev/null 2>&1; exit 0");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(place.run("claimledger verify").exit, 0) << verb.words << ": " << ran.out;
    EXPECT_EQ(place.run("claimledger recall user name").exit, 0) << verb.words << ": " << ran.out;
    EXPECT_EQ(place.run("cmp keep out.jsonl; ls | grep -c 'restoring'").out, "0\n") << verb.words;
  }
}

}  // namespace
}  // namespace claimledger::tests
