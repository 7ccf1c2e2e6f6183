#include "benchmarks/turns.hpp"

#include <filesystem>

#include "benchmarks/sections.hpp"

namespace claimledger::benchmarks {

bool logs_stand_still(const std::vector<std::string>& databases, std::vector<std::uintmax_t>& sizes) {
  std::vector<std::uintmax_t> now;
  now.reserve(databases.size());
  for (const auto& database : databases) {
    std::error_code none;
    const auto size = std::filesystem::file_size(database + "-wal", none);
    now.push_back(none ? 0 : size);
  }
  const bool same = now == sizes;
  sizes = std::move(now);
  return same;
}

void note_growing_logs() { std::puts("  the logs were still growing, so that flushes are dearer than they will be"); }

IngestRequest lone(int number) {
  return {.agent = AgentId{"remember"}, .statements = {statement("person " + std::to_string(number), number)}};
}

}  // namespace claimledger::benchmarks
