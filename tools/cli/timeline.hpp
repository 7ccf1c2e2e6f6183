#pragma once

#include <string>
#include <vector>

#include "claimledger/domain/belief.hpp"

namespace claimledger::cli {

// The beliefs over time, one row a stretch: its dates, its bar over an axis that all rows share, its values.
// Neighbours that say the same are one row; nothing believed from the beginning on, or for ever after, is no row.
std::string draw_timeline(const std::vector<Segment>& segments);

}  // namespace claimledger::cli
