#include "application/vector_cache.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "application/decoded_vector.hpp"
#include "search/dot_kernels.hpp"
#include "search/unit_vector.hpp"

namespace claimledger::application {

namespace {

using search::UnitVector;
using search::VectorMatrix;

constexpr std::size_t bytes_at_once = std::size_t{4} << 20;  // that a store is asked for

// That the matrix has of many, with rows that are filled up.
std::size_t bytes_of_row(std::uint32_t dimensions) {
  const auto filled_up = [](std::size_t width, std::size_t to) { return (width + to - 1) / to * to; };
  return sizeof(float) * filled_up(dimensions, search::float_lanes) + filled_up(dimensions, search::byte_lanes) +
         sizeof(Position) + sizeof(search::ByteRow);
}

// Vectors that were filed behind `after`, by position, and how the model stands in the last look.
struct Filed {
  std::optional<FiledModel> model;
  std::map<Position, UnitVector> vectors;
};

Filed read_behind(const Vectors& store, const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                  const Call& call) {
  const auto most = std::max<std::size_t>(bytes_at_once / (sizeof(float) * model.dimensions), 1);
  Filed filed;
  std::uint64_t erased = 0;
  for (bool first = true;; first = false) {
    std::size_t visited = 0;
    filed.model = store.read_vectors(
        agent, model, after, most,
        [&](const FiledVector& vector) {
          filed.vectors.insert_or_assign(vector.seq, decoded(vector, model));
          after = vector.number;
          ++visited;
        },
        call);
    if (!filed.model) return filed;
    // Between two looks some were taken away, perhaps of those that were read.
    if (!first && filed.model->erased != erased) return read_behind(store, agent, model, 0, call);
    erased = filed.model->erased;
    if (visited < most) return filed;
  }
}

// Somebody may have deleted rows by hand: what they are of is not to be called absent.
void require_all(std::size_t read, const FiledModel& filed) {
  const auto there = filed.filed - filed.erased;
  if (read == there) return;
  throw StoreFailure(FailureKind::corrupt, "read_vectors",
                     "of " + std::to_string(there) + " vectors by the model " + filed.model.name + " " +
                         std::to_string(read) + " are there; `claimledger embed --anew` makes those of the model anew");
}

using Matrix = std::unique_ptr<VectorMatrix>;

// The rows of both by position; the first grows where all others go behind its end.
Matrix merged(Matrix before, std::uint32_t dimensions, const std::map<Position, UnitVector>& vectors) {
  if (!before) before = std::make_unique<VectorMatrix>(dimensions);
  const auto rows = before->rows();
  const bool at_the_end = rows == 0 || vectors.empty() || before->position(rows - 1) < vectors.begin()->first;
  if (at_the_end) {
    for (const auto& [position, vector] : vectors) before->append(position, vector);
    return before;
  }
  auto both = std::make_unique<VectorMatrix>(dimensions);
  auto next = vectors.begin();
  for (std::size_t row = 0; row < rows; ++row) {
    for (; next != vectors.end() && next->first < before->position(row); ++next)
      both->append(next->first, next->second);
    both->append(*before, row);
  }
  for (; next != vectors.end(); ++next) both->append(next->first, next->second);
  return both;
}

// Whether the vectors that were read are all that there are.
bool has_all(const FiledModel& read, const FiledModel& now) {
  return read.filed == now.filed && read.erased == now.erased;
}

}  // namespace

// What was asked about longest ago is forgotten, and the store asked once more.
void VectorCache::note_asked(const AgentId& agent, const FiledModel& filed) {
  constexpr std::size_t most_remembered = 1'024;
  const std::scoped_lock lock(mutex_);
  std::erase_if(asked_, [&](const auto& each) { return each.agent == agent && each.model == filed.model; });
  if (asked_.size() == most_remembered) asked_.pop_back();
  const auto bytes = (filed.filed - filed.erased) * bytes_of_row(filed.model.dimensions);
  asked_.push_front({agent, filed.model, bytes <= most_bytes_});
}

bool VectorCache::wants(const AgentId& agent, const EmbeddingModel& model) const {
  const std::scoped_lock lock(mutex_);
  const auto is_it = [&](const auto& each) { return each.agent == agent && each.model == model; };
  const auto has = [&](const auto& each) { return is_it(*each) && each->bytes > 0; };
  return std::ranges::any_of(kept_, has) ||
         std::ranges::any_of(asked_, [&](const auto& each) { return is_it(each) && each.fits; });
}

std::shared_ptr<VectorCache::Kept> VectorCache::kept(const AgentId& agent, const EmbeddingModel& model) {
  const std::scoped_lock lock(mutex_);
  const auto found =
      std::ranges::find_if(kept_, [&](const auto& each) { return each->agent == agent && each->model == model; });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
  } else {
    kept_.push_front(std::make_shared<Kept>(agent, model));
  }
  return kept_.front();
}

// What was used longest ago goes first, and lives on with whoever is looking through it. What is larger than all room
// goes, too, once it was used.
void VectorCache::make_room(Kept& used) {
  const std::scoped_lock lock(mutex_);
  used.bytes = used.matrix->bytes();
  std::size_t sum = 0;
  std::erase_if(kept_, [&](const auto& each) { return (sum += each->bytes) > most_bytes_; });
}

// Where anything fails, all are read again the next time.
bool VectorCache::bring_up_to_date(Kept& place, const Vectors& store, const Call& call) {
  auto matrix = std::exchange(place.matrix, nullptr);
  const auto before = std::exchange(place.read, {});
  auto filed = read_behind(store, place.agent, place.model, before.filed, call);
  if (matrix && (!filed.model || filed.model->erased != before.erased)) {
    matrix.reset();
    filed = read_behind(store, place.agent, place.model, 0, call);
  }
  if (!filed.model) return false;
  require_all((matrix ? matrix->rows() : 0) + filed.vectors.size(), *filed.model);
  place.matrix = merged(std::move(matrix), place.model.dimensions, filed.vectors);
  place.read = *filed.model;
  make_room(place);
  return true;
}

std::optional<VectorCache::InUse> VectorCache::use(const Vectors& store, const AgentId& agent,
                                                   const EmbeddingModel& model, const Call& call) {
  const auto place = kept(agent, model);
  for (bool is_up_to_date = false;; is_up_to_date = true) {
    {
      std::shared_lock lock(place->mutex);
      if (place->matrix) {
        // What was filed since it was read a moment ago need not be there.
        const auto now = is_up_to_date ? place->read
                                       : store.read_vectors(
                                             agent, model, 0, 0, [](const FiledVector&) {}, call);
        if (now && has_all(place->read, *now)) return InUse(place, std::move(lock));
      }
    }
    const std::unique_lock lock(place->mutex);
    if (!bring_up_to_date(*place, store, call)) return std::nullopt;
  }
}

}  // namespace claimledger::application
