#include "rows.hpp"

#include <algorithm>

#include "errors.hpp"

namespace claimledger::postgres {

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
void read_content(StoredEntry& entry, const Rows& row, int column, const char* operation) {
  if (row.null(column + 8)) return;
  const auto here = "the content of entry " + std::to_string(entry.seq.value);
  if (row.null(column + 10)) {
    if (!row.null(column + 9) || !row.null(column + 11)) corrupt(operation, here + " is gone in part");
    if (!row.flag(column + 15)) corrupt(operation, here + " is gone without a tombstone");
    entry.content_state = ContentState::erased;
    return;
  }
  const auto salt = row.bytes(column + 9);
  if (salt.size() != entry.content.salt.size()) corrupt(operation, here + " has a salt of another length");
  std::copy(salt.begin(), salt.end(), reinterpret_cast<char*>(entry.content.salt.data()));
  entry.content.body = row.bytes(column + 10);
  if (!row.null(column + 11)) entry.content.lookup = row.text(column + 11);
  entry.content_state = ContentState::present;
}

}  // namespace

Uuid uuid_column(const Rows& row, int column, const char* operation) {
  const auto id = parse_uuid(row.text(column));
  if (!id) corrupt(operation, "an id that is none");
  return *id;
}

Digest digest_column(const Rows& row, int column, const char* operation) {
  const auto bytes = row.bytes(column);
  Digest digest;
  if (bytes.size() != digest.bytes.size()) corrupt(operation, "a digest of " + std::to_string(bytes.size()) + " bytes");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(digest.bytes.data()));
  return digest;
}

std::size_t place_column(const Rows& row, int column, std::size_t places, const char* operation) {
  const auto place = static_cast<std::uint64_t>(row.integer(column)) - 1;
  if (place >= places) corrupt(operation, "an answer to what was not asked");
  return static_cast<std::size_t>(place);
}

Position position_column(const Rows& row, int column) { return {static_cast<std::uint64_t>(row.integer(column))}; }

TxTime time_column(const Rows& row, int column) { return {Instant{std::chrono::microseconds{row.integer(column)}}}; }

StoredEntry entry_row(const Rows& row, int column, const char* operation, const LineKey* line) {
  StoredEntry entry;
  entry.seq = position_column(row, column);
  entry.recorded_at = time_column(row, column + 1);
  entry.kind = known(row.text(column + 2), entry_kinds(), entry.seq, operation);
  if (!row.null(column + 3)) {
    entry.disposition = known(row.text(column + 3), spellings<Disposition>(), entry.seq, operation);
  }
  if (!row.null(column + 4)) entry.claim = ClaimId{uuid_column(row, column + 4, operation)};
  if (!row.null(column + 5)) entry.handle = AdjudicationId{uuid_column(row, column + 5, operation)};
  entry.body = row.bytes(column + 6);
  entry.hash = digest_column(row, column + 7, operation);
  read_content(entry, row, column, operation);
  if (line) {
    entry.line = *line;
  } else if (!row.null(column + 12)) {
    if (row.null(column + 13)) {
      corrupt(operation, "the line of entry " + std::to_string(entry.seq.value) + " has no name");
    }
    entry.line = LineKey{std::string(row.text(column + 13)), std::string(row.text(column + 14))};
  }
  return entry;
}

StoredBatch batch_row(const Rows& row, const char* operation, const AgentId& agent) {
  StoredBatch batch;
  batch.first = position_column(row, 0);
  const auto last = position_column(row, 1);
  const auto here = "the batch at " + std::to_string(batch.first.value);
  if (last < batch.first) corrupt(operation, here + " ends before it begins");
  const auto clock = parse<ClockSource>(row.text(4));
  if (!clock) corrupt(operation, here + " has an unknown clock");
  batch.header = {.format = static_cast<std::uint32_t>(row.integer(6)),
                  .agent = agent,
                  .id = {uuid_column(row, 2, operation)},
                  .recorded_at = time_column(row, 3),
                  .clock = *clock,
                  .actor = std::string(row.text(5)),
                  .entries = static_cast<std::uint32_t>(last.value - batch.first.value + 1)};
  return batch;
}

}  // namespace claimledger::postgres
