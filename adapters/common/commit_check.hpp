#pragma once

#include "claimledger/adapter/commit_check.hpp"

// As our own adapters name it.
namespace claimledger::common {

using adapter::CommitCheck;

}  // namespace claimledger::common
