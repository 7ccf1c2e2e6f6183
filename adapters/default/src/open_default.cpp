#include "claimledger/engine.hpp"
#include "claimledger/memory/memory_store.hpp"
#include "claimledger/sqlite/sqlite_store.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger {

namespace {

Engine with(std::unique_ptr<Store> store, Config config) {
  return Engine({.store = std::move(store),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()},
                std::move(config));
}

}  // namespace

Engine open_default(const std::string& path, Config config) {
  validate(config);  // before a file is made
  sqlite::Options options;
  options.path = path;
  return with(sqlite::open(std::move(options)), std::move(config));
}

Engine open_default_in_memory(Config config) { return with(memory::open(), std::move(config)); }

}  // namespace claimledger
