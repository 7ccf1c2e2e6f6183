#pragma once

#include "claimledger/adapter/observed_turn.hpp"

// As our own adapters name it.
namespace claimledger::common {

using adapter::ObservedTurn;

}  // namespace claimledger::common
