#include "search/dot_kernels.hpp"

#include <array>
#include <cfloat>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Compiled with -ffp-contract=off (see CMakeLists.txt): a compiler may otherwise fuse a product and the sum after it,
// in intrinsics too.
static_assert(std::numeric_limits<float>::is_iec559, "the dot products need IEEE floats: do without -ffast-math");
static_assert(FLT_EVAL_METHOD == 0, "the dot products need floats rounded as such: -msse2 -mfpmath=sse on 32-bit x86");

namespace claimledger::search {
namespace {

namespace scalar {

float floats(const float* one, const float* other, std::size_t count) {
  std::array<float, float_lanes> sums{};
  for (std::size_t at = 0; at < count; at += float_lanes)
    for (std::size_t lane = 0; lane < float_lanes; ++lane) sums[lane] += one[at + lane] * other[at + lane];
  for (auto half = float_lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return sums[0];
}

std::int32_t bytes(const std::int8_t* row, const std::int16_t* query, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t at = 0; at < count; ++at) sum += std::int32_t{row[at]} * std::int32_t{query[at]};
  return sum;
}

}  // namespace scalar

#if defined(__x86_64__)

// --- SSE2, which every x86-64 has ------------------------------------------------------------------------------------

float sum_of_four(__m128 sums) {
  const auto two = _mm_add_ps(sums, _mm_movehl_ps(sums, sums));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

std::int32_t sum_of_four(__m128i sums) {
  const auto two = _mm_add_epi32(sums, _mm_unpackhi_epi64(sums, sums));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

template <class Vector, class Number>
const Vector* as(const Number* numbers) {
  return reinterpret_cast<const Vector*>(numbers);
}

namespace sse2 {

__m128 product(const float* one, const float* other) { return _mm_mul_ps(_mm_loadu_ps(one), _mm_loadu_ps(other)); }

float floats(const float* one, const float* other, std::size_t count) {
  auto first = _mm_setzero_ps(), second = first, third = first, fourth = first;
  for (std::size_t at = 0; at < count; at += float_lanes) {
    first = _mm_add_ps(first, product(one + at, other + at));
    second = _mm_add_ps(second, product(one + at + 4, other + at + 4));
    third = _mm_add_ps(third, product(one + at + 8, other + at + 8));
    fourth = _mm_add_ps(fourth, product(one + at + 12, other + at + 12));
  }
  return sum_of_four(_mm_add_ps(_mm_add_ps(first, third), _mm_add_ps(second, fourth)));
}

std::int32_t bytes(const std::int8_t* row, const std::int16_t* query, std::size_t count) {
  auto sums = _mm_setzero_si128();
  for (std::size_t at = 0; at < count; at += 16) {
    const auto sixteen = _mm_loadu_si128(as<__m128i>(row + at));
    // Each byte twice, and one of them shifted out, with the sign: there is no instruction that widens bytes yet.
    const auto low = _mm_srai_epi16(_mm_unpacklo_epi8(sixteen, sixteen), 8);
    const auto high = _mm_srai_epi16(_mm_unpackhi_epi8(sixteen, sixteen), 8);
    sums = _mm_add_epi32(sums, _mm_madd_epi16(low, _mm_loadu_si128(as<__m128i>(query + at))));
    sums = _mm_add_epi32(sums, _mm_madd_epi16(high, _mm_loadu_si128(as<__m128i>(query + at + 8))));
  }
  return sum_of_four(sums);
}

}  // namespace sse2

// --- AVX2 ------------------------------------------------------------------------------------------------------------

namespace avx2 {

__attribute__((target("avx2"))) float sum_of_sixteen(__m256 low, __m256 high) {
  const auto eight = _mm256_add_ps(low, high);
  return sum_of_four(_mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1)));
}

__attribute__((target("avx2"))) std::int32_t sum_of_sixteen(__m256i low, __m256i high) {
  const auto eight = _mm256_add_epi32(low, high);
  return sum_of_four(_mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1)));
}

__attribute__((target("avx2"))) float floats(const float* one, const float* other, std::size_t count) {
  auto low = _mm256_setzero_ps(), high = low;
  for (std::size_t at = 0; at < count; at += float_lanes) {
    low = _mm256_add_ps(low, _mm256_mul_ps(_mm256_loadu_ps(one + at), _mm256_loadu_ps(other + at)));
    high = _mm256_add_ps(high, _mm256_mul_ps(_mm256_loadu_ps(one + at + 8), _mm256_loadu_ps(other + at + 8)));
  }
  return sum_of_sixteen(low, high);
}

__attribute__((target("avx2"))) std::int32_t bytes(const std::int8_t* row, const std::int16_t* query,
                                                   std::size_t count) {
  auto low = _mm256_setzero_si256(), high = low;
  for (std::size_t at = 0; at < count; at += 32) {
    const auto first = _mm256_cvtepi8_epi16(_mm_loadu_si128(as<__m128i>(row + at)));
    const auto second = _mm256_cvtepi8_epi16(_mm_loadu_si128(as<__m128i>(row + at + 16)));
    low = _mm256_add_epi32(low, _mm256_madd_epi16(first, _mm256_loadu_si256(as<__m256i>(query + at))));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(second, _mm256_loadu_si256(as<__m256i>(query + at + 16))));
  }
  return sum_of_sixteen(low, high);
}

}  // namespace avx2

// --- AVX-512 ---------------------------------------------------------------------------------------------------------

namespace avx512 {

// Halves are taken in memory: GCC 12 warns that its own intrinsics for that read what is not set.

__attribute__((target("avx512f"))) float floats(const float* one, const float* other, std::size_t count) {
  auto sums = _mm512_setzero_ps();
  for (std::size_t at = 0; at < count; at += float_lanes)
    sums = _mm512_add_ps(sums, _mm512_mul_ps(_mm512_loadu_ps(one + at), _mm512_loadu_ps(other + at)));
  std::array<float, 16> sixteen;
  _mm512_storeu_ps(sixteen.data(), sums);
  return avx2::sum_of_sixteen(_mm256_loadu_ps(sixteen.data()), _mm256_loadu_ps(sixteen.data() + 8));
}

// Not VNNI: it spares one of three operations that wait for memory, and would be one more to choose.
__attribute__((target("avx512f,avx512bw"))) std::int32_t bytes(const std::int8_t* row, const std::int16_t* query,
                                                               std::size_t count) {
  auto low = _mm512_setzero_si512(), high = low;
  for (std::size_t at = 0; at < count; at += byte_lanes) {
    const auto first = _mm512_cvtepi8_epi16(_mm256_loadu_si256(as<__m256i>(row + at)));
    const auto second = _mm512_cvtepi8_epi16(_mm256_loadu_si256(as<__m256i>(row + at + 32)));
    low = _mm512_add_epi32(low, _mm512_madd_epi16(first, _mm512_loadu_si512(query + at)));
    high = _mm512_add_epi32(high, _mm512_madd_epi16(second, _mm512_loadu_si512(query + at + 32)));
  }
  std::array<std::int32_t, 16> sixteen;
  _mm512_storeu_si512(sixteen.data(), _mm512_add_epi32(low, high));
  return avx2::sum_of_sixteen(_mm256_loadu_si256(as<__m256i>(sixteen.data())),
                              _mm256_loadu_si256(as<__m256i>(sixteen.data() + 8)));
}

}  // namespace avx512

constexpr std::array all_kernels = {
    DotKernels{"scalar", &scalar::floats, &scalar::bytes}, DotKernels{"SSE2", &sse2::floats, &sse2::bytes},
    DotKernels{"AVX2", &avx2::floats, &avx2::bytes}, DotKernels{"AVX-512", &avx512::floats, &avx512::bytes}};

// Who can run one can run those before. It asks the system too, which has to keep the registers.
std::size_t runnable() {
  if (!__builtin_cpu_supports("avx2")) return 2;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? 4 : 3;
}

#else

constexpr std::array all_kernels = {DotKernels{"scalar", &scalar::floats, &scalar::bytes}};

std::size_t runnable() { return 1; }

#endif

}  // namespace

std::span<const DotKernels> runnable_dot_kernels() {
  static const auto count = runnable();
  return std::span(all_kernels).first(count);
}

const DotKernels& dot_kernels() { return runnable_dot_kernels().back(); }

}  // namespace claimledger::search
