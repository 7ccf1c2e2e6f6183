#pragma once

#include <map>
#include <string>

namespace claimledger::postgres {

// A parsed libpq connection string: settings of the adapter are added to those of the caller.
class ConnectionString {
 public:
  // Failure: StoreFailure{unreachable} when libpq can't read it; the message repeats of it at most the name of an
  // option.
  ConnectionString(const std::string& text, const char* operation);

  // For libpq, with `key` set unless the caller has set it.
  ConnectionString with(const std::string& key, const std::string& value) const;
  // The same, also if the caller has set it.
  ConnectionString with_ours(const std::string& key, const std::string& value) const;
  std::string text() const;
  bool has(const std::string& key) const { return values_.contains(key); }
  std::string value(const std::string& key) const;

 private:
  std::map<std::string, std::string> values_;
};

// "postgres://ada:secret@host/db?password=x" and "user=ada password='secret'" without the secrets. Other words of a
// message stay as they are, a password among them too: what is hidden there would be told by its place.
std::string redacted(std::string text);

}  // namespace claimledger::postgres
