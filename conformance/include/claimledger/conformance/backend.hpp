#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/ports/store.hpp"

// The description of an adapter under test, filled in by its author.
namespace claimledger::conformance {

// A change of stored bytes behind the store's back. A reader has to notice each of them.
enum class DamageKind {
  flip_body,            // one bit in the middle of the entry's body
  flip_content,         // one bit in the middle of its content's body
  flip_hash,            // one bit of the entry's hash
  unknown_kind,         // its kind is 250
  unknown_disposition,  // its disposition is 250
  remove_entry,         // its row is gone
  remove_content,       // its content is gone without a tombstone
};
inline constexpr DamageKind damage_kinds[] = {
    DamageKind::flip_body,           DamageKind::flip_content, DamageKind::flip_hash,     DamageKind::unknown_kind,
    DamageKind::unknown_disposition, DamageKind::remove_entry, DamageKind::remove_content};
std::string_view text(DamageKind kind);

struct Damage {
  DamageKind kind = DamageKind::flip_body;
  AgentId agent;
  Position entry;
};

// A storage that the kit can open, and what can be done to it. A rule that needs what a backend declares it can't do is
// skipped with the reason given here; an empty reason means that it can.
struct Backend {
  std::string name;  // letters, digits and underscores

  // A handle on the storage called `place`, a name that is a safe file name. A place never opened before is empty.
  // Opened while another handle is open, both see one storage; opened after closing the last, it holds what it held.
  std::function<std::unique_ptr<Store>(const std::string& place)> open;
  // Throws away a place that has no handle left. May be absent.
  std::function<void(const std::string& place)> remove = {};

  std::string cannot_reopen = {};        // why nothing is there after closing
  std::string cannot_share = {};         // why a second handle does not see the same storage
  std::string cannot_damage = {};        // why `damage` is absent
  std::string cannot_hold_a_write = {};  // why `hold_write` is absent

  // Changes stored bytes past every guard. No handle on the place is open meanwhile, unless it cannot be reopened.
  std::function<void(const std::string& place, const Damage& damage)> damage = {};
  // Starts a write of another process on the place and holds it open until the returned object is destroyed.
  std::function<std::shared_ptr<void>(const std::string& place)> hold_write = {};
};

// Names the instance after its backend, in INSTANTIATE_TEST_SUITE_P.
struct BackendName {
  template <class Info>
  std::string operator()(const Info& info) const {
    return info.param.name;
  }
};

inline void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

}  // namespace claimledger::conformance
