#include "support.hpp"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/ports/search_index.hpp"
#include "claimledger/ports/vectors.hpp"

namespace claimledger::sqlite::test {

namespace fs = std::filesystem;

int run_in_child(const std::function<int()>& work) {
  const auto child = fork();
  if (child == 0) {
    try {
      _exit(work());
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s\n", failure.what());
      _exit(99);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Folder::Folder() : path_((fs::temp_directory_path() / "claimledger-sqlite-XXXXXX").string()) {
  if (!mkdtemp(path_.data())) throw std::runtime_error("no temporary folder at " + path_);
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Raw::Raw(const std::string& path) {
  if (sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
    throw std::runtime_error("cannot open " + path);
  }
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

std::string Raw::try_run(const std::string& sql) {
  return sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? ""
                                                                                        : sqlite3_errmsg(connection_);
}

std::vector<std::string> Raw::rows(const std::string& sql) {
  std::vector<std::string> found;
  const auto take = [](void* rows, int columns, char** values, char**) {
    std::string row;
    for (int i = 0; i < columns; ++i) row += (i > 0 ? "|" : "") + std::string(values[i] ? values[i] : "NULL");
    static_cast<std::vector<std::string>*>(rows)->push_back(row);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(connection_, sql.c_str(), take, &found, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(connection_);
  return found;
}

std::string Raw::value(const std::string& sql) {
  const auto found = rows(sql);
  return found.empty() ? "" : found.front();
}

Uuid uuid(std::uint64_t number) {
  Uuid id{};
  for (int i = 0; i < 8; ++i) id.data[8 + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return id;
}

ClaimId claim_id(std::uint64_t number) { return {uuid(number)}; }
Digest digest(std::uint64_t number) { return sha256({std::to_string(number)}); }

StoredEntry with_content(StoredEntry entry, const std::string& body, const std::string& text) {
  entry.content_state = ContentState::present;
  entry.content.salt.fill(7);
  entry.content.body = body;
  entry.content.search_text = text;
  return entry;
}

StoredEntry with_terms(StoredEntry entry, const std::vector<std::string>& terms) {
  for (const auto& term : terms) entry.content.terms.push_back({term, 1});
  return entry;
}

StoredEntry with_vector(StoredEntry entry, Bytes vector) {
  entry.content.vector = std::move(vector);
  return entry;
}

Commit made_by(Commit commit, const EmbeddingModel& model) {
  commit.model = model;
  commit.every_vector = true;
  return commit;
}

std::vector<std::string> vectors(Store& store, const AgentId& agent, const EmbeddingModel& model) {
  std::vector<std::string> all;
  store.vectors()->read_vectors(
      agent, model, 0, 1'000'000,
      [&](const FiledVector& each) {
        all.push_back(std::to_string(each.number) + ' ' + std::to_string(each.seq.value) + ' ' +
                      std::string(each.vector));
      },
      unlimited);
  return all;
}

std::string standing(Store& store, const AgentId& agent, const EmbeddingModel& model) {
  const auto filed = store.vectors()->read_vectors(
      agent, model, 0, 0, [](const FiledVector&) {}, unlimited);
  if (!filed) return "none";
  return "up to " + std::to_string(filed->up_to.value) + ", " + std::to_string(filed->filed) + " filed, " +
         std::to_string(filed->erased) + " erased";
}

std::vector<Position> found(Store& store, const AgentId& agent, const std::string& recipe, const std::string& term) {
  std::vector<Position> entries;
  const std::vector<TermQuery> queries = {{TermQuery::Kind::term, term}};
  const auto index = store.search_index()->postings(
      agent, recipe, queries, {}, anywhere, [&](const Posting& posting) { entries.push_back(posting.seq); }, unlimited);
  EXPECT_EQ(index.recipe, recipe);
  return entries;
}

StoredEntry claim_entry(std::uint64_t number, LineKey line) {
  StoredEntry entry;
  entry.kind = kind_number<ClaimRecorded>;
  entry.disposition = disposition_number(Disposition::committed_cheap);
  entry.body = "claim " + std::to_string(number);
  entry.line = std::move(line);
  entry.claim = claim_id(number);
  entry.begins = true;
  return with_content(std::move(entry), "content of " + std::to_string(number), "diary");
}

StoredEntry tombstone(Position erases) {
  StoredEntry entry;
  entry.kind = kind_number<Tombstone>;
  entry.body = "tombstone";
  entry.erases = erases;
  return entry;
}

std::vector<StoredEntry> one_of_each(std::uint64_t number) {
  auto parent = claim_entry(number);
  parent.idempotency_key = digest(number);
  auto child = claim_entry(number + 1, {"alice", "mood"});
  child.derived_from = {claim_id(number)};
  StoredEntry served;
  served.kind = kind_number<Served>;
  served.body = "served";
  served.served = {claim_id(number)};
  StoredEntry question;
  question.kind = kind_number<AdjudicationOpened>;
  question.body = "question";
  question.line = parent.line;
  question.claim = parent.claim;
  question.handle = AdjudicationId{uuid(number)};
  return {std::move(parent), std::move(child), with_content(std::move(served), "chat", "chat"), std::move(question)};
}

Commit commit_after(const Head& head, const AgentId& agent, std::vector<StoredEntry> entries) {
  Commit commit;
  commit.after = head;
  commit.header.agent = agent;
  commit.header.id = {uuid(1'000'000'000 + head.position.value * 1000 + entries.size())};
  commit.header.recorded_at = {
      Instant{std::chrono::seconds{1'000'000 + static_cast<std::int64_t>(head.position.value)}}};
  commit.header.actor = "test";
  commit.header.entries = static_cast<std::uint32_t>(entries.size());
  auto seq = head.position;
  for (auto& entry : entries) {
    entry.seq = {++seq.value};
    entry.recorded_at = commit.header.recorded_at;
    entry.hash = sha256({agent.value, std::to_string(seq.value), entry.body});
  }
  commit.entries = std::move(entries);
  return commit;
}

Head head_of(const Commit& commit) {
  return {commit.entries.back().seq, commit.header.recorded_at, commit.entries.back().hash};
}

Outcome append(Store& store, const Commit& commit, const Call& call) {
  auto outcome = store.append(std::span(&commit, 1), call).at(0);
  if (outcome.outcome == AppendOutcome::failed) throw StoreFailure(outcome.failure, "append", outcome.detail);
  return outcome;
}

Commit write(Store& store, const AgentId& agent, std::vector<StoredEntry> entries) {
  auto commit = commit_after(store.head(agent, unlimited), agent, std::move(entries));
  const auto outcome = append(store, commit);
  EXPECT_EQ(outcome.outcome, AppendOutcome::done) << outcome.detail;
  return commit;
}

std::string describe(const Store& store, const std::string& name) {
  for (const auto& [key, value] : store.describe(unlimited)) {
    if (key == name) return value;
  }
  return "(not described)";
}

bool log_holds_anything(const std::string& path) {
  const auto bytes = bytes_of(path + "-wal");
  return bytes.substr(0, 32).find_first_not_of('\0') != std::string::npos;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace claimledger::sqlite::test
