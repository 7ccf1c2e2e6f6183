#include "application/near_source.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "application/decoded_vector.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::application {

namespace {

constexpr std::size_t at_first = 256;      // what most searches need
constexpr std::size_t most_sent = 16'384;  // whoever needs more has all sent, which takes less of memory

class CachedVectors : public NearSource {
 public:
  CachedVectors(const Context& context, const NearRequest& request)
      : asked_(request.asked),
        at_(request.at),
        vectors_(context.vectors.use(*context.store().vectors(), request.agent, asked_.model, request.call)) {
    if (!vectors_) return;
    rows_ = vectors_->matrix().rows();
    // Nearly always all: most questions are about now.
    while (rows_ > 0 && vectors_->matrix().position(rows_ - 1) > at_) --rows_;
  }

  const FiledModel* model() const override { return vectors_ ? &vectors_->model() : nullptr; }
  std::size_t compared() const override { return rows_; }

  Nearest nearest(std::size_t most) override {
    Nearest found{{}, 0, true};
    if (!vectors_) return found;
    const auto& matrix = vectors_->matrix();
    for (const auto& [row, cosine] : matrix.nearest(asked_.question, {.most = most, .at = at_}))
      found.statements.push_back({matrix.position(row), cosine});
    found.all = found.statements.size() < most;
    if (!found.statements.empty()) found.others_at_most = found.statements.back().cosine;
    return found;
  }

  std::optional<std::int32_t> cosine(Position seq) override {
    if (!vectors_) return std::nullopt;
    const auto row = vectors_->matrix().row_at(seq);
    if (!row) return std::nullopt;
    return vectors_->matrix().cosine(asked_.question, *row);
  }

  std::vector<NearStatement> all() override {
    std::vector<NearStatement> statements;
    if (!vectors_) return statements;
    std::vector<std::int32_t> cosines;
    vectors_->matrix().cosines(asked_.question, cosines);
    for (std::size_t row = 0; row < rows_; ++row)
      statements.push_back({vectors_->matrix().position(row), cosines[row]});
    return statements;
  }

 private:
  const AskedMeaning& asked_;
  Position at_;
  std::optional<VectorCache::InUse> vectors_;
  std::size_t rows_ = 0;
};

// A store says which are near by sums of its own. Its bound on the others holds for the product without any error.
// Core's own, of n products in sixteen sums of n / 16 at most and five more additions, is off by (n / 16 + 6) u at
// most, u being 2^-24, for vectors of length 1; they have that within a millionth, and a tenth more with two units is
// more than that takes. Then it is rounded to a millionth, halves away from zero.
std::int32_t most_cosine(double product, std::uint32_t dimensions) {
  const auto error = (1.1 * (dimensions / 16.0 + 6) + 2) * 0x1p-24;
  return static_cast<std::int32_t>(std::ceil(std::clamp((product + error) * 1e6 + 0.5, -1e6, 1e6)));
}

class ComparedByStore : public NearSource {
 public:
  ComparedByStore(const Context& context, const NearRequest& request)
      : context_(context),
        agent_(request.agent),
        at_(request.at),
        asked_(request.asked),
        call_(request.call),
        store_(*context.store().vectors()),
        first_(look(at_first)) {
    compared_ = said_.compared;
  }

  // Why the store did not compare; empty: it did.
  const std::string& why_not() const { return said_.why_not; }

  const FiledModel* model() const override { return model_ ? &*model_ : nullptr; }
  std::size_t compared() const override { return compared_; }

  Nearest nearest(std::size_t most) override {
    if (most <= at_first && first_) return *std::exchange(first_, std::nullopt);
    if (most <= most_sent && !sent_)
      if (auto found = look(most)) return *std::move(found);
    return sent().nearest(most);
  }

  std::optional<std::int32_t> cosine(Position seq) override {
    prepare({&seq, 1});
    return known_.at(seq.value);
  }

  void prepare(std::span<const Position> seqs) override {
    std::vector<Position> unknown;
    for (const auto seq : seqs)
      if (known_.try_emplace(seq.value).second) unknown.push_back(seq);
    if (unknown.empty() || !model_) return;
    constexpr std::size_t at_once = 4'096;
    for (std::size_t begin = 0; begin < unknown.size(); begin += at_once) {
      const auto some = std::span(unknown).subspan(begin, std::min(at_once, unknown.size() - begin));
      store_.read_vectors_of(
          agent_, asked_.model, model_->filed, some, [&](const FiledVector& vector) { compare(vector); }, call_);
    }
  }
  std::size_t worth_preparing() const override { return at_first; }

  std::vector<NearStatement> all() override { return sent().all(); }

 private:
  // All vectors, where the store does not compare any more or too many are looked at.
  NearSource& sent() {
    if (!sent_) sent_ = of_vectors(context_, {agent_, at_, asked_, call_});
    return *sent_;
  }

  // Nothing: the store did not compare.
  std::optional<Nearest> look(std::size_t most) {
    std::vector<NearStatement> near;
    NearestQuery query{.question = asked_.question.values(), .at = at_, .most = most};
    if (model_) query.among = model_->filed;
    said_ = store_.nearest(
        agent_, asked_.model, query,
        [&](const FiledVector& vector) {
          near.push_back({vector.seq, compare(vector)});
        },
        call_);
    if (!said_.why_not.empty()) return std::nullopt;
    if (!model_) model_ = said_.model;
    std::sort(near.begin(), near.end());
    Nearest found{std::move(near), -1'000'000, !said_.others_at_most};
    if (found.all) return found;
    // One that is no nearer than another may be has no place yet.
    found.others_at_most = most_cosine(*said_.others_at_most, asked_.model.dimensions);
    const auto settled =
        std::ranges::find_if(found.statements, [&](const auto& each) { return each.cosine <= found.others_at_most; });
    found.statements.erase(settled, found.statements.end());
    return found;
  }

  std::int32_t compare(const FiledVector& vector) {
    const auto cosine = search::cosine(asked_.question, decoded(vector, asked_.model));
    known_[vector.seq.value] = cosine;
    return cosine;
  }

  const Context& context_;
  const AgentId& agent_;
  Position at_;
  const AskedMeaning& asked_;
  const Call& call_;
  const Vectors& store_;
  std::optional<FiledModel> model_;  // at the first look
  std::size_t compared_ = 0;
  std::unordered_map<std::uint64_t, std::optional<std::int32_t>> known_;
  claimledger::Nearest said_;
  std::optional<Nearest> first_;
  std::unique_ptr<NearSource> sent_;
};

}  // namespace

std::unique_ptr<NearSource> NearSource::of_vectors(const Context& context, const NearRequest& request) {
  return std::make_unique<CachedVectors>(context, request);
}

std::unique_ptr<NearSource> NearSource::of(const Context& context, const NearRequest& request) {
  auto& cache = context.vectors;
  if (cache.wants(request.agent, request.asked.model)) return of_vectors(context, request);
  auto source = std::make_unique<ComparedByStore>(context, request);
  if (!source->why_not().empty()) return of_vectors(context, request);
  if (const auto* model = source->model()) cache.note_asked(request.agent, *model);
  return source;
}

}  // namespace claimledger::application
