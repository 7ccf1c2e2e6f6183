#include "checkpoints.hpp"

#include <sqlite3.h>

namespace claimledger::sqlite {

bool checkpoint(Database& database, int mode) {
  int frames = 0;
  int copied = 0;
  const int result = sqlite3_wal_checkpoint_v2(database.handle(), "main", mode, &frames, &copied);
  return result == SQLITE_OK && frames == copied;
}

void Checkpoints::committed(Database& writer) {
  const auto frames = writer.log_frames();
  if (frames + pages_ < due_at_) due_at_ = pages_;  // it started over
  if (frames < due_at_) return;
  checkpoint(writer, SQLITE_CHECKPOINT_PASSIVE);
  due_at_ = frames + pages_;
}

}  // namespace claimledger::sqlite
