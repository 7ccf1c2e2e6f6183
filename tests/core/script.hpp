#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/engine.hpp"
#include "rules/line_state.hpp"

// Stories about one ledger, told in lines: "what is done => what comes out"; the arrow may open the
// line below. Each line is
//
//   2026-01-15                          the clock stands there (any form of date); "+30d", "-1us" move it
//   line NAME                           what follows is about this predicate; at first "lives_in"
//   say VALUE [words] [; VALUE …]       ingest, one batch; words: since D, until D, source S, by
//   user|world|model|recall,
//                                       from A,B, sure 0.9, timing 0.9, set, functional, low|high|critical, key K, ttl
//                                       1h, on PREDICATE, as NAME
//   end A D | retract A | reopen A [D] | review A keep|retract      … [by model] [mute]
//   correct A VALUE [words]             a new claim in the place of A; `line` in place of A means the one that holds
//   now affirm|deny|unknown A               the question about A; A! asks by the claim instead of the handle sweep |
//   reconcile [all] | serve CONTEXT [D] drop SOURCE | drop! SOURCE          retract a source: dry run, run at the
//   position of the last dry run believe [D] | markers [D] | dated [D] | slot A [D] | timeline holds A | state A | cuts
//   A | said A | follows A | made A (of statements by these sources) | pending | closed wrote the kinds of entry that
//   the last line which may write appended
//
// A claim is called by its value, or as `as` says. Time is printed as short as it is exact.
namespace claimledger::test {

class Script {
 public:
  explicit Script(const Config& config = {}, Oracle* oracle = nullptr);

  // Every line, each compared with what it expects; then the ledger verifies.
  void play(std::string_view lines);
  // Runs one line without an expectation and returns its result.
  std::string act(std::string_view line);
  // The expectations that were not met so far.
  const std::vector<std::string>& misfits() const { return misfits_; }

  Engine& engine() { return engine_; }
  Store& store() { return *store_; }
  conformance::ManualClock& clock() { return *clock_; }
  const AgentId& agent() const { return agent_; }
  ClaimId claim(const std::string& name) const;
  AdjudicationId handle(const std::string& name) const { return handles_.at(claim(name)); }
  LineKey line() const { return {"alice", predicate_}; }
  std::string name(const ClaimId& id) const;

 private:
  Script(std::unique_ptr<Store> store, const Config& config, Oracle* oracle);

  using Words = std::vector<std::string>;
  std::string say(const Words& words);
  std::string verb(const Words& words);
  std::string judge(const Words& words);
  std::string correct(const Words& words);
  void check_line(const std::string& done);
  std::string shown(const rules::Decided& decided) const;
  std::string drop(const Words& words);
  std::string reconcile(const Words& words);
  std::string read(const Words& words);
  std::string believe(const Words& words);
  std::string look(const Words& words);
  std::string pending();
  std::string timeline();
  std::string wrote();
  std::string closed();
  Belief belief(const Words& words, std::size_t date);
  Statement statement(const Words& words, std::string& name);
  std::string text(const WriteAnswer& answer);
  std::string text(const Receipt& receipt);
  std::string names(const std::vector<ClaimId>& ids) const;

  std::shared_ptr<conformance::ManualClock> clock_ = std::make_shared<conformance::ManualClock>();
  AgentId agent_{"tester"};
  Store* store_;  // the engine's
  Engine engine_;
  std::string predicate_ = "lives_in";
  std::map<std::string, ClaimId> claims_;
  std::map<ClaimId, std::string> names_;
  std::map<ClaimId, AdjudicationId> handles_;
  std::optional<Position> dry_run_;
  std::vector<Receipt> foretold_;  // by the last dry run
  Position before_;                // the head before the last line that may write
  std::vector<std::string> misfits_;
};

// One case of a decision table.
struct Case {
  const char* why;
  const char* script;
};
void play(std::initializer_list<Case> cases, const Config& config = {});

// "2020", "2020-03", "2020-03-04", else to the microsecond.
std::string short_text(ValidTime time);
std::string short_text(const Span& span);

}  // namespace claimledger::test
