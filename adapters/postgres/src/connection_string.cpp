#include "connection_string.hpp"

#include <libpq-fe.h>

#include <memory>

#include "claimledger/failure.hpp"
#include "patterns.hpp"

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

// The option that libpq does not know, if that is what it says. Its other words repeat parts of the string, and with
// them perhaps the password; so could a piece of a password that reads as an option.
std::string unknown_option(const std::string& text, std::string_view words) {
  if (!words.starts_with("invalid connection option ") && !words.starts_with("invalid URI query parameter")) return "";
  const auto begin = words.find('"'), end = words.rfind('"');
  if (begin == end) return "";
  std::string name(words.substr(begin + 1, end - begin - 1));
  if (!std::regex_match(name, patterns().option)) return "";
  if (text.find("://") != std::string::npos) {
    const auto query = text.find('?');
    return query == std::string::npos || text.find('@', query) != std::string::npos ? "" : name;
  }
  const auto& password = patterns().option_behind_password;
  for (std::sregex_iterator each(text.begin(), text.end(), password), none; each != none; ++each) {
    if ((*each)[1] == name) return "";
  }
  return name;
}

[[noreturn]] void refuse(const std::string& text, std::string_view words, const char* operation) {
  const auto option = unknown_option(text, words);
  const bool address = text.find("://") != std::string::npos;
  std::string why = "the connection string cannot be read";
  if (!option.empty()) {
    why += ": there is no option \"" + option + "\"";
  } else if (address) {
    why +=
        "; give postgres://user@host/database; special characters of user and password are percent-encoded: '@' as "
        "%40, '/' as %2F, ':' as %3A, '#' as %23, '?' as %3F, '%' as %25, a blank as %20";
  } else {
    why += "; give postgres://user@host/database or key=value pairs, a value with blanks or quotes as 'it\\'s one'";
  }
  throw StoreFailure(FailureKind::unreachable, operation, why);
}

}  // namespace

ConnectionString::ConnectionString(const std::string& text, const char* operation) {
  if (password_runs_over(text)) {
    throw StoreFailure(FailureKind::unreachable, operation,
                       "the connection string cannot be read: special characters of user and password are "
                       "percent-encoded: '@' as %40, '/' as %2F, ':' as %3A, '#' as %23, '?' as %3F, '%' as %25");
  }
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(text.c_str(), &error),
                                                                             &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> words(error, &PQfreemem);
  if (!options) refuse(text, words ? words.get() : "", operation);
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
  }
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

std::string redacted(std::string text) {
  text = std::regex_replace(text, patterns().password_in_address, std::string("$1:") + instead + "@");
  return std::regex_replace(text, patterns().password, std::string("$1") + instead);
}

}  // namespace claimledger::postgres
