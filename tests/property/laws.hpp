#pragma once

#include "picture.hpp"

// Laws that a line keeps whoever draws it. Each takes a story and says how it breaks the law; absent: it does not.
namespace claimledger::property {

struct Exceptions {
  std::size_t stories = 0;
  std::size_t only_restates = 0;  // a claim stayed that would only restate another …
  std::size_t answers = 0;        // … and the answer shows it
};

// Restating what holds changes neither status nor values at any instant.
std::optional<std::string> restating_changes_nothing(const Draw& draw, const Story& story);
// Statements alone: retracting a source, or a claim, gives the line in which that was never said.
std::optional<std::string> a_dropped_source_never_spoke(const Draw& draw, const Story& story, Exceptions& exceptions);
std::optional<std::string> a_retracted_claim_never_was(const Draw& draw, const Story& story, Exceptions& exceptions);
// Retract, deny, correct or end, and at once the way back.
std::optional<std::string> there_and_back(const Draw& draw, const Story& story);
// A claim that counted, and whose own statement was taken back, but not with its source, can be reopened.
std::optional<std::string> what_was_taken_comes_back(const Draw& draw, const Story& story);
// Where two dated values meet, only the instants in which they meet are contested.
std::optional<std::string> a_conflict_is_local(const Draw& draw, const Story& story);

}  // namespace claimledger::property
