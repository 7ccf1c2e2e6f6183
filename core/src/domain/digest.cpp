#include "claimledger/domain/digest.hpp"

// Deprecated since OpenSSL 3.0 for the sake of exchangeable providers. What it offers instead spends more on finding
// its way to the same code than that spends on a claim.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>

#include "claimledger/failure.hpp"
#include "domain/hex.hpp"

namespace claimledger {

std::string Digest::hex() const { return to_hex(view()); }

Digest Digest::from_bytes(std::string_view raw) {
  Digest digest;
  if (raw.size() != digest.bytes.size()) {
    throw StoreFailure(FailureKind::corrupt, "read digest", "expected 32 bytes, found " + std::to_string(raw.size()));
  }
  std::copy(raw.begin(), raw.end(), digest.bytes.begin());
  return digest;
}

Digest Digest::from_hex(std::string_view text, std::string_view field) {
  const auto raw = claimledger::from_hex(text);
  if (!raw || raw->size() != sizeof(Digest::bytes)) {
    throw InvalidInput(std::string(field), "must be 64 hexadecimal digits in lower case");
  }
  return from_bytes(*raw);
}

Digest sha256(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const auto part : parts) SHA256_Update(&context, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

}  // namespace claimledger
