#include "wiring/embedders.hpp"

#include <filesystem>
#include <functional>
#include <mutex>
#include <system_error>
#include <utility>

#include "claimledger/embedders/command_embedder.hpp"
#include "claimledger/embedders/static_embedder.hpp"

namespace claimledger::wiring {

namespace {

namespace fs = std::filesystem;

class OpenedWhenNeeded : public Embedder {
 public:
  // `stop`: of calls that have none.
  explicit OpenedWhenNeeded(std::function<std::unique_ptr<Embedder>()> open, std::stop_token stop = {})
      : open_(std::move(open)), stop_(std::move(stop)) {}

  const EmbeddingModel& model() const override { return opened().model(); }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts, EmbeddedText kind,
                                        const Call& call) override {
    auto stopped = call;
    if (!stopped.stop.stop_possible()) stopped.stop = stop_;
    return opened().embed(texts, kind, stopped);
  }

 private:
  Embedder& opened() const {
    const std::scoped_lock lock(mutex_);
    if (!embedder_) embedder_ = open_();
    return *embedder_;
  }

  std::function<std::unique_ptr<Embedder>()> open_;
  std::stop_token stop_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::unique_ptr<Embedder> embedder_;
};

std::shared_ptr<Embedder> of_file(std::string file) {
  return std::make_shared<OpenedWhenNeeded>([file = std::move(file)] { return embedders::open_static(file); });
}

}  // namespace

// Beside the program, wherever that was moved to, or else where it was built.
std::shared_ptr<Embedder> embedder_that_comes_with_us() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  for (const auto& file :
       {program.parent_path().parent_path() / CLAIMLEDGER_INSTALLED_TABLE, fs::path(CLAIMLEDGER_TABLE)})
    if (fs::is_regular_file(file, error)) return of_file(file.string());
  return nullptr;
}

std::shared_ptr<Embedder> embedder_of(const std::string& file) { return file == "none" ? nullptr : of_file(file); }

std::shared_ptr<Embedder> embedder_of_command(const std::string& command,
                                              std::optional<std::chrono::milliseconds> answer_within,
                                              const Call& starting) {
  if (command.find_first_not_of(" \t\r\n") == std::string::npos)
    throw InvalidInput("--embed-cmd", "must be a command of /bin/sh");
  embedders::CommandOptions options{.command = command, .call = starting};
  if (answer_within) options.answer_within = *answer_within;
  return std::make_shared<OpenedWhenNeeded>([options] { return embedders::start_command(options); }, starting.stop);
}

}  // namespace claimledger::wiring
