#pragma once

#include <memory>

#include "claimledger/ports/store.hpp"

namespace claimledger::memory {

// An empty store that forgets everything with the object: the model that other stores are compared with.
// Threads: as the port says; readers share, a writer excludes them for the moment in which its batch lands.
std::unique_ptr<Store> open();

}  // namespace claimledger::memory
