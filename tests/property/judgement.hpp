#pragma once

#include <optional>
#include <string>
#include <vector>

#include "line.hpp"
#include "story.hpp"

// The model: the meaning of a story by the specification, computed from the start for each position. A line is judged
// from its first step on, without the statements that are taken back; nothing is repaired, since nothing is kept. It
// keeps only the history that the specification asks for: the outcome of a step when it was first judged, and the id
// that a statement was given.
namespace claimledger::property {

// The outcome of a step when it was first judged.
struct Outcome {
  bool done = true;                             // false: it changed nothing and stands for nothing
  bool began = false;                           // say, correct: its own entry began a claim
  std::optional<Id> claim = {};                 // begun, restated, or what the verb was about
  std::optional<Id> given = {};                 // the new id under which judging anew had it begin a claim
  std::vector<std::size_t> took = {};           // statements: retract, drop, deny, correct
  std::vector<Cut> inherited = {};              // correct: the ends of the old claim in force then
  Instants left_back = {};                      // correct: what a partial reopening had left taken back
  std::optional<std::size_t> promoted_by = {};  // correct: so was the old one
  Place asked;                                  // affirm: the verdict is about rivals that counted up to here
  std::vector<std::size_t> undoes = {};         // reopen: the acts that took something from the claim …
  std::vector<std::size_t> gives_back = {};     // … and that
};

struct Question {
  Id claim = 0;
  Place asked;
  bool open = true;
};

class Model {
 public:
  explicit Model(const Story& story);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // The line after the first n steps.
  const Line& after(std::size_t steps) const { return lines_.at(steps); }
  const Outcome& outcome(std::size_t step) const { return outcomes_.at(step); }
  const Axis& axis() const { return axis_; }
  const Story& story() const { return story_; }
  TxTime recorded_at(std::size_t step) const { return times_.at(step); }
  // Has a question that was open after the first n steps.
  bool asked(Id claim, std::size_t steps) const;
  // The first n steps judged once more: with nothing else taken back the line must come out as it was.
  Line anew(std::size_t steps) { return judged(steps); }
  std::string name(Id id) const;
  // The step that said what is called so.
  std::optional<std::size_t> statement(const std::string& name) const;
  std::optional<Id> target(const Step& step, std::size_t before) const;

 private:
  friend class Judge;
  // The start of the part of a statement that is effective after n steps; absent: no part.
  std::optional<ValidTime> holds_from(std::size_t statement, std::size_t steps) const;
  bool withdrawn(std::size_t statement, std::size_t steps) const;  // not counting corrections
  bool dropped(std::size_t statement, std::size_t steps) const;
  bool still_decides(std::size_t statement, std::size_t correction, std::size_t steps) const;
  ValidTime taken_before(std::size_t act, std::size_t statement, std::size_t steps) const;
  std::size_t place_of(std::size_t statement, std::size_t steps) const;
  Instants reopened(Id claim, std::size_t end, std::size_t steps) const;

  void play(std::size_t step);
  void take_back(std::size_t step, std::vector<std::size_t> statements);
  void reopen(std::size_t step);
  // The last act before the step by which the claim lost statements that no claim has had again, and these.
  struct Loss {
    std::size_t act = 0;
    std::vector<std::size_t> statements;
  };
  std::optional<Loss> last_loss(Id id, std::size_t step) const;
  bool counted(Id id, std::size_t steps) const;  // once, up to there
  void give_back(std::size_t step, const Loss& loss);
  void ask(std::size_t step);
  Line judged(std::size_t steps);

  Story story_;
  std::vector<TxTime> times_;
  Axis axis_;
  std::vector<Outcome> outcomes_;
  std::vector<Line> lines_;
  std::vector<std::vector<Question>> questions_;
  std::size_t new_ids_ = 0;
  std::optional<std::size_t> deciding_;
};

}  // namespace claimledger::property
