#include "rows.hpp"

#include <algorithm>

#include "claimledger/domain/entry_number.hpp"
#include "errors.hpp"

namespace claimledger::postgres {

namespace {

// Salt and body are there together or gone together, and gone with a tombstone only.
void read_content(StoredEntry& entry, const Rows& row, int column, const char* operation) {
  if (row.null(column + 10)) {
    if (!row.null(column + 12)) entry.content_state = ContentState::erased;
    return;
  }
  const auto salt = row.bytes(column + 9);
  if (salt.size() != entry.content.salt.size()) {
    corrupt(operation, "the content of entry " + std::to_string(entry.seq.value) + " has a salt of another length");
  }
  std::copy(salt.begin(), salt.end(), reinterpret_cast<char*>(entry.content.salt.data()));
  entry.content.body = row.bytes(column + 10);
  if (!row.null(column + 11)) entry.content.search_text = row.text(column + 11);
  entry.content_state = ContentState::present;
}

// A number that core knows a word for.
std::uint8_t number_column(const Rows& row, int column, std::size_t first, std::size_t count, const StoredEntry& entry,
                           const char* what, const char* operation) {
  const auto number = row.integer(column);
  if (number < static_cast<std::int64_t>(first) || number >= static_cast<std::int64_t>(first + count)) {
    corrupt(operation,
            "entry " + std::to_string(entry.seq.value) + " has the unknown " + what + ' ' + std::to_string(number));
  }
  return static_cast<std::uint8_t>(number);
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
  entry.kind = number_column(row, column + 2, first_kind, entry_kinds().size(), entry, "kind", operation);
  if (!row.null(column + 3)) {
    entry.disposition =
        number_column(row, column + 3, 0, spellings<Disposition>().size(), entry, "disposition", operation);
  }
  if (!row.null(column + 4)) entry.claim = ClaimId{uuid_column(row, column + 4, operation)};
  entry.begins = row.flag(column + 5);
  if (!row.null(column + 6)) entry.handle = AdjudicationId{uuid_column(row, column + 6, operation)};
  entry.body = row.bytes(column + 7);
  entry.hash = digest_column(row, column + 8, operation);
  read_content(entry, row, column, operation);
  if (line) {
    entry.line = *line;
  } else if (!row.null(column + 13)) {
    if (row.null(column + 14)) {
      corrupt(operation, "the line of entry " + std::to_string(entry.seq.value) + " has no name");
    }
    entry.line = LineKey{std::string(row.text(column + 14)), std::string(row.text(column + 15))};
  }
  return entry;
}

StoredBatch batch_row(const Rows& row, const char* operation, const AgentId& agent) {
  StoredBatch batch;
  batch.first = position_column(row, 0);
  const auto here = "the batch at " + std::to_string(batch.first.value);
  const auto clock = row.integer(4);
  if (clock != 0 && clock != 1) corrupt(operation, here + " has an unknown clock");
  const auto entries = row.integer(1);
  if (entries < 1) corrupt(operation, here + " counts no entries");
  batch.header = {.format = static_cast<std::uint32_t>(row.integer(6)),
                  .agent = agent,
                  .id = {uuid_column(row, 2, operation)},
                  .recorded_at = time_column(row, 3),
                  .clock = static_cast<ClockSource>(clock),
                  .actor = std::string(row.text(5)),
                  .entries = static_cast<std::uint32_t>(entries)};
  return batch;
}

}  // namespace claimledger::postgres
