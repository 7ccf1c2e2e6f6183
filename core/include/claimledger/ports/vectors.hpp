#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/embedding_model.hpp"
#include "claimledger/failure.hpp"
#include "claimledger/ports/store.hpp"

// Where the vectors of statements are kept: a part of the persistence port that a store may leave out.
//
// A vector belongs to an entry and to a model. A store keeps its bytes as core made them. An entry has at most one
// vector of a model, the first that was filed, and none once its content is erased.
//
// A model is noted with the first vector of it that is filed in a batch, or by file_vectors(). A store files vectors in
// the transaction of the ledger with the batch that brings them (Commit::model), and later by file_vectors(). Vectors
// of a model are numbered in the order in which they are filed, so that whoever has read some reads those that were
// filed since.
namespace claimledger {

// A model of which a ledger has, or had, vectors.
struct FiledModel {
  EmbeddingModel model;
  // Each statement up to here has a vector of it, or its content is erased. Behind it some may have one.
  Position up_to;
  std::uint64_t filed = 0;   // the number of the last vector: how many were filed so far
  std::uint64_t erased = 0;  // how many of them are gone
  friend bool operator==(const FiledModel&, const FiledModel&) = default;
};

struct FiledVector {
  std::uint64_t number;     // from 1; of those of its model in this ledger
  Position seq;             // of the entry
  std::string_view vector;  // good during the visit
};

// A vector to file.
struct NewVector {
  Position seq;
  Bytes vector;
};

// What a question is compared with.
struct NearestQuery {
  std::span<const float> question;          // of length 1, and of the model's dimensions
  Position at;                              // the vectors of entries up to it
  std::optional<std::uint64_t> among = {};  // only of those with numbers up to this one; absent: of all
  std::size_t most = 1;
};

// What a store found that compared vectors itself.
struct Nearest {
  std::string why_not = {};              // for people: why it did not; empty: it did, and the rest counts
  std::optional<FiledModel> model = {};  // how it stands; absent: the ledger never had one of it
  std::uint64_t compared = 0;            // all vectors up to the position
  // The dot product of the question with any vector that was not visited is at most this, computed without any error;
  // absent: all were visited.
  std::optional<double> others_at_most = {};
};

// Whether and how a store compares the vectors of a model, for people.
struct Comparing {
  bool in_store = false;
  std::string detail;  // by what it does, or why not and what would change that
  friend bool operator==(const Comparing&, const Comparing&) = default;
};

// Threads and failure: as those of Store.
class Vectors {
 public:
  virtual ~Vectors() = default;

  // In the order in which they came.
  virtual std::vector<FiledModel> models(const AgentId& agent, const Call& call) const = 0;

  // Visits vectors of a model with numbers above `after` in their order, at most `limit` of them, and says how the
  // model stands, all in one look. Absent: the ledger never had one of it.
  virtual std::optional<FiledModel> read_vectors(const AgentId& agent, const EmbeddingModel& model, std::uint64_t after,
                                                 std::size_t limit,
                                                 const std::function<void(const FiledVector&)>& visit,
                                                 const Call& call) const = 0;

  // The entries of these kinds from `from` to `to` that have content and no vector of the model, by position.
  virtual std::vector<Position> without_vector(const AgentId& agent, const EmbeddingModel& model,
                                               std::span<const std::uint8_t> kinds, Position from, Position to,
                                               std::size_t limit, const Call& call) const = 0;

  // Files vectors, but for contents that are erased by now and entries that have one. Then each statement up to
  // `up_to` has one, unless the model reaches further already: the caller vouches for those after `before`. One
  // transaction. False: the model does not reach up to `before`, or the ledger not up to `up_to`, and
  // nothing was done.
  virtual bool file_vectors(const AgentId& agent, const EmbeddingModel& model, Position before, Position up_to,
                            std::span<const NewVector> vectors, const Call& call) = 0;

  // A store that can tell which vectors are near spares core the reading of all. How near it finds them decides
  // nothing: core compares those that it is given again, from their bytes, and the order and a count are its own. The
  // defaults are those of a store that cannot.

  // Visits those nearest to a question, at least `most` of them where there are so many, in any order.
  virtual Nearest nearest(const AgentId&, const EmbeddingModel&, const NearestQuery&,
                          const std::function<void(const FiledVector&)>&, const Call&) const {
    return {.why_not = "this store compares no vectors"};
  }

  // Visits the vectors that these entries have, with numbers up to `among`, in any order. Only of a store that
  // compares.
  virtual void read_vectors_of(const AgentId&, const EmbeddingModel&, std::uint64_t /*among*/,
                               std::span<const Position> /*entries*/, const std::function<void(const FiledVector&)>&,
                               const Call&) const {
    throw StoreFailure(FailureKind::unsupported, "read_vectors_of", "this store compares no vectors");
  }

  // Makes some vectors of a model ready to be compared by the store that are not, with numbers above `after`, and gives
  // the number from which to go on; absent: there are no more, or it does not compare them.
  virtual std::optional<std::uint64_t> extend_nearest(const AgentId&, const EmbeddingModel&, std::uint64_t /*after*/,
                                                      const Call&) {
    return std::nullopt;
  }

  // Absent: it never compares any.
  virtual std::optional<Comparing> comparing(const AgentId&, const EmbeddingModel&, const Call&) const {
    return std::nullopt;
  }

  // Takes away all vectors of a model. It reaches nowhere then, and its numbers go on.
  virtual void drop_vectors(const AgentId& agent, const EmbeddingModel& model, const Call& call) = 0;
};

}  // namespace claimledger
