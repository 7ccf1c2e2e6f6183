#include "support.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "claimledger/domain/digest.hpp"

namespace claimledger::embedders::test {

namespace fs = std::filesystem;

Folder::Folder() {
  auto pattern = (fs::temp_directory_path() / "claimledger-embedders-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

StoreFailure failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const StoreFailure& failure) {
    return failure;
  }
  return {FailureKind::unsupported, "nothing", "it did not fail"};
}

namespace {

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> 8 * i & 0xFF);
  return text;
}

}  // namespace

std::string Table::content() const {
  std::string vocabulary, scales, rows;
  for (const auto& piece : pieces) {
    vocabulary += piece.text + '\n';
    scales += little_endian(piece.scale, 2);
    rows.append(piece.row.begin(), piece.row.end());
  }
  std::string bytes("claimledger\0tab\n", 16);
  for (const std::size_t number : {std::size_t{version}, pieces.front().row.size(), pieces.size(),
                                   std::size_t{unknown_scale}, name.size(), notice.size(), vocabulary.size()})
    bytes += little_endian(number, 4);
  return bytes + name + notice + vocabulary + scales + rows;
}

std::string Table::file() const { return with_digest(content()); }

std::string with_digest(const std::string& content) { return content + std::string(sha256({content}).view()); }

}  // namespace claimledger::embedders::test
