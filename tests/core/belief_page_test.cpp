#include <fstream>
#include <iterator>

#include "script.hpp"

// The histories of core/BELIEF.md, each as it is printed there.
namespace claimledger {
namespace {

std::string page() {
  std::ifstream file(CLAIMLEDGER_SOURCE_DIR "/core/BELIEF.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(BeliefPage, EveryHistoryComesOutAsPrinted) {
  const auto text = page();
  const std::string opening = "```history\n", closing = "```\n";
  std::size_t histories = 0;
  for (auto at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    const auto from = at + opening.size();
    const auto to = text.find(closing, from);
    ASSERT_NE(to, std::string::npos);
    const auto title = text.rfind("**", at);
    SCOPED_TRACE(text.substr(title == std::string::npos ? 0 : text.rfind("\n\n", at - 2) + 2, 60));
    const auto history = text.substr(from, to - from);
    test::play({{"", history.c_str()}});
    ++histories;
    at = to;
  }
  EXPECT_GE(histories, 12U);
}

}  // namespace
}  // namespace claimledger
