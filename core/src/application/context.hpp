#pragma once

#include <utility>

#include "application/writer_queues.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/parts.hpp"
#include "search/analysis.hpp"

namespace claimledger::application {

// The parts that every use-case works with. The engine holds the only one.
// Threads: any; nothing in it changes but the queues of writers.
struct Context {
  // Failure: InvalidInput for a search_language that is none.
  Context(Parts its_parts, Config its_config)
      : parts(std::move(its_parts)), config(std::move(its_config)), analysis(config.search_language) {}

  Parts parts;
  Config config;
  search::Analysis analysis;
  WriterQueues writers;

  Store& store() const { return *parts.store; }
  Clock& clock() const { return *parts.clock; }  // gives transaction times
  Clock& world() const { return *parts.world; }  // the real time
  bool queues() const { return parts.oracle != nullptr || config.queue_for_adjudication; }
};

}  // namespace claimledger::application
