#include <algorithm>
#include <variant>
#include <vector>

#include "claimledger/domain/entry_number.hpp"
#include "codec/codec.hpp"
#include "codec/layout.hpp"
#include "codec/transfer.hpp"

namespace claimledger::codec {
namespace {

static_assert(first_kind == first_entry_type, "a row and a body number kinds alike");

std::vector<ClaimId> each_once(const std::vector<ClaimId>& ids) {
  std::vector<ClaimId> once;
  once.reserve(ids.size());
  for (const auto& id : ids) {
    if (std::find(once.begin(), once.end(), id) == once.end()) once.push_back(id);
  }
  return once;
}

// Fills in the keys that only some kinds of entries have.
struct KindKeys {
  StoredEntry& stored;
  const Content& content;

  void operator()(const ClaimRecorded& it) const {
    stored.begins = true;
    stored.derived_from = each_once(it.claim.derived_from);
    stored.content.search_text = content.source.value_or("");
  }
  void operator()(const Corroborated& it) const {
    stored.derived_from = each_once(it.stated.derived_from);
    stored.content.search_text = content.source.value_or("");
  }
  void operator()(const Judged& it) const { stored.begins = it.begins; }
  void operator()(const Served& it) const {
    stored.served = each_once(it.claims);
    stored.content.search_text = content.context.value_or("");
  }
  void operator()(const AdjudicationOpened& it) const { stored.handle = it.handle; }
  void operator()(const AdjudicationClosed& it) const { stored.handle = it.handle; }
  void operator()(const Tombstone& it) const { stored.erases = it.erased; }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

void fill_keys(StoredEntry& stored, const AgentId& agent, const Entry& entry, const Content& content) {
  stored.kind = kind_number_of(entry);
  stored.disposition = disposition_number_of(entry);
  stored.claim = claim_of(entry);
  stored.begins = false;
  stored.handle.reset();
  stored.idempotency_key.reset();
  if (content.idempotency_key) stored.idempotency_key = idempotency_digest(agent, *content.idempotency_key);
  stored.derived_from.clear();
  stored.served.clear();
  stored.erases.reset();
  stored.content.search_text.clear();
  std::visit(KindKeys{stored, content}, entry);
}

}  // namespace claimledger::codec
