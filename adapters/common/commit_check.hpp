#pragma once

#include "claimledger/adapter/commit_check.hpp"

namespace claimledger::common {

using adapter::CommitCheck;

}  // namespace claimledger::common
