#include <claimledger/embedders/callback_embedder.hpp>
#include <claimledger/embedders/command_embedder.hpp>
#include <claimledger/embedders/static_embedder.hpp>
#include <cstdio>
#include <string>

// Opens the table that was installed, and embeds a text.
int main(int, char** arguments) {
  const auto embedder = claimledger::embedders::open_static(arguments[1]);
  const std::string text = "where does Ada live";
  const auto vectors = embedder->embed(std::span(&text, 1), claimledger::EmbeddedText::question, {});

  const bool whole = vectors.size() == 1 && vectors[0].size() == embedder->model().dimensions;
  std::printf("%s embeds%s\n", embedder->model().name.c_str(), whole ? "" : " nothing");
  return whole ? 0 : 1;
}
