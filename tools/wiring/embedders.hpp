#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "claimledger/ports/embedder.hpp"

// Embedders as a program is told of them. Each is opened when it is first needed, so that what never asks for meaning
// does not wait for it.
namespace claimledger::wiring {

// The file that is installed with claimledger; nothing where it is not.
std::shared_ptr<Embedder> embedder_that_comes_with_us();
// A file, or "none": nothing.
std::shared_ptr<Embedder> embedder_of(const std::string& file);
// See embedders/command_embedder.hpp, also for `answer_within` where it is absent; `starting` is heeded until it has
// told its model, and its stop by calls that have none: a write that has begun is not to be stopped, its embedder is.
// Failure: InvalidInput{--embed-cmd} for a blank one.
std::shared_ptr<Embedder> embedder_of_command(const std::string& command,
                                              std::optional<std::chrono::milliseconds> answer_within,
                                              const Call& starting);

}  // namespace claimledger::wiring
