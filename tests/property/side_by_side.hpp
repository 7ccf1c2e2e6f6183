#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/conformance/manual_clock.hpp"
#include "claimledger/engine.hpp"
#include "history.hpp"

// The engine and the model doing the same things, compared.
namespace claimledger::property {

// How often each outcome was seen.
struct Census {
  std::map<Disposition, std::size_t> dispositions;
  std::map<Rationale, std::size_t> rationales;
  std::map<Closing, std::size_t> closings;
  std::map<BeliefStatus, std::size_t> statuses;
};

class SideBySide {
 public:
  explicit SideBySide(const Config& config, Census* census = nullptr);

  // Does the step on both sides. What differs, in words; absent where nothing does.
  std::optional<std::string> step(const Step& step);

  // Beliefs at every position written so far, at every instant that matters and one microsecond around it.
  std::optional<std::string> compare_plane();
  // Beliefs and histories at the head.
  std::optional<std::string> compare_head();
  std::optional<std::string> verify() const;

  Engine& engine() { return *engine_; }
  const AgentId& agent() const { return agent_; }
  conformance::ManualClock& clock() { return *clock_; }
  Position head() const { return head_; }

 private:
  struct Snapshot {
    Position position;
    model::State state;
    TxTime asked_at;
  };

  std::optional<model::Answer> do_model(const Step& step);
  WriteAnswer do_engine(const Step& step);
  std::size_t picked_claim(const Step& step) const;
  std::optional<std::size_t> picked_question(const Step& step) const;
  std::vector<ClaimId> parents(const model::Said& said) const;
  void compare_answer(const WriteAnswer& engine, const model::Answer& model);
  void compare_batch();
  void compare_belief(const Snapshot& snapshot, const LineKey& line, ValidTime valid_at);
  void compare_history(const Snapshot& snapshot, const LineKey& line);
  void same_claim(std::optional<ClaimId> engine, std::optional<model::Number> model, const std::string& what);
  model::Number number_of(const ClaimId& id) const;
  std::vector<model::Number> numbers_of(const std::vector<ClaimId>& ids) const;
  model::Slot slot_of(const Slot& slot) const;
  std::vector<LineKey> lines(const model::State& state) const;
  void count(const Record& record);

  std::shared_ptr<conformance::ManualClock> clock_;
  std::unique_ptr<Engine> engine_;
  model::Model model_;
  AgentId agent_{"agent"};
  Census* census_;
  Position head_;
  std::vector<ClaimId> claims_;
  std::vector<AdjudicationId> questions_;
  std::vector<Snapshot> snapshots_;
};

// Runs the whole history; what first differs.
std::optional<std::string> first_difference(const History& history, Census* census = nullptr);
// The same, with fewer steps and statements: none of the rest can be dropped.
History shrunk(History history);

}  // namespace claimledger::property
