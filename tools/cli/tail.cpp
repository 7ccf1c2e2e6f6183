#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "claimledger/limits.hpp"
#include "cli/common.hpp"
#include "cli/stopping.hpp"
#include "cli/text.hpp"

namespace claimledger::cli {
namespace {

struct TailOptions {
  std::vector<std::string> from;
  bool from_start = false, from_now = false, follow = true, all = false;
  std::optional<std::uint64_t> limit;
};

Position parse_position(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) throw InvalidInput("--from", "must be a position, or AGENT=POSITION");
  return {number};
}

// "17" of the one agent, or "ada=17".
FeedPositions parse_from(const std::vector<std::string>& words, const std::optional<AgentId>& agent) {
  FeedPositions positions;
  for (const auto& word : words) {
    const auto sign = word.rfind('=');
    if (sign == std::string::npos && !agent) throw InvalidInput("--from", "with --all it must be AGENT=POSITION");
    const auto who = sign == std::string::npos ? *agent : AgentId::parse(word.substr(0, sign));
    if (agent && who != *agent) throw InvalidInput("--from", "names another agent; --all follows all of them");
    positions[who] = parse_position(sign == std::string::npos ? word : word.substr(sign + 1));
  }
  return positions;
}

// Where the ledgers end now.
FeedPositions heads(Engine& engine, const std::optional<AgentId>& agent) {
  FeedPositions positions;
  if (agent) {
    positions[*agent] = engine.head({.agent = *agent}).position;
  } else {
    for (const auto& each : every_ledger(engine)) positions[each.agent] = each.position;  // 0 where there is a problem
  }
  return positions;
}

bool caught_up(const FeedPositions& there, const FeedPositions& ends) {
  return std::all_of(ends.begin(), ends.end(), [&](const auto& end) {
    const auto found = there.find(end.first);
    return end.second == Position{} || (found != there.end() && found->second >= end.second);
  });
}

std::string describe(const FeedBatch& batch) {
  const auto& header = batch.header;
  auto out = toned(Tone::strong, printable(header.agent.value)) + "  " + to_text(header.recorded_at) + "  " +
             counted(header.entries, "entry", "entries") + ", position " + std::to_string(batch.last.value);
  if (!header.actor.empty()) out += ", by " + printable(header.actor);
  out += "\n";
  for (const auto& entry : batch.entries) out += "  " + cli::describe(entry);
  return out;
}

FeedPositions start_of(Engine& engine, const TailOptions& options, const std::optional<AgentId>& agent) {
  if (!options.from.empty()) {
    auto positions = parse_from(options.from, agent);
    for (const auto& [who, position] : positions) require_end_of_batch(engine, who, position, "--from");
    return positions;
  }
  // Without --follow there is nothing to see but what is there.
  const bool from_now = options.from_now || (!options.from_start && options.follow);
  return from_now ? heads(engine, agent) : FeedPositions{};
}

// A feed, and what it had to say that is no batch. With --follow it reconnects after an outage, which it reports once;
// of several ledgers one that cannot be read keeps nobody from the others, and is reported once too.
class Feed {
 public:
  Feed(const Session& session, Subscription feed, const TailOptions& options)
      : session_(session), feed_(std::move(feed)), options_(options) {}

  std::optional<FeedBatch> next(const Call& call) {
    for (;;) {
      try {
        return feed_.next(call);
      } catch (const StoreFailure& failure) {
        if (!goes_on_after(failure)) throw;
        const bool news = told_.insert(failure.what()).second;
        if (news) tell(failure);
        if (!news && !options_.follow) return std::nullopt;  // it has been round to all of them
        if (!news || failure.kind() == FailureKind::unreachable) {
          if (!pause(call.stop)) return std::nullopt;
        }
      }
    }
  }
  // Ledgers that cannot be read and that next() has not come to.
  void tell_of_the_rest(const Engine& engine) {
    if (!options_.all || (options_.follow && !options_.limit)) return;
    const auto told = [&](const std::string& problem) {
      return std::any_of(told_.begin(), told_.end(),
                         [&](const auto& said) { return said.find(problem) != std::string::npos; });
    };
    for (const auto& each : every_ledger(engine))
      if (!each.problem.empty() && !told(each.problem)) tell(StoreFailure(FailureKind::corrupt, "tail", each.problem));
  }
  bool told_of_damage() const { return damaged_; }
  const FeedPositions& positions() const { return feed_.positions(); }

 private:
  bool goes_on_after(const StoreFailure& failure) const {
    // A server that is away comes back. A file that was removed or replaced does not.
    if (failure.kind() == FailureKind::unreachable) return options_.follow && session_.on_a_server();
    return options_.all && failure.kind() == FailureKind::corrupt;
  }
  void tell(const StoreFailure& failure) {
    const bool away = failure.kind() == FailureKind::unreachable;
    damaged_ = damaged_ || !away;
    remark(session_.json(), std::string(failure.what()) + (away ? "; waiting until it is back" : ""));
  }

  const Session& session_;
  Subscription feed_;
  const TailOptions& options_;
  std::set<std::string> told_;
  bool damaged_ = false;
};

ExitCode tail(const Session& session, const TailOptions& options) {
  Stopping stopping;  // before any other thread: they are not to get the signals
  const auto agent = options.all ? std::nullopt : std::optional(session.agent());
  if (!options.from.empty()) parse_from(options.from, agent);  // before a store is asked
  auto engine = session.open(Access::operate);
  Feed feed(session, engine.subscribe({.agent = agent, .from = start_of(engine, options, agent)}), options);
  const auto ends = options.follow ? FeedPositions{} : heads(engine, agent);
  Call call;
  call.stop = stopping.token();
  try {
    for (std::uint64_t printed = 0; !options.limit || printed < *options.limit; ++printed) {
      if (!options.follow && caught_up(feed.positions(), ends)) break;
      const auto batch = feed.next(call);
      if (!batch) break;
      print_answer(session, *batch, [](const FeedBatch& it) { return describe(it); });
      flush_output();  // whoever reads acts on it
    }
  } catch (const OutputFailure&) {
    if (!forget_closed_output()) throw;
  }
  feed.tell_of_the_rest(engine);
  return feed.told_of_damage() ? ExitCode::no : ExitCode::fine;
}

}  // namespace

void add_tail(CLI::App& app, Program& program) {
  auto [command, options] =
      add_command(app, program, "Move many", "tail", "Print batches as they are committed, each once and in order",
                  "claimledger tail --all --json", &tail);
  command->add_flag("--all", options->all, "The ledgers of all agents");
  auto* from =
      command->add_option("--from", options->from,
                          "Go on behind this position, with --all AGENT=POSITION, repeated; agents without one "
                          "from their beginning");
  auto* start = command->add_flag("--from-start", options->from_start, "All that is there first");
  command->add_flag("--from-now", options->from_now, "Only what comes (default, unless with --no-follow)")
      ->excludes(from)
      ->excludes(start);
  start->excludes(from);
  command->add_flag("--follow,!--no-follow", options->follow,
                    "Wait for what comes (default), or end with what is there");
  command->add_option("--limit", options->limit, "Batches at most");
}

}  // namespace claimledger::cli
