#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "claimledger/domain/digest.hpp"
#include "claimledger/domain/time.hpp"

namespace claimledger::application {

// What "the same content" under one idempotency key means: each part of a request with its length, so that no two
// requests run together to the same text, and an absent part unlike any that is there.
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
