#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "claimledger/engine.hpp"

// Answers as people read them. Every function returns whole lines.
namespace claimledger::cli {

std::string line_name(const LineKey& line);   // "user · city"
std::string show(const Value& value);         // a string without quotes, anything else as JSON
std::string show_short(const Value& value);   // the same, cut for a table
std::string show(ValidTime at);               // a date where it is midnight; "…" for no start and no end
std::string show(const ValidWindow& window);  // "2020 → …", "any time"

// Instants as the claims that name them state them, never padded: "2020-03" where somebody said so. Where several do,
// the finest.
class StatedDates {
 public:
  void add(const ValidWindow& window);
  // The same, and what this window names is said in its words from then on.
  void prefer(const ValidWindow& window);
  std::string show(ValidTime at) const;

 private:
  std::map<ValidTime, std::string> as_stated_;
};

std::string describe(const LineKey& line, const Belief& belief);
std::string one_line(const LineKey& line, const Belief& belief);
std::string describe(const ClaimHistory& claim);
std::string describe(const ClaimHistory& claim, StatedDates dates);
std::string describe(const History& history);
std::string describe(const ContestedLine& line);
std::string describe(const AdjudicationItem& item);
std::string describe(const AuditEntry& entry);
std::string describe(const Receipt& receipt);
// `name` says in words what a claim is: "user · city = Berlin".
using ClaimName = std::function<std::string(const ClaimId&)>;
std::string describe(const WriteAnswer& answer, const ClaimName& name);

}  // namespace claimledger::cli
