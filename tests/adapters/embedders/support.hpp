#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "claimledger/failure.hpp"

// Shared by the tests of the embedders: a folder, failures, and small embedding tables.
namespace claimledger::embedders::test {

// Gone with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write(const std::string& path, const std::string& bytes);
std::string read(const std::string& path);

// What it fails with; of kind `unsupported` where it does not.
StoreFailure failure_of(const std::function<void()>& work);

// A piece of a vocabulary with its vector.
struct Piece {
  std::string text;
  std::uint16_t scale = 1;
  std::vector<std::int8_t> row;
};
// The bytes of a file, as table_file.hpp describes them.
struct Table {
  std::uint32_t version = 1;
  std::uint32_t unknown_scale = 3;
  std::string name = "small";
  std::string notice = "made by a test";
  std::vector<Piece> pieces = {{"[UNK]", 0, {0, 0}}, {"ada", 2, {1, -1}}, {"##s", 1, {5, 0}}, {"mu", 1, {0, 7}}};

  std::string content() const;  // without the digest at its end
  std::string file() const;
};
std::string with_digest(const std::string& content);

}  // namespace claimledger::embedders::test
