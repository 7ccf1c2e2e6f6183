#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "database.hpp"

// The bytes of a write-ahead log, as https://sqlite.org/walformat.html has them.
namespace claimledger::sqlite {

constexpr std::size_t log_header_size = 32;
constexpr std::size_t frame_header_size = 24;
// Of the database, in its first page: the header, and in it the mark (see log_file.hpp).
constexpr std::size_t database_header_size = 100;
constexpr std::size_t mark_at = 60;
// 0 for no bytes, as of a database that cannot be read.
std::size_t page_size_in(std::string_view database_header);
std::uint32_t pages_in(std::string_view database_header);
std::int32_t application_id_in(std::string_view database_header);

std::string mark_of_database(const Bytes& database);
std::string_view mark_in(std::string_view first_page);

// Of four bytes, the first counts most.
std::uint32_t number_at(std::string_view bytes, std::size_t at);

// Whether the bytes with which a log begins say that it is one. Those of an emptied log do not.
bool begins_log(std::string_view bytes);

// Of everything before: a frame counts when the sum that it carries is right.
struct Checksum {
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  // An even number of words of four bytes, whose first byte counts most or least.
  void add(std::string_view bytes, bool first_byte_first);
  bool operator==(const Checksum&) const = default;
};

struct LogHeader {
  std::string bytes;  // empty: the log has none

  bool is_one() const { return !bytes.empty() && begins_log(bytes); }
  // Whether it stands as it was written.
  bool is_whole() const;
  // These are of one that is whole.
  bool first_byte_first() const { return (number_at(bytes, 0) & 1U) != 0; }
  std::size_t page_size() const { return number_at(bytes, 8); }
  std::string_view salts() const { return std::string_view(bytes).substr(16, 8); }
  Checksum sum() const { return {number_at(bytes, 24), number_at(bytes, 28)}; }
};

LogHeader log_header(const Bytes& log);

struct Frame {
  std::uint32_t number;  // from 1
  std::string_view header;
  std::string_view page;

  std::uint32_t page_number() const { return number_at(header, 0); }
  bool commits() const { return database_pages() != 0; }
  // What the database has after this commit.
  std::uint32_t database_pages() const { return number_at(header, 4); }
  std::string_view salts() const { return header.substr(8, 8); }
  Checksum sum() const { return {number_at(header, 16), number_at(header, 20)}; }
  // Whether it was written behind what has these salts and this sum, and stands as it was written.
  bool follows(std::string_view salts_before, Checksum before, bool first_byte_first) const;
};

// The frames of a log as they stand there, whether they count or not.
class LogFrames {
 public:
  LogFrames(const Bytes& log, std::size_t page_size) : log_(log), page_size_(page_size) {}

  // Each is good until the next is read. Nothing: the log ends before it, or cannot be read.
  std::optional<Frame> at(std::uint32_t number);
  std::optional<Frame> next() { return at(++number_); }

 private:
  const Bytes& log_;
  std::size_t page_size_;
  std::uint32_t number_ = 0;
  std::string bytes_;
};

}  // namespace claimledger::sqlite
