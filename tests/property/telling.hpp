#pragma once

#include <string>
#include <string_view>

#include "judgement.hpp"

// The model's answers, in words.
//
//   line             "..5 Berlin, 5..9 ~Munich, 9.. Berlin|Munich": stretches of the same answer; ~ says that the
//                    timing is uncertain, | that it is contested, {en de} is a set
//   holds C | base C "-9..5 8..", or "nothing"
//   waits            the claims that wait, in order
//   follows C        the claims that it follows
//   said C           the statements that it is made of
//   done             what became of the last step: "began", "restates C", "done", "nothing"
// C is written as in a story.
namespace claimledger::property {

// Stretches of the same answer, in order; those without an answer are left out.
using Stretches = std::vector<std::pair<Span, std::string>>;
Stretches stretches_of(const Line& line);
std::string in_words(const Stretches& stretches);
std::string tell(const Model& model, std::size_t steps, std::string_view question);

}  // namespace claimledger::property
