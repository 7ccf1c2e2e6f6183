#pragma once

#include <cstdint>

#include "database.hpp"

namespace claimledger::sqlite {

// Copies the log into the database; `mode` as SQLite has it. The caller holds the writer's turn: SQLite before 3.51.3
// can damage a write-ahead log when one connection checkpoints while another writes. That is why no connection does it
// by itself, not even when it is closed. False when somebody still reads an older part of the log, or the disk fails.
bool checkpoint(Database& database, int mode);

// When the log has become long. Used with the writer's turn held.
class Checkpoints {
 public:
  // `pages`: of a log that is long.
  explicit Checkpoints(std::uint32_t pages) : pages_(pages), due_at_(pages) {}

  // After a commit of this connection. If a reader keeps the log from starting over, the next attempt waits for as many
  // frames again.
  void committed(Database& writer);

 private:
  std::uint32_t pages_;
  std::uint32_t due_at_;  // frames in the log
};

}  // namespace claimledger::sqlite
