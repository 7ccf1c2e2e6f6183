#include "rows.hpp"

#include <algorithm>

#include "errors.hpp"

namespace claimledger::sqlite {

namespace {

std::optional<std::uint8_t> number(const Run& row, int column, Position seq, const char* operation) {
  if (row.null(column)) return std::nullopt;
  const auto value = row.integer(column);
  if (value < 0 || value > 255) {
    corrupt(operation, "entry " + std::to_string(seq.value) + " has the unknown number " + std::to_string(value));
  }
  return static_cast<std::uint8_t>(value);
}

// Salt, body and text are there together or gone together, and gone only with a tombstone.
void read_content(StoredEntry& entry, const Run& row, const char* operation) {
  if (row.null(10)) {
    const auto here = "the content of entry " + std::to_string(entry.seq.value);
    if (!row.null(9) || !row.null(11)) corrupt(operation, here + " is gone in part");
    if (row.integer(15) != 0) entry.content_state = ContentState::erased;
    return;
  }
  const auto salt = row.blob(9);
  if (salt.size() != entry.content.salt.size()) {
    corrupt(operation, "entry " + std::to_string(entry.seq.value) + " has a salt of another length");
  }
  std::copy(salt.begin(), salt.end(), reinterpret_cast<char*>(entry.content.salt.data()));
  entry.content.body = row.blob(10);
  if (!row.null(11)) entry.content.search_text = row.text(11);
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
  const auto kind = number(row, 2, entry.seq, operation);
  if (!kind) corrupt(operation, "entry " + std::to_string(entry.seq.value) + " has no kind");
  entry.kind = *kind;
  entry.disposition = number(row, 3, entry.seq, operation);
  if (!row.null(4)) entry.claim = ClaimId{uuid_column(row, 4, operation)};
  entry.begins = row.integer(5) != 0;
  if (!row.null(6)) entry.handle = AdjudicationId{uuid_column(row, 6, operation)};
  entry.body = row.blob(7);
  entry.hash = digest_column(row, 8, operation);
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
  const auto clock = row.integer(5);
  if (clock < 0 || clock >= static_cast<std::int64_t>(spellings<ClockSource>().size())) {
    corrupt(operation, "the batch at " + std::to_string(batch.first.value) + " has an unknown clock");
  }
  batch.header = {.format = static_cast<std::uint32_t>(row.integer(7)),
                  .agent = agent,
                  .id = {uuid_column(row, 3, operation)},
                  .recorded_at = time_column(row, 4),
                  .clock = static_cast<ClockSource>(clock),
                  .actor = std::string(row.text(6)),
                  .entries = static_cast<std::uint32_t>(row.integer(2))};
  return batch;
}

}  // namespace claimledger::sqlite
