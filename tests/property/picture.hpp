#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "judgement.hpp"
#include "telling.hpp"

// A line at one position, in words that are the same for the model and for the engine.
namespace claimledger::property {

struct ClaimPicture {
  std::set<std::string> statements = {};
  std::string base = {};
  std::string validity = {};
  bool live = false;
  bool waits = false;
  bool queued = false;
  std::set<std::string> follows = {};
  friend bool operator==(const ClaimPicture&, const ClaimPicture&) = default;
};

struct Picture {
  Stretches line = {};                              // status and values over valid time
  std::map<std::string, ClaimPicture> claims = {};  // by name; those that have statements and are, or are parked
  // The answer at an instant; empty: none.
  std::string at(ValidTime instant) const;
  friend bool operator==(const Picture&, const Picture&) = default;
};

Picture picture_of(const Model& model, std::size_t steps);
// The first difference between two pictures; absent: none.
std::optional<std::string> difference(const std::string& ours, const Picture& a, const std::string& theirs,
                                      const Picture& b);

// Plays a story and draws the line as it stands afterwards.
using Draw = std::function<Picture(const Story&)>;
Picture drawn_by_model(const Story& story);

}  // namespace claimledger::property
