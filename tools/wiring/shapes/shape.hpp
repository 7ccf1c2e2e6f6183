#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "claimledger/domain/confidence.hpp"
#include "claimledger/domain/score.hpp"
#include "claimledger/domain/time.hpp"
#include "claimledger/domain/value.hpp"

// How a public struct describes itself: one function template `describe(it, visit)` that names each field, its member,
// its meaning and its bounds. The writer of JSON, its reader, the JSON Schema and the words of --help are visitors of
// that one description, so they cannot drift apart. A struct takes in the fields of another by calling describe() on
// it; the shape has the name that is heard first.
namespace claimledger::wiring {

// The limits of a field beyond its type. Zero and empty: none.
struct Bounds {
  std::size_t longest = 0;                       // bytes of a text in UTF-8, items of a list, or the most of a number
  std::size_t shortest = 0;                      // likewise
  bool object = false;                           // a JSON value that must be an object
  std::span<const std::string_view> words = {};  // all that the text may be
};

// The calls of a description, each of which does nothing: a visitor overrides those that it needs. Visitors are classes
// of this namespace; describe() is found through them.
struct VisitorBase {
  // First: a shape that is given out, always with all its fields …
  void answer(std::string_view /*name*/, const char* /*meaning*/) {}
  // … or one that is read, of which fields may be left out. `noun` is what its errors call it.
  void request(std::string_view /*name*/, const char* /*noun*/, const char* /*meaning*/) {}

  // A field. Of a request it may be left out.
  template <class Member>
  void operator()(const char* /*name*/, Member& /*member*/, const char* /*meaning*/, Bounds = {}) {}
  // Of a request: a field that may not be left out.
  template <class Member>
  void required(const char* /*name*/, Member& /*member*/, const char* /*meaning*/, Bounds = {}) {}
  // Of an answer: a field that follows from its members.
  template <class Value>
  void derived(const char* /*name*/, const Value& /*value*/, const char* /*meaning*/, Bounds = {}) {}
  // Of an answer: a field that is left out where it is absent.
  template <class Member>
  void if_given(const char* /*name*/, const std::optional<Member>& /*member*/, const char* /*meaning*/) {}
  // Of an answer: a field that is one alternative of a variant, told apart by the word that another field has.
  template <class Variant, class WordOf>
  void by_word(const char* /*name*/, const char* /*word*/, const Variant& /*variant*/, WordOf /*word_of*/,
               const char* /*meaning*/) {}
  // Of a request: of two fields at most one may be given.
  void excludes(const char* /*name*/, const char* /*other*/) {}
  // Of a request: a field that is handed to set(value), and excludes the fields named in `others`.
  template <class Type, class Set>
  void instead(const char* /*name*/, std::initializer_list<const char*> /*others*/, Set /*set*/,
               const char* /*meaning*/) {}
  // Of a request: the fields of one alternative of a variant, never of two; one description for each.
  template <class Variant, class... Describe>
  void one_of(Variant& /*variant*/, Describe... /*describe*/) {}
};

// The year, the month or the day that a window covers, as a request says it.
struct StatedDuring {
  ValidWindow window;
};

// Matches Type and const Type.
template <class Type, class Wanted>
concept A = std::same_as<std::remove_const_t<Type>, Wanted>;

// Whether a null in a request says nothing: where there is something to leave unsaid. A value may be null itself,
// unless it must be an object; a word of a closed set, a flag and a name never are.
template <class Member>
struct MayBeUnsaid : std::disjunction<std::is_same<Member, Confidence>, std::is_same<Member, Score>> {};
template <class Item>
struct MayBeUnsaid<std::optional<Item>> : std::true_type {};
template <class Item>
struct MayBeUnsaid<std::vector<Item>> : std::true_type {};
template <class Member>
bool null_is_absent(Bounds bounds) {
  return MayBeUnsaid<Member>::value && (bounds.object || !std::same_as<Member, std::optional<Value>>);
}

struct NameOfShape : VisitorBase {
  void answer(std::string_view heard, const char*) {
    if (name.empty()) name = heard;
  }
  void request(std::string_view heard, const char*, const char*) {
    if (name.empty()) name = heard;
  }
  std::string name = {};
};
template <class Shape>
std::string shape_name() {
  Shape shape{};
  NameOfShape visit;
  describe(shape, visit);
  return visit.name;
}

}  // namespace claimledger::wiring
