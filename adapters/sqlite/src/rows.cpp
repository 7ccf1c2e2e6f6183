#include "rows.hpp"

#include <algorithm>

#include "errors.hpp"

namespace claimledger::sqlite {

namespace {

std::string_view known(std::string_view text, std::span<const std::string_view> spellings, Position seq,
                       const char* operation) {
  const auto found = std::find(spellings.begin(), spellings.end(), text);
  if (found == spellings.end()) {
    corrupt(operation, "entry " + std::to_string(seq.value) + " has the unknown text '" + std::string(text) + "'");
  }
  return *found;
}

// Salt, body and lookup are there together or gone together, and gone only with a tombstone.
void read_content(StoredEntry& entry, const Run& row, const char* operation) {
  if (row.null(8)) return;
  const auto here = "the content of entry " + std::to_string(entry.seq.value);
  if (row.null(10)) {
    if (!row.null(9) || !row.null(11)) corrupt(operation, here + " is gone in part");
    if (row.integer(15) == 0) corrupt(operation, here + " is gone without a tombstone");
    entry.content_state = ContentState::erased;
    return;
  }
  const auto salt = row.blob(9);
  if (salt.size() != entry.content.salt.size()) corrupt(operation, here + " has a salt of another length");
  std::copy(salt.begin(), salt.end(), reinterpret_cast<char*>(entry.content.salt.data()));
  entry.content.body = row.blob(10);
  if (!row.null(11)) entry.content.lookup = row.text(11);
  entry.content_state = ContentState::present;
}

}  // namespace

Uuid uuid_column(const Run& row, int column, const char* operation) {
  const auto bytes = row.blob(column);
  Uuid id{};
  if (bytes.size() != sizeof id.data) corrupt(operation, "an id of " + std::to_string(bytes.size()) + " bytes");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(id.data));
  return id;
}

Digest digest_column(const Run& row, int column, const char* operation) {
  const auto bytes = row.blob(column);
  Digest digest;
  if (bytes.size() != digest.bytes.size()) corrupt(operation, "a digest of " + std::to_string(bytes.size()) + " bytes");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.bytes.data()));
  return digest;
}

Position position_column(const Run& row, int column) { return {static_cast<std::uint64_t>(row.integer(column))}; }

TxTime time_column(const Run& row, int column) { return {Instant{std::chrono::microseconds{row.integer(column)}}}; }

StoredEntry entry_row(const Run& row, const char* operation, const LineKey* line) {
  StoredEntry entry;
  entry.seq = position_column(row, 0);
  entry.recorded_at = time_column(row, 1);
  entry.kind = known(row.text(2), entry_kinds(), entry.seq, operation);
  if (!row.null(3)) entry.disposition = known(row.text(3), spellings<Disposition>(), entry.seq, operation);
  if (!row.null(4)) entry.claim = ClaimId{uuid_column(row, 4, operation)};
  if (!row.null(5)) entry.handle = AdjudicationId{uuid_column(row, 5, operation)};
  entry.body = row.blob(6);
  entry.hash = digest_column(row, 7, operation);
  read_content(entry, row, operation);
  if (line) {
    entry.line = *line;
  } else if (!row.null(12)) {
    if (row.null(13)) corrupt(operation, "the line of entry " + std::to_string(entry.seq.value) + " has no name");
    entry.line = LineKey{std::string(row.text(13)), std::string(row.text(14))};
  }
  return entry;
}

StoredBatch batch_row(const Run& row, const char* operation, const AgentId& agent) {
  StoredBatch batch;
  batch.first = position_column(row, 0);
  const auto last = position_column(row, 1);
  if (last < batch.first)
    corrupt(operation, "the batch at " + std::to_string(batch.first.value) + " ends before it begins");
  const auto clock = parse<ClockSource>(row.text(4));
  if (!clock) corrupt(operation, "the batch at " + std::to_string(batch.first.value) + " has an unknown clock");
  batch.header = {.format = static_cast<std::uint32_t>(row.integer(6)),
                  .agent = agent,
                  .id = {uuid_column(row, 2, operation)},
                  .recorded_at = time_column(row, 3),
                  .clock = *clock,
                  .actor = std::string(row.text(5)),
                  .entries = static_cast<std::uint32_t>(last.value - batch.first.value + 1)};
  return batch;
}

}  // namespace claimledger::sqlite
