#pragma once

namespace claimledger::cli {

// The exit codes, for scripts.
enum class ExitCode {
  fine = 0,
  no = 1,  // the answer is no: contested, no belief, not found, ambiguous, conflict, wrong answers, verify failed
  bad_input = 2,     // what was typed is wrong; nothing was written
  store_failed = 3,  // the store, or the output, failed
};

}  // namespace claimledger::cli
