#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "claimledger/domain/digest.hpp"

namespace claimledger::embedders {

// A file with a vocabulary and a vector for each of its pieces, as tools/embedding/distil.py writes it. All numbers are
// little endian, and nothing stands between what follows:
//
//   16 bytes  "claimledger\0tab\n"
//   u32       version of this format: 1
//   u32       dimensions of a vector, 1..limits::dimensions
//   u32       pieces in the vocabulary, at least 1
//   u32       scale of what is in no piece, 1..65535
//   u32       bytes of the name, 1..limits::text_bytes
//   u32       bytes of the notice
//   u32       bytes of the vocabulary
//   …         the name of the model, UTF-8
//   …         the notice: where the weights are from and under which licence, UTF-8
//   …         the vocabulary: the pieces by number, UTF-8, a line feed behind each; each once and none empty
//   u16 × n   the scale of each piece
//   i8 × n·d  the row of each piece; times its scale it is the vector
//   32 bytes  SHA-256 of all before
class TableFile {
 public:
  // Takes a whole file; `path` is for messages.
  //
  // Failure: StoreFailure{incompatible}: this is no such file, or one of a newer version. {corrupt}: it is damaged, cut
  // short or goes on behind its end.
  TableFile(Bytes file, const std::string& path);
  // Refers to its own bytes.
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  std::uint32_t dimensions() const { return dimensions_; }
  std::uint32_t unknown_scale() const { return unknown_scale_; }
  std::string_view name() const { return name_; }
  std::string_view notice() const { return notice_; }
  const std::vector<std::string_view>& pieces() const { return pieces_; }
  const Digest& digest() const { return digest_; }  // that at its end

  std::uint32_t scale(std::uint32_t piece) const;
  // As many as there are dimensions.
  const std::int8_t* row(std::uint32_t piece) const;

 private:
  Bytes file_;
  std::uint32_t dimensions_ = 0;
  std::uint32_t unknown_scale_ = 0;
  std::string_view name_;
  std::string_view notice_;
  std::vector<std::string_view> pieces_;
  std::string_view scales_;
  std::string_view rows_;
  Digest digest_;
};

// Failure: as the constructor; StoreFailure{unreachable}: it cannot be read.
Bytes read_file(const std::string& path);

}  // namespace claimledger::embedders
