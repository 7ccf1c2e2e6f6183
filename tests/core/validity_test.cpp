#include "rules/validity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "rules/time_index.hpp"

// Sets of instants, against the plain way to do each: instant by instant, and span by span.
namespace claimledger::rules {
namespace {

constexpr int instants = 12;
using Plain = std::array<bool, instants>;

ValidTime at(int n) { return {Instant{std::chrono::microseconds{n}}}; }

class Random {
 public:
  int below(int n) { return static_cast<int>(generator_() % static_cast<std::uint64_t>(n)); }
  Span span() {
    const auto granularity = [&] { return static_cast<Granularity>(below(4)); };
    return {at(below(instants + 1)), at(below(instants + 1)), granularity(), granularity()};
  }
  Validity validity() {
    Validity some;
    for (int n = below(6); n > 0; --n) some.add(span());
    return some;
  }

 private:
  std::mt19937_64 generator_{1};
};

Plain plain(const Span& span) {
  Plain is{};
  for (int i = 0; i < instants; ++i) is[static_cast<std::size_t>(i)] = span.contains(at(i));
  return is;
}
Plain plain(const Validity& some) {
  Plain is{};
  for (const auto& span : some.spans()) {
    for (std::size_t i = 0; i < is.size(); ++i) is[i] = is[i] || plain(span)[i];
  }
  return is;
}
Plain both(const Plain& a, const Plain& b, bool second) {
  Plain is{};
  for (std::size_t i = 0; i < is.size(); ++i) is[i] = a[i] && b[i] == second;
  return is;
}

// With the way in which each end was stated, which equality leaves out.
using Stated = std::vector<std::tuple<ValidTime, ValidTime, Granularity, Granularity>>;
Stated stated(const Validity& some) {
  Stated all;
  for (const auto& span : some.spans()) all.emplace_back(span.from, span.until, span.from_as, span.until_as);
  return all;
}

void expect_in_order(const Validity& some) {
  for (std::size_t i = 0; i < some.spans().size(); ++i) {
    EXPECT_LT(some.spans()[i].from, some.spans()[i].until);
    EXPECT_TRUE(i == 0 || some.spans()[i - 1].until < some.spans()[i].from);
  }
}

TEST(Validity, IsWhatItIsInstantByInstant) {
  Random random;
  for (int round = 0; round < 20'000; ++round) {
    const auto a = random.validity();
    const auto b = random.validity();
    const auto span = random.span();
    expect_in_order(a);
    const auto of_a = plain(a), of_b = plain(b), of_span = plain(span);
    const auto common = plain(a.intersection(b));
    EXPECT_EQ(common, both(of_a, of_b, true));
    EXPECT_EQ(a.intersects(b), common != Plain{});
    EXPECT_EQ(a.intersects(span), both(of_a, of_span, true) != Plain{});
    EXPECT_EQ(a.covers(span), both(of_span, of_a, false) == Plain{});
    for (int i = 0; i < instants; ++i) EXPECT_EQ(a.contains(at(i)), of_a[static_cast<std::size_t>(i)]);
    const auto rest = without(a, b);
    expect_in_order(rest);
    EXPECT_EQ(plain(rest), both(of_a, of_b, false));
    auto all = a;
    all.add(b);
    expect_in_order(all);
    EXPECT_EQ(both(plain(all), of_a, false), both(of_b, of_a, false));
    EXPECT_EQ(both(of_a, plain(all), true), of_a);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST(Validity, ManySpansAreRemovedAsOneAfterTheOther) {
  Random random;
  for (int round = 0; round < 20'000; ++round) {
    const auto whole = round % 4 == 0 ? Validity(Span{}) : random.validity();
    std::vector<Span> spans(static_cast<std::size_t>(random.below(8)));
    for (auto& span : spans) span = random.span();
    auto in_turn = whole, at_once = whole;
    for (const auto& span : spans) in_turn.remove(span);
    at_once.remove(spans);
    ASSERT_EQ(stated(at_once), stated(in_turn)) << "round " << round;

    const auto other = random.validity();
    auto each = whole, together = whole;
    for (const auto& span : other.spans()) each.remove(span);
    together.remove(other);
    ASSERT_EQ(stated(together), stated(each)) << "round " << round;
  }
}

TEST(TimeIndex, FindsWhatHolds) {
  Random random;
  TimeIndex index;
  std::vector<Validity> held(6);
  for (int round = 0; round < 5'000; ++round) {
    const auto claim = static_cast<std::uint32_t>(random.below(6));
    auto now = random.below(3) == 0 ? random.validity() : held[claim];
    now.add(random.span());
    index.replace(claim, held[claim], now);
    held[claim] = now;
    const auto span = random.span();
    if (span.until <= span.from) continue;
    std::vector<bool> found(held.size());
    index.any(span, [&](std::uint32_t each) {
      found[each] = true;
      return false;
    });
    for (std::size_t each = 0; each < held.size(); ++each) {
      ASSERT_EQ(found[each], held[each].intersects(span)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace claimledger::rules
