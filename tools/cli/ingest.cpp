#include "cli/ingest.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

std::unique_ptr<OutputFile> open_rejects(const Session& session, const std::string& path) {
  if (path.empty()) return nullptr;
  if (std::filesystem::is_regular_file(path) && std::filesystem::file_size(path) > 0)
    throw InvalidInput("--rejects", path + " is there already; name a new file");
  return std::make_unique<OutputFile>(session, path, "--rejects", OutputFile::Meanwhile::kept);
}

Engine open_engine(const Session& session, const Stopping& stopping, std::shared_ptr<Clock> clock) {
  session.require_ledger_of(session.agent());
  return session.open(Access::write, {.stop = stopping.token()}, std::move(clock));
}

}  // namespace

Ingest::Ingest(const Session& session, const IngestOptions& options)
    : session_(session),
      options_(options),
      clock_(options.replay ? std::make_shared<ReplayClock>() : nullptr),
      input_(options.file, JsonLines::claim_line, &stopping_),
      rejects_(open_rejects(session, options.rejects)),
      engine_(open_engine(session, stopping_, clock_)),
      agent_(session.agent()) {}

void Ingest::run() {
  try {
    read_and_write();
  } catch (const StoreFailure& failure) {
    if (failure.kind() == FailureKind::cancelled) end_as_asked();
    stop(ExitCode::store_failed, wiring::failure_of(failure));
  } catch (const OutputFailure&) {
    if (forget_closed_output()) end_as_asked();
    stop(ExitCode::store_failed, output_failure());
  }
  keep_rejects();
}

// By a signal, or by a reader that has gone.
void Ingest::end_as_asked() {
  end_all();
  keep_rejects();
  end_stopped(stopping_, {.last_line = report_.last_line});
}

void Ingest::read_and_write() {
  Progress progress("ingesting");
  std::string text;
  while (next_line(text)) {
    while (first_is_done()) end_first();
    take(input_.number(), text);
    if (input_.size())
      progress.at(input_.bytes(), input_.size());
    else
      progress.at(input_.number(), std::nullopt);
  }
  if (stopping_.requested()) end_as_asked();
  write_batch();
  end_all();
}

// The next that is no longer than a line may be.
bool Ingest::next_line(std::string& text) {
  for (;;) {
    try {
      return input_.next(text);
    } catch (const InvalidInput& cause) {
      if (cause.field() == JsonLines::unreadable)
        stop(ExitCode::bad_input, wiring::failure_of(cause));  // it can be read no further
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
    reject(number, text, with_way_to_insist(cause));
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

void Ingest::write_batch() { writes_beside() ? begin_batch() : write_alone(); }

// Where each must be known to be in before the next is read, or is small, that would be no gain.
bool Ingest::writes_beside() const {
  constexpr std::size_t large = 100;
  return options_.batch_by == BatchBy::size && options_.batch_size >= large && !options_.replay &&
         !options_.acknowledge;
}

void Ingest::begin_batch() {
  constexpr std::size_t at_once = 2;
  if (pending_.empty()) return;
  if (begun_.size() == at_once) end_first();
  const auto write = [this](IngestRequest request, InOrder::Place place) {
    request.place = &place;
    return engine_.ingest(request);
  };
  try {
    auto answer = std::async(std::launch::async, write, request(), order_.next());
    begun_.push_back({std::exchange(pending_, {}), std::move(answer)});
  } catch (const std::system_error&) {  // there is no thread to be had
    auto unfinished = std::exchange(pending_, {});
    end_all();
    order_ = {};
    pending_ = std::move(unfinished);
    write_alone();
  }
}

bool Ingest::first_is_done() const {
  return !begun_.empty() && begun_.front().answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

void Ingest::end_first() {
  auto first = std::move(begun_.front());
  begun_.pop_front();
  try {
    return acknowledge(first.answer.get(), first.lines);
  } catch (const StoreFailure& failure) {
    write_again(std::move(first.lines), [&] {
      if (!waits_after(failure)) throw;
    });
  } catch (const InvalidInput&) {
    write_again(std::move(first.lines), [&] { drop_refused(request()); });
  }
}

// One after the other: a batch that failed, once it is known that it may be tried again, and those that were begun
// behind it, of which nothing is written.
void Ingest::write_again(Lines failed, const std::function<void()>& allow) {
  const auto behind = std::exchange(begun_, {});
  for (const auto& next : behind) next.answer.wait();
  order_ = {};
  auto unfinished = std::exchange(pending_, std::move(failed));
  allow();
  write_alone();
  for (const auto& next : behind) {
    pending_ = next.lines;
    write_alone();
  }
  pending_ = std::move(unfinished);
}

void Ingest::end_all() {
  while (!begun_.empty()) end_first();
}

void Ingest::write_alone() {
  if (options_.replay && !pending_.empty()) refuse_behind_head();
  while (!pending_.empty()) {
    const auto answer = try_batch();
    if (!answer) continue;  // without the lines that were refused
    if (answer->status == WriteStatus::conflict)
      stop(ExitCode::no, {.kind = std::string(text(FailureKind::conflict)),
                          .line = pending_.front().line,
                          .why = "somebody else wrote meanwhile"});
    acknowledge(*answer, pending_);
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

IngestRequest Ingest::request() const {
  IngestRequest request{.agent = agent_, .statements = {}};
  request.statements.reserve(pending_.size());
  for (const auto& line : pending_) request.statements.push_back(line.claim.statement);
  request.expected_position = head_;
  request.caller = session_.caller();
  request.caller.future_times = options_.future_times;
  return request;
}

std::optional<WriteAnswer> Ingest::try_batch() {
  const auto batch = request();
  try {
    auto answer = engine_.ingest(batch);
    told_of_outage_ = false;
    return answer;
  } catch (const StoreFailure& failure) {
    if (!waits_after(failure)) throw;
    return std::nullopt;
  } catch (const InvalidInput&) {
    drop_refused(batch);
    return std::nullopt;
  }
}

// While it is handled why it was refused.
void Ingest::drop_refused(const IngestRequest& request) {
  const auto refusals = engine_.refusals(request);
  if (refusals.empty()) throw;  // it is about the call itself
  drop(refusals);
}

// The batch is tried again. One that may be in the ledger only where each of its lines has a key: without one it would
// be said twice.
bool Ingest::waits_after(const StoreFailure& failure) {
  const bool keyed = std::all_of(pending_.begin(), pending_.end(),
                                 [](const auto& line) { return line.claim.statement.idempotency_key.has_value(); });
  const bool away = failure.kind() == FailureKind::unreachable || (failure.kind() == FailureKind::in_doubt && keyed);
  if (!options_.wait || !away) return false;
  if (!std::exchange(told_of_outage_, true))
    remark(session_.json(), std::string(failure.what()) + "; waiting until it is back");
  if (pause(stopping_.token())) return true;
  end_as_asked();
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

void Ingest::acknowledge(const WriteAnswer& answer, const Lines& lines) {
  const auto replayed = static_cast<std::uint64_t>(std::count_if(answer.receipts.begin(), answer.receipts.end(),
                                                                 [](const auto& receipt) { return receipt.replayed; }));
  if (replayed < lines.size()) ++report_.batches;
  report_.claims += lines.size() - replayed;
  report_.replayed += replayed;
  report_.last_line = lines.back().line;
  report_.position = answer.position;
  report_.clock_behind_by = answer.clock_behind_by;
  for (const auto& receipt : answer.receipts)
    if (!receipt.replayed) ++report_.dispositions[receipt.disposition];
  ++acknowledged_;
  if (!options_.acknowledge) return;
  const wiring::Acknowledgement acknowledgement{acknowledged_, report_.last_line, answer.position};
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
  if (rejects_ == nullptr) {
    cli::report(session_.json(), failure);
    return;
  }
  const auto line = wiring::json_line(wiring::RejectedLine{number, cause.field(), cause.why(), text}) + "\n";
  write_rejects([&] { rejects_->write(line); });
}

// Nothing else has what was skipped, so it is kept where the ingest stops, too.
void Ingest::keep_rejects() {
  if (rejects_ == nullptr) return;
  write_rejects([&] { rejects_->commit(); });
  rejects_ = nullptr;
}

// Where that fails, too, is said how far the lines are in.
void Ingest::write_rejects(const std::function<void()>& write) {
  try {
    write();
  } catch (CommandFailure& failed) {
    rejects_ = nullptr;
    failed.failure.last_line = report_.last_line;
    throw;
  }
}

void Ingest::stop(ExitCode exit, wiring::Failure failure) {
  end_all();
  try {
    keep_rejects();
  } catch (const CommandFailure& failed) {  // the reason to stop comes first
    failure.why += "; and of the rejects: " + failed.failure.why;
  }
  failure.last_line = report_.last_line;
  throw CommandFailure{exit, std::move(failure)};
}

}  // namespace claimledger::cli
