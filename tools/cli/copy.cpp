#include "cli/common.hpp"
#include "cli/stopping.hpp"
#include "wiring/reports.hpp"

namespace claimledger::cli {
namespace {

struct CopyOptions {
  std::string from, to, to_schema;
  bool allow_future = false;
};

using wiring::CopiedLedger;

Verification verified(const Engine& engine, const AgentId& agent, const std::string& what, const Call& call) {
  Progress progress("verifying " + what);
  return engine.verify(
      {.agent = agent, .progress = [&](auto done, auto total) { progress.at(done, total); }, .call = call});
}

CopiedLedger carry(Engine& from, Engine& to, const AgentId& agent, FutureTimes future, const Call& call) {
  CopiedLedger carried{.agent = agent, .copy = {}, .source = {}, .target = {}};
  {
    Progress progress("copying " + printable(agent.value));
    carried.copy = to.copy_from({.source = from,
                                 .agent = agent,
                                 .progress = [&](auto done, auto total) { progress.at(done, total); },
                                 .future_times = future,
                                 .call = call});
  }
  if (!carried.done()) return carried;
  carried.source = verified(from, agent, "the source", call);
  carried.target = verified(to, agent, "the target", call);
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
  if (!carried.problem.empty()) return bad(carried.refused ? "REFUSED" : "BROKEN", carried.problem);
  if (copy.status == CopyStatus::diverged) return bad("DIVERGED", copy.reason);
  if (copy.status == CopyStatus::conflict) return bad("CONFLICT", copy.reason + "; copy again to go on");
  if (!carried.source.ok) return bad("BROKEN", "the source: " + carried.source.problem);
  if (!carried.target.ok) return bad("BROKEN", "the target: " + carried.target.problem);
  if (!carried.same) return bad("DIFFERENT", "source and target do not have the same hash");
  return toned(Tone::good, "SAME") + "  " + name + ": " + counted(copy.batches, "batch", "batches") + " copied, " +
         counted(carried.target.entries, "entry", "entries") + " verified on both, head " +
         carried.target.head_hash.hex() + "\n";
}

// Where a copy that was stopped stands. What has landed is whole batches.
[[noreturn]] void end_stopped(const Stopping& stopping, const Engine& to, const AgentId& agent) {
  const auto head = to.head({.agent = agent}).position;
  cli::end_stopped(stopping, {.why = "the target has " + printable(agent.value) + " up to entry " +
                                     std::to_string(head.value) + "; copy again to go on"});
}

// As soon as it is known. Where nobody reads it any more, `stop` ends the copy.
template <class Stop>
void tell(const CopiedLedger& carried, Stop stop) {
  try {
    print(describe(carried));
    flush_output();
  } catch (const OutputFailure&) {
    if (!forget_closed_output()) throw;
    stop();
  }
}

// Whether the next ledger would fail alike.
bool is_of_all(FailureKind kind, bool on_a_server) {
  switch (kind) {
    case FailureKind::exhausted:
    case FailureKind::cancelled:
    case FailureKind::timeout:
      return true;
    case FailureKind::unreachable:
    case FailureKind::in_doubt:
    case FailureKind::busy:
      return on_a_server;
    case FailureKind::corrupt:
    case FailureKind::incompatible:
    case FailureKind::conflict:
    case FailureKind::refused:
    case FailureKind::unsupported:
      break;
  }
  return false;
}

// With their problems: one that cannot be read keeps none of the others from being copied.
std::vector<AgentHead> ledgers_to_copy(const Session& session, const Engine& from) {
  if (!session.settings().agent_given) return every_ledger(from);
  return {{session.agent(), from.head({.agent = session.agent()}).position}};
}

ExitCode say_none(const Session& session, const std::string& reason) {
  print_answer(session, wiring::CopyReport{.ok = false, .ledgers = {}, .reason = reason},
               [](const wiring::CopyReport& it) { return toned(Tone::bad, "NONE") + "  " + it.reason + "\n"; });
  return ExitCode::no;
}

// What is wrong with an address is said of the option that gave it.
template <class Work>
auto naming(const char* option, Work work) {
  try {
    return work();
  } catch (const InvalidInput& wrong) {
    throw InvalidInput(wrong.field() == "store" ? option : wrong.field(), wrong.why());
  }
}

// A copy of a ledger onto itself would prove nothing, and say that all is well.
void require_another_store(const Session& source, const Session& target) {
  const auto address = [](const Session& session) {
    return wiring::StoreAddress{session.store_address(), session.settings().postgres};
  };
  if (!wiring::share_a_ledger(address(source), address(target))) return;
  throw InvalidInput("--to", target.store_name() + " and --from, " + source.store_name() +
                                 ", are one store, or have a ledger in common; name another");
}

ExitCode copy(const Session& session, const CopyOptions& options) {
  const Stopping stopping;
  const Call call{.stop = stopping.token()};
  auto settings = session.settings();
  settings.store = options.from;
  const auto source = session.with(settings);
  settings.store = options.to;
  if (!options.to_schema.empty()) settings.postgres.schema = options.to_schema;
  const auto target = session.with(settings);

  auto from = naming("--from", [&] { return source.open(Access::operate); });
  // Nobody who mistypes an agent is to read that all went well, or to find a new store.
  const auto ledgers = ledgers_to_copy(session, from);
  if (ledgers.empty()) return say_none(session, "there is no ledger at " + source.store_name());
  for (const auto& ledger : ledgers) {
    if (!ledger.problem.empty() || ledger.position != Position{}) continue;
    return say_none(session, "there is no ledger of " + printable(ledger.agent.value) + " at " + source.store_name());
  }
  auto to = naming("--to", [&] {
    require_another_store(source, target);
    return target.open(Access::write);
  });
  wiring::CopyReport report{.ok = true, .ledgers = {}};
  const auto future = options.allow_future ? FutureTimes::allowed : FutureTimes::refused;
  const bool on_a_server = source.on_a_server() || target.on_a_server();
  const bool only = ledgers.size() == 1;
  for (const auto& [agent, position, problem] : ledgers) {
    CopiedLedger carried{.agent = agent, .problem = problem, .copy = {}, .source = {}, .target = {}};
    try {
      if (problem.empty()) target.require_ledger_of(agent, "--to");
      if (problem.empty()) carried = carry(from, to, agent, future, call);
    } catch (const InvalidInput& refused) {
      if (only) throw with_way_to_insist(refused);
      carried.problem = with_way_to_insist(refused).what();  // the others are copied all the same
      carried.refused = true;
    } catch (const StoreFailure& failure) {
      if (failure.kind() == FailureKind::cancelled) end_stopped(stopping, to, agent);
      if (failure.kind() != FailureKind::corrupt && (only || is_of_all(failure.kind(), on_a_server))) throw;
      carried.problem = failure.what();
    }
    report.ok = report.ok && carried.fine();
    if (carried.done())
      note_done("the target has " + agent.value + " up to entry " + std::to_string(carried.copy.head.position.value) +
                "; copy again to go on");
    if (!session.json()) tell(carried, [&, &whose = agent] { end_stopped(stopping, to, whose); });
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
