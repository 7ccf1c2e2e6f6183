#include "claimledger/embedders/static_embedder.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "bert_words.hpp"
#include "claimledger/adapter/call_check.hpp"
#include "claimledger/failure.hpp"
#include "table_file.hpp"
#include "word_pieces.hpp"

namespace claimledger::embedders {
namespace {

constexpr std::size_t digits_of_fingerprint = 16;

// In whole numbers. A piece adds at most 128 · 65535 to each: no text is long enough to overflow it.
using Sum = std::vector<std::int64_t>;

// Adds ±127 · scale to each dimension, by the bits of SHA-256 of the word and a running number.
void add_direction_of(std::string_view word, std::uint32_t scale, Sum& sum) {
  constexpr std::size_t bits = 256;
  for (std::size_t block = 0; block * bits < sum.size(); ++block) {
    const auto digest = sha256({word, std::string_view("\0", 1), std::to_string(block)});
    const auto first = block * bits;
    for (std::size_t i = first; i < std::min(sum.size(), first + bits); ++i) {
      const bool positive = digest.bytes[(i - first) / 8] >> (i - first) % 8 & 1;
      sum[i] += (positive ? 127 : -127) * std::int64_t{scale};
    }
  }
}

class StaticEmbedder : public Embedder {
 public:
  explicit StaticEmbedder(const std::string& path)
      : file_(read_file(path), path), vocabulary_(vocabulary_of(file_, path)) {
    model_ = {std::string(file_.name()), file_.dimensions(), file_.digest().hex().substr(0, digits_of_fingerprint)};
  }

  const EmbeddingModel& model() const override { return model_; }

  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText, const Call& call) override {
    std::vector<std::vector<float>> vectors;
    vectors.reserve(texts.size());
    for (const auto& text : texts) {
      adapter::check(call, "embed");
      vectors.push_back(vector_of(text));
    }
    return vectors;
  }

 private:
  static Vocabulary vocabulary_of(const TableFile& file, const std::string& path) {
    try {
      return Vocabulary(file.pieces());
    } catch (const std::invalid_argument& wrong) {
      throw StoreFailure(FailureKind::corrupt, "open embedder", path + " is damaged: " + wrong.what());
    }
  }

  std::vector<float> vector_of(std::string_view text) const {
    Sum sum(file_.dimensions());
    std::vector<std::uint32_t> pieces;
    std::string word;
    for (BertWords words(text); words.next(word);) {
      pieces.clear();
      if (!vocabulary_.add_pieces(word, pieces)) add_direction_of(word, file_.unknown_scale(), sum);
      for (const auto piece : pieces) add_piece(piece, sum);
    }
    const bool nothing = std::ranges::all_of(sum, [](auto each) { return each == 0; });
    if (nothing) add_direction_of({}, file_.unknown_scale(), sum);
    return std::vector<float>(sum.begin(), sum.end());
  }

  void add_piece(std::uint32_t piece, Sum& sum) const {
    const auto scale = static_cast<std::int64_t>(file_.scale(piece));
    const auto* row = file_.row(piece);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += scale * row[i];
  }

  TableFile file_;
  Vocabulary vocabulary_;  // refers to the file
  EmbeddingModel model_;
};

}  // namespace

std::unique_ptr<Embedder> open_static(const std::string& path) { return std::make_unique<StaticEmbedder>(path); }

}  // namespace claimledger::embedders
