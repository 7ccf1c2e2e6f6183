#include <filesystem>
#include <stdexcept>

#include "benchmarks/measure.hpp"
#include "benchmarks/recorded_rows.hpp"
#include "benchmarks/scratch.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/turns.hpp"

namespace claimledger::benchmarks {

namespace {

namespace fs = std::filesystem;

const std::string on_disk = "on this disk";

Ratios compare(const fs::path& folder, const fs::path& scratch, const std::string& where, const Scale& scale) {
  Ratios ratios;
  const auto ours = (folder / "remember.db").string();
  const auto by_hand = (folder / "by_hand.db").string();
  const auto recorded = (scratch / "recorded.db").string();
  {
    auto engine = engine_on_file(ours);
    HandWritten rival(by_hand);
    Recorder recorder(recorded);

    int said = 0;
    const auto rows = [&](int number) {
      recorder.engine().ingest(lone(number));
      return recorder.rows();
    };
    const bool filled = warm({ours, by_hand}, scale.warming, [&] {
      engine.ingest(lone(said));
      rival.write(rows(said));
      ++said;
    });
    if (!filled) note_growing_logs();

    // Beforehand, so that between the turns nothing else runs.
    std::vector<RecordedRows> to_write;
    to_write.reserve(static_cast<std::size_t>(scale.turns));
    {
      Progress recording("recording the rows", static_cast<std::uint64_t>(scale.turns));
      for (int turn = 0; turn < scale.turns; ++turn) {
        to_write.push_back(rows(said + turn));
        recording.at(static_cast<std::uint64_t>(turn));
      }
    }

    Turns turns;
    Progress progress("one claim a batch, " + where, static_cast<std::uint64_t>(scale.turns));
    for (int turn = 0; turn < scale.turns; ++turn) {
      const auto request = lone(said + turn);
      const auto& these = to_write[static_cast<std::size_t>(turn)];
      turns.take([&] { rival.write(these); }, [&] { engine.ingest(request); });
      progress.at(static_cast<std::uint64_t>(turn));
    }
    if (where == on_disk) point("writers", "the rows by hand", 1, 1 / median(turns.first));
    ratios = rows_of_turns("the rows by hand, " + where, turns.first, "remember, " + where, turns.second);
  }
  if (row_counts(ours) != row_counts(by_hand))
    throw std::runtime_error("ours wrote " + row_counts(ours) + "by hand were written " + row_counts(by_hand));
  for (const auto& path : {ours, by_hand, recorded}) remove_database(path);
  return ratios;
}

}  // namespace

void single_remember(const std::string& folder, const Scale& scale) {
  heading("One claim a batch, synchronous=FULL, " + std::to_string(scale.turns) +
          " turns each with the same rows written by hand");
  const Scratch scratch(folder);
  const auto ratios = compare(folder, scratch.folder, on_disk, scale);
  goal("lone remember, p50, to the same rows by hand", ratios.of.p50, Goal::at_most, 1.15);
  goal("lone remember, p99/p50, to that of the rows by hand", ratios.spread, Goal::at_most, 1.2);
  // Where synchronising costs nothing, what is left is computing.
  if (fs::is_directory("/dev/shm")) compare(scratch.folder, scratch.folder, "on a disk of memory", scale);
}

}  // namespace claimledger::benchmarks
