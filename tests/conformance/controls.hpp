#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "claimledger/conformance/forwarding_store.hpp"

// Negative controls: real adapters with one thing broken each. A kit that does not catch them proves nothing.
namespace claimledger::conformance {

struct Control {
  std::string name;
  std::string breakage;  // what is wrong, in words
  std::string rule;      // the rule that has to catch it
  // Exactly one of these: a decorator around a store of `over`, or a text in the SQLite adapter's statements and what
  // stands there instead.
  std::string over = "sqlite_memory";  // or "memory", "memory_comparing", "sqlite_file"
  std::function<std::unique_ptr<Store>(std::shared_ptr<Store>)> decorate = {};
  std::string sql = {};
  std::string altered = {};
};

// A control by a decorator.
template <class Broken>
Control broken(std::string name, std::string over, std::string breakage, std::string rule) {
  return {.name = std::move(name),
          .breakage = std::move(breakage),
          .rule = std::move(rule),
          .over = std::move(over),
          .decorate = [](std::shared_ptr<Store> inner) { return std::make_unique<Broken>(std::move(inner)); }};
}

// Breaks what is appended, commit by commit.
struct BreaksCommits : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  virtual void spoil(Commit& commit) const = 0;
  std::vector<Outcome> append(std::span<const Commit> commits, const Call& call) override {
    std::vector<Commit> spoilt(commits.begin(), commits.end());
    for (auto& commit : spoilt) spoil(commit);
    return inner().append(spoilt, call);
  }
};

// What a turn appends, changed on its way by `Way`, which gives the outcomes.
template <class Way>
struct TurnsAppend : ForwardingStore {
  using ForwardingStore::ForwardingStore;
  struct Turn : WriteTurn {
    explicit Turn(std::unique_ptr<WriteTurn> inner) : inner_(std::move(inner)) {
      snapshots = inner_->snapshots;
      guessed = inner_->guessed;
    }
    std::vector<TurnOutcome> append(std::span<const Commit> commits) override { return Way()(*inner_, commits); }
    std::unique_ptr<WriteTurn> inner_;
  };
  std::unique_ptr<WriteTurn> begin_write(std::vector<WriteIntent> intents, const Call& call) override {
    return std::make_unique<Turn>(inner().begin_write(std::move(intents), call));
  }
};

std::vector<Control> decorated_controls();
std::vector<Control> index_controls();
std::vector<Control> vector_controls();
std::vector<Control> comparing_controls();
std::vector<Control> altered_controls();
inline std::vector<Control> controls() {
  auto all = decorated_controls();
  for (auto& control : index_controls()) all.push_back(std::move(control));
  for (auto& control : vector_controls()) all.push_back(std::move(control));
  for (auto& control : comparing_controls()) all.push_back(std::move(control));
  for (auto& control : altered_controls()) all.push_back(std::move(control));
  return all;
}

// A sound store that compares vectors itself, which none of the adapters here does without a server.
std::unique_ptr<Store> comparing_store(std::shared_ptr<Store> inner);

// From here on every statement that contains `sql` is prepared with `altered` in its place.
void alter_statements(const Control& control);

}  // namespace claimledger::conformance
