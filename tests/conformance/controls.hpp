#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/ports/store.hpp"

// Negative controls: real adapters with one thing broken each. A kit that does not catch them proves nothing.
namespace claimledger::conformance {

struct Control {
  std::string name;
  std::string breakage;  // what is wrong, in words
  std::string rule;      // the rule that has to catch it
  // Exactly one of these: a decorator around a store of `over`, or a text in the SQLite adapter's statements and what
  // stands there instead.
  std::string over = "sqlite_memory";  // or "memory", "sqlite_file"
  std::function<std::unique_ptr<Store>(std::shared_ptr<Store>)> decorate = {};
  std::string sql = {};
  std::string altered = {};
};

std::vector<Control> decorated_controls();
std::vector<Control> altered_controls();
inline std::vector<Control> controls() {
  auto all = decorated_controls();
  for (auto& control : altered_controls()) all.push_back(std::move(control));
  return all;
}

// From here on every statement that contains `sql` is prepared with `altered` in its place.
void alter_statements(const Control& control);

}  // namespace claimledger::conformance
