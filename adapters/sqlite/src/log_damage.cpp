#include "log_damage.hpp"

#include <bit>
#include <map>

#include "database.hpp"
#include "file_identity.hpp"
#include "log_frames.hpp"

namespace claimledger::sqlite {

namespace {

struct Loss {
  std::uint32_t damaged;  // number of the frame, or 0 for the header
  std::uint32_t last;     // number of the last frame that no recovery would read
};

// A recovery reads a log up to the first frame that does not count. A crash leaves such a frame only behind all that
// was flushed, and nothing is written behind a commit before it is flushed. So where a frame follows a commit which
// stands behind a frame that does not count, the log was damaged. Only marks are committed without a flush.
//
// A damaged frame may be the commit. Where only a header was torn it looks the same, over what a failed write left; but
// behind that stands no commit that is whole.
std::optional<Loss> find_loss(const LogHeader& header, LogFrames frames, bool first_byte_first) {
  const bool whole = header.is_whole();
  std::string salts(whole ? header.salts() : "");
  Checksum before = whole ? header.sum() : Checksum{};
  std::optional<std::uint32_t> damaged;
  if (!whole) damaged = 0;
  // Of the frames behind the damage, without a gap up to here.
  bool committed = false;
  bool said_to_commit = false;
  bool holds_more_than_mark = false;  // since the last commit
  bool chained = false;               // frames that follow each other: they are of one log
  std::optional<Loss> loss;
  while (const auto frame = frames.next()) {
    if (!frame->follows(salts, before, first_byte_first)) {
      if (!whole && chained && frame->salts() != salts) break;  // what an earlier log left
      if (!damaged) damaged = frame->number;
      if (!whole) salts = frame->salts();
      committed = holds_more_than_mark = false;
      said_to_commit = frame->commits() && frame->page_number() != 1;
      before = frame->sum();
      continue;
    }
    chained = true;
    if (damaged) {
      holds_more_than_mark = holds_more_than_mark || frame->page_number() != 1;
      const bool commits = frame->commits() && holds_more_than_mark;
      if (committed || (commits && said_to_commit)) loss = Loss{*damaged, frame->number};
      committed = committed || commits;
      if (frame->commits()) holds_more_than_mark = false;
    }
    before = frame->sum();
  }
  return loss;
}

// Whether all that the log held up to this frame is in the database.
bool was_copied(LogFrames frames, std::uint32_t last, std::size_t page_size, const Bytes& database) {
  std::map<std::uint32_t, std::uint32_t> newest;  // the number of the last frame of each page
  for (std::uint32_t number = 1; number <= last; ++number) {
    const auto frame = frames.at(number);
    if (frame && frame->page_number() != 0) newest[frame->page_number()] = number;
  }
  for (const auto& [page, number] : newest) {
    const auto frame = frames.at(number);
    const auto place = std::int64_t{page - 1} * static_cast<std::int64_t>(page_size);
    if (!frame || database.read(place, page_size) != frame->page) return false;
  }
  return true;
}

// What says that a log is empty, and what is damaged, look the same in the header. Before a log is emptied the database
// gets another mark than the one that its first frame has.
bool was_emptied(LogFrames frames, const Bytes& database) {
  const auto first = frames.next();
  return first && first->page_number() == 1 && mark_in(first->page) != mark_of_database(database);
}

std::optional<std::uint32_t> look_for_damage(const Bytes& log, const Bytes& database) {
  const auto header = log_header(log);
  if (header.bytes.empty()) return std::nullopt;
  if (header.is_whole()) {
    const auto loss = find_loss(header, {log, header.page_size()}, header.first_byte_first());
    return loss ? std::optional(loss->damaged) : std::nullopt;
  }
  const auto page_size = page_size_in(database.read(0, database_header_size).value_or(""));
  const LogFrames frames(log, page_size);
  if (page_size < 512 || was_emptied(frames, database)) return std::nullopt;
  // As SQLite writes on this machine; a header that says otherwise is not here any more.
  const auto loss = find_loss(header, frames, std::endian::native == std::endian::big);
  if (!loss || was_copied(frames, loss->last, page_size, database)) return std::nullopt;
  return loss->damaged;
}

}  // namespace

// Who writes meanwhile may be met in the middle of a frame, but not in the middle of the same one again.
std::optional<std::uint32_t> damage_in_log(const std::string& path) {
  const auto file = behind_links(path);
  const Bytes log(file + "-wal");
  const Bytes database(file);
  std::optional<std::uint32_t> before;
  constexpr int tries = 100;
  for (int i = 0; i < tries; ++i) {
    const auto found = look_for_damage(log, database);
    if (!found || found == before) return found;
    before = found;
  }
  return std::nullopt;
}

}  // namespace claimledger::sqlite
