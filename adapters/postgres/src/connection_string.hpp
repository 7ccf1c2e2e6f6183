#pragma once

#include <map>
#include <string>
#include <vector>

namespace claimledger::postgres {

// A libpq connection string taken apart, so that settings of ours can join those of the caller, and so that what is
// secret in it is known.
class ConnectionString {
 public:
  // Failure: StoreFailure{unreachable} when libpq can't read it; the message does not repeat it.
  ConnectionString(const std::string& text, const char* operation);

  // For libpq, with `key` set unless the caller has set it.
  ConnectionString with(const std::string& key, const std::string& value) const;
  // … also where the caller has set it.
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

// "postgres://ada:secret@host/db?password=x" and "user=ada password='secret'" without what is secret.
std::string redacted(std::string text);

}  // namespace claimledger::postgres
