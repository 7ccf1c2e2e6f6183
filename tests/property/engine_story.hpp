#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/engine.hpp"
#include "picture.hpp"

// The engine playing a story, through its public doors.
namespace claimledger::property {

// The outcome of a step, in words.
struct Became {
  bool done = true;
  bool began = false;                  // say, correct
  std::string claim = {};              // say: that was begun or restated
  bool waits = false;                  // say: its receipt says so
  std::set<std::string> against = {};  // say: contested_with
  friend bool operator==(const Became&, const Became&) = default;
};
std::string in_words(const Became& became);

class EngineStory {
 public:
  explicit EngineStory(const Config& config);

  // The steps of one batch.
  std::vector<Became> play(const std::vector<Step>& batch);
  // At a position of the past, or at the head.
  Picture picture(std::optional<Position> position = {});
  Belief belief(ValidTime at, std::optional<Position> position = {});
  Position head() const;
  // The statement that began the claim.
  std::string name(const ClaimId& claim) const;
  std::string verified() const;

  // How a claim is called that judging anew began: by whoever knows, given its statements. At first by its id.
  using Naming = std::function<std::string(const ClaimId&, const std::set<std::string>&)>;
  void name_new_ones(Naming naming) { naming_ = std::move(naming); }

 private:
  std::vector<Became> say(const std::vector<Step>& batch);
  Became verb(const Step& step);
  WriteAnswer written(const Step& step, const ClaimId& claim);
  std::optional<ClaimId> target(const Step& step) const;
  History read(std::optional<Position> position) const;
  Timeline timeline_at(std::optional<Position> position) const;
  void number_statements(const std::vector<Step>& batch);
  At at(std::optional<Position> position) const;

  std::shared_ptr<conformance::ManualClock> clock_;
  std::unique_ptr<Engine> engine_;
  AgentId agent_{"agent"};
  std::map<std::string, ClaimId> named_;       // by the statement whose receipt named it
  std::map<ClaimId, std::string> names_;       // by the statement that began it
  std::map<std::uint64_t, std::string> said_;  // the statement of an entry
  std::map<Position, TxTime> asked_at_;        // when each position was new
  Naming naming_;
  bool played_ = false;
};

Picture drawn_by_engine(const Story& story);

// Compares model and engine, batch by batch: the outcomes of the steps, the line and its claims at each position, and
// the belief at and beside every instant that matters. At the end it reads the old positions once more and verifies the
// ledger. Returns the first difference, in words.
std::optional<std::string> side_by_side(const Story& story);

}  // namespace claimledger::property
