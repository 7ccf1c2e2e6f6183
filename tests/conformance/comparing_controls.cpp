#include <algorithm>
#include <bit>
#include <optional>
#include <span>

#include "controls.hpp"

// Stores that compare vectors and do one thing wrong with that, around one that compares them as it should.
namespace claimledger::conformance {

namespace {

using Visit = std::function<void(const FiledVector&)>;

struct Kept {
  std::uint64_t number;
  Position seq;
  Bytes vector;
  double product;
};

// With a question, whose numbers are stored least byte first.
double product(std::string_view vector, std::span<const float> question) {
  double sum = 0;
  for (std::size_t i = 0; i < question.size(); ++i) {
    std::uint32_t bits = 0;
    for (unsigned byte = 0; byte < 4; ++byte)
      bits |= std::uint32_t{static_cast<unsigned char>(vector.at(4 * i + byte))} << (8 * byte);
    sum += double{std::bit_cast<float>(bits)} * double{question[i]};
  }
  return sum;
}

// Compares all, one after the other.
class ComparingStore : public ForwardingVectors {
 public:
  using ForwardingVectors::ForwardingVectors;

  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    Nearest found;
    std::vector<Kept> kept;
    const auto compare = [&](const FiledVector& each) {
      if (each.seq > query.at) return;
      ++found.compared;
      if (each.number <= query.among.value_or(each.number))
        kept.push_back({each.number, each.seq, Bytes(each.vector), product(each.vector, query.question)});
    };
    found.model = behind().read_vectors(agent, model, 0, all, compare, call);
    std::ranges::sort(kept, std::greater(), &Kept::product);
    const auto sent = std::min(query.most, kept.size());
    for (const auto& each : std::span(kept).first(sent)) visit({each.number, each.seq, each.vector});
    if (sent < kept.size()) found.others_at_most = kept[sent].product + 1e-12;  // what a sum of doubles is off at most
    return found;
  }
  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                       std::span<const Position> entries, const Visit& visit, const Call& call) const override {
    const auto pick = [&](const FiledVector& each) {
      if (each.number <= among && std::ranges::find(entries, each.seq) != entries.end()) visit(each);
    };
    behind().read_vectors(agent, model, 0, all, pick, call);
  }
  // Has nothing to make ready, and goes through them thirty-two at a time.
  std::optional<std::uint64_t> extend_nearest(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                              const Call& call) override {
    const auto filed = behind().read_vectors(agent, model, 0, 0, {}, call);
    return filed && after + 32 < filed->filed ? std::optional(after + 32) : std::nullopt;
  }
  std::optional<Comparing> comparing(const AgentId&, const EmbeddingModel&, const Call&) const override {
    return Comparing{.in_store = true, .detail = "one after the other"};
  }

 private:
  static constexpr std::size_t all = 1'000'000;
};

// The base of those that do one thing wrong: hands on what ForwardingVectors keeps to itself.
struct ForwardingComparing : ForwardingVectors {
  using ForwardingVectors::ForwardingVectors;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    return behind().nearest(agent, model, query, visit, call);
  }
  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                       std::span<const Position> entries, const Visit& visit, const Call& call) const override {
    behind().read_vectors_of(agent, model, among, entries, visit, call);
  }
  std::optional<std::uint64_t> extend_nearest(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                              const Call& call) override {
    return behind().extend_nearest(agent, model, after, call);
  }
  std::optional<Comparing> comparing(const AgentId& agent, const EmbeddingModel& model,
                                     const Call& call) const override {
    return behind().comparing(agent, model, call);
  }
};

// Ways to send the n-th vector, from 1.
using Send = void(std::size_t nth, const FiledVector& each, const Visit& visit);

void all_but_the_first(std::size_t nth, const FiledVector& each, const Visit& visit) {
  if (nth > 1) visit(each);
}

void the_first_twice(std::size_t nth, const FiledVector& each, const Visit& visit) {
  visit(each);
  if (nth == 1) visit(each);
}

void other_bytes(std::size_t, const FiledVector& each, const Visit& visit) {
  Bytes bytes(each.vector);
  bytes.back() ^= 1;
  visit({each.number, each.seq, bytes});
}

void numbered_anew(std::size_t nth, const FiledVector& each, const Visit& visit) {
  visit({nth, each.seq, each.vector});
}

Visit sent_by(Send* send, const Visit& visit) {
  return [send, &visit, nth = std::size_t{0}](const FiledVector& each) mutable { send(++nth, each, visit); };
}

template <Send* send>
struct SendsNearest : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    return behind().nearest(agent, model, query, sent_by(send, visit), call);
  }
};

template <Send* send>
struct SendsRead : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                       std::span<const Position> entries, const Visit& visit, const Call& call) const override {
    behind().read_vectors_of(agent, model, among, entries, sent_by(send, visit), call);
  }
};

// Ways to spoil what is said of all.
void bound_too_low(Nearest& found) {
  if (found.others_at_most) *found.others_at_most -= 1e-6;
}
void all_were_sent(Nearest& found) { found.others_at_most.reset(); }
void none_was_erased(Nearest& found) {
  if (found.model) found.model->erased = 0;
}

template <void (*spoil)(Nearest&)>
struct SaysOfNearest : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    auto found = behind().nearest(agent, model, query, visit, call);
    spoil(found);
    return found;
  }
};

struct ComparesAmongSome : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    auto found = behind().nearest(agent, model, query, visit, call);
    if (query.among) found.compared = std::min(found.compared, *query.among);
    return found;
  }
};

// Counts what it compared up to the position, and sends the nearest of all.
struct SendsPastAt : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    auto of_all = query;
    of_all.at = {1'000'000};
    behind().nearest(agent, model, of_all, visit, call);
    return behind().nearest(
        agent, model, query, [](const FiledVector&) {}, call);
  }
};

struct SendsPastAmong : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    auto of_all = query;
    of_all.among.reset();
    return behind().nearest(agent, model, of_all, visit, call);
  }
};

// As many as fit into a page.
struct SendsFive : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  Nearest nearest(const AgentId& agent, const EmbeddingModel& model, const NearestQuery& query, const Visit& visit,
                  const Call& call) const override {
    auto of_five = query;
    of_five.most = std::min<std::size_t>(query.most, 5);
    return behind().nearest(agent, model, of_five, visit, call);
  }
};

struct MakesReadyForEver : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  std::optional<std::uint64_t> extend_nearest(const AgentId&, const EmbeddingModel&, std::uint64_t after,
                                              const Call&) override {
    return after + 1;
  }
};

struct GoesBackToTheFirst : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  std::optional<std::uint64_t> extend_nearest(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                              const Call& call) override {
    return after == 0 ? behind().extend_nearest(agent, model, after, call) : std::optional<std::uint64_t>(0);
  }
};

struct ReadsPastAmong : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t,
                       std::span<const Position> entries, const Visit& visit, const Call& call) const override {
    behind().read_vectors_of(agent, model, 1'000'000, entries, visit, call);
  }
};

struct ReadsAllForNone : ForwardingComparing {
  using ForwardingComparing::ForwardingComparing;
  void read_vectors_of(const AgentId& agent, const EmbeddingModel& model, std::uint64_t among,
                       std::span<const Position> entries, const Visit& visit, const Call& call) const override {
    if (!entries.empty()) return behind().read_vectors_of(agent, model, among, entries, visit, call);
    behind().read_vectors(agent, model, 0, 1'000'000, visit, call);
  }
};

}  // namespace

std::unique_ptr<Store> comparing_store(std::shared_ptr<Store> inner) {
  return std::make_unique<ComparingStore>(std::move(inner));
}

std::vector<Control> comparing_controls() {
  const auto over = "memory_comparing";
  return {
      broken<SendsNearest<all_but_the_first>>("misses_nearest", over, "the nearest is not sent", "V28"),
      broken<SendsFive>("sends_five", over, "no more than five are sent", "V28"),
      broken<SendsNearest<the_first_twice>>("sends_twice", over, "the nearest is sent twice", "V28"),
      broken<SendsNearest<other_bytes>>("sends_other_bytes", over, "what is sent differs in one bit", "V28"),
      broken<SendsPastAt>("sends_past_at", over, "vectors past the position are sent", "V28"),
      broken<SendsPastAmong>("sends_past_among", over, "vectors with later numbers are sent", "V28"),
      broken<SaysOfNearest<bound_too_low>>("bounds_too_low", over, "the bound on the others is a millionth too low",
                                           "V28"),
      broken<SaysOfNearest<all_were_sent>>("says_all_sent", over, "some are sent and said to be all", "V28"),
      broken<ComparesAmongSome>("counts_among", over, "only those with earlier numbers are counted", "V28"),
      broken<SaysOfNearest<none_was_erased>>("counts_no_erased", over,
                                             "what was erased is not counted where vectors are compared", "V28"),
      broken<MakesReadyForEver>("ready_for_ever", over, "making vectors ready never ends", "V28"),
      broken<GoesBackToTheFirst>("goes_back", over, "making vectors ready begins again with the first", "V28"),
      broken<SendsRead<all_but_the_first>>("reads_but_one", over,
                                           "the first of the vectors of some entries is left out", "V29"),
      broken<SendsRead<other_bytes>>("reads_other_bytes", over, "what is read by entry differs in one bit", "V29"),
      broken<SendsRead<numbered_anew>>("numbers_anew", over, "what is read by entry is numbered anew", "V29"),
      broken<ReadsPastAmong>("reads_past_among", over, "vectors with later numbers are read by entry", "V29"),
      broken<ReadsAllForNone>("reads_all_for_none", over, "where no entry is named all are read", "V29"),
      broken<SendsNearest<all_but_the_first>>("finds_no_nearest", over,
                                              "the nearest is not sent, seen through a search", "H11"),
  };
}

}  // namespace claimledger::conformance
