#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "claimledger/domain/digest.hpp"
#include "claimledger/domain/time.hpp"

namespace claimledger::application {

// The digest that decides whether two requests under one idempotency key have the same content. Every part is hashed
// with its length, so that no two requests run together to the same text; an absent part is unlike any present one.
class RequestDigest {
 public:
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
  Digest digest() const { return sha256({text_}); }

 private:
  std::string text_;
};

}  // namespace claimledger::application
