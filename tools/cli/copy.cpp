#include "claimledger/limits.hpp"
#include "cli/common.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

struct CopyOptions {
  std::string from, to, to_schema;
  bool allow_future = false;
};

using wiring::CopiedLedger;

Verification verified(const Engine& engine, const AgentId& agent, const std::string& what) {
  Progress progress("verifying " + what);
  return engine.verify({.agent = agent, .progress = [&](auto done, auto total) { progress.at(done, total); }});
}

CopiedLedger carry(Engine& from, Engine& to, const AgentId& agent, FutureTimes future) {
  CopiedLedger carried{.agent = agent, .copy = {}, .source = {}, .target = {}};
  {
    Progress progress("copying " + printable(agent.value));
    carried.copy = to.copy_from({.source = from,
                                 .agent = agent,
                                 .progress = [&](auto done, auto total) { progress.at(done, total); },
                                 .future_times = future});
  }
  if (!carried.done()) return carried;
  carried.source = verified(from, agent, "the source");
  carried.target = verified(to, agent, "the target");
  // A source that is in use may have grown since; the hash at the target's end stands for all up to there.
  const auto& target = carried.target;
  carried.same = carried.source.ok && target.ok && target.position >= carried.copy.head.position &&
                 from.head({.agent = agent, .moment = target.position}).hash == target.head_hash;
  return carried;
}

std::string describe(const CopiedLedger& carried) {
  const auto name = printable(carried.agent.value);
  const auto& copy = carried.copy;
  const auto bad = [&](const std::string& word, const std::string& why) {
    return toned(Tone::bad, word) + "  " + name + ": " + printable(why) + "\n";
  };
  if (copy.status == CopyStatus::diverged) return bad("DIVERGED", copy.reason);
  if (copy.status == CopyStatus::conflict) return bad("CONFLICT", copy.reason + "; copy again to go on");
  if (!carried.source.ok) return bad("BROKEN", "the source: " + carried.source.problem);
  if (!carried.target.ok) return bad("BROKEN", "the target: " + carried.target.problem);
  if (!carried.same) return bad("DIFFERENT", "source and target do not have the same hash");
  return toned(Tone::good, "SAME") + "  " + name + ": " + counted(copy.batches, "batch", "batches") + " copied, " +
         counted(carried.target.entries, "entry", "entries") + " verified on both, head " +
         carried.target.head_hash.hex() + "\n";
}

ExitCode copy(const Session& session, const CopyOptions& options) {
  auto settings = session.settings();
  settings.store = options.from;
  const auto source = session.with(settings);
  settings.store = options.to;
  if (!options.to_schema.empty()) settings.postgres.schema = options.to_schema;
  const auto target = session.with(settings);

  auto from = source.open(Access::operate);
  // Nobody who mistypes an agent is to read that all went well, or to find a new store.
  const auto agents = session.settings().agent_given ? std::vector{session.agent()} : every_agent(from);
  for (const auto& agent : agents) {
    if (from.head({.agent = agent}).position != Position{}) continue;
    const auto name = printable(agent.value);
    const wiring::CopyReport none{
        .ok = false, .ledgers = {}, .reason = "there is no ledger of " + name + " at " + source.store_name()};
    print_answer(session, none,
                 [](const wiring::CopyReport& it) { return toned(Tone::bad, "NONE") + "  " + it.reason + "\n"; });
    return ExitCode::no;
  }
  auto to = target.open(Access::write);
  wiring::CopyReport report{.ok = true, .ledgers = {}};
  for (const auto& agent : agents) {
    auto carried = carry(from, to, agent, options.allow_future ? FutureTimes::allowed : FutureTimes::refused);
    report.ok = report.ok && carried.fine();
    if (!session.json()) {
      print(describe(carried));
      flush_output();
    }
    report.ledgers.push_back(std::move(carried));
  }
  if (session.json()) print_json(report);
  return report.ok ? ExitCode::fine : ExitCode::no;
}

}  // namespace

void add_copy(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, "Move many", "copy",
                  "Carry whole ledgers to another store, of any kind, and prove that they arrived",
                  "claimledger copy --from sqlite:agent.db --to postgres://ada@db/ledgers", &copy);
  command->add_option("--from", options->from, "The store to copy from, as --store")->required();
  command->add_option("--to", options->to, "The store to copy to, made if absent")->required();
  command->add_option("--to-schema", options->to_schema, "The schema to copy to (default: --schema)");
  command->add_flag("--allow-future", options->allow_future, "Ledgers that run ahead of the clock, too");
}

}  // namespace claimledger::cli
