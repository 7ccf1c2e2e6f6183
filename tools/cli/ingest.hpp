#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/json_lines.hpp"
#include "cli/output_file.hpp"
#include "cli/session.hpp"
#include "cli/stopping.hpp"
#include "wiring/json.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {

// A clock that says what the input says.
class ReplayClock : public Clock {
 public:
  Instant now() const override { return now_; }
  void set(TxTime time) { now_ = time.value; }

 private:
  Instant now_ = earliest_instant;
};

enum class OnError { stop, skip };
enum class BatchBy { size, recorded_at };

struct IngestOptions {
  std::string file;
  std::size_t batch_size = 1000;
  BatchBy batch_by = BatchBy::size;
  bool replay = false;
  FutureTimes future_times = FutureTimes::refused;  // of a replay
  OnError on_error = OnError::stop;
  std::string rejects;
  bool acknowledge = false;
  bool wait = false;  // for a store that is away
  Statement defaults;
};

// Reads claims line by line and writes them batch by batch. Large batches are written beside the reading, one decided
// while the one before it is appended, and no more than three are held; others one after the other, so that each can be
// acknowledged before the next line is read.
// Failure: CommandFailure with the line: for a bad one, unless they are skipped, where the ledger moved under a replay,
//          where the store fails, and where a stop is requested, which it heeds between batches. It says which lines
//          are in the ledger. The file of rejects is whole in any case, as far as the ledger is.
class Ingest {
 public:
  Ingest(const Session& session, const IngestOptions& options);

  void run();
  const wiring::IngestReport& report() const { return report_; }

 private:
  struct Pending {
    std::uint64_t line;
    std::string text;  // kept for the rejects file only
    wiring::IngestLine claim;
  };

  using Lines = std::vector<Pending>;
  // A batch that is being written.
  struct Begun {
    Lines lines;
    std::future<WriteAnswer> answer;
  };

  void read_and_write();
  bool next_line(std::string& text);
  void take(std::uint64_t number, const std::string& text);
  bool belongs_to_batch(const wiring::IngestLine& claim) const;
  void write_batch();
  bool writes_beside() const;
  void begin_batch();
  bool first_is_done() const;
  void end_first();
  void end_all();
  void write_again(Lines failed, const std::function<void()>& allow);
  void write_alone();
  void refuse_behind_head();
  IngestRequest request() const;
  std::optional<WriteAnswer> try_batch();
  void drop_refused(const IngestRequest& request);
  bool waits_after(const StoreFailure& failure);
  void drop(const std::vector<Refusal>& refusals);
  void acknowledge(const WriteAnswer& answer, const Lines& lines);
  void reject(std::uint64_t number, const std::string& text, const InvalidInput& cause);
  void keep_rejects();
  void write_rejects(const std::function<void()>& write);
  [[noreturn]] void end_as_asked();
  [[noreturn]] void stop(ExitCode exit, wiring::Failure failure);

  const Session& session_;
  const IngestOptions& options_;
  Stopping stopping_;  // before any other thread: they are not to get the signals
  std::shared_ptr<ReplayClock> clock_;
  JsonLines input_;
  std::unique_ptr<OutputFile> rejects_;  // before a store is opened
  Engine engine_;
  AgentId agent_;
  std::optional<Position> head_;  // of a replay: where the next batch must land
  Lines pending_;
  wiring::IngestReport report_;
  bool told_of_outage_ = false;
  std::uint64_t acknowledged_ = 0;  // batches, also those that were there already
  InOrder order_;
  std::deque<Begun> begun_;  // last: it waits for what uses the others
};

}  // namespace claimledger::cli
