#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/session.hpp"

namespace claimledger::cli {

// A file that a command writes. It comes into being without a name and takes its place whole, in commit(): until then,
// and whatever goes wrong, what was there stays as it was, and nothing is left beside it. A link is followed, and the
// file that it leads to keeps its mode. What is no file at all (a terminal, a pipe, /dev/null) is written as it comes,
// and so is an open descriptor (/dev/stdout, /dev/fd/3), wherever it leads.
//
// Nothing that belongs to a store is overwritten: a database, its log, its lock, of whatever agent, by whatever name.
// Nothing gets a name that a folder of ledgers would take for one of them.
// The files are looked at when this is made, which has to be before a store is opened: a database that another
// descriptor of the process closes loses its locks.
//
// Failure: InvalidInput with the option's name where it may not be written; CommandFailure{output} where writing fails.
class OutputFile {
 public:
  // What comes to be at the path meanwhile is replaced, too, or it is kept and this file gets another name: then
  // commit() fails and says which.
  enum class Meanwhile { replaced, kept };
  OutputFile(const Session& session, const std::string& path, const char* option,
             Meanwhile meanwhile = Meanwhile::replaced);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Whether this is another name of the stream that answers go to.
  static bool is_standard_output(const std::string& path);

  void write(std::string_view text);
  // On disk, under its name; what is not whole under that with an ending, and a number where that is taken, so that it
  // replaces nothing that is.
  static constexpr auto not_whole = ".not-whole";
  void commit(const std::string& ending = {});
  // Where it is, once it was committed.
  const std::string& named() const { return named_; }

 private:
  void refuse_stores(const Session& session, const char* option) const;
  void open_as_it_is(const char* option);
  void make_new(const char* option);
  // A name that is free in the target's folder, by `take`, which says whether it got it.
  template <class Take>
  bool take_name(Take take);
  void take_place(const std::string& ending);
  bool take_free_place(const std::string& ending);
  void drain();
  [[noreturn]] void failed(int error, const std::string& ending = {});

  std::string path_;     // as it was given
  std::string named_;    // the same of where it is
  std::string target_;   // behind links
  std::string beside_;   // the name of the file in the making; empty: it has none
  bool is_new_ = false;  // else the target itself is written
  bool must_not_be_there_ = false;
  int file_ = -1;
  std::string buffer_;
};

}  // namespace claimledger::cli
