#include "connection_string.hpp"

#include <libpq-fe.h>

#include <memory>
#include <regex>

#include "claimledger/failure.hpp"

namespace claimledger::postgres {

namespace {

constexpr const char* instead = "***";

std::string quoted_value(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

// Whether an address has an '@' where libpq would not look for the end of a password. libpq would then take a piece of
// the password for a host, a port or a database, and repeat it in messages.
bool password_runs_over(std::string_view address) {
  const auto scheme = address.find("://");
  if (!address.starts_with("postgres") || scheme == std::string_view::npos) return false;
  address = address.substr(scheme + 3, address.find('?') - scheme - 3);
  const auto first = address.find('@');
  return address.rfind('@') != first || (first != std::string_view::npos && first > address.find('/'));
}

}  // namespace

ConnectionString::ConnectionString(const std::string& text, const char* operation) {
  if (password_runs_over(text)) {
    throw StoreFailure(FailureKind::unreachable, operation,
                       "the connection string cannot be read; in user and password write '@' as %40 and '/' as %2F");
  }
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(text.c_str(), &error),
                                                                             &PQconninfoFree);
  // libpq's own words repeat parts of the string, and with them perhaps the password.
  const std::unique_ptr<char, decltype(&PQfreemem)> ignored(error, &PQfreemem);
  if (!options) {
    throw StoreFailure(FailureKind::unreachable, operation,
                       "the connection string cannot be read; give postgres://user@host/database or key=value pairs");
  }
  for (const auto* option = options.get(); option->keyword; ++option) {
    if (!option->val) continue;
    values_[option->keyword] = option->val;
    // Where the host was forgotten, libpq takes the password for a port, and would repeat it.
    if (option->keyword == std::string_view("port") &&
        std::string_view(option->val).find_first_not_of("0123456789, ") != std::string_view::npos) {
      throw StoreFailure(FailureKind::unreachable, operation,
                         "the connection string cannot be read: its port is no number; give "
                         "postgres://user:password@host:port/database");
    }
    // '*' is what libpq says of values that a dialog should hide.
    const bool secret = option->dispchar && *option->dispchar == '*';
    if ((secret || std::string_view(option->keyword) == "sslpassword") && *option->val)
      secrets_.emplace_back(option->val);
  }
  if (const char* password = std::getenv("PGPASSWORD"); password && *password) secrets_.emplace_back(password);
}

ConnectionString ConnectionString::with(const std::string& key, const std::string& value) const {
  auto more = *this;
  more.values_.emplace(key, value);
  return more;
}

ConnectionString ConnectionString::with_ours(const std::string& key, const std::string& value) const {
  auto more = *this;
  more.values_[key] = value;
  return more;
}

std::string ConnectionString::text() const {
  std::string out;
  for (const auto& [key, value] : values_) {
    if (!out.empty()) out += ' ';
    out += key + '=' + quoted_value(value);
  }
  return out;
}

std::string ConnectionString::value(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? "" : found->second;
}

std::string ConnectionString::redact(std::string message) const {
  for (const auto& secret : secrets_) {
    for (auto at = message.find(secret); at != std::string::npos; at = message.find(secret, at + 3)) {
      message.replace(at, secret.size(), instead);
    }
  }
  return redacted(std::move(message));
}

std::string redacted(std::string text) {
  static const std::regex uri(R"(((?:postgres|postgresql)://[^:@/\s]*):[^@/\s]*@)");
  static const std::regex pair(R"(((?:ssl)?password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+))", std::regex::icase);
  text = std::regex_replace(text, uri, std::string("$1:") + instead + "@");
  return std::regex_replace(text, pair, std::string("$1") + instead);
}

}  // namespace claimledger::postgres
