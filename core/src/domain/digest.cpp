#include "claimledger/domain/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "claimledger/failure.hpp"
#include "domain/hex.hpp"

namespace claimledger {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void check(int result) {
  if (result != 1) throw std::runtime_error("libcrypto refuses to compute SHA-256");
}

// One context for each thread: making one, and looking the algorithm up, costs more than hashing a claim.
EVP_MD_CTX* fresh_context() {
  thread_local const Context context = [] {
    Context made(EVP_MD_CTX_new());
    check(EVP_DigestInit_ex(made.get(), EVP_sha256(), nullptr));
    return made;
  }();
  check(EVP_DigestInit_ex(context.get(), nullptr, nullptr));
  return context.get();
}

}  // namespace

std::string Digest::hex() const { return to_hex(view()); }

Digest Digest::from_bytes(std::string_view raw) {
  Digest digest;
  if (raw.size() != digest.bytes.size()) {
    throw StoreFailure(FailureKind::corrupt, "read digest", "expected 32 bytes, found " + std::to_string(raw.size()));
  }
  std::copy(raw.begin(), raw.end(), digest.bytes.begin());
  return digest;
}

Digest sha256(std::initializer_list<std::string_view> parts) {
  auto* const context = fresh_context();
  for (const auto part : parts) check(EVP_DigestUpdate(context, part.data(), part.size()));
  Digest digest;
  check(EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr));
  return digest;
}

}  // namespace claimledger
