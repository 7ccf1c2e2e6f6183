#include "race.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "claimledger/domain/entry_number.hpp"
#include "claimledger/system/random_ids.hpp"
#include "claimledger/system/system_clock.hpp"

namespace claimledger::tests {

namespace {

using std::chrono::steady_clock;
constexpr auto at_most = std::chrono::seconds{240};  // for a race; then something hangs

std::uint64_t now() { return static_cast<std::uint64_t>(steady_clock::now().time_since_epoch().count()); }

LineKey racing_line(int number) { return {"line " + std::to_string(number), "says"}; }

// A digest of an answer as a number, which fits a line of a pipe.
std::uint64_t number_of(const Belief& belief) {
  std::ostringstream text;
  text << belief.position.value << ' ' << static_cast<int>(belief.status);
  const auto add = [&](const Slot& slot) { text << ' ' << to_text(slot.claim.value) << ' ' << slot.value.text(); };
  if (belief.primary) add(*belief.primary);
  for (const auto& slot : belief.alternatives) add(slot);
  for (const auto& slot : belief.dissent) add(slot);
  return std::hash<std::string>{}(text.str());
}

Belief read_line(Engine& engine, int agent, int line, const At& at) {
  return engine.recall(RecallRequest{.agent = racing_agent(agent), .line = racing_line(line), .at = at});
}

// What a fault excuses is asked again; `failed` hears of each failure.
template <class Ask, class Failed>
auto until_answered(const Ask& ask, const Failed& failed) {
  const auto until = steady_clock::now() + at_most;
  for (auto wait = std::chrono::milliseconds{1};; wait = std::min(2 * wait, std::chrono::milliseconds{50})) {
    try {
      return ask();
    } catch (const StoreFailure& failure) {
      failed(failure);
      const auto kind = failure.kind();
      const bool excused = kind == FailureKind::busy || kind == FailureKind::conflict ||
                           kind == FailureKind::unreachable || kind == FailureKind::in_doubt;
      if (!excused || steady_clock::now() > until) throw;
    }
    std::this_thread::sleep_for(wait);  // spares a server that is just starting
  }
}

// One thread of one process. Tells the pipe, a line each, what it was told.
class Writer {
 public:
  Writer(const Race& race, int number, Engine& engine, int pipe)
      : race_(race), number_(number), engine_(engine), pipe_(pipe), random_(race.seed * 1'000 + unsigned(number)) {}

  void run() {
    for (int operation = 0; operation < race_.operations; ++operation) {
      const int agent = draw(race_.agents), line = draw(race_.lines);
      write_claim(agent, line, "writer " + std::to_string(number_) + ", " + std::to_string(operation));
      if (operation % 2 == 0) read(agent, line);
    }
  }

 private:
  int draw(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  template <class Ask>
  auto again(const Ask& ask) {
    return until_answered(ask, [&](const StoreFailure& failure) {
      tell("F " + std::string(text(failure.kind())) + ' ' + failure.what());
    });
  }

  void write_claim(int agent, int line, const std::string& value) {
    Statement statement{.subject = racing_line(line).subject, .predicate = "says", .value = Value(value)};
    statement.idempotency_key = value;
    const auto begun = now();
    const auto answer =
        again([&] { return engine_.ingest({.agent = racing_agent(agent), .statements = {statement}}); });
    const auto& receipt = answer.receipts.at(0);
    tell(std::string(receipt.replayed ? "P " : "W ") + std::to_string(agent) + ' ' + std::to_string(begun) + ' ' +
         std::to_string(now()) + ' ' + std::to_string(receipt.position.value) + ' ' +
         to_text(receipt.claim.value().value));
  }

  void read(int agent, int line) {
    const auto begun = now();
    const auto belief = again([&] { return read_line(engine_, agent, line, {}); });
    tell("R " + std::to_string(agent) + ' ' + std::to_string(begun) + ' ' + std::to_string(now()) + ' ' +
         std::to_string(belief.position.value) + ' ' + std::to_string(line) + ' ' +
         std::to_string(belief.asked_at.value.time_since_epoch().count()) + ' ' + std::to_string(number_of(belief)));
  }

  // One write() of less than the pipe takes at once: lines of different processes never mix.
  void tell(std::string line) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    line = line.substr(0, 1'000) + '\n';
    if (::write(pipe_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  }

  const Race& race_;
  int number_;
  Engine& engine_;
  int pipe_;
  std::mt19937 random_;
};

void complain(int pipe, const std::string& what) {
  const auto line = "X " + what.substr(0, what.find('\n')) + '\n';
  if (::write(pipe, line.data(), line.size()) < 0) std::abort();
}

Engine engine_of(const Race& race) {
  return Engine({.store = race.open(),
                 .clock = std::make_shared<system::SystemClock>(),
                 .ids = std::make_shared<system::RandomIds>()});
}

void run_process(const Race& race, int process, int pipe) {
  try {
    // One that was killed may begin again while a fault strikes.
    auto engine = until_answered([&] { return engine_of(race); }, [](const StoreFailure&) {});
    std::vector<std::thread> threads;
    for (int i = 0; i < race.writers; ++i) {
      threads.emplace_back([&, i] {
        const auto number = process * race.writers + i;
        try {
          Writer(race, number, engine, pipe).run();
        } catch (const std::exception& error) {
          complain(pipe, "writer " + std::to_string(number) + ": " + error.what());
        }
      });
    }
    for (auto& thread : threads) thread.join();
  } catch (const std::exception& error) {
    complain(pipe, "process " + std::to_string(process) + ": " + error.what());
  }
}

void take(History& history, const std::string& line) {
  std::istringstream in(line);
  char sort = 0;
  in >> sort;
  if (sort == 'W' || sort == 'P' || sort == 'R') {
    Told told;
    told.replayed = sort == 'P';
    in >> told.agent >> told.begun >> told.ended >> told.position.value;
    if (sort != 'R') {
      in >> told.claim;
      history.writes.push_back(told);
    } else {
      std::int64_t asked_at = 0;
      in >> told.line >> asked_at >> told.answer;
      told.asked_at = {Instant{std::chrono::microseconds{asked_at}}};
      history.reads.push_back(told);
    }
  } else if (sort == 'F') {
    std::string kind;
    in >> kind;
    ++history.failures[kind];
    if (kind != "busy" && kind != "conflict" && kind != "unreachable" && kind != "in_doubt")
      history.problems.push_back(line);
  } else {
    history.problems.push_back(line);
  }
}

// The processes of a race, and the lines that they tell.
class Processes {
 public:
  explicit Processes(const Race& race) : race_(race) {
    if (pipe(ends_) != 0) throw std::runtime_error("no pipe");
    for (int process = 0; process < race.processes; ++process) children_.push_back(begin(process));
  }
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes() {
    for (const auto child : children_) {
      if (child == 0) continue;
      ::kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    close(ends_[0]);
    close(ends_[1]);
  }

  // Nothing once all have ended.
  std::optional<std::string> next_line() {
    for (;;) {
      if (const auto end = told_.find('\n'); end != std::string::npos) {
        auto line = told_.substr(0, end);
        told_.erase(0, end + 1);
        return line;
      }
      if (!read_more()) return std::nullopt;
    }
  }
  // One that had ended is only begun again.
  void kill(int process) {
    auto& child = children_.at(static_cast<std::size_t>(process));
    if (child != 0) {
      ::kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    child = begin(process);
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  pid_t begin(int process) {
    const auto child = fork();
    if (child != 0) return child;
    close(ends_[0]);
    run_process(race_, process, ends_[1]);
    _exit(0);
  }
  // False: nobody tells any more.
  bool read_more() {
    for (;;) {
      pollfd ready{ends_[0], POLLIN, 0};
      // What a child told before it ended is there when it has ended.
      const bool any_left = reap();
      if (poll(&ready, 1, any_left ? 20 : 0) > 0) {
        char bytes[65'536];
        const auto count = ::read(ends_[0], bytes, sizeof bytes);
        if (count > 0) return told_.append(bytes, static_cast<std::size_t>(count)), true;
      } else if (!any_left) {
        return false;
      }
    }
  }
  bool reap() {
    bool any_left = false;
    for (auto& child : children_) {
      int status = 0;
      if (child == 0 || waitpid(child, &status, WNOHANG) == 0) {
        any_left = any_left || child != 0;
        continue;
      }
      child = 0;
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) problems_.emplace_back("a process ended badly");
    }
    return any_left;
  }

  const Race& race_;
  int ends_[2] = {-1, -1};
  std::vector<pid_t> children_;  // 0: it has ended
  std::string told_;
  std::vector<std::string> problems_;
};

// --- Judging ---------------------------------------------------------------------------------------------------------

// The ledger as it stands: whole, gapless, ordered in time, and exactly the acknowledged claims in the right places.
void expect_same_claims(const Store& store, int agent, const History& history) {
  std::map<std::string, Position> acknowledged;
  for (const auto& write : history.writes) {
    if (write.agent != agent) continue;
    const auto [place, fresh] = acknowledged.emplace(write.claim, write.position);
    EXPECT_TRUE(fresh || write.replayed) << "acknowledged twice: " << write.claim;
    EXPECT_EQ(place->second, write.position) << "a replay has another position";
  }
  const auto batches = store.batches(racing_agent(agent), {}, 1'000'000, {});
  std::uint64_t next = 1;
  TxTime last{Instant::min()};
  for (const auto& batch : batches) {
    EXPECT_EQ(batch.first.value, next) << "a gap";
    EXPECT_LT(last, batch.header.recorded_at);
    last = batch.header.recorded_at;
    next += batch.entries.size();
    for (const auto& entry : batch.entries) {
      if (entry.kind != kind_number<ClaimRecorded>) continue;
      const auto found = acknowledged.extract(to_text(entry.claim.value().value));
      ASSERT_TRUE(found) << "nobody was told of " << to_text(entry.claim->value) << ", or it is there twice";
      EXPECT_EQ(found.mapped().value, next - 1) << found.key();
    }
  }
  EXPECT_TRUE(acknowledged.empty()) << acknowledged.size() << " acknowledged claims are lost, among them "
                                    << acknowledged.begin()->first;
}

// Whatever ended before something began has a position that is smaller (than that of a write) or no greater (than that
// of a read).
void expect_order(int agent, const History& history) {
  struct Moment {
    std::uint64_t at;
    const Told* told;
    bool ends, write;
  };
  std::vector<Moment> moments;
  const auto add = [&](const std::vector<Told>& all, bool write) {
    for (const auto& told : all) {
      if (told.agent != agent) continue;
      moments.push_back({told.begun, &told, false, write});
      moments.push_back({told.ended, &told, true, write});
    }
  };
  // One that is replayed may have landed long before it was asked for again.
  std::vector<Told> landed;
  std::ranges::copy_if(history.writes, std::back_inserter(landed), [](const Told& told) { return !told.replayed; });
  add(landed, true);
  add(history.reads, false);
  std::ranges::sort(moments, {}, [](const Moment& moment) { return std::pair(moment.at, moment.ends); });
  std::uint64_t seen = 0;
  std::map<const Told*, std::uint64_t> seen_before;
  for (const auto& moment : moments) {
    if (!moment.ends) {
      seen_before[moment.told] = seen;
      continue;
    }
    const auto least = seen_before[moment.told] + (moment.write ? 1 : 0);
    EXPECT_GE(moment.told->position.value, least)
        << (moment.write ? "a write" : "a read") << " begun at " << moment.told->begun << " by agent " << agent;
    seen = std::max(seen, moment.told->position.value);
  }
}

}  // namespace

AgentId racing_agent(int number) { return {"agent " + std::to_string(number)}; }

Fault killed(std::uint64_t after, int process) {
  return {after, "process " + std::to_string(process) + " is killed", {}, process};
}

History run(const Race& race, std::vector<Fault> faults) {
  std::printf("seed %u: %d processes, %d writers each, %d agents, %d claims each\n", race.seed, race.processes,
              race.writers, race.agents, race.operations);
  std::fflush(stdout);
  std::ranges::stable_sort(faults, {}, &Fault::after);
  auto fault = faults.begin();
  Processes processes(race);
  History history;
  while (const auto line = processes.next_line()) {
    take(history, *line);
    for (; fault != faults.end() && history.writes.size() >= fault->after; ++fault) {
      std::printf("after %zu claims: %s\n", history.writes.size(), fault->name.c_str());
      std::fflush(stdout);  // a child would print it once more
      fault->process < 0 ? fault->strike() : processes.kill(fault->process);
    }
  }
  for (const auto& problem : processes.problems()) history.problems.push_back(problem);
  if (fault != faults.end()) history.problems.emplace_back("it was over before the last fault");
  for (const auto& [kind, count] : history.failures) std::printf("%s: %d times\n", kind.c_str(), count);
  return history;
}

void expect_sound(const Race& race, const History& history) {
  SCOPED_TRACE("seed " + std::to_string(race.seed));
  for (const auto& problem : history.problems) ADD_FAILURE() << problem;
  std::set<std::string> claims;  // those of a process that was killed are told once more
  for (const auto& write : history.writes) claims.insert(write.claim);
  EXPECT_EQ(claims.size(), race.claims());
  const auto store = race.open();
  auto engine = engine_of(race);
  for (int agent = 0; agent < race.agents; ++agent) {
    SCOPED_TRACE("agent " + std::to_string(agent));
    expect_same_claims(*store, agent, history);
    expect_order(agent, history);
    const auto verified = engine.verify({.agent = racing_agent(agent)});
    EXPECT_TRUE(verified.ok) << verified.problem;
  }
  for (const auto& read : history.reads) {
    const auto repeated =
        read_line(engine, read.agent, read.line, {.position = read.position, .asked_at = read.asked_at});
    EXPECT_EQ(number_of(repeated), read.answer) << "a read of agent " << read.agent << " at " << read.position.value;
  }
}

}  // namespace claimledger::tests
