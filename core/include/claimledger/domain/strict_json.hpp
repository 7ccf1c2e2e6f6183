#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"

namespace claimledger {

// Handed to nlohmann's Json::parse as its callback. The library keeps the last of two equal keys and reads to any
// depth, beyond what those who go through the result level by level have stack for; both are refused here, while it
// reads: InvalidInput. Value::parse judges the depth of a value exactly; here up to `around` levels more are fine,
// which is how deep a line holds its values. Errors about the whole text call it `whole`.
template <class Json>
class StrictJson {
 public:
  explicit StrictJson(std::size_t around, std::string whole = "line")
      : whole_(std::move(whole)), most_(limits::json_depth + around) {}

  bool operator()(int, typename Json::parse_event_t event, const Json& parsed) {
    using Event = typename Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        if (open_.size() == most_)
          throw InvalidInput(whole_, "is nested deeper than " + std::to_string(limits::json_depth) + " levels");
        open_.emplace_back();
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

  // Where the reading stands: "metadata.tags[1].a"
  std::string path() const {
    std::string out;
    for (const auto& open : open_) {
      if (open.keys.empty())
        out += "[" + std::to_string(open.elements) + "]";
      else
        out += (out.empty() ? "" : ".") + open.key;
    }
    return out;
  }

 private:
  // An object or a list that is being read: of an object the keys so far, of a list how many elements are behind.
  struct Open {
    std::set<std::string> keys = {};
    std::string key = {};
    std::size_t elements = 0;
  };

  void enter(const std::string& key) {
    auto& object = open_.back();
    object.key = key;
    if (!object.keys.insert(key).second) throw InvalidInput(path(), "is given twice");
  }

  void pass_element() {
    if (!open_.empty()) ++open_.back().elements;
  }

  std::string whole_;
  std::size_t most_;
  std::vector<Open> open_;
};

}  // namespace claimledger
