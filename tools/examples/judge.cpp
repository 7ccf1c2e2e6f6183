// A program that settles contradictions: an oracle is told of each once it is on disk, and answers when it likes.

#include <claimledger/engine.hpp>
#include <claimledger/memory/memory_store.hpp>
#include <claimledger/system/random_ids.hpp>
#include <claimledger/system/system_clock.hpp>

#include <iostream>
#include <vector>

using namespace claimledger;

namespace {

// Collects questions; judging happens outside, as it would in another thread or after asking a person.
class Inbox : public Oracle {
 public:
  void asked(const AdjudicationItem& item) override { items.push_back(item); }

  std::vector<AdjudicationItem> items;
};

}  // namespace

int main() {
  Inbox inbox;
  Engine engine({.store = memory::open(),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>(),
                 .oracle = &inbox});

  engine.remember("order 17", "status", "shipped", {.source = "warehouse"});
  engine.remember("order 17", "status", "lost", {.source = "carrier"});

  for (const auto& item : inbox.items) {
    std::cout << item.line.subject << " · " << item.line.predicate << ": " << item.challenger.value.text()
              << " against";
    for (const auto& rival : item.rivals) std::cout << ' ' << rival.value.text();
    std::cout << '\n';

    const auto answer = engine.adjudicate({.agent = item.agent,
                                           .question = item.handle,
                                           .verdict = Verdict::affirm,
                                           .evidence = "the carrier's report of Tuesday"});
    std::cout << text(answer.receipts.front().disposition) << ": " << answer.receipts.front().reason << '\n';
  }

  const auto now = engine.recall("order 17", "status");
  std::cout << text(now.status) << ": " << now.primary->value.text() << '\n';
}
