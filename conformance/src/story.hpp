#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answers.hpp"

namespace claimledger::conformance {

// A statement about the window between two dates, either absent ("").
Statement stated(std::string_view subject, std::string_view predicate, const Value& value, std::string_view since = {},
                 std::string_view until = {});
Statement derived(Statement statement, std::vector<ClaimId> from);
Statement from_source(Statement statement, std::string_view source);
Statement with_idempotency(Statement statement, std::string_view key);

WriteAnswer say(Engine& engine, const AgentId& agent, std::vector<Statement> statements);
// The claim of the only receipt.
ClaimId said(Engine& engine, const AgentId& agent, Statement statement);

// Plays a ledger's life: every verb, on times that stand still, go on and step back. Returns the answers as text, which
// is the same for the same engine, ids and clock.
std::vector<std::string> tell_story(Bench& bench, const AgentId& agent);

}  // namespace claimledger::conformance
