#include "cli/filed.hpp"

#include <algorithm>

#include "cli/common.hpp"

namespace claimledger::cli {

std::string shown(const Status::Words& words, Position head) {
  const auto behind = [&] { return std::to_string(head.value - std::min(words.up_to, head).value); };
  if (words.recipe.empty())
    return head == Position{} ? "none yet" : "none are filed, so a search reads all; see reindex";
  if (!words.current) return "are filed as by \"" + words.recipe + "\", so a search reads all; see reindex";
  if (words.up_to >= head) return "all are filed";
  return "are filed but for those of the last " + behind() + ", which a search reads; see reindex";
}

std::string shown(const FiledModel& filed, Position head) {
  const auto all = filed.filed - filed.erased;
  return counted(all, "vector", "vectors") + " of " + filed.model.name + " (" + std::to_string(filed.model.dimensions) +
         " dimensions), " + (filed.up_to >= head ? "of all statements" : "not of all statements; see embed");
}

std::string shown(const Comparing& comparing) {
  return (comparing.in_store ? "in the database, by " : "by this program: ") + comparing.detail;
}

}  // namespace claimledger::cli
