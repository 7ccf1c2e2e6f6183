#pragma once

#include "application/write.hpp"

namespace claimledger::application {

// The commit of an attempt's draft, after `head`: numbers, times, salts and hashes, and what is filed with them.
Commit seal(Attempt& attempt, const Head& head, const WriteRequest& request, WriteVectors& vectors);

}  // namespace claimledger::application
