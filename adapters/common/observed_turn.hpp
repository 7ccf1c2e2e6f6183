#pragma once

#include "claimledger/adapter/observed_turn.hpp"

namespace claimledger::common {

using adapter::ObservedTurn;

}  // namespace claimledger::common
