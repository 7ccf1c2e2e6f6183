#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <vector>

#include "json_schema.hpp"
#include "shell.hpp"

// vectors export: a table that numpy reads, and what its rows are of. Here it is read as the format says, without
// numpy.
namespace claimledger::tests {
namespace {

using Json = nlohmann::json;
using Row = std::vector<float>;

struct Exported {
  Json about;
  std::vector<Json> statements;
  std::vector<Row> rows;
};

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
std::vector<Row> rows_of(const std::string& npy) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(npy.at(at))); };
  EXPECT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t begin = 10 + byte(8) + 256 * byte(9);
  EXPECT_EQ(begin % 64, 0U) << "so that it can be mapped";
  EXPECT_EQ(npy.at(begin - 1), '\n');
  std::smatch shape;
  const auto header = npy.substr(10, begin - 10);
  const std::regex form(R"(\{'descr': '<f4', 'fortran_order': False, 'shape': \(([0-9]+), ([0-9]+)\), \} *\n)");
  EXPECT_TRUE(std::regex_match(header, shape, form)) << header;
  std::vector<Row> rows(std::stoul(shape[1]), Row(std::stoul(shape[2])));
  std::size_t at = begin;
  for (auto& row : rows)
    for (auto& number : row) {
      number = std::bit_cast<float>(byte(at) | byte(at + 1) << 8U | byte(at + 2) << 16U | byte(at + 3) << 24U);
      at += 4;
    }
  EXPECT_EQ(at, npy.size());
  return rows;
}

Exported read_export(const Shell& shell, const std::string& folder) {
  Exported exported{Json::parse(shell.read(folder + "/export.json")), {}, rows_of(shell.read(folder + "/vectors.npy"))};
  std::istringstream lines(shell.read(folder + "/statements.jsonl"));
  for (std::string line; std::getline(lines, line);) exported.statements.push_back(Json::parse(line));
  EXPECT_EQ(exported.statements.size(), exported.rows.size());
  EXPECT_EQ(exported.about["vectors"], exported.rows.size());
  return exported;
}

double dot(const Row& one, const Row& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += double{one[i]} * double{other[i]};
  return sum;
}

constexpr auto model_name = "all-MiniLM-L6-v2-static";

class ExportOfVectors : public testing::Test {
 protected:
  void remember(const std::string& words, const std::string& options = "") const {
    const auto ran = shell.run("claimledger remember " + words + " " + options);
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
  Exported exported(const std::string& options = "") const {
    const auto ran = shell.run("rm -rf out; claimledger vectors export out " + options);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return read_export(shell, "out");
  }
  // A model of two dimensions, or as many, that sees houses.
  void write_model(const std::string& file, const std::string& name, int dimensions) const {
    std::string zeros;
    for (int i = 2; i < dimensions; ++i) zeros += ",0";
    shell.write(file, "while read -r line; do case $line in *:\\[\\]*) v= ;; *hous*) v='[1,0" + zeros +
                          "]' ;; *) v='[0,1" + zeros + "]' ;; esac\necho '{\"model\":\"" + name +
                          "\",\"dimensions\":" + std::to_string(dimensions) + ",\"vectors\":['$v']}'; done\n");
  }

  Shell shell;
};

TEST_F(ExportOfVectors, SaysOfEachRowWhatASearchSays) {
  remember("Ada city Munich");
  remember("Ada profession 'paints houses'");
  remember("Bob sport 'football on Sundays'");
  remember("Bob favourite_food 'Italian pasta'");
  remember("Eve pet 'a small dog'");
  remember("Eve city 'Zürich' --source lease");
  const auto found = exported();

  ASSERT_EQ(found.rows.size(), 6U);
  for (std::size_t asked = 0; asked < found.rows.size(); ++asked) {
    ASSERT_EQ(found.rows[asked].size(), 128U);
    EXPECT_NEAR(dot(found.rows[asked], found.rows[asked]), 1, 1e-6);
    // Its own text points where its row does.
    const auto text = found.statements[asked]["text"].get<std::string>();
    const auto ran = shell.run("claimledger search --by meaning --min-cosine 0 --limit 100 --json '" + text + "'");
    std::map<std::uint64_t, double> cosines;
    const auto answer = Json::parse(ran.out);
    for (const auto& line : answer["lines"])
      for (const auto& claim : line["claims"]) cosines[claim["statement"]] = claim["cosine"];
    std::size_t compared = 0;
    for (std::size_t row = 0; row < found.rows.size(); ++row) {
      const auto expected = dot(found.rows[asked], found.rows[row]);
      const auto statement = found.statements[row]["statement"].get<std::uint64_t>();
      if (expected < 1e-5) continue;  // which a search does not find
      ASSERT_TRUE(cosines.contains(statement)) << text << ": " << found.statements[row];
      EXPECT_NEAR(cosines[statement], expected, 2e-6) << text << ": " << found.statements[row];
      ++compared;
    }
    EXPECT_EQ(compared, cosines.size()) << text;
  }
}

// So others find what a search finds.
TEST_F(ExportOfVectors, IsAskedWithTheVectorOfAQuestion) {
  remember("Ada city Munich");
  remember("Ada profession 'paints houses'");
  const std::string question = "'her job (at houses) -zebra'";
  const auto asked =
      Json::parse(shell.run("claimledger --json --store sqlite:none.db embed --question " + question).out);
  EXPECT_FALSE(std::filesystem::exists(shell.folder() / "none.db"));
  const auto found = exported();
  EXPECT_EQ(asked["model"], found.about["model"]);
  const auto row = asked["vector"].get<Row>();
  EXPECT_NEAR(dot(row, row), 1, 1e-6);
  const auto answer = Json::parse(shell.run("claimledger search --by meaning --min-cosine 0 --json " + question).out);
  for (const auto& line : answer["lines"])
    EXPECT_NEAR(dot(row, found.rows[line["claims"][0]["statement"].get<std::size_t>() - 1]),
                line["claims"][0]["cosine"].get<double>(), 2e-6);
  EXPECT_GE(answer["lines"].size(), 1U);

  write_model("mine.sh", "mine", 2);
  EXPECT_EQ(shell.run("claimledger embed --embed-cmd 'sh mine.sh' --question house").out, "1.0 0.0\n");
  shell.write("bad.sh",
              "while read -r line; do case $line in *:\\[\\]*) v= ;; *) v='[0,0]' ;; esac\n"
              "echo '{\"model\":\"bad\",\"dimensions\":2,\"vectors\":['$v']}'; done\n");
  const auto nowhere = shell.run("claimledger embed --embed-cmd 'sh bad.sh' --question house");
  EXPECT_EQ(nowhere.exit, 3);
  EXPECT_NE(nowhere.err.find("incompatible"), std::string::npos) << nowhere.err;
  EXPECT_EQ(shell.run("claimledger embed --embedder none --question house").exit, 2);
}

TEST_F(ExportOfVectors, SaysWhatItIsOf) {
  remember("Ada homeCity Munich", "--agent ann --source 'lease 7'");
  remember("Ada homeCity Munich", "--agent ann --source friend");
  remember("Ada age 42", "--agent ann");
  const auto found = exported("--agent ann");
  const auto status = Json::parse(shell.run("claimledger status --json --agent ann").out);

  EXPECT_EQ(found.about["agent"], "ann");
  EXPECT_EQ(found.about["model"]["name"], model_name);
  EXPECT_EQ(found.about["model"]["dimensions"], 128);
  EXPECT_EQ(found.about["model"]["fingerprint"], status["models"][0]["fingerprint"]);
  EXPECT_EQ(found.about["position"], status["entries"]);
  EXPECT_EQ(found.about["head_hash"], status["head_hash"]);
  EXPECT_EQ(found.about["up_to"], status["entries"]);
  ASSERT_EQ(found.statements.size(), 3U);
  const auto& first = found.statements[0];
  EXPECT_EQ(first["statement"], 1);
  EXPECT_EQ(first["kind"], "ClaimRecorded");
  EXPECT_EQ(first["subject"], "Ada");
  EXPECT_EQ(first["predicate"], "homeCity");
  EXPECT_EQ(first["value"], "Munich");
  EXPECT_EQ(first["source"], "lease 7");
  EXPECT_EQ(first["text"], "Ada home City Munich");
  const auto& again = found.statements[1];
  EXPECT_EQ(again["kind"], "Corroborated");
  EXPECT_EQ(again["claim_id"], first["claim_id"]);
  EXPECT_EQ(found.rows[0], found.rows[1]);
  EXPECT_EQ(found.statements[2]["value"], 42);
  const auto schema = [&](const std::string& name) { return Json::parse(shell.run("claimledger schema " + name).out); };
  for (const auto& statement : found.statements) EXPECT_EQ(misfit(statement, schema("ExportedStatement")), "");
  EXPECT_EQ(misfit(found.about, schema("ExportedVectors")), "");
  EXPECT_EQ(shell.run("ls out").out, "export.json\nstatements.jsonl\nvectors.npy\n");
}

// Each row is of its line, whatever was filed late.
TEST_F(ExportOfVectors, IsInTheOrderInWhichTheyWereFiled) {
  const std::string late = "--embedder none";
  remember("a p one", late);
  remember("b p two");
  shell.run("claimledger embed");
  remember("c p three", late);
  remember("d p four");
  const auto partly = exported();
  EXPECT_EQ(partly.rows.size(), 3U);
  EXPECT_LT(partly.about["up_to"], 4);
  shell.run("claimledger embed");
  const auto found = exported();

  EXPECT_EQ(found.about["up_to"], 4);
  std::vector<std::uint64_t> order;
  for (const auto& statement : found.statements) order.push_back(statement["statement"]);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 1, 4, 3}));
  for (std::size_t row = 0; row < found.rows.size(); ++row) {
    const auto text = found.statements[row]["text"].get<std::string>();
    const auto asked = Json::parse(shell.run("claimledger embed --json --question '" + text + "'").out);
    EXPECT_NEAR(dot(found.rows[row], asked["vector"].get<Row>()), 1, 1e-5) << text;
  }
}

// More than one page is read.
TEST_F(ExportOfVectors, IsOfAsManyAsThereAre) {
  shell.run("head -n 1500 $DATA/us-congress.jsonl > some; claimledger ingest some");
  const auto found = exported();
  ASSERT_EQ(found.rows.size(), 1500U);
  for (std::size_t row = 0; row < found.rows.size(); ++row) ASSERT_EQ(found.statements[row]["statement"], row + 1);
}

TEST_F(ExportOfVectors, SaysWhatIsMissing) {
  remember("a p one");
  remember("b p two", "--embedder none");
  const auto ran = shell.run("claimledger vectors export out");
  EXPECT_EQ(ran.exit, 0);
  EXPECT_TRUE(ran.out.starts_with("1 vector of all-MiniLM-L6-v2-static, up to ")) << ran.out;
  EXPECT_TRUE(ran.out.ends_with("up to entry 2 of default, written to out\n")) << ran.out;
  EXPECT_NE(ran.err.find("not all statements have a vector; claimledger embed"), std::string::npos) << ran.err;
  EXPECT_EQ(shell.run("claimledger embed; claimledger vectors export out2/").err, "");
}

TEST_F(ExportOfVectors, IsOfOneModel) {
  remember("Ada profession 'paints houses'");
  write_model("mine.sh", "mine", 2);
  shell.run("claimledger embed --embed-cmd 'sh mine.sh'");
  const auto refused = shell.run("claimledger vectors export out");
  EXPECT_EQ(refused.exit, 2);
  EXPECT_NE(refused.err.find("--model: must name one"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("mine (2 dimensions)"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find(model_name), std::string::npos) << refused.err;
  EXPECT_EQ(exported("--model mine").rows, std::vector<Row>{Row({1, 0})});
  EXPECT_EQ(exported(std::string("--model ") + model_name).rows[0].size(), 128U);

  const auto unknown = shell.run("claimledger vectors export out2 --model other");
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_NE(unknown.err.find("--model: the ledger of default has no vectors of other, but of "), std::string::npos)
      << unknown.err;
  EXPECT_NE(unknown.err.find("embed"), std::string::npos) << unknown.err;

  // Two of one name.
  write_model("wide.sh", "mine", 3);
  shell.run("claimledger embed --embed-cmd 'sh wide.sh'");
  EXPECT_EQ(shell.run("claimledger vectors export out3 --model mine").exit, 2);
  EXPECT_EQ(exported("--model 'mine (3 dimensions)'").rows, std::vector<Row>{Row({1, 0, 0})});
}

TEST_F(ExportOfVectors, IsNoneOfAModelThatWasDropped) {
  remember("Ada profession 'paints houses'");
  write_model("mine.sh", "mine", 2);
  shell.run("claimledger embed --embed-cmd 'sh mine.sh'");
  for (const auto* wrong : {"drop", "drop out --model mine", "drop --model other", "export", "export --model mine"})
    EXPECT_EQ(shell.run(std::string("claimledger vectors ") + wrong).exit, 2) << wrong;
  EXPECT_EQ(exported("--model mine").rows.size(), 1U);

  const auto ran = shell.run("claimledger vectors drop --model mine");

  EXPECT_EQ(ran.out, "1 vector of mine (2 dimensions) taken away from default\n") << ran.err;
  EXPECT_EQ(exported().about["model"]["name"], model_name) << "the only one";
  EXPECT_EQ(shell.run("claimledger vectors drop --model mine").exit, 2);
  const auto last = Json::parse(shell.run(std::string("claimledger vectors drop --json --model ") + model_name).out);
  EXPECT_EQ(last["vectors"], 1);
  EXPECT_EQ(shell.run("claimledger vectors export none").exit, 1);
  EXPECT_EQ(shell.run("claimledger search painter; claimledger verify").exit, 0);
}

TEST_F(ExportOfVectors, IsOfALedgerThatHasSome) {
  EXPECT_EQ(shell.run("claimledger vectors export out").exit, 3) << "there is no store";
  remember("a p one", "--embedder none");
  const auto none = shell.run("claimledger vectors export out");
  EXPECT_EQ(none.exit, 1);
  EXPECT_NE(none.err.find("the ledger of default has no vectors; claimledger embed files them"), std::string::npos);
  const auto nobody = shell.run("claimledger vectors export out --agent bob --json");
  EXPECT_EQ(nobody.exit, 1);
  EXPECT_EQ(Json::parse(nobody.err)["error"]["kind"], "not_found");
  EXPECT_EQ(shell.run("ls -d out* 2>/dev/null").out, "");
}

TEST_F(ExportOfVectors, TakesNobodysPlace) {
  remember("a p one");
  shell.run(
      "claimledger --store sqlite:d/ --agent ann remember a b c\n"
      "mkdir there; echo keep > there/file; echo keep > file; ln -s agent.db link; ln -s nowhere dangling");
  const auto before = shell.run("cat agent.db* file there/file d/* | sha256sum; ls -A | grep -v '^[.]'").out;
  for (const auto* target :
       {"there", "there/", "file", "link", "dangling", "agent.db", "agent.db-wal", "new.db", "new.db/", "new-wal",
        "new-unfinished", "d/new", "missing/new", "-", "./agent.db", "d/../agent.db-lock", "''"}) {
    const auto ran = shell.run(std::string("claimledger vectors export ") + target);
    EXPECT_EQ(ran.exit, 2) << target << ": " << ran.err;
    EXPECT_TRUE(ran.err.starts_with("claimledger: to: ")) << ran.err;
  }
  EXPECT_EQ(shell.run("cat agent.db* file there/file d/* | sha256sum; ls -A | grep -v '^[.]'").out, before);
  EXPECT_EQ(shell.run("claimledger vectors export ./-; ls ./-").out.find("1 vector"), 0U);
}

TEST_F(ExportOfVectors, IsWholeOrNotThere) {
  shell.run("claimledger ingest $DATA/us-congress.jsonl");
  const auto full = shell.run("ulimit -f 1000; claimledger vectors export out");
  EXPECT_EQ(full.exit, 3);
  EXPECT_NE(full.err.find("File too large"), std::string::npos) << full.err;
  EXPECT_EQ(shell.run("ls -d out* 2>/dev/null").out, "") << "nothing is left";

  // What a crash leaves is not taken for one, and not taken away either: somebody may be making it.
  shell.run("mkdir out-unfinished; echo x > out-unfinished/vectors.npy");
  const auto refused = shell.run("claimledger vectors export out");
  EXPECT_EQ(refused.exit, 3);
  EXPECT_NE(refused.err.find("out-unfinished is what somebody is making, or what a crash left"), std::string::npos)
      << refused.err;
  EXPECT_EQ(shell.run("ls -d out*; cat out-unfinished/*").out, "out-unfinished\nx\n");
}

TEST_F(ExportOfVectors, IsNotThereWhereItIsStopped) {
  shell.run("claimledger ingest $DATA/us-congress.jsonl");
  // Its first file cannot be made before the folder; then it is stopped, before or after it is done.
  shell.write("stop.sh",
              "claimledger vectors export out 2>err & writer=$!\n"
              "until [ -d out-unfinished ] || [ -d out ] || ! kill -0 $writer; do :; done\n"
              "kill -TERM $writer; wait $writer\n");
  const auto ran = shell.run("bash stop.sh");
  if (ran.exit == 143) {
    EXPECT_EQ(shell.run("ls -d out* 2>/dev/null").out, "");
    EXPECT_NE(shell.read("err").find("nothing is left of the export"), std::string::npos) << shell.read("err");
  } else {
    EXPECT_EQ(read_export(shell, "out").rows.size(), 5586U);
  }
}

}  // namespace
}  // namespace claimledger::tests
