#pragma once

#include <algorithm>
#include <bitset>
#include <optional>
#include <stdexcept>
#include <vector>

#include "claimledger/domain/belief.hpp"

// Valid time as the model sees it. Whatever a line says begins and ends at an instant that somebody named, so between
// two neighbours of these nothing changes: a set of instants is a set of such cells.
namespace claimledger::property {

inline constexpr std::size_t most_cells = 256;
using Instants = std::bitset<most_cells>;

class Axis {
 public:
  explicit Axis(std::vector<ValidTime> named) : starts_(std::move(named)) {
    starts_.push_back(ValidTime::beginning());
    std::ranges::sort(starts_);
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
    if (starts_.size() > most_cells) throw std::length_error("too many instants for one story");
  }

  std::size_t size() const { return starts_.size(); }
  ValidTime start(std::size_t cell) const { return starts_[cell]; }
  // The cell that holds the instant.
  std::size_t cell(ValidTime at) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(starts_, at) - starts_.begin()) - 1;
  }
  Instants all() const { return between({}, {}); }
  Instants from(ValidTime at) const { return between(at, {}); }
  Instants until(ValidTime at) const { return between({}, at); }
  // Both must be named; an absent one is no bound.
  Instants between(std::optional<ValidTime> from, std::optional<ValidTime> until) const {
    Instants found;
    for (std::size_t i = 0; i < size(); ++i)
      found[i] = (!from || starts_[i] >= *from) && (!until || starts_[i] < *until);
    return found;
  }
  bool has(const Instants& instants, ValidTime at) const { return instants[cell(at)]; }
  // Where the last stretch starts, and where it ends unless it reaches forever; absent: there is none.
  struct Stretch {
    ValidTime from;
    std::optional<ValidTime> until;
  };
  std::optional<Stretch> last_stretch(const Instants& instants) const {
    auto last = size();
    while (last > 0 && !instants[last - 1]) --last;
    if (last == 0) return {};
    auto first = last - 1;
    while (first > 0 && instants[first - 1]) --first;
    return Stretch{starts_[first], last == size() ? std::nullopt : std::optional(starts_[last])};
  }
  std::vector<Span> spans(const Instants& instants) const {
    std::vector<Span> found;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!instants[i]) continue;
      const auto until = i + 1 < size() ? starts_[i + 1] : ValidTime::forever();
      if (!found.empty() && found.back().until == starts_[i]) {
        found.back().until = until;
      } else {
        found.push_back({starts_[i], until});
      }
    }
    return found;
  }

 private:
  std::vector<ValidTime> starts_;
};

}  // namespace claimledger::property
