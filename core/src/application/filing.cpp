#include "application/filing.hpp"

#include "application/terms.hpp"

namespace claimledger::application {

void Filing::add(StoredEntry& entry, const Content& content) {
  if (!is_found_by_words(entry.kind) || entry.content_state != ContentState::present) return;
  if (terms_) entry.content.terms = terms_of(*terms_, entry.kind, content);
  entry.content.vector = vectors_.of(content);
  every_vector_ = every_vector_ && !entry.content.vector.empty();
}

void Filing::finish(Commit& commit) const {
  if (terms_) commit.recipe = context_.recipe();
  commit.model = vectors_.model();
  commit.every_vector = commit.model && every_vector_;
}

}  // namespace claimledger::application
