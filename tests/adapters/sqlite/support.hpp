#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/sqlite/sqlite_store.hpp"

// Shared by the tests of the SQLite store: a folder, a plain connection, and batches.
namespace claimledger::sqlite::test {

inline const AgentId alice{"alice"};
inline const AgentId bob{"bob"};
inline const Call unlimited{};
inline constexpr Position anywhere{1'000'000'000};

// Gone with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs in a child of this process, whose exit code is the answer; 99: it threw.
int run_in_child(const std::function<int()>& work);

// A connection that knows nothing of ledgers; it leaves the write-ahead log alone when it closes.
class Raw {
 public:
  explicit Raw(const std::string& path);
  ~Raw() { sqlite3_close_v2(connection_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  // The error message, or nothing.
  std::string try_run(const std::string& sql);
  void run(const std::string& sql) { ASSERT_EQ(try_run(sql), "") << sql; }
  // Rows, their columns joined by '|'.
  std::vector<std::string> rows(const std::string& sql);
  std::string value(const std::string& sql);

 private:
  sqlite3* connection_ = nullptr;
};

Uuid uuid(std::uint64_t number);
ClaimId claim_id(std::uint64_t number);
Digest digest(std::uint64_t number);

StoredEntry claim_entry(std::uint64_t number, LineKey line = {"alice", "likes"});
StoredEntry with_content(StoredEntry entry, const std::string& body, const std::string& text = {});
StoredEntry with_terms(StoredEntry entry, const std::vector<std::string>& terms);  // each once, in their order
StoredEntry with_vector(StoredEntry entry, Bytes vector);
StoredEntry tombstone(Position erases);

// A batch with everything that has a table: a claim with content and key, one derived from it, a serving, a question.
std::vector<StoredEntry> one_of_each(std::uint64_t number);

// The commit that puts these entries after the head; ids are made from the position.
Commit commit_after(const Head& head, const AgentId& agent, std::vector<StoredEntry> entries);
Head head_of(const Commit& commit);
// Appends after the store's head; it has to land.
Commit write(Store& store, const AgentId& agent, std::vector<StoredEntry> entries);
// The entries that have the term, by the index of the agent; they have to be of this recipe.
std::vector<Position> found(Store& store, const AgentId& agent, const std::string& recipe, const std::string& term);
// The commit with its vectors made by a model, one of each statement.
Commit made_by(Commit commit, const EmbeddingModel& model);
// The vectors of a model as "number seq bytes", in their order.
std::vector<std::string> vectors(Store& store, const AgentId& agent, const EmbeddingModel& model);
// "up to 3, 4 filed, 1 erased", or "none".
std::string standing(Store& store, const AgentId& agent, const EmbeddingModel& model);
// Throws what the commit failed with.
Outcome append(Store& store, const Commit& commit, const Call& call = {});

inline std::vector<AgentId> names_of(const std::vector<AgentHead>& heads) {
  std::vector<AgentId> names;
  for (const auto& each : heads) names.push_back(each.agent);
  return names;
}

std::string describe(const Store& store, const std::string& name);
// Whether the log beside a database begins with a header.
bool log_holds_anything(const std::string& path);
std::string bytes_of(const std::string& path);

// The failure that a call throws.
template <class Work>
StoreFailure failure_of(Work work) {
  try {
    work();
  } catch (const StoreFailure& failure) {
    return failure;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {FailureKind::refused, "", ""};
}

}  // namespace claimledger::sqlite::test
