#pragma once

#include <string>
#include <string_view>

#include "claimledger/ports/store.hpp"

// Ledgers as lines of JSON, for export and import; and the keys that stand beside a body.
//
// Threads:  any function from any thread.
namespace claimledger::codec {

// One batch as one line, without the newline. Content is spelled out for people and other programs; the hashed bytes
// stand beside it.
std::string to_json_line(const StoredBatch& batch);

// The same batch back, keys included; of erased content the idempotency key is not known any more. Checks that bodies,
// commitments and content fit each other, and the limits on what a caller may type; not the chain, which needs the
// ledger that the batch is appended to. Failure: InvalidInput naming the field, such as "entries[3].body".
StoredBatch from_json_line(std::string_view line);

// Sets every key of `stored` that follows from its entry and content: all but `line`. The content is empty where there
// is none any more.
void fill_keys(StoredEntry& stored, const AgentId& agent, const Entry& entry, const Content& content);

}  // namespace claimledger::codec
