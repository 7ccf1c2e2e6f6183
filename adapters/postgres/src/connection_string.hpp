#pragma once

#include <map>
#include <string>
#include <vector>

namespace claimledger::postgres {

// A parsed libpq connection string: settings of the adapter are added to those of the caller, and secrets are known.
class ConnectionString {
 public:
  // Failure: StoreFailure{unreachable} when libpq can't read it; the message does not repeat it.
  ConnectionString(const std::string& text, const char* operation);

  // For libpq, with `key` set unless the caller has set it.
  ConnectionString with(const std::string& key, const std::string& value) const;
  // The same, also if the caller has set it.
  ConnectionString with_ours(const std::string& key, const std::string& value) const;
  std::string text() const;
  bool has(const std::string& key) const { return values_.contains(key); }
  std::string value(const std::string& key) const;

  // A message without any of the secrets: passwords given in the string, or by anything that looks like a connection
  // string inside the message.
  std::string redact(std::string message) const;

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> secrets_;
};

// "postgres://ada:secret@host/db?password=x" and "user=ada password='secret'" without the secrets.
std::string redacted(std::string text);

}  // namespace claimledger::postgres
