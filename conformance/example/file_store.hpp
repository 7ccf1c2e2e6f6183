#pragma once

#include <memory>
#include <string>

#include "claimledger/ports/store.hpp"

namespace claimledger::example {

// Ledgers as files in a folder, one an agent. The folder is made where it is absent; its parent is there.
// Failure: StoreFailure{busy} while another handle has the folder, {corrupt} for a file with a damaged batch.
std::unique_ptr<Store> open_folder(const std::string& folder);

}  // namespace claimledger::example
