#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "claimledger/domain/digest.hpp"
#include "claimledger/domain/time.hpp"

namespace claimledger::application {

// The digest that decides whether two requests ask for the same: two writes under one idempotency key, two pages of one
// question. Every part is hashed with its length, so that no two requests run together to the same text; an absent part
// is unlike any present one.
class RequestDigest {
 public:
  RequestDigest() = default;
  explicit RequestDigest(std::string_view name) { say(name); }
  void say(std::string_view part) {
    text_ += std::to_string(part.size());
    text_ += ':';
    text_ += part;
  }
  void say_if(const std::optional<std::string>& part) {
    text_ += part ? '+' : '-';
    if (part) say(*part);
  }
  void say_end(const std::optional<ValidEnd>& end) {
    text_ += end ? '+' : '-';
    if (!end) return;
    say(std::to_string(end->at.value.time_since_epoch().count()));
    say(text(end->granularity));
  }
  template <class Time>
  void say_time(const std::optional<Time>& time) {
    say_if(time ? std::optional(std::to_string(time->value.time_since_epoch().count())) : std::nullopt);
  }
  Digest digest() const { return sha256({text_}); }

 private:
  std::string text_;
};

}  // namespace claimledger::application
