#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"

namespace claimledger {

// What the library takes for a part of the format and passes over; here it is allowed at the start of a stream only.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// A key as errors name it: in quotes where it would not be seen as one.
inline std::string shown_key(std::string_view key) {
  const auto unusual = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"'; };
  bool plain = !key.empty();
  for (const char c : key) plain = plain && !unusual(c);
  return plain ? std::string(key) : "\"" + std::string(key) + "\"";
}

// What nlohmann says of malformed text: "at byte 41: invalid string: ill-formed UTF-8 byte". Without its own name for
// the error, the number of the line, which is always 1 here, and what it read last, which may be long and not UTF-8.
template <class ParseError>
std::string problem_of(const ParseError& error) {
  std::string_view what = error.what();
  what = what.substr(0, what.find("; last read"));
  constexpr std::string_view reason = " - ";
  if (const auto at = what.find(reason); at != std::string_view::npos)
    what.remove_prefix(at + reason.size());
  else if (const auto bracket = what.find("] "); bracket != std::string_view::npos)
    what.remove_prefix(bracket + 2);
  return "at byte " + std::to_string(error.byte) + ": " + std::string(what);
}

// Handed to nlohmann's Json::parse as its callback. The library keeps the last of two equal keys and reads to any
// depth, beyond what those who go through the result level by level have stack for; both are refused here, while it
// reads: InvalidInput. Value::parse judges the depth of a value exactly; here up to `around` levels more are fine,
// which is how deep a line holds its values. Errors about the whole text call it `whole`.
template <class Json>
class StrictJson {
 public:
  explicit StrictJson(std::size_t around, std::string whole = "line")
      : whole_(std::move(whole)), around_(around), most_(limits::json_depth + around) {}

  bool operator()(int, typename Json::parse_event_t event, const Json& parsed) {
    using Event = typename Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        if (open_.size() == most_)
          throw InvalidInput(path(around_), "is nested deeper than " + std::to_string(limits::json_depth) + " levels");
        open_.push_back({.object = event == Event::object_start});
        break;
      case Event::object_end:
      case Event::array_end:
        open_.pop_back();
        pass_element();
        break;
      case Event::key:
        enter(parsed.template get_ref<const std::string&>());
        break;
      case Event::value:
        pass_element();
        break;
    }
    return true;
  }

  // Where the reading stands: "metadata.tags[1].a", or the name of the whole text.
  std::string place() const { return path(open_.size()); }

 private:
  // An object or a list that is being read: of an object the keys so far, of a list how many elements are behind.
  struct Open {
    bool object = false;
    std::set<std::string> keys = {};
    std::optional<std::string> key = {};  // whose value is being read
    std::size_t elements = 0;
  };

  // The outermost levels alone, where there are more.
  std::string path(std::size_t levels) const {
    std::string out;
    for (std::size_t i = 0; i < levels && i < open_.size(); ++i) {
      const auto& open = open_[i];
      if (!open.object)
        out += "[" + std::to_string(open.elements) + "]";
      else if (open.key)
        out += (out.empty() ? "" : ".") + shown_key(*open.key);
    }
    return out.empty() ? whole_ : out;
  }

  void enter(const std::string& key) {
    auto& object = open_.back();
    object.key = key;
    if (!object.keys.insert(key).second) throw InvalidInput(place(), "is given twice");
  }

  void pass_element() {
    if (open_.empty()) return;
    open_.back().key.reset();
    ++open_.back().elements;
  }

  std::string whole_;
  std::size_t around_;
  std::size_t most_;
  std::vector<Open> open_;
};

}  // namespace claimledger
