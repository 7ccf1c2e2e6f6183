#include "log_frames.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace claimledger::sqlite {

namespace {

constexpr std::uint32_t magic = 0x377F0682;  // with words that have their first byte last, or, plus 1, first

}  // namespace

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

std::string mark_of_database(const Bytes& database) { return database.read(mark_at, 4).value_or(""); }
std::string_view mark_in(std::string_view first_page) { return first_page.substr(mark_at, 4); }

std::size_t page_size_in(std::string_view database_header) {
  constexpr std::size_t page_size_at = 16;
  if (database_header.empty()) return 0;
  const auto size = number_at(database_header, page_size_at) >> 16;
  return size == 1 ? 65'536 : size;
}

std::uint32_t pages_in(std::string_view database_header) { return number_at(database_header, 28); }

std::int32_t application_id_in(std::string_view database_header) {
  return static_cast<std::int32_t>(number_at(database_header, 68));
}

void Checksum::add(std::string_view bytes, bool first_byte_first) {
  const bool swap = first_byte_first != (std::endian::native == std::endian::big);
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::array<std::uint32_t, 2> words{};
    std::memcpy(words.data(), bytes.data() + at, sizeof words);
    if (swap) words = {__builtin_bswap32(words[0]), __builtin_bswap32(words[1])};
    a += words[0] + b;
    b += words[1] + a;
  }
}

bool begins_log(std::string_view bytes) { return (number_at(bytes, 0) & ~1U) == magic; }

bool LogHeader::is_whole() const {
  if (!is_one()) return false;
  Checksum found;
  found.add(std::string_view(bytes).substr(0, 24), first_byte_first());
  return found == sum() && page_size() >= 512 && page_size() <= 65'536;
}

LogHeader log_header(const Bytes& log) { return {log.read(0, log_header_size).value_or("")}; }

bool Frame::follows(std::string_view salts_before, Checksum before, bool first_byte_first) const {
  if (page_number() == 0 || salts() != salts_before) return false;
  before.add(header.substr(0, 8), first_byte_first);
  before.add(page, first_byte_first);
  return before == sum();
}

std::optional<Frame> LogFrames::at(std::uint32_t number) {
  const auto size = frame_header_size + page_size_;
  const auto before = std::int64_t{number - 1} * static_cast<std::int64_t>(size);
  bytes_ = log_.read(std::int64_t{log_header_size} + before, size).value_or("");
  if (bytes_.empty()) return std::nullopt;
  const std::string_view bytes = bytes_;
  return Frame{number, bytes.substr(0, frame_header_size), bytes.substr(frame_header_size)};
}

}  // namespace claimledger::sqlite
