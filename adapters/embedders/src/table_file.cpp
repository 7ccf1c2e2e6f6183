#include "table_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "claimledger/failure.hpp"
#include "claimledger/limits.hpp"
#include "descriptor.hpp"

namespace claimledger::embedders {
namespace {

constexpr std::string_view magic("claimledger\0tab\n", 16);
constexpr std::uint32_t version = 1;
constexpr std::size_t digest_bytes = 32;
constexpr const char* operation = "open embedder";

std::uint32_t byte(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

// Reads a file from the front. Whatever a number in it says, no byte behind the end is touched.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& path) : rest_(bytes), path_(path) {}

  std::string_view take(std::uint64_t bytes, const char* what) {
    if (bytes > rest_.size()) damaged(std::string("it ends within ") + what);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(bytes));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint32_t number(const char* what, std::uint32_t least, std::uint32_t most) {
    const auto raw = take(4, what);
    const auto number = byte(raw, 0) | byte(raw, 1) << 8 | byte(raw, 2) << 16 | byte(raw, 3) << 24;
    if (number < least || number > most) damaged(std::to_string(number) + " is no number of " + what);
    return number;
  }

  void expect_end() const {
    if (!rest_.empty()) damaged("it goes on behind its end");
  }

  [[noreturn]] void damaged(const std::string& why) const {
    throw StoreFailure(FailureKind::corrupt, operation, path_ + " is damaged: " + why);
  }

 private:
  std::string_view rest_;
  const std::string& path_;
};

// Before its digest is looked at: what is no such file, or a later one of ours, is not a damaged one.
void check_kind(std::string_view file, const std::string& path) {
  if (!file.starts_with(magic)) {
    throw StoreFailure(FailureKind::incompatible, operation, path + " is no embedding table of claimledger");
  }
  Reader reader(file.substr(magic.size()), path);
  const auto found = reader.number("the version", 0, UINT32_MAX);
  if (found != version) {
    throw StoreFailure(FailureKind::incompatible, operation,
                       path + " has version " + std::to_string(found) + " of the format; this program reads version " +
                           std::to_string(version));
  }
}

std::vector<std::string_view> lines_of(std::string_view text, std::uint32_t count, const Reader& reader) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == 0 || end == std::string_view::npos) reader.damaged("a piece of its vocabulary is empty or has no end");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() != count) {
    reader.damaged("it has " + std::to_string(lines.size()) + " pieces where it says " + std::to_string(count));
  }
  return lines;
}

}  // namespace

TableFile::TableFile(Bytes file, const std::string& path) : file_(std::move(file)) {
  check_kind(file_, path);
  if (file_.size() < magic.size() + digest_bytes) Reader(file_, path).damaged("it is too short");
  const auto content = std::string_view(file_).substr(0, file_.size() - digest_bytes);
  digest_ = Digest::from_bytes(std::string_view(file_).substr(content.size()));
  Reader reader(content, path);
  if (sha256({content}) != digest_) reader.damaged("its SHA-256 is another than it ends with");

  reader.take(magic.size() + sizeof(version), "its beginning");
  dimensions_ = reader.number("dimensions", 1, static_cast<std::uint32_t>(limits::dimensions));
  const auto pieces = reader.number("pieces", 1, UINT32_MAX);
  unknown_scale_ = reader.number("the scale of the unknown", 1, UINT16_MAX);
  const auto name_bytes = reader.number("bytes of the name", 1, static_cast<std::uint32_t>(limits::text_bytes));
  const auto notice_bytes = reader.number("bytes of the notice", 0, UINT32_MAX);
  const auto vocabulary_bytes = reader.number("bytes of the vocabulary", 0, UINT32_MAX);
  name_ = reader.take(name_bytes, "its name");
  notice_ = reader.take(notice_bytes, "its notice");
  pieces_ = lines_of(reader.take(vocabulary_bytes, "its vocabulary"), pieces, reader);
  scales_ = reader.take(std::uint64_t{pieces} * 2, "its scales");
  rows_ = reader.take(std::uint64_t{pieces} * dimensions_, "its rows");
  reader.expect_end();
}

std::uint32_t TableFile::scale(std::uint32_t piece) const {
  return byte(scales_, std::size_t{piece} * 2) | byte(scales_, std::size_t{piece} * 2 + 1) << 8;
}

const std::int8_t* TableFile::row(std::uint32_t piece) const {
  return reinterpret_cast<const std::int8_t*>(rows_.data()) + std::size_t{piece} * dimensions_;
}

Bytes read_file(const std::string& path) {
  const auto unreachable = [&path] {
    throw StoreFailure(FailureKind::unreachable, operation, path + ": " + std::strerror(errno));
  };
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe would be waited for
  if (file.number() < 0) unreachable();
  struct stat status {};
  if (fstat(file.number(), &status) != 0) unreachable();
  if (!S_ISREG(status.st_mode)) throw StoreFailure(FailureKind::unreachable, operation, path + ": is no file");
  Bytes bytes;
  constexpr std::size_t step = 1024 * 1024;
  for (std::size_t size = 0;;) {
    bytes.resize(size + step);
    const auto found = read(file.number(), bytes.data() + size, step);
    if (found < 0 && errno != EINTR) unreachable();
    size += found > 0 ? static_cast<std::size_t>(found) : 0;
    bytes.resize(size);
    if (found == 0) return bytes;
  }
}

}  // namespace claimledger::embedders
