#include <sys/stat.h>

#include <filesystem>
#include <random>

#include "claimledger/embedders/static_embedder.hpp"
#include "claimledger/limits.hpp"
#include "support.hpp"

// The file of a static embedder: what is damaged, cut or foreign is refused and said to be.
namespace claimledger::embedders::test {
namespace {

const std::vector<std::string> texts = {"Ada's mus", "", "unheard of", "\xFF"};

class StaticTable : public testing::Test {
 protected:
  std::unique_ptr<Embedder> opened(const std::string& bytes) {
    write(path_, bytes);
    return open_static(path_);
  }
  StoreFailure refusal(const std::string& bytes) {
    return failure_of([&] { opened(bytes); });
  }
  void expect_refusal(const std::string& content, const std::string& why) {
    const auto failure = refusal(with_digest(content));
    EXPECT_EQ(failure.kind(), FailureKind::corrupt);
    EXPECT_NE(failure.detail().find(path_), std::string::npos) << failure.what();
    EXPECT_NE(failure.detail().find(why), std::string::npos) << failure.what();
  }
  std::string with_number(std::size_t which, std::uint32_t number) {
    auto content = Table{}.content();
    for (std::size_t i = 0; i < 4; ++i) content[16 + which * 4 + i] = static_cast<char>(number >> 8 * i & 0xFF);
    return content;
  }

  Folder folder_;
  std::string path_ = folder_ / "small.table";
};

TEST_F(StaticTable, SaysItsModel) {
  const Table table;
  const auto digest = table.file().substr(table.content().size());

  const auto model = opened(table.file())->model();

  EXPECT_EQ(model.name, "small");
  EXPECT_EQ(model.dimensions, 2U);
  EXPECT_EQ(model.fingerprint, Digest::from_bytes(digest).hex().substr(0, 16));
}

TEST_F(StaticTable, OfOtherContentHasAnotherFingerprint) {
  Table other;
  other.pieces[1].scale = 4;
  EXPECT_NE(opened(Table{}.file())->model(), opened(other.file())->model());
}

TEST_F(StaticTable, ThatIsNotThereIsUnreachable) {
  const auto failure = failure_of([&] { open_static(path_); });
  EXPECT_EQ(failure.kind(), FailureKind::unreachable);
  EXPECT_NE(failure.detail().find(path_), std::string::npos) << failure.what();
  EXPECT_EQ(failure_of([&] { open_static(folder_ / ""); }).kind(), FailureKind::unreachable);
}

TEST_F(StaticTable, OfSomebodyElseIsIncompatible) {
  for (const std::string bytes : {"", "x", "%PDF-1.7", "claimledger"}) {
    EXPECT_EQ(refusal(bytes).kind(), FailureKind::incompatible) << bytes;
  }
}

TEST_F(StaticTable, OfANewerVersionIsIncompatibleWithItsVersion) {
  Table newer;
  newer.version = 2;
  const auto failure = refusal(newer.file());
  EXPECT_EQ(failure.kind(), FailureKind::incompatible);
  EXPECT_NE(failure.detail().find("version 2"), std::string::npos) << failure.what();
}

TEST_F(StaticTable, WithAnyByteChangedIsRefused) {
  const auto whole = Table{}.file();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flipped : {0x01, 0x80, 0xFF}) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ flipped);
      const auto kind = refusal(bytes).kind();
      EXPECT_TRUE(kind == FailureKind::corrupt || (at < 20 && kind == FailureKind::incompatible)) << at;
    }
  }
}

TEST_F(StaticTable, CutOrContinuedAnywhereIsRefused) {
  const auto whole = Table{}.file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto kind = refusal(whole.substr(0, size)).kind();
    EXPECT_EQ(kind, size < 16 ? FailureKind::incompatible : FailureKind::corrupt) << size;
  }
  EXPECT_EQ(refusal(whole + '\0').kind(), FailureKind::corrupt);
  EXPECT_EQ(refusal(whole + whole).kind(), FailureKind::corrupt);
}

// Whoever wrote it summed it up as well: nothing of it is believed.
TEST_F(StaticTable, ThatContradictsItselfIsRefused) {
  const auto content = Table{}.content();
  expect_refusal(with_number(1, 0), "dimensions");
  expect_refusal(with_number(1, limits::dimensions + 1), "dimensions");
  expect_refusal(with_number(1, 3), "rows");
  expect_refusal(with_number(1, 1), "goes on behind its end");
  expect_refusal(with_number(2, 0), "pieces");
  expect_refusal(with_number(2, 5), "4 pieces where it says 5");
  expect_refusal(with_number(2, 0xFFFF'FFFF), "4 pieces");
  expect_refusal(with_number(3, 0), "scale");
  expect_refusal(with_number(3, 65'536), "scale");
  expect_refusal(with_number(4, 0), "name");
  expect_refusal(with_number(4, limits::text_bytes + 1), "name");
  expect_refusal(with_number(5, 0xFFFF'FFFF), "its notice");
  expect_refusal(with_number(6, 0xFFFF'FFFF), "its vocabulary");
  expect_refusal(content + 'x', "goes on behind its end");
  expect_refusal(content.substr(0, content.size() - 1), "rows");

  Table twice, empty;
  twice.pieces[3].text = "ada";
  expect_refusal(twice.content(), "there twice");
  empty.pieces[3].text = "";
  expect_refusal(empty.content(), "is empty");
}

TEST_F(StaticTable, AtTheLimitsIsRead) {
  Table wide;
  wide.name = std::string(limits::text_bytes, 'n');
  for (auto& piece : wide.pieces) piece.row.resize(limits::dimensions, 1);
  wide.unknown_scale = 65'535;
  const auto embedder = opened(wide.file());
  EXPECT_EQ(embedder->embed(texts, EmbeddedText::statement, {}).at(2).size(), limits::dimensions);
}

// With the right digest, so that what is behind it is reached. What is opened embeds: no byte beside the file is read.
TEST_F(StaticTable, OfAnyContentIsRefusedOrEmbeds) {
  int opened_count = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    auto content = Table{}.content();
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      content[20 + random() % (content.size() - 20)] = static_cast<char>(random());
    if (random() % 4 == 0) content.resize(20 + random() % content.size());
    try {
      const auto embedder = opened(with_digest(content));
      ++opened_count;
      for (const auto& vector : embedder->embed(texts, EmbeddedText::statement, {}))
        EXPECT_EQ(vector.size(), embedder->model().dimensions);
    } catch (const StoreFailure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::corrupt) << failure.what();
    }
  }
  EXPECT_GT(opened_count, 100);
}

// A pipe would be waited for.
TEST_F(StaticTable, IsAFile) {
  std::filesystem::create_directory(folder_ / "folder");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  for (const auto* name : {"folder", "pipe"}) {
    const auto failure = failure_of([&] { open_static(folder_ / name); });
    EXPECT_EQ(failure.kind(), FailureKind::unreachable) << failure.what();
    EXPECT_NE(failure.detail().find("is no file"), std::string::npos) << failure.what();
  }
}

}  // namespace
}  // namespace claimledger::embedders::test
