#include <filesystem>

#include "benchmarks/counting_disk.hpp"
#include "benchmarks/measure.hpp"
#include "benchmarks/recorded_rows.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/turns.hpp"

namespace claimledger::benchmarks {

namespace {

struct Counted {
  double pages, bytes, flushes, other_bytes, other_flushes;
};
Counted count(const DiskUse& use) {
  const auto of = [](const std::atomic<std::uint64_t>& number) { return static_cast<double>(number.load()); };
  return {of(use.log_pages), of(use.log_bytes), of(use.log_flushes), of(use.other_bytes), of(use.other_flushes)};
}

Counted a_commit(const Counted& before, const Counted& after, int commits) {
  const auto of = [&](double Counted::*what) { return (after.*what - before.*what) / commits; };
  return {of(&Counted::pages), of(&Counted::bytes), of(&Counted::flushes), of(&Counted::other_bytes),
          of(&Counted::other_flushes)};
}

void print(const char* who, const Counted& use) {
  std::printf("  %-26s %7.2f pages %9.0f bytes %6.2f fdatasync of the log, %9.0f bytes %7.3f fdatasync elsewhere\n",
              who, use.pages, use.bytes, use.flushes, use.other_bytes, use.other_flushes);
}

}  // namespace

// Counts are the same on every disk and at every load.
void log_of_commits(const std::string& folder, const Scale& scale) {
  heading("What a commit of one claim asks of the disk");
  count_disk_use();
  const auto at = std::filesystem::absolute(folder);
  const auto ours = (at / "log.db").string();
  const auto by_hand = (at / "log_by_hand.db").string();
  const auto recorded = (at / "log_recorded.db").string();
  {
    auto engine = engine_on_file(ours);
    HandWritten rival(by_hand);
    Recorder recorder(recorded);
    int said = 0;
    const auto turn = [&] {
      engine.ingest(lone(said));
      recorder.engine().ingest(lone(said++));
      rival.write(recorder.rows());
    };
    if (!warm({ours, by_hand}, scale.warming, turn)) note_growing_logs();
    const auto ours_before = count(disk_use(ours));
    const auto by_hand_before = count(disk_use(by_hand));
    Progress progress("counting writes", static_cast<std::uint64_t>(scale.turns));
    for (int i = 0; i < scale.turns; ++i) {
      turn();
      progress.at(static_cast<std::uint64_t>(i));
    }
    const auto use = a_commit(ours_before, count(disk_use(ours)), scale.turns);
    print("remember", use);
    print("the rows by hand", a_commit(by_hand_before, count(disk_use(by_hand)), scale.turns));
    goal("a commit of one claim, KB of log", use.bytes / 1'000, Goal::at_most, 30);
    goal("a commit of one claim, pages of log", use.pages, Goal::at_most, 7);
    goal("a commit of one claim, fdatasync of the log", use.flushes, Goal::at_most, 1.05);
  }
  for (const auto& path : {ours, by_hand, recorded}) remove_database(path);
}

}  // namespace claimledger::benchmarks
