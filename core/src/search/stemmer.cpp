#include "search/stemmer.hpp"

#include <libstemmer.h>

#include <algorithm>
#include <new>

namespace claimledger::search {

void Stemmer::Delete::operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }

std::vector<std::string> Stemmer::languages() {
  std::vector<std::string> names;
  for (const auto* const* name = sb_stemmer_list(); *name != nullptr; ++name) names.emplace_back(*name);
  std::ranges::sort(names);
  return names;
}

Stemmer::Stemmer(const std::string& language) {
  if (language.empty()) return;
  stemmer_.reset(sb_stemmer_new(language.c_str(), "UTF_8"));
  if (!stemmer_) throw std::bad_alloc();
}

std::string Stemmer::stem(std::string_view word) {
  if (!stemmer_) return std::string(word);
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const auto* stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
  if (stem == nullptr) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace claimledger::search
