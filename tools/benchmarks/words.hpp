#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/language.hpp"
#include "benchmarks/sections.hpp"
#include "claimledger/engine.hpp"

// Searches by words beside another index of full text: what is said, and what is asked.
namespace claimledger::benchmarks {

inline const AgentId searched_agent{"searched"};

// The other one. It gives numbers of rows, where ours gives lines of the ledger with their beliefs.
class WordIndex {
 public:
  static constexpr std::size_t answers = 10;

  WordIndex() = default;
  WordIndex(const WordIndex&) = delete;
  WordIndex& operator=(const WordIndex&) = delete;
  virtual ~WordIndex() = default;

  // In one transaction.
  virtual void add(const std::vector<Statement>& statements) = 0;
  // How many of the best there are, at most `answers`. `only`: of this subject or predicate; empty: of all.
  virtual std::size_t find(const std::vector<std::string>& words, const std::string& only) = 0;
};

// So many claims, batch by batch.
void write_in_batches(std::size_t claims, Language& language,
                      const std::function<void(const std::vector<Statement>&)>& write);

// Asks both, a turn each: of all, of one subject, of one claim in a hundred.
void ask_all(const std::string& name, const Engine& engine, WordIndex& rival, Language& language, const Scale& scale);

}  // namespace claimledger::benchmarks
