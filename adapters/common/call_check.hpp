#pragma once

#include "claimledger/adapter/call_check.hpp"

// As our own adapters name it.
namespace claimledger::common {

using adapter::check;

}  // namespace claimledger::common
