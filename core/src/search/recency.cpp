#include "search/recency.hpp"

#include <array>

namespace claimledger::search {
namespace {

constexpr std::uint32_t million = 1'000'000;
constexpr int fraction_bits = 32;
constexpr std::uint64_t one = std::uint64_t{1} << fraction_bits;

// 2^(-1/2), 2^(-1/4), 2^(-1/8) … in units of 2^-32, each rounded to the nearest: what a binary digit of an exponent is
// worth.
constexpr std::array<std::uint64_t, 22> roots = {
    3'037'000'500, 3'611'622'603, 3'938'502'376, 4'112'874'773, 4'202'935'003, 4'248'701'965,
    4'271'771'996, 4'283'353'945, 4'289'156'690, 4'292'061'010, 4'293'513'907, 4'294'240'540,
    4'294'603'903, 4'294'785'595, 4'294'876'445, 4'294'921'870, 4'294'944'583, 4'294'955'939,
    4'294'961'618, 4'294'964'457, 4'294'965'876, 4'294'966'586};

std::uint64_t count_of(Instant instant) { return static_cast<std::uint64_t>(instant.time_since_epoch().count()); }

}  // namespace

std::uint32_t Recency::freshness(ValidTime began) const {
  if (at_ <= began) return million;
  const auto age = count_of(at_.value) - count_of(began.value);  // also where the two are 2^63 apart, or more
  const auto half_life = static_cast<std::uint64_t>(half_life_.count());
  const auto halvings = age / half_life;
  if (halvings >= 20) return 0;  // less than a millionth
  auto left = age % half_life;
  auto fresh = one;
  for (const auto root : roots) {
    left *= 2;
    if (left < half_life) continue;
    left -= half_life;
    fresh = (fresh * root) >> fraction_bits;
  }
  return static_cast<std::uint32_t>((fresh * million) >> (fraction_bits + halvings));
}

std::uint32_t Recency::with(std::uint32_t score, std::uint32_t freshness) const {
  const std::uint64_t own = std::uint64_t{score} * (million - share_);
  const std::uint64_t fresh = std::uint64_t{freshness} * share_;
  return static_cast<std::uint32_t>((own + fresh) / million);
}

std::uint32_t Recency::most(std::uint32_t score) const { return with(score, million); }

std::uint32_t Recency::needed_for(std::uint32_t least) const {
  if (least <= share_) return 0;  // freshness alone is enough
  const std::uint64_t rest = million - share_;
  return static_cast<std::uint32_t>((std::uint64_t{least - share_} * million + rest - 1) / rest);
}

}  // namespace claimledger::search
