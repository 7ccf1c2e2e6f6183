#pragma once

#include "claimledger/adapter/call_check.hpp"

namespace claimledger::common {

using adapter::check;

}  // namespace claimledger::common
