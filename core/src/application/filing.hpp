#pragma once

#include <optional>

#include "application/embedding.hpp"

namespace claimledger::application {

// What is derived from the contents of a batch and filed with it: their words, and their vectors.
class Filing {
 public:
  Filing(const Context& context, WriteVectors& vectors) : context_(context), vectors_(vectors) {
    if (context.files_terms()) terms_.emplace(context.analysis);
  }

  // For each entry of the batch once. `content`: its own, empty where it has none or none any more.
  void add(StoredEntry& entry, const Content& content);
  // After the last.
  void finish(Commit& commit) const;

 private:
  const Context& context_;
  WriteVectors& vectors_;
  std::optional<search::TermMaker> terms_;  // absent: words are not filed
  bool every_vector_ = true;
};

}  // namespace claimledger::application
