#include "readers.hpp"

namespace claimledger::sqlite {

namespace {

constexpr std::size_t readers_kept = 8;

}  // namespace

std::unique_ptr<Database> Readers::acquire() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  files_.require_same("read");  // what took its place may be anybody's
  auto reader = std::make_unique<Database>(options_.path, access_, options_.busy_timeout);
  reader->configure(options_.cache_kib);
  reader->execute("PRAGMA query_only = ON");
  return reader;
}

void Readers::release(std::unique_ptr<Database> reader) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < readers_kept) idle_.push_back(std::move(reader));
}

void Readers::close() {
  const std::scoped_lock lock(mutex_);
  idle_.clear();
}

}  // namespace claimledger::sqlite
