#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "claimledger/failure.hpp"
#include "claimledger/migrations/migration.hpp"

namespace claimledger::migrations {

namespace {

[[noreturn]] void refuse(const std::string& why) { throw StoreFailure(FailureKind::incompatible, "migrate", why); }

// The namespace of our checksums: any fixed UUID; part of the stored format.
constexpr boost::uuids::uuid checksum_namespace = {
    {0x7c, 0x1a, 0x52, 0x0e, 0x93, 0x4d, 0x4f, 0x6b, 0x8e, 0x21, 0x5d, 0x0b, 0xc4, 0x66, 0x1f, 0xa7}};

}  // namespace

std::string checksum(std::string_view sql) {
  boost::uuids::name_generator_sha1 generate(checksum_namespace);
  return boost::uuids::to_string(generate(sql.data(), sql.size()));
}

std::vector<Migration> plan(std::span<const Applied> applied, std::span<const Migration> embedded) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const auto& was = applied[i];
    const auto number = std::to_string(was.version);
    if (was.version != i + 1)
      refuse("migration " + std::to_string(i + 1) + " is missing, although " + number + " is there");
    if (i >= embedded.size()) {
      refuse("its schema is at version " + std::to_string(applied.back().version) + ", this program knows up to " +
             std::to_string(embedded.size()) + "; use a newer claimledger");
    }
    if (was.checksum != checksum(embedded[i].sql)) {
      refuse("migration " + number + " (" + was.name +
             ") was applied from another text than this program has: the store was made by an earlier build, whose "
             "format is no longer read; make a new one");
    }
  }
  return {embedded.begin() + static_cast<std::ptrdiff_t>(applied.size()), embedded.end()};
}

}  // namespace claimledger::migrations
