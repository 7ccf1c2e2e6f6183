#include <nlohmann/json.hpp>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"

namespace claimledger::cli {
namespace {

struct CopyOptions {
  std::string from, to, to_schema;
  bool allow_future = false;
};

// One ledger that was carried over, and the proof that it arrived.
struct Carried {
  AgentId agent;
  CopyAnswer copy;
  Verification source, target;
  bool same = false;  // both verify, and both have the same hash where the target ends

  bool fine() const { return copy.status == CopyStatus::done && same; }
};

Verification verified(const Engine& engine, const AgentId& agent, const std::string& what) {
  Progress progress("verifying " + what);
  return engine.verify({.agent = agent, .progress = [&](auto done, auto total) { progress.at(done, total); }});
}

Carried carry(Engine& from, Engine& to, const AgentId& agent, FutureTimes future) {
  Carried carried{.agent = agent, .copy = {}, .source = {}, .target = {}};
  {
    Progress progress("copying " + printable(agent.value));
    carried.copy = to.copy_from({.source = from,
                                 .agent = agent,
                                 .progress = [&](auto done, auto total) { progress.at(done, total); },
                                 .future_times = future});
  }
  if (carried.copy.status != CopyStatus::done) return carried;
  carried.source = verified(from, agent, "the source");
  carried.target = verified(to, agent, "the target");
  // A source that is in use may have grown since; the hash at the target's end stands for all up to there.
  const auto& target = carried.target;
  carried.same = carried.source.ok && target.ok && target.position >= carried.copy.head.position &&
                 from.head({.agent = agent, .moment = target.position}).hash == target.head_hash;
  return carried;
}

std::string describe(const Carried& carried) {
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

std::string_view word(CopyStatus status) {
  switch (status) {
    case CopyStatus::done:
      return "done";
    case CopyStatus::diverged:
      return "diverged";
    case CopyStatus::conflict:
      return "conflict";
  }
  return {};
}

Json to_json(const Carried& carried) {
  const bool done = carried.copy.status == CopyStatus::done;
  return {{"agent", carried.agent.value},
          {"status", std::string(word(carried.copy.status))},
          {"batches", carried.copy.batches},
          {"entries", carried.copy.entries},
          {"position", carried.copy.head.position.value},
          {"head_hash", carried.copy.head.hash.hex()},
          {"same", done ? Json(carried.same) : Json(nullptr)},
          {"source", done ? wiring::to_json(carried.source) : Json(nullptr)},
          {"target", done ? wiring::to_json(carried.target) : Json(nullptr)},
          {"reason", carried.copy.reason}};
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
    note("claimledger: there is no ledger of " + printable(agent.value) + " at " + source.store_name() + "\n");
    return ExitCode::no;
  }
  auto to = target.open(Access::write);
  bool fine = true;
  auto ledgers = Json::array();
  for (const auto& agent : agents) {
    const auto carried = carry(from, to, agent, options.allow_future ? FutureTimes::allowed : FutureTimes::refused);
    fine = fine && carried.fine();
    if (session.json()) {
      ledgers.push_back(to_json(carried));
    } else {
      print(describe(carried));
      flush_output();
    }
  }
  if (session.json()) print_json({{"ok", fine}, {"ledgers", std::move(ledgers)}});
  return fine ? ExitCode::fine : ExitCode::no;
}

}  // namespace

void add_copy(CLI::App& app, Program& program) {
  auto [verb, options] = add_verb(app, program, "Move many", "copy",
                                  "Carry whole ledgers to another store, of any kind, and prove that they arrived",
                                  "claimledger copy --from sqlite:agent.db --to postgres://ada@db/ledgers", &copy);
  verb->add_option("--from", options->from, "The store to copy from, as --store")->required();
  verb->add_option("--to", options->to, "The store to copy to, made if absent")->required();
  verb->add_option("--to-schema", options->to_schema, "The schema to copy to (default: --schema)");
  verb->add_flag("--allow-future", options->allow_future, "Ledgers that run ahead of the clock, too");
}

}  // namespace claimledger::cli
