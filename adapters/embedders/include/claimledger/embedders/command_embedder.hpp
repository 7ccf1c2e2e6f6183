#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "claimledger/ports/embedder.hpp"

namespace claimledger::embedders {

struct CommandOptions {
  // A command of /bin/sh, so that it can have arguments, quotes and variables. Whoever chooses it runs a program.
  std::string command;
  Call call = {};  // for starting it and hearing its model
  // How long it may take for one answer, also for its first one, whatever the call would wait. More than 0.
  std::chrono::milliseconds answer_within = std::chrono::minutes{1};
};

// An embedder that is another program, which goes on running and answers each line of JSON with one:
//
//   > {"kind":"statement","texts":[]}
//   < {"model":"name","dimensions":3,"fingerprint":"","vectors":[]}
//   > {"kind":"question","texts":["where does Ada live"]}
//   < {"model":"name","dimensions":3,"fingerprint":"","vectors":[[0.1,0.2,0.3]]}
//
// or with {"error":"why it cannot"} and goes on. The first question has no texts: it asks for the model, which stays
// the same. "fingerprint" may be left out. What the command writes to its standard error goes to ours. Its standard
// input ends with the embedder; where that does not end it, SIGTERM does a second later, and SIGKILL after another.
// It runs in a process group of its own, so that what it started ends with it and Ctrl-C does not reach it.
//
// A command that died, or was ended because it did not answer in time or said what it should not, is started anew by
// the next call.
//
// Threads:  from any thread, and so the embedder: calls take turns.
// Failure:  StoreFailure, which names the command. unreachable: it cannot be started, ended before it answered,
//           or did not answer in its time.
//           incompatible: what it says is no answer, has another number of vectors or numbers than asked for, or names
//           another model than before. refused: it answered with an error, which is told. timeout, cancelled: by the
//           call, also while others have their turn. InvalidInput for `command`: it is empty; for `answer_within`.
std::unique_ptr<Embedder> start_command(const CommandOptions& options);

}  // namespace claimledger::embedders
