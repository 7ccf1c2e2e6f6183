#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace claimledger::conformance {

// The pairs of a ledger and a question to it of which a rule found the answer equal to the model's. A rule goes on to
// more ledgers until there are CLAIMLEDGER_CONFORMANCE_PAIRS of them; without that, one of each kind is all. Said when
// the rule ends, by how the ledgers were filed, to whoever runs it and in the report.
class Pairs {
 public:
  Pairs();
  ~Pairs();
  Pairs(const Pairs&) = delete;
  Pairs& operator=(const Pairs&) = delete;

  void add(std::string_view filed) { ++by_filing_[std::string(filed)]; }
  std::uint64_t count() const;
  // Whether more are asked for.
  bool too_few() const { return count() < wanted_; }

 private:
  std::uint64_t wanted_ = 0;
  std::map<std::string, std::uint64_t> by_filing_;
};

}  // namespace claimledger::conformance
