#include <stdexcept>

#include "benchmarks/sections.hpp"

// What stands for the sections that speak to Postgres by themselves, in a build without its adapter, which opens no
// store there either.
namespace claimledger::benchmarks {

void text_search_on_postgres(const Rival&, const Scale&) {
  throw std::runtime_error("search: this program was built without Postgres");
}

}  // namespace claimledger::benchmarks
