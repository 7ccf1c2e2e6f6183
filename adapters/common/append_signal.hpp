#pragma once

#include "claimledger/adapter/append_signal.hpp"

namespace claimledger::common {

using adapter::AppendSignal;

}  // namespace claimledger::common
