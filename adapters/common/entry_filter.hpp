#pragma once

#include <algorithm>

#include "claimledger/ports/store.hpp"

namespace claimledger::common {

// Whether a filter lets an entry through, as far as the entry itself tells: all but the range and the claims served.
inline bool passes(const StoredEntry& entry, const EntryFilter& filter) {
  return (filter.kinds.empty() ||
          std::find(filter.kinds.begin(), filter.kinds.end(), entry.kind) != filter.kinds.end()) &&
         (!filter.disposition || *filter.disposition == entry.disposition) &&
         (!filter.claim || filter.claim == entry.claim) && (!filter.line || filter.line == entry.line) &&
         (!filter.handle || filter.handle == entry.handle) &&
         (!filter.lookup || (!filter.lookup->empty() && *filter.lookup == entry.content.lookup));
}

}  // namespace claimledger::common
