#include "claimledger/domain/ids.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "domain/hex.hpp"
#include "domain/utf8.hpp"

namespace claimledger {
namespace {

constexpr std::size_t uuid_text_size = 36;

bool dash_at(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

// -1 for what is not a hexadecimal digit.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Uuid uuid_or_refuse(std::string_view text, std::string_view field) {
  const auto id = parse_uuid(text);
  if (!id) throw InvalidInput(std::string(field), "not a UUID of 36 characters");
  return *id;
}

}  // namespace

std::string to_text(const Uuid& id) {
  std::string text;
  text.reserve(uuid_text_size);
  for (const auto byte : id) {
    if (dash_at(text.size())) text += '-';
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 0xF];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != uuid_text_size) return std::nullopt;
  Uuid id{};
  auto* out = id.begin();
  for (std::size_t at = 0; at < text.size();) {
    if (dash_at(at)) {
      if (text[at] != '-') return std::nullopt;
      ++at;
      continue;
    }
    const int high = digit_value(text[at]);
    const int low = digit_value(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    *out++ = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return id;
}

Uuid make_uuid_v7(Instant at, std::string_view random) {
  const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970, 0));
  Uuid id{};
  for (std::size_t i = 0; i < 6; ++i) id.data[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  for (std::size_t i = 6; i < 16; ++i) id.data[i] = static_cast<std::uint8_t>(random.at(i));
  id.data[6] = static_cast<std::uint8_t>(0x70 | (id.data[6] & 0x0F));  // version 7
  id.data[8] = static_cast<std::uint8_t>(0x80 | (id.data[8] & 0x3F));  // the RFC's variant
  return id;
}

AgentId AgentId::parse(std::string_view text, std::string_view field) {
  if (text.empty()) throw InvalidInput(field, "must not be empty");
  if (text.size() > limits::agent_bytes) {
    throw InvalidInput(field, "longer than " + std::to_string(limits::agent_bytes) + " bytes");
  }
  if (const auto problem = text_problem(text); !problem.empty()) throw InvalidInput(field, std::string(problem));
  return {std::string(text)};
}

ClaimId ClaimId::parse(std::string_view text, std::string_view field) { return {uuid_or_refuse(text, field)}; }

AdjudicationId AdjudicationId::parse(std::string_view text, std::string_view field) {
  return {uuid_or_refuse(text, field)};
}

}  // namespace claimledger
