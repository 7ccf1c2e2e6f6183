#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "claimledger/engine.hpp"

// Answers as people read them. Every function returns whole lines.
namespace claimledger::cli {

std::string line_name(const LineKey& line);   // "user · city"
std::string show(const Value& value);         // as JSON; a string that can't be mistaken for JSON without quotes
std::string show_short(const Value& value);   // the same, cut for a table
std::string show_start(const Span& span);     // as stated, "2020-03"; "…" for no start
std::string show_end(const Span& span);       // the same of the end
std::string show(const ValidWindow& window);  // "2020 → …", "any time"

// For which instant an answer is, where it is about one, and as of when.
std::string answered(const std::optional<ValidTime>& valid_at, const AnsweredAt& at);
std::string describe(const LineKey& line, const Belief& belief);
std::string one_line(const LineKey& line, const Belief& belief);
std::string describe(const ClaimHistory& claim);
std::string describe(const History& history);
std::string describe(const Timeline& timeline);
// Which line, and as of when.
std::string describe(const LineKey& line, const AnsweredAt& at);
std::string describe(const ContestedLine& line);
std::string describe(const AdjudicationItem& item);
std::string describe(const AuditEntry& entry);
std::string describe(const Receipt& receipt);
// `name` says in words what a claim is: "user · city = Berlin".
using ClaimName = std::function<std::string(const ClaimId&)>;
std::string describe(const WriteAnswer& answer, const ClaimName& name);

}  // namespace claimledger::cli
