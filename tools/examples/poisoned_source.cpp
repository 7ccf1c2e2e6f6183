// A source turns out to be wrong: everything it said is taken back in one batch, what was concluded from it is marked
// for review, and what the ledger had served to a model is known.

#include <claimledger/engine.hpp>

#include <iostream>

using namespace claimledger;

int main() {
  auto engine = open_default_in_memory();
  const AgentId agent = engine.config().agent;

  const auto rumour = engine.remember("Acme", "ceo", "Jane Roe", {.source = "a forum post"});
  Statement conclusion{.subject = "Acme", .predicate = "speaks to", .value = "Jane Roe"};
  conclusion.provenance = Provenance::model_derived;
  conclusion.derived_from = {*rumour.claim};
  engine.ingest({.agent = agent, .statements = {conclusion}});
  engine.recall({.agent = agent, .line = {"Acme", "ceo"}, .serve_to = "chat 7"});

  const auto listed = engine.retract_source({.agent = agent, .source = "a forum post", .dry_run = true});
  std::cout << listed.receipts.size() << " claim would be taken back\n";

  const auto done = engine.retract_source(
      {.agent = agent, .source = "a forum post", .expected_position = listed.position, .why = "it was satire"});
  std::cout << done.receipts.size() << " taken back, " << done.marked_for_review.size() << " marked for review\n";

  for (const auto& serving : engine.served({.agent = agent, .claim_or_context = *rumour.claim}).items) {
    std::cout << "it had gone to " << *serving.context << '\n';
  }
  std::cout << text(engine.recall("Acme", "ceo").status) << '\n';
}
