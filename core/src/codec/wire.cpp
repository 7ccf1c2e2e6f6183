#include "codec/wire.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "claimledger/failure.hpp"
#include "codec/crc32c.hpp"
#include "codec/layout.hpp"

namespace claimledger::codec {
namespace {

constexpr std::size_t checksum_size = 4;
constexpr std::size_t uuid_size = 16;
constexpr std::size_t long_length = 255;  // from here on a length takes four more bytes
constexpr std::size_t usual_size = 192;   // of an entry; spares most of them a second allocation

// Two's complement, big-endian, in the fewest bytes; zero has none.
class Integer {
 public:
  explicit Integer(std::int64_t number) {
    if (number == 0) return;
    const auto bits = static_cast<std::uint64_t>(number);
    const auto leading = static_cast<std::size_t>(std::countl_zero(number < 0 ? ~bits : bits));
    size_ = bytes_.size() - (leading - 1) / 8;  // one bit is the sign's
    for (std::size_t i = 0; i < size_; ++i) bytes_[i] = static_cast<char>(bits >> (8 * (size_ - 1 - i)));
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

  // A leading byte that only repeats the sign.
  static bool redundant(char first, char second) {
    const bool negative = (static_cast<unsigned char>(second) & 0x80) != 0;
    return negative ? first == '\xFF' : first == '\0';
  }

 private:
  std::array<char, 8> bytes_{};
  std::size_t size_ = 0;
};

// Big-endian.
std::array<char, checksum_size> checksum(std::string_view bytes) {
  const auto sum = crc32c(bytes);
  return {static_cast<char>(sum >> 24U), static_cast<char>(sum >> 16U), static_cast<char>(sum >> 8U),
          static_cast<char>(sum)};
}

std::string_view view(const Uuid& id) { return {reinterpret_cast<const char*>(id.data), uuid_size}; }

}  // namespace

Writer::Writer(std::uint8_t type) {
  out_.reserve(usual_size);
  out_ += static_cast<char>(format_version);
  out_ += static_cast<char>(type);
}

void Writer::head(std::uint8_t tag, std::size_t size) {
  out_ += static_cast<char>(tag);
  if (size < long_length) {
    out_ += static_cast<char>(size);
    return;
  }
  out_ += static_cast<char>(long_length);
  for (int shift = 24; shift >= 0; shift -= 8) out_ += static_cast<char>(size >> shift);
}

void Writer::bytes(std::uint8_t tag, std::string_view payload) {
  head(tag, payload.size());
  out_ += payload;
}

void Writer::uuids(std::uint8_t tag, std::span<const Uuid> ids) {
  head(tag, ids.size() * uuid_size);
  for (const auto& id : ids) out_ += view(id);
}

void Writer::operator()(std::uint8_t tag, const std::vector<ClaimId>& ids) {
  if (ids.empty()) return;
  head(tag, ids.size() * uuid_size);
  for (const auto& id : ids) out_ += view(id.value);
}

void Writer::integer(std::uint8_t tag, std::int64_t number) {
  const Integer integer(number);
  const auto payload = integer.view();
  std::array<char, 10> field{static_cast<char>(tag), static_cast<char>(payload.size())};
  std::copy(payload.begin(), payload.end(), field.begin() + 2);
  out_.append(field.data(), 2 + payload.size());
}

void Writer::instant(std::uint8_t tag, Instant instant) {
  if (instant < earliest_instant || instant > latest_instant) {
    throw InvalidInput("time", "outside the years 0001 to 9999");
  }
  integer(tag, instant.time_since_epoch().count());
}

void Writer::operator()(std::uint8_t tag, const ValidEnd& end) {
  if (end.at.value < earliest_instant || end.at.value > latest_instant) {
    throw InvalidInput("time", "outside the years 0001 to 9999");
  }
  const Integer number(end.at.value.time_since_epoch().count());
  head(tag, 1 + number.view().size());
  out_ += static_cast<char>(end.granularity);
  out_ += number.view();
}

Bytes Writer::finish() {
  const auto sum = checksum(out_);
  out_.append(sum.data(), sum.size());
  return std::move(out_);
}

Reader::Reader(std::string_view body, const char* record) : record_(record) {
  if (body.size() < 2 + checksum_size) refuse("too short");
  rest_ = body.substr(0, body.size() - checksum_size);
  const auto sum = checksum(rest_);
  if (std::string_view(sum.data(), sum.size()) != body.substr(rest_.size())) refuse("the checksum does not fit");
  if (static_cast<std::uint8_t>(rest_[0]) != format_version) refuse("not in format 1");
  type_ = static_cast<std::uint8_t>(rest_[1]);
  rest_.remove_prefix(2);
}

void Reader::refuse(const std::string& why) const {
  throw StoreFailure(FailureKind::corrupt, std::string("decode ") + record_, why);
}

void Reader::refuse_field(std::uint8_t tag, const char* why) const {
  refuse("field " + std::to_string(tag) + " " + why);
}

void Reader::finish() const {
  if (!rest_.empty()) refuse("bytes left over");
}

std::string_view Reader::bytes(std::uint8_t tag) {
  if (!next_is(tag)) refuse_field(tag, "is missing");
  if (rest_.size() < 2) refuse_field(tag, "is cut off");
  std::size_t size = static_cast<std::uint8_t>(rest_[1]);
  rest_.remove_prefix(2);
  if (size == long_length) {
    if (rest_.size() < 4) refuse_field(tag, "is cut off");
    size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<std::uint8_t>(rest_[i]);
    if (size < long_length) refuse_field(tag, "has a length not in its shortest form");
    rest_.remove_prefix(4);
  }
  if (rest_.size() < size) refuse_field(tag, "is cut off");
  const auto payload = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return payload;
}

void Reader::operator()(std::uint8_t tag, Digest& digest) {
  const auto payload = bytes(tag);
  if (payload.size() != digest.bytes.size()) refuse_field(tag, "is not a digest");
  std::copy(payload.begin(), payload.end(), digest.bytes.begin());
}

void Reader::uuid(std::uint8_t tag, Uuid& id) {
  const auto payload = bytes(tag);
  if (payload.size() != uuid_size) refuse_field(tag, "is not an id");
  std::copy(payload.begin(), payload.end(), id.begin());
}

void Reader::operator()(std::uint8_t tag, std::vector<ClaimId>& ids) {
  ids.clear();
  if (!next_is(tag)) return;
  const auto payload = bytes(tag);
  if (payload.empty() || payload.size() % uuid_size != 0) refuse_field(tag, "is not a list of ids");
  ids.resize(payload.size() / uuid_size);
  auto from = payload.begin();
  for (auto& id : ids) {
    std::copy_n(from, uuid_size, id.value.begin());
    from += uuid_size;
  }
}

std::int64_t Reader::number(std::uint8_t tag, std::string_view payload) const {
  if (payload.empty()) return 0;
  if (payload.size() > 8) refuse_field(tag, "is not a number");
  const bool redundant = payload.size() == 1 ? payload[0] == '\0' : Integer::redundant(payload[0], payload[1]);
  if (redundant) refuse_field(tag, "is a number not in its shortest form");
  auto bits = static_cast<std::uint8_t>(payload[0]) & 0x80 ? ~std::uint64_t{0} : 0;
  for (const char byte : payload) bits = bits << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(bits);
}

std::int64_t Reader::integer(std::uint8_t tag, std::int64_t least, std::int64_t most) {
  const auto value = number(tag, bytes(tag));
  if (value < least || value > most) refuse_field(tag, "is out of range");
  return value;
}

Instant Reader::instant(std::uint8_t tag, std::string_view payload) const {
  const Instant instant{std::chrono::microseconds{number(tag, payload)}};
  if (instant < earliest_instant || instant > latest_instant) refuse_field(tag, "is outside the calendar");
  return instant;
}

void Reader::operator()(std::uint8_t tag, ValidEnd& end) {
  const auto payload = bytes(tag);
  if (payload.empty()) refuse_field(tag, "is empty");
  const auto granularity = static_cast<std::uint8_t>(payload[0]);
  if (granularity > static_cast<std::uint8_t>(Granularity::instant)) refuse_field(tag, "has an unknown granularity");
  end = {{instant(tag, payload.substr(1))}, static_cast<Granularity>(granularity)};
}

}  // namespace claimledger::codec
