#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/session.hpp"

namespace claimledger::cli {

// A file that a command writes. It comes into being beside its place and takes it whole, in commit(): until then, and
// whatever goes wrong, what was there stays as it was. A link is followed, and the file that it leads to keeps its
// mode. What is no file at all (a terminal, a pipe, /dev/null) is written as it comes.
//
// Nothing that belongs to a store is overwritten: a database, its log, its lock, of whatever agent, by whatever name.
// The files are looked at when this is made, which has to be before a store is opened: a database that another
// descriptor of the process closes loses its locks.
//
// Failure: InvalidInput with the option's name where it may not be written; CommandFailure{output} where writing fails.
class OutputFile {
 public:
  OutputFile(const Session& session, const std::string& path, const char* option);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  // On disk, under its name; what is not whole under that with an ending, so that it replaces nothing that is.
  static constexpr auto not_whole = ".not-whole";
  void commit(const std::string& ending = {});

 private:
  void make_beside(const char* option, std::optional<unsigned> mode);
  void drain();
  [[noreturn]] void failed(int error);

  std::string path_;    // as it was given
  std::string target_;  // behind links
  std::string beside_;  // the file in the making; empty: the target itself is written
  int file_ = -1;
  std::string buffer_;
};

}  // namespace claimledger::cli
