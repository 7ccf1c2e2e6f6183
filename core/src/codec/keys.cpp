#include <algorithm>
#include <variant>
#include <vector>

#include "codec/codec.hpp"
#include "codec/transfer.hpp"

namespace claimledger::codec {
namespace {

std::vector<ClaimId> each_once(const std::vector<ClaimId>& ids) {
  std::vector<ClaimId> once;
  once.reserve(ids.size());
  for (const auto& id : ids) {
    if (std::find(once.begin(), once.end(), id) == once.end()) once.push_back(id);
  }
  return once;
}

// What only one kind of entry has.
struct KindKeys {
  StoredEntry& stored;
  const Content& content;

  void operator()(const ClaimRecorded& it) const {
    stored.derived_from = each_once(it.claim.derived_from);
    stored.content.lookup = content.source.value_or("");
  }
  void operator()(const Served& it) const {
    stored.served = each_once(it.claims);
    stored.content.lookup = content.context.value_or("");
  }
  void operator()(const AdjudicationOpened& it) const { stored.handle = it.handle; }
  void operator()(const AdjudicationClosed& it) const { stored.handle = it.handle; }
  void operator()(const Tombstone& it) const { stored.erases = it.erased; }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

void fill_keys(StoredEntry& stored, const AgentId& agent, const Entry& entry, const Content& content) {
  stored.kind = kind_text(entry);
  const auto disposition = disposition_of(entry);
  stored.disposition = disposition ? text(*disposition) : "";
  stored.claim = claim_of(entry);
  stored.handle.reset();
  stored.idempotency_key.reset();
  if (content.idempotency_key) stored.idempotency_key = idempotency_digest(agent, *content.idempotency_key);
  stored.derived_from.clear();
  stored.served.clear();
  stored.erases.reset();
  stored.content.lookup.clear();
  std::visit(KindKeys{stored, content}, entry);
}

}  // namespace claimledger::codec
