#pragma once

#include "claimledger/adapter/append_signal.hpp"

// As our own adapters name it.
namespace claimledger::common {

using adapter::AppendSignal;

}  // namespace claimledger::common
