#include "claimledger/embedders/command_embedder.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "child_process.hpp"
#include "claimledger/adapter/call_check.hpp"
#include "claimledger/failure.hpp"
#include "command_protocol.hpp"

namespace claimledger::embedders {
namespace {

constexpr const char* operation = "embed";

std::string as_text(const EmbeddingModel& model) {
  return "'" + model.name + "' of " + std::to_string(model.dimensions) + " dimensions, fingerprint '" +
         model.fingerprint + "'";
}

class CommandEmbedder : public Embedder {
 public:
  explicit CommandEmbedder(const CommandOptions& options)
      : command_(options.command),
        answer_within_(std::min<std::chrono::milliseconds>(options.answer_within, std::chrono::years{1})) {
    model_ = answer_of({}, EmbeddedText::statement, options.call).model;
  }

  const EmbeddingModel& model() const override { return model_; }

  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText kind,
                                        const Call& call) override {
    const Turn turn(*this, call);
    if (!child_) check_model(answer_of({}, kind, call).model);
    auto answer = answer_of(texts, kind, call);
    check_model(answer.model);
    return std::move(answer.vectors);
  }

 private:
  // One call after the other; who waits for it is heard as well.
  class Turn {
   public:
    Turn(CommandEmbedder& embedder, const Call& call) : embedder_(embedder) {
      std::unique_lock lock(embedder_.mutex_);
      const auto is_free = [this] { return !embedder_.asking_; };
      if (call.deadline) {
        embedder_.free_.wait_until(lock, call.stop, *call.deadline, is_free);
      } else {
        embedder_.free_.wait(lock, call.stop, is_free);
      }
      adapter::check(call, operation);
      embedder_.asking_ = true;
    }
    ~Turn() {
      const std::scoped_lock lock(embedder_.mutex_);
      embedder_.asking_ = false;
      embedder_.free_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    CommandEmbedder& embedder_;
  };

  // One that failed in whatever way is not asked again: an answer that is still to come would be taken for the next.
  CommandAnswer answer_of(std::span<const std::string> texts, EmbeddedText kind, const Call& call) {
    if (!child_) child_.emplace(command_);
    const auto its_deadline = std::chrono::steady_clock::now() + answer_within_;
    const bool sooner = !call.deadline || its_deadline < *call.deadline;
    try {
      const auto most = longest_answer(texts.size(), model_.dimensions);
      const Call asking{.deadline = sooner ? its_deadline : *call.deadline, .stop = call.stop};
      auto answer = read_answer(child_->ask(question_line(texts, kind), most, asking), texts.size());
      if (!answer.error.empty()) refused(answer.error);
      return answer;
    } catch (const std::invalid_argument& wrong) {
      drop();
      incompatible(wrong.what());
    } catch (const StoreFailure& failure) {
      if (failure.kind() != FailureKind::refused) drop();
      if (failure.kind() == FailureKind::timeout && sooner) silent();
      throw;
    }
  }

  void check_model(const EmbeddingModel& model) {
    if (model == model_) return;
    drop();
    incompatible("is the model " + as_text(model) + " now, and was " + as_text(model_));
  }

  void drop() {
    child_->give_up();
    child_.reset();
  }

  std::string named() const { return "the command '" + shortened(command_, 200) + "' "; }
  [[noreturn]] void incompatible(const std::string& what) const {
    throw StoreFailure(FailureKind::incompatible, operation, named() + what);
  }
  [[noreturn]] void silent() const {
    using Seconds = std::chrono::duration<double>;
    std::ostringstream seconds;
    seconds << std::chrono::duration_cast<Seconds>(answer_within_).count();
    throw StoreFailure(FailureKind::unreachable, operation, named() + "did not answer within " + seconds.str() + " s");
  }
  [[noreturn]] void refused(const std::string& why) const {
    throw StoreFailure(FailureKind::refused, operation, named() + "answered: " + why);
  }

  std::string command_;
  std::chrono::milliseconds answer_within_;
  EmbeddingModel model_;
  std::mutex mutex_;
  std::condition_variable_any free_;
  bool asking_ = false;                // somebody has their turn
  std::optional<ChildProcess> child_;  // who has it uses this
};

}  // namespace

std::unique_ptr<Embedder> start_command(const CommandOptions& options) {
  if (options.command.find_first_not_of(" \t\n") == std::string::npos) {
    throw InvalidInput("command", "must be a command of /bin/sh");
  }
  if (options.answer_within.count() <= 0) throw InvalidInput("answer_within", "must be more than 0");
  return std::make_unique<CommandEmbedder>(options);
}

}  // namespace claimledger::embedders
