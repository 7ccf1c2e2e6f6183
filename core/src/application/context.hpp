#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "application/kept_lines.hpp"
#include "application/line_ends.hpp"
#include "application/vector_cache.hpp"
#include "application/writer_queues.hpp"
#include "claimledger/domain/config.hpp"
#include "claimledger/parts.hpp"
#include "search/analysis.hpp"

namespace claimledger::application {

// The parts that every use-case works with. The engine holds the only one.
// Threads: any; nothing in it changes but the queues of writers, what was read and is kept, and the recipe once.
struct Context {
  // Failure: InvalidInput for a search_language that is none.
  Context(Parts its_parts, Config its_config)
      : parts(std::move(its_parts)),
        config(std::move(its_config)),
        analysis(config.search_language),
        writers(store().agents_share_commits() ? Queueing::together : Queueing::by_agent) {}

  Parts parts;
  Config config;
  search::Analysis analysis;
  WriterQueues writers;
  mutable VectorCache vectors{config.vector_cache_bytes};
  // A writer changes its own while others read. Where a server is asked, a line that another process wrote is read
  // whole once more: that has to be worth it.
  mutable KeptLines read_lines{config.line_cache_bytes / 2};
  KeptLines written_lines{config.line_cache_bytes / 4, store().reads_are_near() ? std::size_t{1} : 4};
  // A server is asked only where its store knows nothing of a line.
  LineEnds line_ends{store().reads_are_near() ? config.line_cache_bytes / 4 : 0};

  Store& store() const { return *parts.store; }
  Clock& clock() const { return *parts.clock; }  // gives transaction times
  Clock& world() const { return *parts.world; }  // the real time
  // Whether the words of what is written are filed with it.
  bool files_terms() const { return config.index_words && store().search_index() != nullptr; }
  // Whether the vectors of what is written are filed with it.
  bool files_vectors() const { return config.embed_writes && parts.embedder && store().vectors() != nullptr; }
  // That of the analysis. It takes as long as some hundred words, so it is made when it is first needed.
  const std::string& recipe() const {
    std::call_once(recipe_made, [this] { made_recipe = analysis.recipe(); });
    return made_recipe;
  }
  mutable std::once_flag recipe_made;
  mutable std::string made_recipe;

  bool queues() const { return parts.oracle != nullptr || config.queue_for_adjudication; }
};

}  // namespace claimledger::application
