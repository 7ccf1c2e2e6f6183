#include "search/recipe.hpp"

#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "domain/fnv.hpp"
#include "search/stemmer.hpp"

namespace claimledger::search {
namespace {

// Raised whenever our own rules make other terms of a text than before.
constexpr std::string_view revision = "3";

// Words whose stems take many rules of many languages; those of foreign languages test the rules of this one as well.
constexpr std::array<std::string_view, 72> probes = {
    "travelling",      "happily",          "skies",          "dying",         "news",
    "generously",      "relational",       "conditional",    "hopefulness",   "organization",
    "communism",       "universities",     "replacement",    "agreed",        "hopping",
    "hoped",           "luxuriated",       "o'brien's",      "past",          "inning",
    "proceed",         "evening",          "gentlest",       "analogies",     "häuser",
    "aufgaben",        "freundlichkeiten", "verständlich",   "sängerinnen",   "lieferungen",
    "nationalités",    "heureusement",     "mangerions",     "chevaux",       "finissaient",
    "continuellement", "canciones",        "rápidamente",    "habláramos",    "comiéndoselo",
    "corazón",         "nazionalità",      "parlavamo",      "velocemente",   "corações",
    "rapidamente",     "falaríamos",       "mogelijkheden",  "kinderen",      "möjligheterna",
    "flickornas",      "muligheder",       "mulighetene",    "talossammekin", "kirjoittaessaan",
    "házainkban",      "könyveket",        "возможностями",  "красивейшего",  "прочитавшись",
    "evlerimizden",    "kitaplarınızdan",  "posibilitățile", "frumoasele",    "δυνατότητες",
    "والكتابات",       "possibilitats",    "galimybėmis",    "mogućnostima",  "membicarakannya",
    "etxeetatik",      "संभावनाओं"};

// Of the stems.
std::uint64_t fingerprint(const std::string& language) {
  Stemmer stemmer(language);
  Fnv hash;
  for (const auto& probe : probes) {
    hash.add(stemmer.stem(probe));
    hash.add("\n");
  }
  return hash.value();
}

std::string hexadecimal(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(number >> shift) & 0xF];
  return text;
}

}  // namespace

std::string recipe(const std::string& language) {
  auto text = "terms " + std::string(revision) + ", utf8proc " + utf8proc_version() + ", Unicode " +
              utf8proc_unicode_version() + ", ";
  return text + (language.empty() ? "no stems" : language + " stems " + hexadecimal(fingerprint(language)));
}

}  // namespace claimledger::search
