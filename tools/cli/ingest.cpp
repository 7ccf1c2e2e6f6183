#include "cli/ingest.hpp"

#include <filesystem>
#include <utility>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"

namespace claimledger::cli {
Ingest::Ingest(const Session& session, const IngestOptions& options)
    : session_(session),
      options_(options),
      clock_(options.replay ? std::make_shared<ReplayClock>() : nullptr),
      input_(options.file),
      engine_(session.open(Access::write, clock_)),
      agent_(session.agent()) {
  if (options.rejects.empty()) return;
  if (std::filesystem::is_regular_file(options.rejects) && std::filesystem::file_size(options.rejects) > 0)
    throw InvalidInput("--rejects", options.rejects + " is there already; name a new file");
  rejects_.open(options.rejects, std::ios::binary | std::ios::trunc);
  if (!rejects_) throw InvalidInput("--rejects", "cannot be written: " + options.rejects);
}

void Ingest::run() {
  try {
    read_and_write();
  } catch (const StoreFailure& failure) {
    stop(ExitCode::store_failed, wiring::failure_of(failure));
  }
}

void Ingest::read_and_write() {
  Progress progress("ingesting");
  std::string text;
  while (next_line(text)) {
    take(input_.number(), text);
    if (input_.size())
      progress.at(input_.bytes(), input_.size());
    else
      progress.at(input_.number(), std::nullopt);
  }
  write_batch();
  if (rejects_.is_open() && !rejects_.flush()) throw OutputFailure{};
}

// The next that is no longer than a line may be.
bool Ingest::next_line(std::string& text) {
  for (;;) {
    try {
      return input_.next(text);
    } catch (const InvalidInput& cause) {
      ++report_.lines;
      reject(input_.number(), "", InvalidInput("line", cause.why()));
    }
  }
}

void Ingest::take(std::uint64_t number, const std::string& text) {
  ++report_.lines;
  const bool timed = options_.replay || options_.batch_by == BatchBy::recorded_at;
  wiring::IngestLine claim;
  bool belongs = true;
  try {
    claim = wiring::parse_ingest_line(text, options_.defaults,
                                      timed ? wiring::RecordedAt::required : wiring::RecordedAt::refused);
    if (options_.replay) engine_.require_not_ahead(*claim.recorded_at, options_.future_times);
    belongs = belongs_to_batch(claim);
  } catch (const InvalidInput& cause) {
    reject(number, text, cause);
    return;
  }
  if (!belongs) write_batch();
  pending_.push_back({number, options_.rejects.empty() ? std::string() : text, std::move(claim)});
  // At once: whoever sends the next line may first wait for this one to be acknowledged.
  if (options_.batch_by == BatchBy::size && pending_.size() == options_.batch_size) write_batch();
}

bool Ingest::belongs_to_batch(const wiring::IngestLine& claim) const {
  if (pending_.empty() || options_.batch_by == BatchBy::size) return true;
  if (claim.recorded_at != pending_.front().claim.recorded_at) return false;
  if (pending_.size() == limits::batch_claims)
    throw InvalidInput("recorded_at", "more than " + std::to_string(limits::batch_claims) + " claims of one time");
  return true;
}

void Ingest::write_batch() {
  if (options_.replay && !pending_.empty()) refuse_behind_head();
  while (!pending_.empty()) {
    const auto answer = try_batch();
    if (!answer) continue;  // without the lines that were refused
    if (answer->status == WriteStatus::conflict)
      stop(ExitCode::no, {.kind = std::string(text(FailureKind::conflict)),
                          .line = pending_.front().line,
                          .why = "somebody else wrote meanwhile"});
    acknowledge(*answer);
    pending_.clear();
  }
}

void Ingest::refuse_behind_head() {
  const auto head = engine_.head({.agent = agent_});
  head_ = head.position;
  const auto time = *pending_.front().claim.recorded_at;
  if (head.position.value == 0 || time > head.recorded_at) {
    clock_->set(time);
    return;
  }
  const InvalidInput cause("recorded_at",
                           to_text(time) + " is not after the last batch of the ledger, " + to_text(head.recorded_at));
  for (const auto& line : pending_) reject(line.line, line.text, cause);
  pending_.clear();
}

std::optional<WriteAnswer> Ingest::try_batch() {
  IngestRequest request{.agent = agent_, .statements = {}};
  request.statements.reserve(pending_.size());
  for (const auto& line : pending_) request.statements.push_back(line.claim.statement);
  request.expected_position = head_;
  request.caller = session_.caller();
  request.caller.future_times = options_.future_times;
  try {
    return engine_.ingest(request);
  } catch (const InvalidInput&) {
    const auto refusals = engine_.refusals(request);
    if (refusals.empty()) throw;  // it is about the call itself
    drop(refusals);
    return std::nullopt;
  }
}

void Ingest::drop(const std::vector<Refusal>& refusals) {
  std::vector<Pending> kept;
  auto refused = refusals.begin();
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    auto& line = pending_[i];
    if (refused == refusals.end() || refused->statement != i) {
      kept.push_back(std::move(line));
      continue;
    }
    reject(line.line, line.text, refused->cause);
    ++refused;
  }
  pending_ = std::move(kept);
}

void Ingest::acknowledge(const WriteAnswer& answer) {
  ++report_.batches;
  report_.claims += pending_.size();
  report_.last_line = pending_.back().line;
  report_.position = answer.position;
  report_.clock_behind_by = answer.clock_behind_by;
  for (const auto& receipt : answer.receipts) ++report_.dispositions[receipt.disposition];
  if (!options_.acknowledge) return;
  const wiring::Acknowledgement acknowledgement{report_.batches, report_.last_line, answer.position};
  print_answer(session_, acknowledgement, [](const wiring::Acknowledgement& it) {
    return "batch " + std::to_string(it.batch) + ": up to line " + std::to_string(it.line) + ", position " +
           std::to_string(it.position.value) + "\n";
  });
  flush_output();  // an acknowledgement that is still in a buffer is none
}

void Ingest::reject(std::uint64_t number, const std::string& text, const InvalidInput& cause) {
  auto failure = wiring::failure_of(cause);
  failure.line = number;
  if (options_.on_error == OnError::stop) stop(ExitCode::bad_input, failure);
  ++report_.rejected;
  if (!rejects_.is_open()) {
    cli::report(session_.json(), failure);
    return;
  }
  rejects_ << wiring::json_line(wiring::RejectedLine{number, cause.field(), cause.why(), text}) << '\n';
}

void Ingest::stop(ExitCode exit, wiring::Failure failure) const {
  failure.last_line = report_.last_line;
  throw CommandFailure{exit, std::move(failure)};
}

}  // namespace claimledger::cli
