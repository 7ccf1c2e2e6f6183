#include <atomic>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "bert_words.hpp"
#include "claimledger/domain/digest.hpp"
#include "claimledger/embedders/static_embedder.hpp"
#include "support.hpp"
#include "table_file.hpp"
#include "word_pieces.hpp"

// Vectors of a table: what they are made of, and those of the table that comes with claimledger.
namespace claimledger::embedders::test {
namespace {

const std::string shipped = CLAIMLEDGER_STATIC_TABLE;
const std::string cases = CLAIMLEDGER_SOURCE_DIR "/tests/adapters/embedders/";
using Vector = std::vector<float>;

std::vector<nlohmann::json> lines_of(const std::string& name) {
  std::istringstream in(read(cases + name));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

Vector vector_of(Embedder& embedder, const std::string& text) {
  return embedder.embed(std::span(&text, 1), EmbeddedText::statement, {}).at(0);
}

double cosine(const Vector& a, const Vector& b) {
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * double{b[i]};
    of_a += double{a[i]} * double{a[i]};
    of_b += double{b[i]} * double{b[i]};
  }
  return product / std::sqrt(of_a * of_b);
}

class SmallTable : public testing::Test {
 protected:
  SmallTable() { write(path_, table_.file()); }

  Table table_;
  Folder folder_;
  std::string path_ = folder_ / "small.table";
  std::unique_ptr<Embedder> embedder_ = (write(path_, table_.file()), open_static(path_));
};

TEST_F(SmallTable, AVectorIsTheSumOfItsPiecesTimesTheirScales) {
  EXPECT_EQ(vector_of(*embedder_, "ada"), (Vector{2, -2}));
  EXPECT_EQ(vector_of(*embedder_, "adas"), (Vector{7, -2}));
  EXPECT_EQ(vector_of(*embedder_, " Ada  MÚ ada"), (Vector{4, 3}));
}

TEST_F(SmallTable, VectorsComeInTheOrderOfTheirTexts) {
  const std::vector<std::string> texts = {"mu", "ada", "mu"};
  const std::vector<Vector> expected = {{0, 7}, {2, -2}, {0, 7}};
  EXPECT_EQ(embedder_->embed(texts, EmbeddedText::question, {}), expected);
  EXPECT_TRUE(embedder_->embed({}, EmbeddedText::question, {}).empty());
}

// ±127 times the scale, and the same every time.
TEST_F(SmallTable, AWordThatCannotBeSpelledHasADirectionOfItsOwn) {
  const auto unknown = vector_of(*embedder_, "zebra");
  for (const auto number : unknown) EXPECT_EQ(std::abs(number), 3 * 127);
  EXPECT_EQ(vector_of(*embedder_, "ZEBRA"), unknown);
  EXPECT_EQ(vector_of(*embedder_, "zebra ada"), (Vector{unknown[0] + 2, unknown[1] - 2}));
  // A piece of it in the vocabulary is no half of a word.
  EXPECT_EQ(std::abs(vector_of(*embedder_, "adazebra")[0]), 3 * 127);
}

TEST_F(SmallTable, ATextWithoutWordsHasADirectionToo) {
  const auto empty = vector_of(*embedder_, "");
  for (const auto number : empty) EXPECT_EQ(std::abs(number), 3 * 127);
  EXPECT_EQ(vector_of(*embedder_, " \t\n\x01\xFF\xC3"), empty);
}

TEST_F(SmallTable, NoVectorIsZero) {
  table_.pieces = {{"up", 1, {1, 1}}, {"down", 1, {-1, -1}}, {"still", 0, {9, 9}}};
  write(path_, table_.file());
  const auto embedder = open_static(path_);
  EXPECT_EQ(vector_of(*embedder, "up"), (Vector{1, 1}));
  for (const auto* text : {"up down", "still", "up still down"}) {
    EXPECT_EQ(vector_of(*embedder, text), vector_of(*embedder, "")) << text;
  }
}

TEST_F(SmallTable, ACallThatIsOverIsNotBegun) {
  const std::vector<std::string> texts = {"ada"};
  std::stop_source stop;
  stop.request_stop();
  const auto kind = [&](const Call& call) {
    return failure_of([&] { embedder_->embed(texts, EmbeddedText::statement, call); }).kind();
  };
  EXPECT_EQ(kind({.deadline = std::chrono::steady_clock::time_point::min()}), FailureKind::timeout);
  EXPECT_EQ(kind({.stop = stop.get_token()}), FailureKind::cancelled);
}

// --- The table that comes with claimledger ---------------------------------------------------------------------------

TEST(ShippedTable, IsTheOneThatCMakeKnows) {
  EXPECT_EQ(sha256({read(shipped)}).hex(), CLAIMLEDGER_STATIC_TABLE_SHA256);
}

TEST(ShippedTable, SaysWhatItIsAndWhoseWeightsItHas) {
  const TableFile file(read(shipped), shipped);
  EXPECT_EQ(file.name(), "all-MiniLM-L6-v2-static");
  EXPECT_EQ(file.dimensions(), 128U);
  EXPECT_EQ(file.pieces().size(), 30'522U);
  EXPECT_NE(file.notice().find("Apache"), std::string::npos);
  EXPECT_LE(read(shipped).size(), 8U * 1024 * 1024);
}

TEST(ShippedTable, TakesTextsApartAsTheReferenceDoes) {
  const TableFile file(read(shipped), shipped);
  const Vocabulary vocabulary(file.pieces());
  constexpr std::uint32_t unknown = 100;
  ASSERT_EQ(file.pieces().at(unknown), "[UNK]");
  const auto all = lines_of("word_piece_cases.jsonl");
  ASSERT_GE(all.size(), 250U);
  for (const auto& line : all) {
    const std::string text = line.at("text");
    std::vector<std::uint32_t> pieces;
    std::string word;
    for (BertWords words(text); words.next(word);)
      if (!vocabulary.add_pieces(word, pieces)) pieces.push_back(unknown);
    EXPECT_EQ(pieces, line.at("pieces").get<std::vector<std::uint32_t>>()) << text;
  }
}

// What the table was made from, before it was rounded to whole numbers.
TEST(ShippedTable, VectorsAreThoseOfTheReferenceButForRounding) {
  const auto embedder = open_static(shipped);
  const auto all = lines_of("vector_cases.jsonl");
  ASSERT_GE(all.size(), 10U);
  for (const auto& line : all) {
    const std::string text = line.at("text");
    const auto vector = vector_of(*embedder, text);
    const auto expected = line.at("vector").get<Vector>();
    ASSERT_EQ(vector.size(), expected.size());
    EXPECT_GT(cosine(vector, expected), 0.9995) << text;
  }
}

// Bit by bit, on every machine and with every compiler.
TEST(ShippedTable, VectorsAreTheSameEverywhere) {
  const auto embedder = open_static(shipped);
  Bytes bytes;
  for (const auto& line : lines_of("word_piece_cases.jsonl")) {
    for (const auto number : vector_of(*embedder, line.at("text"))) {
      const auto whole = static_cast<std::int64_t>(number);
      for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(whole) >> 8 * i & 0xFF);
    }
  }
  EXPECT_EQ(sha256({bytes}).hex(), "f213fe4e9427f3b17ccb1ae6f9c5ca63091f0913ef14550d268ca4081ca5c205");
}

TEST(ShippedTable, WhatMeansTheSameLiesCloser) {
  const auto embedder = open_static(shipped);
  const auto alike = [&](const char* a, const char* b) {
    return cosine(vector_of(*embedder, a), vector_of(*embedder, b));
  };
  EXPECT_GT(alike("Which medicine does she swallow?", "daily dose: one pill of ramipril"),
            alike("Which medicine does she swallow?", "home city: Munich"));
  EXPECT_GT(alike("the kitten sleeps", "a cat naps"), alike("the kitten sleeps", "invoices are due in March"));
  EXPECT_LT(std::abs(alike("🦄", "🦋")), 0.5);
}

TEST(ShippedTable, AnswersSeveralThreadsAtOnce) {
  const auto embedder = open_static(shipped);
  const auto expected = vector_of(*embedder, "the kitten sleeps");
  std::atomic<int> same{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 50; ++n)
          if (vector_of(*embedder, "the kitten sleeps") == expected) ++same;
      });
    }
  }
  EXPECT_EQ(same, 200);
}

}  // namespace
}  // namespace claimledger::embedders::test
