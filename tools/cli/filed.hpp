#pragma once

#include <string>

#include "claimledger/reads.hpp"

// How far the words and the vectors of a ledger are filed, in words.
namespace claimledger::cli {

std::string shown(const Status::Words& words, Position head);
std::string shown(const FiledModel& filed, Position head);
std::string shown(const Comparing& comparing);

}  // namespace claimledger::cli
