#include "crowd.hpp"

#include <atomic>

namespace claimledger::application::test {

namespace {

std::string text_of(const Receipt& receipt) {
  std::string shown = receipt.claim ? to_text(receipt.claim->value) : std::string("none");
  shown += ' ' + std::string(text(receipt.disposition)) + ' ' + std::string(text(receipt.rationale));
  for (const auto& rival : receipt.contested_with) shown += " against " + to_text(rival.value);
  shown += ' ' + std::to_string(receipt.rivals) + (receipt.corroborated ? " corroborated" : "") +
           (receipt.replayed ? " replayed" : "");
  if (receipt.handle) shown += " asked " + to_text(receipt.handle->value);
  for (const auto& source : receipt.also_said_by) shown += " also " + source;
  shown += " at " + std::to_string(receipt.position.value) + ' ' +
           std::to_string(receipt.recorded_at.value.time_since_epoch().count()) + ' ' + receipt.reason;
  return shown;
}

}  // namespace

std::string text_of(const WriteAnswer& answer) {
  std::string shown = std::string(text(answer.status)) + ' ' + std::to_string(answer.position.value);
  for (const auto& receipt : answer.receipts) shown += "\n  " + text_of(receipt);
  for (const auto& claim : answer.marked_for_review) shown += "\n  review " + to_text(claim.value);
  return shown + ' ' + answer.reason;
}

std::string told(const std::function<WriteAnswer()>& write) {
  try {
    return text_of(write());
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

std::vector<std::string> Crowd::one_by_one(const std::vector<Act>& acts) {
  std::vector<std::string> answers;
  for (const auto& act : acts) answers.push_back(act.run(context));
  return answers;
}

std::vector<std::string> Crowd::together(const std::vector<Act>& acts) {
  std::vector<std::string> answers(acts.size());
  std::vector<std::thread> writers;
  std::atomic<std::size_t> refused = 0;  // before they had to wait
  {
    const auto turn = context.writers.acquire(acts.front().agent, {});
    const auto asked = context.writers.asked();
    for (std::size_t i = 0; i < acts.size(); ++i) {
      writers.emplace_back([&, i] {
        answers[i] = acts[i].run(context);
        ++refused;
      });
      while (context.writers.asked() - asked + refused <= i) std::this_thread::yield();
    }
  }
  for (auto& writer : writers) writer.join();
  return answers;
}

}  // namespace claimledger::application::test
