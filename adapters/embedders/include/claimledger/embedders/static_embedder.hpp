#pragma once

#include <memory>
#include <string>

#include "claimledger/ports/embedder.hpp"

namespace claimledger::embedders {

// An embedder that is one file: the vector of a text is the sum of what the file has for its pieces, whatever their
// order. It knows what words are about and misses what only a sentence says. No network, no model to run: a text of a
// hundred bytes takes some microseconds, the file once some milliseconds and its size in memory. The file that comes
// with claimledger is English (adapters/embedders/README.md).
//
// Sums are whole numbers: the same file and text give the same vector, bit by bit, on every machine. A word that the
// vocabulary cannot spell gets a direction of its own, drawn from its SHA-256: equal ones meet, and it lies near
// nothing else. A text without any word has one as well. So no vector is zero. Any bytes are a text.
//
// Threads:  from any thread, and so the embedder.
// Failure:  StoreFailure: unreachable (it cannot be read), incompatible (this is no such file, or of a newer version),
//           corrupt (damaged). Embedding fails only by the call: timeout, cancelled, looked for before each text.
std::unique_ptr<Embedder> open_static(const std::string& path);

}  // namespace claimledger::embedders
