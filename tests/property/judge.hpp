#pragma once

#include <vector>

#include "judgement.hpp"

namespace claimledger::property {

// One judging of the line: the first `steps` steps in order, each in the light of those before it (section 5, 4 to 9).
class Judge {
 public:
  Judge(Model& model, std::size_t steps) : model_(model), steps_(steps), line_(&model.axis_) {}
  Line run();

 private:
  const Axis& axis() const { return model_.axis_; }
  const Step& step() const { return model_.story_.steps[now_]; }
  TxTime now() const { return model_.times_[now_]; }
  // The step that is judged for the first time.
  bool first_time() const { return model_.deciding_ == now_; }
  bool below_floor(const Statement& word) const;

  void say();
  void place_corrections(std::optional<Id> of);
  void place_correction(std::size_t correction);
  void apply_to_corrections();
  void end();
  void affirm();

  Held heard(std::size_t statement, const Statement& word, TxTime first_said) const;
  void state_ends(std::size_t statement, const Held& newcomer, const std::vector<Id>& ended);
  Id id_for(std::size_t statement);
  void begin(Held claim, bool parked);
  void count(Id claim);
  void restate(Held& claim, const Held& newcomer);
  void promote(Id claim);
  void promote_others(const Held& newcomer);
  std::vector<Id> ended_by(const Held& newcomer) const;
  const Held* restated_by(const Held& newcomer) const;
  const Held* confirmed_by(const Held& newcomer) const;
  bool covers(const Held& claim, const Held& newcomer) const;
  bool lacks_a_rival(const Held& claim, const Held& newcomer) const;
  bool window_has_ended(const Statement& word) const;

  void settle(Line::Pairs known);
  void wins(Id winner, const std::vector<Id>& rivals);
  std::set<std::size_t> said_at(std::size_t correction) const;
  std::vector<Id> heirs(Id claim) const;

  Model& model_;
  std::size_t steps_;
  Line line_;
  std::size_t now_ = 0;
  std::size_t order_ = 0;
};

}  // namespace claimledger::property
