#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_file;

// The write-ahead log as a file: "<database>-wal".
//
// It keeps its size, never its content. A file that grows makes each flush dearer, since its size is flushed, too; so a
// log is emptied by overwriting its header, and made longer ahead of what is written.
//
// It belongs to one database. A database carries a mark (SQLite's user_version), a random number that is changed
// whenever the log is about to be emptied, and the first page, with the mark, is the first frame of every log. So a
// database whose mark is not in the log lacks something that the log builds on: it is another one, or an older copy.
namespace claimledger::sqlite {

// Whether the log beside a database holds anything. Failure: StoreFailure{unreachable | exhausted}: nobody can tell.
bool log_in_use(const std::string& path);

// Whether the log belongs to the database, so that it may be recovered. Correct also while others write both.
bool log_belongs(const std::string& path);
// The same of a log that lies elsewhere.
bool log_belongs(const std::string& path, const std::string& log);

// The log of a connection, through SQLite; nothing when it has none.
sqlite3_file* log_of(sqlite3* connection);
bool log_is_empty(sqlite3_file* log);

// Makes the connection empty its log without truncating the file.
void keep_log_size(sqlite3_file* log);

// What may be made of the index of a log.
enum class IndexState {
  sound,
  of_another_log,  // the log was overwritten in place, or the index is that of one before
  // It was overwritten, or cut and made longer again, or is an older copy: a frame is not found in it by the page that
  // it is of, or counts as copied and is not in the database, or frames are missing. Who reads gets other pages, and a
  // copy of the log puts frames into wrong places.
  overwritten,
};

class IndexBlock;

// The end of a log as its index has it, in memory that all connections to a database share. It stands still for the
// holder of the turn within a transaction; for him alone its answers count.
class LogIndex {
 public:
  // Of a connection that has read. Without a log it has no frames.
  explicit LogIndex(sqlite3* connection);
  ~LogIndex();

  // Also beside a writer.
  IndexState state() const;
  // Whether it has each frame by the page that the frame itself names, so that a copy puts it there. Reads a little of
  // each frame that read_pages() has not read.
  bool knows_pages() const;
  // Beside writers, so that with the turn little is left to read. False: the disk failed.
  bool read_pages() const;
  // Frames of the log that count.
  std::uint32_t frames() const;
  // Of a log of so many frames.
  std::int64_t bytes_of(std::uint32_t frames) const;
  // Whether the last of these frames stands in the log. It carries the sum of all before it, so otherwise the log was
  // cut or overwritten in place, and what is written behind that is lost.
  bool agrees_with_log() const;
  // Whether the database, as it stands in its file, has the mark that the log begins with. No: it has a later mark of
  // the log, as while that is copied, or it was overwritten in place; log_belongs() tells which. Nor is anything known
  // of a log that another program began.
  bool builds_on_database() const;
  // The mark that stands in the file of the database; nothing if it cannot be read.
  std::optional<std::int32_t> mark_in_file() const;

 private:
  // Of a log with these salts.
  struct Seen {
    std::uint64_t salts = 0;
    std::uint32_t frames = 0;
    std::uint32_t copied = 0;
  };
  // A block of 32 KiB; nullptr: there is none.
  const char* block(std::size_t number) const;
  // The first frames of a block, into block_. False: there is none.
  bool read_block(std::size_t number, std::size_t frames) const;
  bool has_places() const;
  bool is_of_log(const Seen& said) const;
  bool has_copied(const Seen& said) const;
  IndexState state_as_said(const Seen& said) const;
  // Whether the database has a page as in this frame, or in a later one.
  bool is_in_database(std::uint32_t page, std::uint32_t frame) const;
  // Visits frames from one before another, each with its page, until a visit says false.
  template <class Visit>
  bool each_frame(std::uint32_t from, std::uint32_t count, Visit visit) const;
  template <class Number>
  Number get(std::size_t place) const;

  sqlite3_file* log_;
  sqlite3_file* database_ = nullptr;
  const char* bytes_ = nullptr;
  mutable Seen seen_;                                        // when it was found sound last
  mutable std::vector<std::unique_ptr<IndexBlock>> blocks_;  // in which all frames were found last, each by its page
  mutable std::unique_ptr<IndexBlock> block_;                // that was read last
  // That the frames name themselves, as far as they were read, in the log with these salts.
  mutable std::vector<std::uint32_t> pages_;
  mutable std::uint64_t salts_of_pages_ = 0;
};

// The size of the file in bytes; 0 also if it cannot be read.
std::int64_t log_size(sqlite3_file* log);

// These three need the writer's turn, and the last two an empty log. Zeros go behind the end. False: the disk failed.
bool lengthen_log(sqlite3_file* log, std::int64_t bytes);
bool shorten_log(sqlite3_file* log, std::int64_t bytes);
// All of it, and flushes it.
bool overwrite_log(sqlite3_file* log);

}  // namespace claimledger::sqlite
