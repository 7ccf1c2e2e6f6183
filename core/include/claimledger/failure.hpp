#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace claimledger {

// `text` where it is no longer than `most` bytes, else as much of it, in whole characters of UTF-8, and "…".
std::string shortened(std::string_view text, std::size_t most);

// Wrong input. Thrown by constructors, by parsers and by the engine's checks, before anything is written.
// `field` is the name the caller knows it by ("valid_from", "claims[3].subject"); `why` says what would be right.
// Both are shortened: they may quote input of any length.
class InvalidInput : public std::invalid_argument {
 public:
  static constexpr std::size_t longest_field = 200;  // bytes
  static constexpr std::size_t longest_why = 500;    // likewise

  InvalidInput(std::string_view field, std::string_view why)
      : std::invalid_argument(shortened(field, longest_field) + ": " + shortened(why, longest_why)),
        field_(shortened(field, longest_field)),
        why_(shortened(why, longest_why)) {}

  const std::string& field() const { return field_; }
  const std::string& why() const { return why_; }

 private:
  std::string field_;
  std::string why_;
};

// Failures of the world, sorted by the caller's remedy rather than by their cause.
// Unless the kind is `in_doubt`, nothing was written.
enum class FailureKind {
  busy,          // try the same again later
  conflict,      // somebody else wrote: read again, decide again
  unreachable,   // reconnect
  in_doubt,      // perhaps written: append the same batch again, never re-decide first
  exhausted,     // disk, memory or a quota is full: an operator's job
  corrupt,       // the stored data cannot be true: stop, verify, restore
  incompatible,  // written by a newer version, or not a ledger at all: upgrade
  refused,       // the store rejected it: a bug in an adapter or a schema, or a forbidden change
  timeout,       // the deadline of the call passed
  cancelled,     // the stop token of the call was triggered
  unsupported,   // the store declares that it cannot do this
};

// The wire spelling: "busy", "in_doubt" …
std::string_view text(FailureKind kind);

// The world broke: the one exception type of every store.
class StoreFailure : public std::runtime_error {
 public:
  // `operation` is what was being done ("append"), `detail` what an operator needs to read.
  StoreFailure(FailureKind kind, std::string operation, std::string detail)
      : std::runtime_error(std::string(text(kind)) + " during " + operation + ": " + detail),
        kind_(kind),
        operation_(std::move(operation)),
        detail_(std::move(detail)) {}

  FailureKind kind() const { return kind_; }
  const std::string& operation() const { return operation_; }
  const std::string& detail() const { return detail_; }

 private:
  FailureKind kind_;
  std::string operation_;
  std::string detail_;
};

}  // namespace claimledger
